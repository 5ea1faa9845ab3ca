"""The worst served first, then the second worst, and so on, where each enterprise has one officer.

When the highest bar is found that all can clear (:mod:`matchmaker.engine.bottleneck`), one enterprise at least can clear no more: it keeps
this bar, and the others go on to the next (Burkard and Rendl 1991, doi:10.1016/0167-6377(91)90009-U, for the lexicographic bottleneck).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from matchmaker.affinity import Affinity
from matchmaker.engine.bottleneck import Bars
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import single_blas
from matchmaker.engine.search import Search, Solution, TimeUp
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.program import Program, among


@dataclass(frozen=True, eq=False)
class Ladder:
    """The levels that were decided, from the worst up.

    Parameters
    ----------
    levels
        Shape (n_decided,), ascending: in every leximin-optimal plan the worst-served have these.
    bars
        Shape (n_enterprises,): plans in which each enterprise comes up to its bar are just those that are best in these levels.
    complete
        Whether all were decided that were asked for. Where several enterprises could be the next worst with the same value, it ends.
    solution
        Such a plan, or why there is none.
    """

    levels: Floats
    bars: Floats
    complete: bool
    solution: Solution


def ladder(program: Program, measure: Affinity, search: Search, levels: int | None = None) -> Ladder:
    """The levels of the worst-served, one after the other.

    Parameters
    ----------
    program
        Without side rows. Every enterprise that may have an officer has exactly one.
    measure
        What enterprises are served with.
    search
        Time and threads.
    levels
        How many; None for all.
    """
    plain = optimise(Space(program), replace(search, gap=0.0, progress=None))
    asking = int((program.enterprise_high > 0).sum())
    wanted = asking if levels is None else min(levels, asking)
    if plain.officers is None or plain.enterprises is None:
        return Ladder(np.empty(0), np.full(program.shape[1], -np.inf), False, plain)
    steps = Steps(program, measure, search, plain)
    found: list[float] = []
    try:
        with single_blas():
            while len(found) < wanted:
                level = steps.next_level()
                found.append(level)
                if not steps.settle(level):
                    break
    except TimeUp:
        pass
    bars = np.where(steps.free, found[-1] if found else -np.inf, steps.own)
    officers, enterprises = program.split(steps.best)
    done = len(found) >= wanted
    solution = replace(plain, officers=officers, enterprises=enterprises, termination="OPTIMAL" if done else "FEASIBLE", prices=None)
    solution = replace(solution, bound=found[0] if found else math.inf)
    return Ladder(np.array(found), bars, done, solution)


class Steps(Bars):
    """Bars that most enterprises still share, and those of enterprises that can clear no more."""

    def __init__(self, program: Program, measure: Affinity, search: Search, plain: Solution) -> None:
        super().__init__(program, measure, search, plain)
        self.best = self.keys
        self.failed: list[float] = []

    def next_level(self) -> float:
        """The highest bar that all free enterprises can clear: tried from below, where few fall short and little is to be done."""
        reach = 1
        while True:
            while self.failed and self.failed[-1] <= self.lower:
                self.failed.pop()
            bar = min(self._reached(reach), self.failed[-1] if self.failed else math.inf)
            if bar <= self.lower:
                bar = math.nextafter(self.lower, math.inf)
            if self._clears(bar):
                reach *= 2
                continue
            reach = 1
            upper = max(self.across(bar), self.lower)
            if not self.failed or self.failed[-1] > upper:
                self.failed.append(upper)
            if upper <= self.lower or self._clears(upper):
                return upper

    def _clears(self, bar: float) -> bool:
        if not self.clears(np.where(self.free, bar, self.own)):
            return False
        self.best = self.keys
        self.lower = max(self.lower, bar, self.least(self.keys))
        return True

    def _reached(self, rank: int) -> float:
        """What so many free enterprises have less than, in the plan that is best so far."""
        i, j = self.program.split(self.best)
        inside = self.free[j]
        values = self.measure.pairs(i[inside], j[inside])
        place = min(rank, len(values) - 1)
        return float(np.partition(values, place)[place])

    def settle(self, level: float) -> bool:
        """Find who can clear no more than the level, and leave that enterprise at it. Whether it is one for certain."""
        at = self._at(level)
        able = [j for j in at.tolist() if len(at) == 1 or self._others_clear(j, level)]
        if not able or (len(able) > 1 and not self._alike(able)):
            return False
        self.own[able[0]] = level
        self.free[able[0]] = False
        return True

    def _others_clear(self, j: int, level: float) -> bool:
        bars = np.where(self.free, np.nextafter(level, math.inf), self.own)
        bars[j] = level
        return self.clears(bars)

    def _at(self, level: float) -> Ints:
        """Free enterprises that some officer may serve with exactly this value."""
        found = []
        asking, rows = np.flatnonzero(self.free), np.flatnonzero(self.program.officer_high > 0)
        near = 1e-9 * (abs(level) + 1.0)
        for start in range(0, len(asking), 256):
            columns = asking[start : start + 256]
            i, j = np.nonzero(np.abs(self.measure.block(rows, columns) - level) <= near)
            i, j = rows[i], columns[j]
            may = (self.measure.pairs(i, j) == level) & self.program.allowed(i, j)
            may &= ~among(self.program.forbidden, self.program.keys(i, j))
            found.append(j[may])
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))

    def _alike(self, enterprises: list[int]) -> bool:
        """Whether these enterprises are alike in value and in whom they may have: then it does not matter which of them comes first."""
        rows = np.arange(self.program.shape[0])
        first = self.measure.pairs(rows, np.full(len(rows), enterprises[0]))
        single = np.concatenate([self.program.forbidden, self.program.required])
        if np.isin(self.program.split(single)[1], enterprises).any():
            return False
        allowed = self.program.allowed(rows, np.full(len(rows), enterprises[0]))
        return all(
            np.array_equal(first, self.measure.pairs(rows, np.full(len(rows), j)))
            and np.array_equal(allowed, self.program.allowed(rows, np.full(len(rows), j)))
            for j in enterprises[1:]
        )
