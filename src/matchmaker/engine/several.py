"""The best worst-served where enterprises have several officers, whose affinities add up.

No enterprise can have more than its own best officers bring, and no plan's least is above what a few enterprises reach between them when
all others are left out: few are critical, so that is a small programme, solved completely (HiGHS). With their officers given, the others
need only officers who each bring their share. Whoever of them cannot have such officers is critical too, and it begins again (a relaxation
that grows by what it has missed; Geoffrion 1970, doi:10.1137/1012003).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from matchmaker.affinity import Affinity
from matchmaker.engine.bottleneck import greatest_total
from matchmaker.engine.feasibility import Shortage
from matchmaker.engine.passes import single_blas
from matchmaker.engine.search import Search, Solution, TimeUp
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.program import Program, among, sorted_once

CHUNK = 256
"""Enterprises read at a time."""
CRITICAL = 60
"""Enterprises that may be critical, at most."""
STEPS = 12
"""Levels that are tried below the highest where more than those are critical."""


@dataclass(frozen=True, eq=False)
class Least:
    """What the worst-served has.

    Parameters
    ----------
    level, bound
        What every enterprise of the plan has at the least, and what no plan's least is above.
    solution
        The plan, or why there is none.
    """

    level: float
    bound: float
    solution: Solution


def best_least(program: Program, measure: Affinity, search: Search) -> Least:
    """The plan whose worst-served enterprise has as much as can be, as nearly as was found.

    Parameters
    ----------
    program
        Without side rows; its values decide nothing here. Every enterprise that may have officers has a number of its own, none is pinned.
    measure
        What enterprises are served with.
    search
        Time and threads.
    """
    plain = greatest_total(program, measure, search)
    if plain.officers is None or plain.enterprises is None or not len(plain.officers):
        return Least(-math.inf, math.inf, plain)
    state = _Several(program, measure, search, plain)
    try:
        with single_blas():
            state.run()
    except TimeUp:
        pass
    officers, enterprises = program.split(state.keys)
    done = state.level >= state.bound - 1e-9 * abs(state.bound)
    solution = replace(plain, officers=officers, enterprises=enterprises, bound=state.bound, prices=None)
    return Least(state.level, state.bound, replace(solution, termination="OPTIMAL" if done else "FEASIBLE"))


class _Several:
    """The best plan so far, what its least is, and what none is above."""

    def __init__(self, program: Program, measure: Affinity, search: Search, plain: Solution) -> None:
        self.program, self.measure, self.search = program, measure, search
        officers, enterprises = (np.empty(0, np.int64) if side is None else side for side in (plain.officers, plain.enterprises))
        self.keys = np.sort(program.keys(officers, enterprises))
        self.count = np.minimum(program.enterprise_high, program.shape[0])
        self.room = np.minimum(program.officer_high, program.shape[1])
        self.known = self.keys
        self.level, self.bound = self._least(self.keys), math.inf
        self.short: Ints = np.empty(0, np.int64)

    def run(self) -> None:
        """Critical enterprises alone, then all, until one level serves both."""
        critical = self._poorest()
        while len(critical) <= CRITICAL:
            level, own = self._alone(critical)
            self.bound = min(self.bound, level)
            if self._reaches(self.bound, own) or self.level >= self.bound:
                return
            more = np.union1d(critical, self.short)
            if len(more) == len(critical):
                break
            critical = more
        low, high = self.level, self.bound
        for _ in range(STEPS):
            middle = low + (high - low) / 2
            low, high = (max(middle, self.level), high) if self._reaches(middle, np.empty(0, np.int64)) else (low, middle)

    def _least(self, keys: Ints) -> float:
        """The least that an enterprise has."""
        i, j = self.program.split(keys)
        has = np.bincount(j, self.measure.pairs(i, j), self.program.shape[1])
        return float(has[self.count > 0].min(initial=math.inf))

    def _values(self, columns: Ints) -> Floats:
        """What officers bring to some enterprises, minus infinity who may not. Shape (n_officers, n_columns)."""
        rows = np.arange(self.program.shape[0])
        i, j = (side.ravel() for side in np.broadcast_arrays(rows[:, None], columns))
        may = self.program.allowed(i, j) & (self.room[i] > 0) & ~among(self.program.forbidden, self.program.keys(i, j))
        values = self.measure.pairs(i, j)
        return np.where(may & ~np.isnan(values), values, -np.inf).reshape(len(rows), len(columns))

    def _poorest(self) -> Ints:
        """The enterprise whose own best officers bring the least. Those with little in the plan are asked first."""
        i, j = self.program.split(self.keys)
        has = np.bincount(j, self.measure.pairs(i, j), self.program.shape[1])
        asking = np.flatnonzero(self.count > 0)
        order = asking[np.argsort(has[asking], kind="stable")]
        least, poorest = math.inf, order[:1]
        for start in range(0, len(order), CHUNK):
            part = order[start : start + CHUNK]
            if has[part[0]] >= least:
                break
            values = -np.sort(-self._values(part), axis=0)[: int(self.count[part].max())]
            taken = np.arange(len(values))[:, None] < self.count[part]
            best = np.where(taken, values, 0.0).sum(axis=0)
            if float(best.min()) < least:
                least, poorest = float(best.min()), part[[int(best.argmin())]]
        return poorest

    def _alone(self, critical: Ints) -> tuple[float, Ints]:
        """The best least of some enterprises where all others are left out, and their pairs. Only as many of the best officers of each as
        they ask for in all can matter: of more, one would be free and better."""
        values = self._values(critical)
        most = int(self.count[critical].sum())
        place = np.argsort(-values, axis=0, kind="stable")[:most]
        i, c = place.ravel(), np.tile(np.arange(len(critical)), len(place))
        inside = np.isfinite(values[i, c])
        i, c = i[inside], c[inside]
        worth, k = values[i, c], len(i)
        rows, at = np.unique(i, return_inverse=True)
        every, ones = np.arange(k), np.ones(k)
        by_officer = sp.csr_array((ones, (at, every)), shape=(len(rows), k + 1))
        by_enterprise = sp.csr_array((ones, (c, every)), shape=(len(critical), k + 1))
        has = sp.csr_array((worth, (c, every)), shape=(len(critical), k + 1)) - sp.csr_array(
            (np.ones(len(critical)), (np.arange(len(critical)), np.full(len(critical), k))), shape=(len(critical), k + 1)
        )
        asked = self.count[critical].astype(np.float64)
        found = milp(
            np.r_[np.zeros(k), -1.0],
            constraints=LinearConstraint(
                sp.vstack([by_officer, by_enterprise, has]).tocsc(),
                np.concatenate([np.full(len(rows), -np.inf), asked, np.zeros(len(critical))]),
                np.concatenate([self.room[rows].astype(np.float64), asked, np.full(len(critical), np.inf)]),
            ),
            bounds=Bounds(np.r_[np.zeros(k), -np.inf], np.r_[ones, np.inf]),
            integrality=np.r_[ones, 0.0],
            options={"time_limit": max(min(self.search.left, 20.0), 0.01), "mip_rel_gap": 1e-6},
        )
        if found.x is None:
            raise TimeUp
        chosen = found.x[:k] > 0.5
        bound = max(-float(found.mip_dual_bound), float(found.x[-1]))
        return bound, np.sort(self.program.keys(i[chosen], critical[c[chosen]]))

    def _reaches(self, level: float, own: Ints) -> bool:
        """Whether a plan is found in which each enterprise has the level, with the critical ones' pairs given; else who is short."""
        self.search.check()
        program = self.program.worthless().without_rows()
        program.require(*self.program.split(own))
        share = np.where(self.count > 0, level / np.maximum(self.count, 1), -np.inf)
        share[self.program.split(own)[1]] = -np.inf
        program.at_least(self.measure, share)
        space = Space(program)
        if (space.limits.officer_low > space.limits.officer_high).any():
            return False
        keys = space.meeting(self.known[~among(space.skipped, self.known)])
        shortage = Shortage(space, keys, self.search, among(self.keys, keys).astype(np.int64))
        if shortage.flow is None:
            raise TimeUp
        self.known = sorted_once(np.concatenate([self.known, shortage.keys]))
        self.short = np.flatnonzero((shortage.enterprises < -0.5) & (space.limits.enterprise_low > 0))
        if shortage.short:
            return False
        keys = np.sort(np.concatenate([shortage.keys[shortage.flow.amount > 0], own]))
        if self._least(keys) > self.level:
            self.keys, self.level = keys, self._least(keys)
        return True
