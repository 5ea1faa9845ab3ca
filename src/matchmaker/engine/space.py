"""The pairs that may meet, and what each is worth, ready to be cut into pieces."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Affinity, Sparse
from matchmaker.engine.lots import lots
from matchmaker.engine.pieces import Bar, Block, ByEnterprise, Ground, Piece, runs, scaled_part
from matchmaker.engine.rows import Floats as Floats
from matchmaker.engine.rows import Held, Rows
from matchmaker.engine.rows import Ints as Ints
from matchmaker.engine.worth import Each, Worth
from matchmaker.program import Program, among, sorted_once

WHOLE = 8_000_000
"""Pairs up to which a whole matrix is also held in single precision: 32 MB, where every pass would turn it over anew."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Least and most on each side, in units of flow. Shapes (n_officers,) twice, (n_enterprises,) twice."""

    officer_low: NDArray[np.int64]
    officer_high: NDArray[np.int64]
    enterprise_low: NDArray[np.int64]
    enterprise_high: NDArray[np.int64]
    per_pair: int = 1
    officer_count: NDArray[np.int64] | None = None
    enterprise_count: NDArray[np.int64] | None = None

    @property
    def sides(self) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """Least loads of officers and enterprises, then the most."""
        return (self.officer_low, self.enterprise_low), (self.officer_high, self.enterprise_high)

    def of(self, officers: Ints, enterprises: Ints) -> Limits:
        """The limits of some officers and some enterprises alone."""
        return Limits(
            officer_low=self.officer_low[officers],
            officer_high=self.officer_high[officers],
            enterprise_low=self.enterprise_low[enterprises],
            enterprise_high=self.enterprise_high[enterprises],
            per_pair=self.per_pair,
            officer_count=None if self.officer_count is None else self.officer_count[officers],
            enterprise_count=None if self.enterprise_count is None else self.enterprise_count[enterprises],
        )

    def room(self, officers: Ints, enterprises: Ints) -> Ints:
        """The most units that each pair takes. Shape (n_pairs,)."""
        room = np.full(len(officers), self.per_pair, dtype=np.int64)
        if self.officer_count is not None and self.enterprise_count is not None:
            room *= self.officer_count[officers] * self.enterprise_count[enterprises]
        return room


@dataclass(frozen=True, eq=False)
class Group:
    """A block of pairs that may all meet: every one of these officers with every one of these enterprises."""

    officers: Ints
    enterprises: Ints

    @property
    def size(self) -> int:
        """How many pairs."""
        return len(self.officers) * len(self.enterprises)


class Space:
    """Eligible pairs and their worth, read from a programme.

    Parameters
    ----------
    program
        Read, not changed. Its required pairs are set aside; its forbidden pairs are passed over.
    units, per_pair
        One place is `units` units of flow, and a pair takes at most `per_pair` of them (a lottery's probability cap).
    limits
        Least and most on each side, where they are not the programme's own.
    each
        What reads files through, where factors lie in some: :meth:`matchmaker.engine.passes.Passes.each`, or one after the other.

    Attributes
    ----------
    worth
        What each pair is worth.
    listed
        Keys of the only eligible pairs, sorted, when an affinity is sparse; else None.
    groups
        Disjoint blocks that together hold every eligible pair (empty when `listed` is given).
    """

    def __init__(self, program: Program, *, units: int = 1, per_pair: int = 1, limits: Limits | None = None, each: Each = map) -> None:
        self.program = program
        self.shape = program.shape
        self.units = units
        self.limits = remaining(program, units, per_pair) if limits is None else limits
        self.worth = Worth(program, each)
        self.bars = tuple(Bar.of(affinity, level) for affinity, level in program.thresholds if not isinstance(affinity, Sparse))
        self.skipped = sorted_once(np.concatenate([program.forbidden, program.required]))
        self.listed = _listed(program, self.limits, self.skipped)
        self.groups = [] if self.listed is not None else _groups(program, self.limits)
        if self.listed is None:
            keys = self.worth.valued_keys
            self.live_valued = keys[~among(self.skipped, keys) & self._allowed(keys)]

    def keys(self, officers: Ints, enterprises: Ints) -> Ints:
        """Pairs as one integer each."""
        return self.program.keys(officers, enterprises)

    def split(self, keys: Ints) -> tuple[Ints, Ints]:
        """Officers and enterprises of pairs given as integers."""
        return self.program.split(keys)

    def values(self, keys: Ints) -> Floats:
        """What each pair is worth, scaled. As :meth:`Worth.values`."""
        return self.listed_worth if keys is self.listed else self.worth.values(keys)

    def errors(self, keys: Ints, values: Floats, prices: Floats) -> Floats:
        """How far each pair's reduced value may be from the real one. As :meth:`Worth.errors`."""
        return self.worth.errors(keys, values, prices)

    def error(self, half_ulp: float, price: float) -> float:
        """How far any reduced value may be from the real one. As :meth:`Worth.error`."""
        return self.worth.error(half_ulp, price)

    @property
    def exponent(self) -> int:
        """Worth here is worth there times ``2**-exponent``."""
        return self.worth.exponent

    @property
    def reach(self) -> float:
        """No partial sum of any pair's worth is larger than this, scaled."""
        return self.worth.reach

    @property
    def left(self) -> Floats:
        """The officers' scaled factors. Shape (n_officers, rank)."""
        return self.worth.left

    @property
    def rows(self) -> Rows:
        """The enterprises' scaled factors, wherever they are."""
        return self.worth.rows

    @property
    def right(self) -> Floats | None:
        """The enterprises' scaled factors, shape (n_enterprises, rank); None where they are not in memory."""
        return self.rows.array if isinstance(self.rows, Held) else None

    @cached_property
    def listed_worth(self) -> Floats:
        """What each listed pair is worth. Shape (n_listed,)."""
        return self.worth.values(np.empty(0, np.int64) if self.listed is None else self.listed)

    @cached_property
    def size(self) -> int:
        """How many pairs may meet (forbidden single pairs not taken off)."""
        return len(self.listed) if self.listed is not None else sum(group.size for group in self.groups)

    @cached_property
    def members(self) -> int:
        """Officers and enterprises that have places."""
        return int(np.count_nonzero(self.limits.officer_high)) + int(np.count_nonzero(self.limits.enterprise_high))

    @cached_property
    def skipped_by_enterprise(self) -> ByEnterprise:
        """Forbidden and required pairs, grouped once for all passes."""
        return ByEnterprise(self.shape, self.skipped)

    @cached_property
    def ground(self) -> Ground:
        """What every piece is priced with."""
        everybody = self.shape[0]
        members = tuple(None if len(group.officers) == everybody else group.officers for group in self.groups)
        return Ground(self.shape, self.left, members, self.exponent, self.reach)

    @cached_property
    def single(self) -> tuple[NDArray[np.float32], ...]:
        """Whole matrices in single precision, weighted and scaled, one row an enterprise: where they are small, made once for all passes.

        Shape (n_enterprises, n_officers) each; empty where they are large.
        """
        if self.shape[0] * self.shape[1] > WHOLE:
            return ()
        parts = (scaled_part(term.matrix, weight, self.exponent, np.float32) for term, weight in self.worth.dense)
        return tuple(np.ascontiguousarray(part.T) for part in parts)

    def part(self, officers: NDArray[np.bool_], enterprises: NDArray[np.bool_]) -> Space:
        """The same space where nobody else has a place, where pairs are not listed."""
        part = copy(self)
        for name in ("size", "ground", "members"):
            part.__dict__.pop(name, None)
        high = np.where(officers, self.limits.officer_high, 0), np.where(enterprises, self.limits.enterprise_high, 0)
        low = np.minimum(self.limits.officer_low, high[0]), np.minimum(self.limits.enterprise_low, high[1])
        part.limits = replace(self.limits, officer_low=low[0], officer_high=high[0], enterprise_low=low[1], enterprise_high=high[1])
        groups = [
            Group(group.officers[officers[group.officers]], group.enterprises[enterprises[group.enterprises]]) for group in self.groups
        ]
        part.groups = [group for group in groups if group.size]
        return part

    def touching(self, officers: NDArray[np.bool_], enterprises: NDArray[np.bool_]) -> Space:
        """The same space with only the pairs of these officers and those of these enterprises, where pairs are not listed."""
        part = copy(self)
        for name in ("size", "ground"):
            part.__dict__.pop(name, None)
        groups = []
        for group in self.groups:
            columns, rows = enterprises[group.enterprises], officers[group.officers]
            groups.append(Group(group.officers, group.enterprises[columns]))
            groups.append(Group(group.officers[rows], group.enterprises[~columns]))
        part.groups = [group for group in groups if group.size]
        return part

    def worthless(self) -> Space:
        """The same eligible pairs, each worth nothing."""
        if not self.program.terms and not len(self.program.valued[0]):
            return self
        part = copy(self)
        for name in ("listed_worth", "ground", "single"):
            part.__dict__.pop(name, None)
        part.program = Program(*self.shape)
        part.program.classes, part.program.thresholds = list(self.program.classes), list(self.program.thresholds)
        part.program.forbid(*self.split(self.program.forbidden))
        part.program.require(*self.split(self.program.required))
        part.worth, part.live_valued = Worth(part.program), np.empty(0, np.int64)
        return part

    def barred(self, measure: Affinity, bar: float) -> Space:
        """The same space with only the pairs that come up to a bar, where none of them has a threshold yet."""
        part = copy(self)
        for name in ("size", "ground", "listed_worth", "skipped_by_enterprise"):
            part.__dict__.pop(name, None)
        part.program = self.program.without_rows()
        part.program.at_least(measure, bar)
        part.skipped = sorted_once(np.concatenate([part.program.forbidden, part.program.required]))
        part.bars = () if isinstance(measure, Sparse) else (*self.bars, Bar.of(measure, part.program.thresholds[-1][1]))
        part.listed = _listed(part.program, self.limits, part.skipped)
        part.live_valued = np.empty(0, np.int64)
        if part.listed is not None:
            part.groups = []
        return part

    def runs(self, pairs: int) -> list[tuple[Block, ...]]:
        """Its blocks in runs of about so many pairs."""
        return runs(self.groups, pairs)

    def columns(self, run: tuple[Block, ...]) -> Ints:
        """The enterprises of a run of blocks."""
        return np.concatenate([self.groups[block.group].enterprises[block.start : block.stop] for block in run])

    def piece(self, run: tuple[Block, ...]) -> Piece:
        """A run of blocks with what is known of its enterprises, but for their factors."""
        columns = self.columns(run)
        straight = len(columns) == columns[-1] - columns[0] + 1 and bool((np.diff(columns) == 1).all())
        cut = slice(int(columns[0]), int(columns[-1]) + 1) if straight else columns
        return Piece(
            blocks=run,
            columns=columns,
            right=np.empty((0, self.worth.rank)),
            dense=tuple((term.matrix[:, cut], weight) for term, weight in self.worth.dense),
            single=tuple(whole[cut] for whole in self.single),
            skipped=self.skipped_by_enterprise.of(columns),
            bars=tuple(bar.part(cut) for bar in self.bars),
        )

    def list_pairs(self) -> None:
        """From now on a list of every eligible pair stands for blocks. Only for small spaces."""
        self.listed, self.groups = self.every_key(), []

    def every_key(self) -> Ints:
        """Every eligible pair, sorted. Only for small spaces."""
        if self.listed is not None:
            return self.listed
        parts = [self.keys(group.officers[:, None], group.enterprises[None, :]).ravel() for group in self.groups]
        keys = np.sort(np.concatenate([np.empty(0, np.int64), *parts]))
        return self.meeting(keys[~among(self.skipped, keys)])

    def meeting(self, keys: Ints) -> Ints:
        """Those of the pairs that come up to every threshold."""
        if not self.program.thresholds or not len(keys):
            return keys
        i, j = self.split(keys)
        may = np.ones(len(keys), dtype=bool)
        for affinity, level in self.program.thresholds:
            may &= affinity.pairs(i, j) >= level[j]
        return keys[may]

    def drawn(self, count: int) -> Ints:
        """So many pairs drawn by lot, always the same; fewer in a small space. Sorted keys."""
        place = sorted_once((lots(np.arange(min(count, self.size))) * self.size).astype(np.int64))
        if self.listed is not None:
            return self.listed[place]
        ends = np.cumsum([0, *(group.size for group in self.groups)])
        number = np.searchsorted(ends, place, side="right") - 1
        found = []
        for k in np.unique(number).tolist():
            group, inside = self.groups[k], place[number == k] - ends[k]
            found.append(self.keys(group.officers[inside // len(group.enterprises)], group.enterprises[inside % len(group.enterprises)]))
        return self.meeting(np.sort(np.concatenate([np.empty(0, np.int64), *found])))

    def _allowed(self, keys: Ints) -> NDArray[np.bool_]:
        officers, enterprises = self.split(keys)
        allowed = self.program.allowed(officers, enterprises)
        return allowed & (self.limits.officer_high[officers] > 0) & (self.limits.enterprise_high[enterprises] > 0)


def remaining(program: Program, units: int = 1, per_pair: int = 1) -> Limits:
    """What is left to each side once the required pairs are made, in units of flow."""
    officers, enterprises = program.split(program.required)
    made_i = np.bincount(officers, minlength=program.shape[0])
    made_j = np.bincount(enterprises, minlength=program.shape[1])
    high_i = np.maximum(np.minimum(program.officer_high, program.shape[1]), program.officer_low)
    high_j = np.maximum(np.minimum(program.enterprise_high, program.shape[0]), program.enterprise_low)
    return Limits(
        officer_low=np.maximum(program.officer_low - made_i, 0) * units,
        officer_high=(high_i - made_i) * units,
        enterprise_low=np.maximum(program.enterprise_low - made_j, 0) * units,
        enterprise_high=(high_j - made_j) * units,
        per_pair=per_pair,
    )


def _listed(program: Program, limits: Limits, skipped: Ints) -> Ints | None:
    keys: Ints | None = None
    for term in [term for term, _ in program.terms] + [measure for measure, _ in program.thresholds]:
        if isinstance(term, Sparse):
            found = program.keys(*term.listed())
            keys = found if keys is None else np.intersect1d(keys, found, assume_unique=True)
    if keys is None:
        return None
    officers, enterprises = program.split(keys)
    live = (limits.officer_high > 0)[officers] & (limits.enterprise_high > 0)[enterprises]
    if len(skipped):
        live &= ~among(skipped, keys)
    if program.classes or program.thresholds:
        live &= program.allowed(officers, enterprises)
    return keys[live]


def _groups(program: Program, limits: Limits) -> list[Group]:
    """One group for each class of enterprises: officers and enterprises that have no place left are passed over."""
    active, asking = np.flatnonzero(limits.officer_high > 0), np.flatnonzero(limits.enterprise_high > 0)
    if not program.classes:
        return [Group(active, asking)] if len(active) and len(asking) else []
    kinds, of_officer = _alike([classes.of_officer[active] for classes in program.classes])
    asks, of_enterprise = _alike([classes.of_enterprise[asking] for classes in program.classes])
    allowed = np.ones((len(kinds), len(asks)), dtype=bool)
    for classes in program.classes:
        allowed &= classes.allowed[np.ix_(classes.of_officer[active[kinds]], classes.of_enterprise[asking[asks]])]
    groups = []
    order = np.argsort(of_enterprise, kind="stable")
    ends = np.cumsum(np.bincount(of_enterprise, minlength=len(asks)))
    for h, end in enumerate(ends):
        start = ends[h - 1] if h else 0
        inside = active[allowed[of_officer, h]]
        if len(inside):
            groups.append(Group(inside, asking[order[start:end]]))
    return groups


def _alike(classes: list[Ints]) -> tuple[Ints, Ints]:
    """One member of each combination of classes, in order of these, shape (n_kinds,); and the combination of each member."""
    of: Ints = np.zeros(len(classes[0]), np.int64)
    first: Ints = np.zeros(min(1, len(of)), np.int64)
    for part in classes:
        _, first, found = np.unique(of * (int(part.max(initial=0)) + 1) + part, return_index=True, return_inverse=True)
        of = found.astype(np.int64)
    return first, of
