"""The best worst-served, where each enterprise has one officer: the highest bar that every pair of some plan clears.

Bars come down from one that is too high (threshold method; Garfinkel 1971, doi:10.1287/opre.19.7.1747). Where too few pairs clear it, the
prices of the least shortage mark who competes for whom; only a pair across that line can help, so the bar comes down to the best of
these, and no higher one can do. Where a plan clears the bar, it is the highest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from matchmaker.affinity import Affinity
from matchmaker.engine.feasibility import Shortage
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import single_blas
from matchmaker.engine.search import Search, Solution, TimeUp
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.program import Program, among

STEPS = 6
"""Bars that come down by the line alone, before the middle between what is known to do and what may do is tried in turn."""
CHUNK = 256
"""Enterprises read at a time."""


@dataclass(frozen=True, eq=False)
class Floor:
    """The highest bar.

    Parameters
    ----------
    level
        Every pair of some plan comes up to it; no plan's pairs all come up to more. Minus infinity where there is no plan.
    solution
        Such a plan, or why there is none.
    """

    level: float
    solution: Solution


def best_floor(program: Program, measure: Affinity, search: Search) -> Floor:
    """The highest bar that all pairs of some plan clear.

    Parameters
    ----------
    program
        Without side rows; its values decide nothing here. Every enterprise that may have an officer has exactly one.
    measure
        What pairs must come up to the bar in.
    search
        Time and threads.
    """
    plain = optimise(Space(program), replace(search, gap=0.0, progress=None))
    if plain.officers is None or plain.enterprises is None:
        return Floor(-math.inf, plain)
    if not len(plain.officers):
        return Floor(math.inf, plain)
    state = Bars(program, measure, search, plain)
    try:
        with single_blas():
            state.run()
    except TimeUp:
        pass
    officers, enterprises = program.split(state.keys)
    done = state.lower >= state.upper
    solution = replace(plain, officers=officers, enterprises=enterprises, bound=state.upper, termination="OPTIMAL" if done else "FEASIBLE")
    return Floor(state.lower, replace(solution, prices=None))


class Bars:
    """What is known: a plan that clears `lower`, and that none clears more than `upper`.

    Enterprises that are not `free` have bars of their own.
    """

    shortage: Shortage | None = None

    def __init__(self, program: Program, measure: Affinity, search: Search, plain: Solution) -> None:
        self.program, self.measure, self.search = program, measure, search
        officers, enterprises = (np.empty(0, np.int64) if side is None else side for side in (plain.officers, plain.enterprises))
        self.keys = np.sort(program.keys(officers, enterprises))
        self.own = np.full(program.shape[1], -np.inf)
        self.free = program.enterprise_high > 0
        self.lower = self.least(self.keys)
        self.upper = self.tallest()
        self.known = self.keys

    def run(self) -> None:
        """Bars until the two meet."""
        steps = 0
        while self.lower < self.upper:
            bar = self.upper if steps < STEPS or steps % 2 else self._between()
            steps += 1
            if self.clears(np.where(self.free, bar, self.own)):
                self.lower = max(bar, self.least(self.keys))
            else:
                self.upper = self.across(bar)

    def _between(self) -> float:
        return self.lower + (self.upper - self.lower) / 2

    def clears(self, bars: Floats) -> bool:
        """Whether some plan clears every enterprise's own bar, shape (n_enterprises,); it is kept then, else who competes for whom."""
        self.search.check()
        required = self.program.required
        i, j = self.program.split(required)
        if (self.measure.pairs(i, j) < bars[j]).any():
            self.shortage = None
            return False
        barred = self.program.worthless()
        barred.at_least(self.measure, bars)
        space = Space(barred)
        keys = space.meeting(self.known[~among(space.skipped, self.known)])
        shortage = Shortage(space, keys, self.search)
        if shortage.flow is None:
            raise TimeUp
        self.known = np.union1d(self.known, shortage.keys)
        self.shortage = shortage
        if shortage.short:
            return False
        self.keys = np.sort(np.concatenate([shortage.keys[shortage.flow.amount > 0], required]))
        return True

    def across(self, bar: float) -> float:
        """The best value below the bar of a pair that could make the last shortage less: no level is higher."""
        if self.shortage is None:
            return self.least(self.program.required)
        p, u = self.shortage.officers, self.shortage.enterprises
        best = -math.inf
        asking = np.flatnonzero((u < 0.5) & self.free)
        lowest = float(p.min(initial=0.0))
        asking = asking[lowest + u[asking] < -0.5]
        for start in range(0, len(asking), CHUNK):
            columns = asking[start : start + CHUNK]
            rows = np.flatnonzero((p + float(u[columns].min()) < -0.5) & (self.program.officer_high > 0))
            if len(rows):
                best = max(best, self._best_below(rows, columns, p[rows][:, None] + u[columns] < -0.5, bar, best))
        return max(best, self.lower)

    def _best_below(
        self, rows: Ints, columns: Ints, helps: np.ndarray[tuple[int, int], np.dtype[np.bool_]], bar: float, least: float
    ) -> float:
        values = self.measure.block(rows, columns)
        near = 1e-9 * (abs(bar) + 1.0)
        may = helps & (values < bar + near) & (values > max(least, self.lower) - near)
        may &= self.program.allowed(rows[:, None], columns)
        i, j = np.nonzero(may)
        i, j = rows[i], columns[j]
        free = ~among(self.program.forbidden, self.program.keys(i, j))
        exact: Floats = self.measure.pairs(i[free], j[free])
        below = exact[exact < bar]
        return float(below.max(initial=-math.inf))

    def least(self, keys: Ints) -> float:
        """The least value of pairs of enterprises that are still free."""
        i, j = self.program.split(keys)
        inside = self.free[j]
        return float(self.measure.pairs(i[inside], j[inside]).min(initial=math.inf))

    def tallest(self) -> float:
        """At least the best that any officer is worth to each enterprise that is still free."""
        rows = np.flatnonzero(self.program.officer_high > 0)
        asking = np.flatnonzero(self.free)
        least = math.inf
        for start in range(0, len(asking), CHUNK):
            columns = asking[start : start + CHUNK]
            values = self.measure.block(rows, columns)
            least = min(least, float(values.max(axis=0).min(initial=math.inf)))
        return least + 1e-9 * (abs(least) + 1.0)
