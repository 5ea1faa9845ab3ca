"""The best worst-served, where each enterprise has one officer: the highest bar that every pair of some plan clears.

Bars come down from one that is too high (threshold method; Garfinkel 1971, doi:10.1287/opre.19.7.1747). Where too few pairs clear it, the
prices of the least shortage mark who competes for whom; only a pair across that line can help, so the bar comes down to the best of
these, and no higher one can do. Where a plan clears the bar, it is the highest. The plan of greatest total is where it begins: few of its
pairs are below any bar.
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
from matchmaker.program import Program, among, sorted_once

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


def greatest_total(program: Program, measure: Affinity, search: Search) -> Solution:
    """A plan to begin from: of the greatest total in the measure, whatever the programme's values."""
    valued = program.worthless().without_rows()
    valued.add(measure)
    return optimise(Space(valued), replace(search, gap=max(search.gap, 0.01), progress=None, start=None))


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
    plain = greatest_total(program, measure, search)
    if plain.officers is None or plain.enterprises is None:
        return Floor(-math.inf, plain)
    if not len(plain.officers):
        return Floor(math.inf, replace(plain, bound=math.inf, prices=None))
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
    """What is known: a plan that clears `lower`, and that none clears more than `upper`."""

    shortage: Shortage | None = None

    def __init__(self, program: Program, measure: Affinity, search: Search, plain: Solution) -> None:
        self.program, self.measure, self.search = program, measure, search
        officers, enterprises = (np.empty(0, np.int64) if side is None else side for side in (plain.officers, plain.enterprises))
        self.keys = np.sort(program.keys(officers, enterprises))
        self.lower = self.least(self.keys)
        self.upper = self.tallest()
        self.known = self.keys

    def run(self) -> None:
        """Bars until the two meet."""
        steps = 0
        while self.lower < self.upper:
            bar = self.upper if steps < STEPS or steps % 2 else self._between()
            steps += 1
            if self.clears(bar):
                self.lower = max(bar, self.least(self.keys))
            else:
                self.upper = self.across(bar)

    def _between(self) -> float:
        middle = self.lower + (self.upper - self.lower) / 2
        return middle if self.lower < middle < self.upper else self.upper

    def clears(self, bar: float) -> bool:
        """Whether every pair of some plan comes up to the bar; the plan is kept then, else who competes for whom."""
        self.search.check()
        required = self.program.required
        if self.least(required) < bar:
            self.shortage = None
            return False
        barred = self.program.worthless().without_rows()
        barred.at_least(self.measure, bar)
        space = Space(barred)
        keys = space.meeting(self.known[~among(space.skipped, self.known)])
        self.shortage = shortage = Shortage(space, keys, self.search, among(self.keys, keys).astype(np.int64))
        if shortage.flow is None:
            raise TimeUp
        self.known = sorted_once(np.concatenate([self.known, shortage.keys]))
        if shortage.short:
            return False
        self.keys = np.sort(np.concatenate([shortage.keys[shortage.flow.amount > 0], required]))
        return True

    def across(self, bar: float) -> float:
        """The best value below the bar of a pair that could make the last shortage less: no level is higher."""
        if self.shortage is None:
            return self.least(self.program.required)
        found = best_across(self.program, self.measure, (self.shortage.officers, self.shortage.enterprises), bar, self.lower)
        return max(found, self.lower)

    def least(self, keys: Ints) -> float:
        """The least value of pairs; infinite where there is none."""
        return float(self.measure.pairs(*self.program.split(keys)).min(initial=math.inf))

    def tallest(self) -> float:
        """No bar is higher: the best that any officer is worth to some enterprise. Who has the least in the plan is asked first."""
        asking = self.program.split(self.keys)[1]
        value = self.measure.pairs(*self.program.split(self.keys))
        order = np.argsort(value, kind="stable")
        rows = np.flatnonzero(self.program.officer_high > 0)
        least = math.inf
        for start in range(0, len(order), CHUNK):
            part = order[start : start + CHUNK]
            if value[part[0]] >= least:
                break
            best = self.measure.block(rows, asking[part]).max(axis=0)
            if float(best.min()) < least:
                poorest = asking[part[int(best.argmin())]]
                exact = self.measure.pairs(rows, np.full(len(rows), poorest))
                least = min(least, float(np.fmax.reduce(exact, initial=-math.inf)))
        return least


def best_across(program: Program, measure: Affinity, prices: tuple[Floats, Floats], bar: float, least: float) -> float:
    """The best value under the bar of a pair that may meet and whose prices add up to less than nothing; what is below `least` may be
    passed over."""
    p, u = prices
    best = -math.inf
    asking = np.flatnonzero((float(p.min(initial=0.0)) + u < -0.5) & (program.enterprise_high > 0))
    for start in range(0, len(asking), CHUNK):
        columns = asking[start : start + CHUNK]
        rows = np.flatnonzero((p + float(u[columns].min()) < -0.5) & (program.officer_high > 0))
        if not len(rows):
            continue
        values = measure.block(rows, columns)
        near = 1e-9 * (abs(bar) + 1.0)
        may = (p[rows][:, None] + u[columns] < -0.5) & (values < bar + near) & (values > max(least, best) - near)
        may &= program.allowed(rows[:, None], columns)
        i, j = np.nonzero(may)
        i, j = rows[i], columns[j]
        free = ~among(program.forbidden, program.keys(i, j))
        exact: Floats = measure.pairs(i[free], j[free])
        best = max(best, float(exact[exact < bar].max(initial=-math.inf)))
    return best
