"""The pairs that may meet, and what each is worth, ready to be read block by block.

Values are scaled by a power of two so that the largest is about 1: exact, and nothing overflows on the way, be affinities times
1e300 or times 1e-300.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Affinity, Dense, Factors, Sparse
from matchmaker.errors import ConfigError, DataError
from matchmaker.program import Program, among, look_up, sorted_once

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHUNK = 8192
"""Pairs read at a time when they are read one by one: what fits a core's own cache."""
HALF_ULP32, HALF_ULP64 = 2.0**-24, 2.0**-53


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
    def typical_room(self) -> float:
        """Units that a pair takes, on the mean."""
        if self.officer_count is None or self.enterprise_count is None:
            return float(self.per_pair)
        return float(self.per_pair * self.officer_count.mean() * self.enterprise_count.mean())

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


class ByEnterprise:
    """Pairs grouped by enterprise, to be hidden from a block."""

    def __init__(self, shape: tuple[int, int], keys: Ints) -> None:
        officers, enterprises = keys // shape[1], keys % shape[1]
        order = np.argsort(enterprises, kind="stable")
        self.officers = officers[order]
        self.ends = np.concatenate([[0], np.cumsum(np.bincount(enterprises, minlength=shape[1]))])
        self.n_officers = shape[0]

    def hide(self, reduced: NDArray[np.floating], rows: Ints, columns: Ints) -> None:
        """Set this block's values of the pairs to minus infinity."""
        starts, counts = self.ends[columns], self.ends[columns + 1] - self.ends[columns]
        total = int(counts.sum())
        if not total:
            return
        places = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(total)
        row_of = np.full(self.n_officers, -1, dtype=np.int64)
        row_of[rows] = np.arange(len(rows))
        i, j = row_of[self.officers[places]], np.repeat(np.arange(len(columns)), counts)
        reduced[j[i >= 0], i[i >= 0]] = -np.inf


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

    Attributes
    ----------
    exponent
        Worth here is worth there times ``2**-exponent``.
    left, right
        Shapes (n_officers, rank), (n_enterprises, rank), float64: the scaled factors.
    dense
        Scaled whole matrices, with their weights.
    listed
        Keys of the only eligible pairs, sorted, when an affinity is sparse; else None.
    groups
        Disjoint blocks that together hold every eligible pair (empty when `listed` is given).
    """

    def __init__(self, program: Program, *, units: int = 1, per_pair: int = 1, limits: Limits | None = None) -> None:
        self.program = program
        self.shape = program.shape
        self.units = units
        self.limits = remaining(program, units, per_pair) if limits is None else limits
        self.exponent, columns = _scaled(program)
        self.left, self.right = columns
        self.dense = [(term, weight) for term, weight in program.terms if isinstance(term, Dense)]
        keys, extra = program.valued
        self.valued_keys, self.valued_extra = keys, np.ldexp(extra, -self.exponent)
        self.skipped = sorted_once(np.concatenate([program.forbidden, program.required]))
        self.listed = _listed(program, self.limits, self.skipped)
        self.groups = [] if self.listed is not None else _groups(program, self.limits)
        if self.listed is None:
            self.live_valued = keys[~among(self.skipped, keys) & self._allowed(keys)]

    def keys(self, officers: Ints, enterprises: Ints) -> Ints:
        """Pairs as one integer each."""
        return self.program.keys(officers, enterprises)

    def split(self, keys: Ints) -> tuple[Ints, Ints]:
        """Officers and enterprises of pairs given as integers."""
        return self.program.split(keys)

    def values(self, keys: Ints) -> Floats:
        """What each pair is worth, scaled, in double and in one fixed order of summation. Shape (n_pairs,)."""
        officers, enterprises = self.split(keys)
        total = self._dots(self.left, self.right, officers, enterprises)
        for term, weight in self.program.terms:
            if not isinstance(term, Factors):
                total += np.ldexp(term.pairs(officers, enterprises), -self.exponent) * weight
        return total + look_up(self.valued_keys, self.valued_extra, keys)

    @cached_property
    def size(self) -> int:
        """How many pairs may meet (forbidden single pairs not taken off)."""
        return len(self.listed) if self.listed is not None else sum(group.size for group in self.groups)

    @cached_property
    def skipped_by_enterprise(self) -> ByEnterprise:
        """Forbidden and required pairs, grouped once for all passes."""
        return ByEnterprise(self.shape, self.skipped)

    @cached_property
    def reach(self) -> float:
        """No partial sum of any pair's worth is larger than this, scaled."""
        by_column = float(np.dot(np.abs(self.left).max(0, initial=0.0), np.abs(self.right).max(0, initial=0.0)))
        by_norm = float(np.sqrt((self.left**2).sum(1).max(initial=0.0)) * np.sqrt((self.right**2).sum(1).max(initial=0.0)))
        factors: float = min(by_column, by_norm * (1 + 1e-12)) if self.left.shape[1] else 0.0
        others: float = sum(
            abs(weight) * _largest(term, self.exponent) for term, weight in self.program.terms if not isinstance(term, Factors)
        )
        own = float(np.abs(self.valued_extra).max(initial=0.0))
        reach: float = factors + others + own
        return reach

    def error(self, half_ulp: float, price: float) -> float:
        """How far a reduced value, computed with this rounding and prices up to `price`, may be from the real one."""
        terms = self.left.shape[1] + len(self.program.terms) + 8
        underflow = 2.0**-140 if half_ulp == HALF_ULP32 else 0.0
        return float((self.reach + price) * 1.01 * terms * half_ulp + underflow)

    def errors(self, keys: Ints, values: Floats, prices: Floats) -> Floats:
        """How far each pair's reduced value, computed in double by itself, may be from the real one. Shape (n_pairs,).

        `values` are the pairs' worth, `prices` the sizes of the two prices taken off each, added up.
        """
        officers, enterprises = self.split(keys)
        sizes = self._dots(np.abs(self.left), np.abs(self.right), officers, enterprises)
        for term, weight in self.program.terms:
            if not isinstance(term, Factors):
                sizes += np.abs(np.ldexp(term.pairs(officers, enterprises), -self.exponent) * weight)
        sizes += np.abs(look_up(self.valued_keys, self.valued_extra, keys))
        terms = self.left.shape[1] + len(self.program.terms) + 4
        errors: Floats = (terms * sizes + 4 * (np.abs(values) + prices)) * 1.01 * HALF_ULP64
        return errors

    def every_key(self) -> Ints:
        """Every eligible pair, sorted. Only for small spaces."""
        if self.listed is not None:
            return self.listed
        parts = [self.keys(group.officers[:, None], group.enterprises[None, :]).ravel() for group in self.groups]
        keys = np.sort(np.concatenate([np.empty(0, np.int64), *parts]))
        return keys[~among(self.skipped, keys)]

    @staticmethod
    def _dots(left: Floats, right: Floats, officers: Ints, enterprises: Ints) -> Floats:
        """The product of each pair's factors, in one fixed order of summation. Shape (n_pairs,)."""
        total = np.empty(len(officers))
        for start in range(0, len(officers), CHUNK):
            part = slice(start, start + CHUNK)
            np.einsum("pk,pk->p", left[officers[part]], right[enterprises[part]], out=total[part])
        return total

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
    for term, _ in program.terms:
        if isinstance(term, Sparse):
            found = program.keys(*term.listed())
            keys = found if keys is None else np.intersect1d(keys, found, assume_unique=True)
    if keys is None:
        return None
    officers, enterprises = program.split(keys)
    live = (limits.officer_high[officers] > 0) & (limits.enterprise_high[enterprises] > 0)
    return keys[~among(skipped, keys) & live & program.allowed(officers, enterprises)]


def _groups(program: Program, limits: Limits) -> list[Group]:
    """One group for each class of enterprises: officers and enterprises that have no place left are passed over."""
    active, asking = np.flatnonzero(limits.officer_high > 0), np.flatnonzero(limits.enterprise_high > 0)
    if not program.classes:
        return [Group(active, asking)] if len(active) and len(asking) else []
    officers = np.stack([classes.of_officer[active] for classes in program.classes])
    enterprises = np.stack([classes.of_enterprise[asking] for classes in program.classes])
    kinds, of_officer = np.unique(officers, axis=1, return_inverse=True)
    asks, of_enterprise = np.unique(enterprises, axis=1, return_inverse=True)
    allowed = np.ones((kinds.shape[1], asks.shape[1]), dtype=bool)
    for classes, kind, ask in zip(program.classes, kinds, asks, strict=True):
        allowed &= classes.allowed[np.ix_(kind, ask)]
    groups = []
    order = np.argsort(of_enterprise.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(of_enterprise.ravel(), minlength=asks.shape[1]))
    for h, end in enumerate(ends):
        start = ends[h - 1] if h else 0
        inside = active[allowed[of_officer.ravel(), h]]
        if len(inside):
            groups.append(Group(inside, asking[order[start:end]]))
    return groups


def _scaled(program: Program) -> tuple[int, tuple[Floats, Floats]]:
    """The common exponent, and the factors of every factored term side by side, scaled by it."""
    parts: list[tuple[Floats, Floats, int]] = []
    exponents = []
    for term, weight in program.terms:
        if isinstance(term, Factors):
            for left, right in zip(term.left.T.astype(np.float64), term.right.T.astype(np.float64) * 1.0, strict=True):
                high_l, high_r = _exponent(left), _exponent(right)
                if weight == 0 or high_l is None or high_r is None:
                    continue
                parts.append((np.ldexp(left, -high_l), np.ldexp(right, -high_r) * weight, high_l + high_r))
                exponents.append(high_l + high_r + int(np.frexp(weight)[1]))
        elif isinstance(term, Dense | Sparse):
            high = _exponent(np.array([_largest(term, 0)]))
            if weight and high is not None:
                exponents.append(high + int(np.frexp(weight)[1]))
        else:
            msg = f"The engine prices Factors, Dense and Sparse affinities; {type(term).__name__} is none of them."
            raise ConfigError(msg)
    high = _exponent(program.valued[1])
    exponents += [] if high is None else [high]
    exponent = max(exponents, default=0)
    places = int(np.minimum(program.enterprise_high, program.shape[0]).sum())
    if exponent + places.bit_length() > 1020:
        msg = f"Affinities reach about 2**{exponent}, beyond double precision once {places} are added up. Divide them by 1e10 or more."
        raise DataError(msg)
    left = np.array([part[0] for part in parts]).reshape(len(parts), program.shape[0]).T
    right = np.array([np.ldexp(part[1], part[2] - exponent) for part in parts]).reshape(len(parts), program.shape[1]).T
    return exponent, (np.ascontiguousarray(left), np.ascontiguousarray(right))


def _exponent(values: Floats) -> int | None:
    largest = float(np.abs(values).max(initial=0.0))
    return int(np.frexp(largest)[1]) if largest > 0 else None


def _largest(term: Affinity, exponent: int) -> float:
    """The largest size of a listed or whole matrix, scaled."""
    if isinstance(term, Dense):
        largest = max(float(np.abs(part).max(initial=0.0)) for part in np.array_split(term.matrix, max(1, term.matrix.size // 4_000_000)))
    elif isinstance(term, Sparse):
        largest = float(np.abs(term.matrix.data).max(initial=0.0))
    else:
        largest = 0.0
    return float(np.ldexp(largest, -exponent))
