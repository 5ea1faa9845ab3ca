"""Diminishing returns: what an enterprise's officers are worth together.

With ``s_jk = sum_i -log(1 - C_ik) x_ij`` the aim is ``sum_jk D_jk (1 - exp(-s_jk))``, concave in what is linear in the pairs. A tangent
at any ``s`` is a product of thin matrices and nowhere below it: the engine solves it over all pairs, and its bound bounds every plan (outer
linearisation; Kelley 1960, doi:10.1137/0108053). The best tangent is found by going part of the way to each optimum (Frank and Wolfe 1956,
doi:10.1002/nav.3800030109), whose plans are whole; sets of the officers in them are then chosen anew, with what they are really worth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from matchmaker.affinity import Factors
from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.certificate import bound_with_rows
from matchmaker.engine.integer import Draft, Neighbourhoods
from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.optimise import optimise
from matchmaker.engine.parts import Parts
from matchmaker.engine.passes import Passes, passes_of, single_blas
from matchmaker.engine.ruled import optimise_with_rows
from matchmaker.engine.search import PROVEN, Search, Solution, TimeUp
from matchmaker.engine.sets import choices, together
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.errors import ConfigError
from matchmaker.program import Prices, Program, Round

ABLE = 1 - 1e-9
"""Competence counts up to this, so that its logarithm is finite; the bound allows for the rest."""
TANGENTS, WITH_ROWS = 40, 4
"""Tangents that are tried; with side rows."""
STEPS = np.linspace(0.0, 1.0, 41)
"""Parts of the way that are tried."""
SMALL = 12
"""Officers up to whom every set there is is a column, and the search is complete."""
MEMBERS = {1: 30, 2: 16, 3: 10, 4: 8}
"""Officers of an enterprise of whom every set of so many is tried; above four, two more than the set has."""
NODES, PATIENCE = 200, 12


def optimise_returns(program: Program, search: Search) -> Solution:
    """The best plan where returns diminish, as near to proven as was found."""
    _check(program)
    state = _Sets(program, search)
    try:
        with single_blas():
            state.run()
    except TimeUp:
        pass
    return state.solution()


def bound_returns(program: Program, prices: Prices, passes: Passes) -> float:
    """A value that no plan exceeds, but for the programme's constant, proven by prices over all pairs.

    Parameters
    ----------
    prices
        Their `rows` are those of the side rows, then ``s`` of the tangent, enterprise by enterprise. Shape (n_rows + n_enterprises * K,).
    """
    able, asked = _stacked(program)
    rows, at = prices.rows[: program.n_rows], prices.rows[program.n_rows :]
    if len(at) != asked.size or not (np.isfinite(at).all() and (at >= 0).all()):
        return math.inf
    tangent, constant = _tangent(program, able, asked, at.reshape(asked.shape))
    value = bound_with_rows(tangent, replace(prices, rows=rows), passes)
    size = float(asked.sum()) * (1.0 + float(at.max(initial=0.0)))
    return value + constant + float(asked.sum()) * (1 - ABLE) * 2 + size * 2.0**-40


def _check(program: Program) -> None:
    for returns in program.returns:
        fine = (returns.competence >= 0) & (returns.competence <= 1)
        if not fine.all() or not (returns.need >= 0).all() or not np.isfinite(returns.need).all() or not returns.weight >= 0:
            msg = (
                "Diminishing returns need competence in [0, 1], needs and a weight of at least 0. "
                "| 递减收益要求能力在 0 到 1 之间，诉求与权重不小于 0。"
            )
            raise ConfigError(msg)


def _stacked(program: Program) -> tuple[Floats, Floats]:
    """``-log(1 - C)`` and weighted needs of all returns side by side. Shapes (n_officers, K) and (n_enterprises, K)."""
    able = np.hstack([-np.log1p(-np.minimum(returns.competence, ABLE)) for returns in program.returns])
    return able, np.hstack([returns.weight * returns.need for returns in program.returns])


def _tangent(program: Program, able: Floats, asked: Floats, at: Floats) -> tuple[Program, float]:
    """The programme with the tangent for returns, and the tangent's constant."""
    flat = program.without_rows()
    flat.returns = []
    flat.side_rows, flat.variables = list(program.side_rows), program.variables
    steep = np.exp(-at)
    flat.add(Factors(able, asked * steep))
    return flat, math.fsum((asked * (1 - steep * (1 + at))).ravel().tolist())


class _Sets:
    """The state of one search: tangents, columns, the best plan and the best bound so far."""

    def __init__(self, program: Program, search: Search) -> None:
        self.program, self.search = program, search
        self.high = np.minimum(program.enterprise_high, program.shape[0])
        self.able, self.asked = _stacked(program)
        self.bound = math.inf
        self.proof: Prices | None = None
        self.best: tuple[Ints, Ints, float] | None = None
        self.seen: list[tuple[Ints, Ints]] = []
        self.complete = self.impossible = False
        self.diagnosis: Diagnosis | None = None
        self.rounds: list[Round] = []

    def run(self) -> None:
        """Tangents, then whole plans of the sets that they led to."""
        if self.program.shape[0] <= SMALL and self.program.shape[0] * self.program.shape[1] <= 600:
            self._completely()
            return
        self._tangents()
        if self.best is not None and not self._done():
            self._choose()

    def _tangents(self) -> None:
        at, start = np.zeros(self.asked.shape), None
        for number in range(WITH_ROWS if self.program.linear else TANGENTS):
            self.search.check()
            flat, constant = _tangent(self.program, self.able, self.asked, at)
            found = self._flat(flat, start)
            if found.officers is None or found.enterprises is None:
                self.impossible, self.diagnosis = found.termination == "INFEASIBLE", found.diagnosis
                return
            start = found.prices
            if found.prices is not None and found.bound + constant < self.bound:
                rows = found.prices.rows if len(found.prices.rows) else np.zeros(self.program.n_rows)
                proof = replace(found.prices, rows=np.concatenate([rows, at.ravel()]))
                value = bound_returns(self.program, proof, passes_of(self.search))
                if value < self.bound:
                    self.bound, self.proof = value, proof
            self._plan(found.officers, found.enterprises)
            there = np.zeros(self.asked.shape)
            np.add.at(there, found.enterprises, self.able[found.officers])
            at = there if number == 0 else self._toward(at, there, found)
            if self._done():
                return

    def _flat(self, flat: Program, start: Prices | None) -> Solution:
        search = replace(self.search, gap=1e-4, progress=None, start=start)
        return optimise_with_rows(flat, search) if flat.linear else optimise(Space(flat), search, again=False)

    def _toward(self, at: Floats, there: Floats, found: Solution) -> Floats:
        """The best point on the way from one to the other."""
        values = [float((self.asked * (1 - np.exp(-((1 - part) * at + part * there)))).sum()) for part in STEPS]
        part = float(STEPS[int(np.argmax(values))]) or float(STEPS[1]) / 2
        return (1 - part) * at + part * there

    def _plan(self, officers: Ints, enterprises: Ints) -> None:
        """Keep a plan's pairs for sets, and the plan where it is the best so far; it keeps every rule but in variables."""
        self.seen.append((officers, enterprises))
        if len(self.program.variables):
            return
        missed = np.zeros(self.asked.shape)
        total = math.fsum(self.program.values(officers, enterprises).tolist())
        for returns in self.program.returns:
            missed = np.ones(returns.need.shape)
            np.multiply.at(missed, enterprises, 1 - returns.competence[officers])
            total += returns.weight * float((returns.need * (1 - missed)).sum())
        if self.best is None or total > self.best[2]:
            self.best = (officers, enterprises, total)
        self._note(len(officers))

    def _columns(self) -> _Columns:
        """Sets of the officers that an enterprise had in some plan, most often first; those plans' own sets among them."""
        m = self.program.shape[1]
        keys = np.concatenate([self.program.keys(*pairs) for pairs in self.seen])
        keys, count = np.unique(keys, return_counts=True)
        forced = np.isin(keys, self.program.required)
        i, j = self.program.split(keys)
        order = np.lexsort((i, -count, ~forced, j))
        found = self._sets_of(i[order], np.searchsorted(j[order], np.arange(m + 1)), np.bincount(j[forced], minlength=m))
        for pairs in self.seen:
            found = found.joined(_Columns.of_plan(*pairs, m, int(self.high.max(initial=1))))
        return found

    def _sets_of(self, officers: Ints, starts: Ints, forced: Ints) -> _Columns:
        """Every set of the first officers of each enterprise, forced ones in all of them."""
        width = max(int(self.high.max(initial=1)), 1)
        most = np.array([SMALL if self.program.shape[0] <= SMALL else MEMBERS.get(int(high), int(high) + 2) for high in self.high])
        kinds = np.stack([self.program.enterprise_low, self.high, forced, np.minimum(np.diff(starts), most + forced)]).T
        sets, owners = [np.empty((0, width), np.int64)], [np.empty(0, np.int64)]
        who = np.append(officers, 0)
        for low, high, fixed, count in np.unique(kinds, axis=0).tolist():
            members = np.flatnonzero(np.all(kinds == np.array([low, high, fixed, count]), axis=1))
            places = choices(np.arange(fixed, count), max(low - fixed, 0), max(high - fixed, 0))
            places = np.hstack([np.tile(np.arange(fixed), (len(places), 1)), places])[:, :width]
            places = np.pad(places, ((0, 0), (0, width - places.shape[1])), constant_values=-1)
            at = np.minimum(starts[members][:, None, None] + np.maximum(places, 0)[None], len(who) - 1)
            sets.append(np.where(places[None] >= 0, who[at], -1).reshape(-1, width))
            owners.append(np.repeat(members, len(places)))
        return _Columns(np.concatenate(sets), np.concatenate(owners)).joined(_Columns.none(width))

    def _values(self, columns: _Columns) -> Floats:
        """What sets are worth: their members' own values, and their returns together."""
        return columns.summed(self.program) + together(self.program, columns.officers, columns.enterprises)

    def _incidence(self, columns: _Columns) -> sp.csr_array:
        """What sets come to in each side row. Sparse, shape (n_rows, n_sets)."""
        i, j, which = columns.pairs()
        to_set = sp.csr_array((np.ones(len(i)), (np.arange(len(i)), which)), shape=(len(i), len(columns)))
        parts = [family.of_pairs(i, j) @ to_set for family in self.program.side_rows]
        return sp.vstack([sp.csr_array((0, len(columns))), *parts]).tocsr()

    def _shortlist(self, columns: _Columns) -> Shortlist:
        """The columns as a programme of their own: one for each enterprise; officers' places are rows like the others."""
        program, (n, m) = self.program, self.program.shape
        i, _, which = columns.pairs()
        carried = sp.csr_array((np.ones(len(i)), (i, which)), shape=(n, len(columns)))
        low, high = program.row_limits
        bare = Program(n, m)
        bare.variables = program.variables
        extra = sp.csr_array((n, len(program.variables)))
        held = [extra]
        for family in program.side_rows:
            entries = (family.variable_values, (family.variable_rows, family.variables))
            held.append(sp.csr_array(entries, shape=(len(family), len(program.variables))))
        asks = (self.high > 0).astype(np.int64)
        pinned = np.bincount(program.split(program.required)[1], minlength=m)
        limits = (np.zeros(n, np.int64), np.full(n, len(columns) + 1), np.minimum(np.maximum(program.enterprise_low, pinned), asks), asks)
        least = np.where(program.officer_low > 0, program.officer_low.astype(np.float64), -np.inf)
        return Shortlist(
            program=bare,
            keys=np.arange(len(columns)),
            officers=np.maximum(columns.officers[:, 0], 0),
            enterprises=columns.enterprises,
            values=self._values(columns),
            matrix=sp.vstack([carried, self._incidence(columns)]).tocsr(),
            extra=sp.vstack(held).tocsr(),
            low=np.concatenate([least, low]),
            high=np.concatenate([np.minimum(program.officer_high, m).astype(np.float64), high]),
            limits=limits,
            made=0.0,
        )

    def _completely(self) -> None:
        """Every set there is, and a complete search."""
        space = Space(_bare(self.program))
        required = self.program.required
        pinned = self.program.split(required)
        over = np.bincount(pinned[1], minlength=self.program.shape[1]) > self.high
        barred = ~self.program.allowed(*pinned) | np.isin(required, self.program.forbidden) | np.isnan(self.program.values(*pinned))
        if barred.any() or over.any():
            self.impossible = True
            return
        keys = np.concatenate([required, space.every_key()])
        i, j = self.program.split(keys)
        order = np.lexsort((np.arange(len(keys)), j))
        m = self.program.shape[1]
        columns = self._sets_of(i[order], np.searchsorted(j[order], np.arange(m + 1)), np.bincount(pinned[1], minlength=m))
        around = Neighbourhoods(self._shortlist(columns), self.search, np.ones(self.program.shape[0] + self.program.n_rows))
        found, bound, proven = around.complete(gap=self.search.gap, nodes=10**6)
        if found is None:
            self.impossible = proven
            return
        self._keep(columns, found)
        if self.best is not None:
            self.bound, self.complete = max(bound, self.best[2]) + PROVEN * abs(self.best[2]), proven
        self._note(len(columns))

    def _choose(self) -> None:
        """Sets chosen anew, part by part, from the best plan on."""
        columns = self._columns()
        shortlist = self._shortlist(columns)
        around = Neighbourhoods(shortlist, self.search, 2.0 * shortlist.scale / shortlist.usual)
        draft = around.draft(columns.among(self._best_columns()), shortlist.program.variables.low)
        parts, idle = Parts(shortlist, np.zeros(len(columns))), 0
        while not self._done() and not self.search.over:
            better, _ = around.improved(draft, parts.next(draft) if parts.number else parts.some(draft), gap=1e-5, nodes=NODES)
            idle = 0 if around.merit(better) - around.merit(draft) > 1e-6 * abs(draft.value) else idle + 1
            parts.on()
            draft = better
            self._keep(columns, draft)
            if idle >= PATIENCE:
                return

    def _best_columns(self) -> _Columns:
        width = max(int(self.high.max(initial=1)), 1)
        if self.best is None:
            return _Columns.none(width)
        return _Columns.of_plan(self.best[0], self.best[1], self.program.shape[1], width)

    def _done(self) -> bool:
        return self.best is not None and self.bound - self.best[2] <= self.search.target * abs(self.best[2])

    def _keep(self, columns: _Columns, draft: Draft) -> None:
        if not draft.broken.any() and (self.best is None or draft.value > self.best[2]):
            i, j, _ = _Columns(columns.officers[draft.chosen], columns.enterprises[draft.chosen]).pairs()
            self.best = (i, j, draft.value)
        self._note(len(columns))

    def _note(self, pairs: int) -> None:
        constant = self.program.constant
        value = -math.inf if self.best is None else self.best[2] + constant
        note = Round(pairs=pairs, objective=value, bound=self.bound + constant, seconds=self.search.elapsed)
        self.rounds.append(note)
        if self.search.progress is not None:
            self.search.progress(note)

    def solution(self) -> Solution:
        """What was found."""
        if self.best is None:
            clash = self.diagnosis or _clash()
            return Solution(termination="INFEASIBLE", diagnosis=clash) if self.impossible else Solution(termination="NOT_FOUND")
        i, j, _ = self.best
        order = np.argsort(self.program.keys(i, j))
        return Solution(
            termination="OPTIMAL" if self.complete or self._done() else "FEASIBLE",
            officers=i[order],
            enterprises=j[order],
            bound=self.bound,
            prices=None if self.complete else self.proof,
            rounds=tuple(self.rounds),
            searched=self.complete,
        )


@dataclass(frozen=True, eq=False)
class _Columns:
    """Sets: officers, shape (n_sets, size), negative for nobody; and the enterprise of each, shape (n_sets,)."""

    officers: Ints
    enterprises: Ints

    @classmethod
    def none(cls, width: int) -> _Columns:
        return cls(np.empty((0, max(width, 1)), np.int64), np.empty(0, np.int64))

    @classmethod
    def of_plan(cls, officers: Ints, enterprises: Ints, m: int, width: int) -> _Columns:
        """The set of each enterprise in a plan, the empty one too."""
        order = np.lexsort((-officers, enterprises))
        i, j = officers[order], enterprises[order]
        place = np.arange(len(j)) - np.searchsorted(j, j)
        sets = np.full((m, max(width, 1)), -1, dtype=np.int64)
        sets[j, place] = i
        return cls(sets, np.arange(m))

    def among(self, chosen: _Columns) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which of these sets are among the chosen ones. Shape (n_sets,)."""
        wanted = set(map(tuple, np.column_stack([chosen.enterprises, chosen.officers]).tolist()))
        every = np.column_stack([self.enterprises, self.officers]).tolist()
        return np.array([tuple(one) in wanted for one in every], dtype=bool)

    def __len__(self) -> int:
        return len(self.enterprises)

    def pairs(self) -> tuple[Ints, Ints, Ints]:
        """Officer, enterprise and set of every member."""
        which, place = np.nonzero(self.officers >= 0)
        return self.officers[which, place], self.enterprises[which], which

    def summed(self, program: Program) -> Floats:
        """The members' own values, added up. Shape (n_sets,)."""
        i, j, which = self.pairs()
        return np.bincount(which, program.values(i, j), len(self)).astype(np.float64)

    def joined(self, other: _Columns) -> _Columns:
        """Both, each set once, by enterprise."""
        officers = np.sort(np.vstack([self.officers, other.officers]), axis=1)[:, ::-1]
        every = np.unique(np.column_stack([np.concatenate([self.enterprises, other.enterprises]), officers]), axis=0)
        return _Columns(every[:, 1:], every[:, 0])


def _clash() -> Diagnosis:
    nobody = np.empty(0, np.int64)
    note = ("The rules cannot all be kept, by a complete search.", "完整搜索表明规则无法同时满足。")
    return Diagnosis(
        side="rules", officers=nobody, enterprises=nobody, officer_ids=nobody, enterprise_ids=nobody, asked=0, available=0, notes=(note,)
    )


def _bare(program: Program) -> Program:
    """The same pairs that may meet, worth nothing."""
    return program.worthless().without_rows()
