"""The worst served first, then the second worst, and so on, where each enterprise has one officer.

When the highest bar is found that all can clear (:mod:`matchmaker.engine.bottleneck`), some must stay at it: how few, a flow tells in which
each pair at the bar costs one. Its prices mark every plan that leaves so few there (complementary slackness), and among these the others
go on to the next bar (Burkard and Rendl 1991, doi:10.1016/0167-6377(91)90009-U, for the lexicographic bottleneck). Who of several stays at
a bar is left open as long as it does not matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from matchmaker.affinity import Affinity
from matchmaker.engine.bottleneck import CHUNK, best_across, greatest_total
from matchmaker.engine.feasibility import MOST, Shortage
from matchmaker.engine.passes import passes_of, single_blas
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.search import Search, Solution, TimeUp
from matchmaker.engine.space import Floats, Ints, Space, remaining
from matchmaker.engine.transport import Flow, solve_transport
from matchmaker.face import Face
from matchmaker.program import Program, among, sorted_once


def merged(some: Ints, others: Ints) -> Ints:
    """All of these keys, sorted, each once."""
    return sorted_once(np.concatenate([some, others]))


@dataclass(frozen=True, eq=False)
class Ladder:
    """The levels that were decided, from the worst up.

    Parameters
    ----------
    levels
        Shape (n_decided,), ascending: in every leximin-optimal plan the worst-served have these.
    face
        The plans that are best in these levels.
    complete
        Whether all were decided that were asked for.
    solution
        Such a plan, or why there is none.
    """

    levels: Floats
    face: Face
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
    plain = greatest_total(program, measure, search)
    climb = Climb(program, measure, search, plain)
    if plain.officers is None or plain.enterprises is None:
        return Ladder(np.empty(0), climb.face(), False, plain)
    asking = int((program.enterprise_high > 0).sum())
    wanted = asking if levels is None else min(levels, asking)
    try:
        with single_blas():
            while climb.decided < wanted and climb.step():
                pass
    except TimeUp:
        pass
    done = climb.decided >= wanted
    officers, enterprises = program.split(climb.plan)
    found = climb.levels
    solution = replace(plain, officers=officers, enterprises=enterprises, termination="OPTIMAL" if done else "FEASIBLE", prices=None)
    solution = replace(solution, bound=float(found[0]) if len(found) else math.inf)
    return Ladder(found, climb.face(), done, solution)


class Climb:
    """What is decided so far, and a plan that is best in it.

    Attributes
    ----------
    level
        The last level that was decided.
    own
        Keys of the plan's pairs but for required ones, sorted.
    low
        Keys at or below the level that some best plan holds, sorted.
    of_officer, of_enterprise
        Classes: pairs above the level may meet within one.
    known, values
        Pairs above the level that are on the list, sorted, and their values.
    """

    def __init__(self, program: Program, measure: Affinity, search: Search, plain: Solution) -> None:
        self.program, self.measure, self.search = program, measure, search
        n, m = program.shape
        nobody = np.empty(0, np.int64)
        keys = nobody if plain.officers is None or plain.enterprises is None else program.keys(plain.officers, plain.enterprises)
        self.own = np.sort(keys[~among(program.required, keys)])
        self.pinned = np.sort(self._values(program.required))
        self.level, self.low = -math.inf, nobody
        self.of_officer, self.of_enterprise = np.zeros(n, np.int64), np.zeros(m, np.int64)
        limits = remaining(program)
        self.least, self.most = limits.officer_low, limits.officer_high
        self.base = program.worthless().without_rows()
        self.known = self.own
        self.values = self._values(self.own)
        self.counts: list[tuple[float, int]] = []
        self.lower = float(self.values.min(initial=math.inf))
        self.failed: list[float] = []
        self.shortage: Shortage | None = None
        self.ground = self._classed()

    @property
    def plan(self) -> Ints:
        """The plan's pairs, required ones among them."""
        return np.sort(np.concatenate([self.own, self.program.required]))

    @property
    def levels(self) -> Floats:
        """The levels that are decided, those of required pairs among them. Shape (n_decided,)."""
        steps = np.repeat([level for level, _ in self.counts], [count for _, count in self.counts])
        below = self.pinned if not self.left else self.pinned[self.pinned <= self.level]
        return np.sort(np.concatenate([steps, below]))

    @property
    def decided(self) -> int:
        """How many levels are."""
        return len(self.levels)

    @property
    def left(self) -> int:
        """How many enterprises are above the last level, those with a required officer left out."""
        return len(self.own) - sum(count for _, count in self.counts)

    def face(self) -> Face:
        """The plans that are best in what is decided."""
        program = self.program
        made = np.bincount(program.split(program.required)[0], minlength=program.shape[0])
        bars = np.where(program.enterprise_high > 0, self.level, -np.inf)
        columns = program.split(self.plan)[1]
        bars[columns] = np.minimum(self._values(self.plan), self.level)
        low = np.sort(np.concatenate([self.low, program.required]))
        return Face(self.level, self.of_officer, self.of_enterprise, low, self.least + made, self.most + made, bars)

    def step(self) -> bool:
        """Decide one level, and how few enterprises stay at it. Whether there was one left."""
        if not self.left:
            return False
        level = self._next_level()
        count, prices = self._fewest(level)
        self._settle(level, prices)
        self.counts.append((level, count))
        return True

    def _values(self, keys: Ints) -> Floats:
        return self.measure.pairs(*self.program.split(keys))

    # the next level

    def _next_level(self) -> float:
        """The highest bar that all others can clear: tried from below, where few fall short and little is to be done."""
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
            upper = max(self._across(bar), self.lower)
            if not self.failed or self.failed[-1] > upper:
                self.failed.append(upper)
            if upper <= self.lower or self._clears(upper):
                return upper

    def _reached(self, rank: int) -> float:
        """What so many of those above the last level have less than, in the plan that is best so far."""
        values = self._values(self.own)
        values = values[values > self.level]
        place = min(rank, len(values) - 1)
        return float(np.partition(values, place)[place])

    def _space(self, bar: float) -> Space:
        """Pairs at or above the bar that may meet in a plan that is best in what is decided; low ones are left out."""
        return self.ground.barred(self.measure, bar)

    def _classed(self) -> Space:
        """Pairs that may meet by the classes that are decided, whatever they are worth."""
        program = self.base.without_rows()
        named = 1 + int(max(self.of_officer.max(initial=0), self.of_enterprise.max(initial=0)))
        program.allow(self.of_officer, self.of_enterprise, np.eye(named, dtype=bool))
        return Space(program, limits=replace(remaining(program), officer_low=self.least, officer_high=self.most))

    def _list(self, bar: float) -> Ints:
        return merged(self.known[self.values >= bar], self.low)

    def _clears(self, bar: float) -> bool:
        """Whether all above the last level can clear the bar; the plan is kept then, else who competes for whom."""
        self.search.check()
        keys = self._list(bar)
        self.shortage = found = Shortage(self._space(bar), keys, self.search, among(self.own, keys).astype(np.int64))
        if found.flow is None:
            raise TimeUp
        self._learn(found.keys)
        if found.short:
            return False
        self.own = found.keys[found.flow.amount > 0]
        values = self._values(self.own)
        self.lower = max(self.lower, bar, float(values[values > self.level].min(initial=math.inf)))
        return True

    def _learn(self, keys: Ints) -> None:
        """Put pairs above the level on the list."""
        new = keys[~among(self.known, keys) & ~among(self.low, keys)]
        if len(new):
            place = np.searchsorted(self.known, new)
            self.known, self.values = np.insert(self.known, place, new), np.insert(self.values, place, self._values(new))

    def _across(self, bar: float) -> float:
        """The best value below the bar of a pair that could make the last shortage less: no level is higher."""
        if self.shortage is None:
            return self.lower
        found = self.shortage
        return best_across(self.ground.program, self.measure, (found.officers, found.enterprises), bar, self.lower)

    # who stays at it

    def _fewest(self, level: float) -> tuple[int, tuple[Floats, Floats]]:
        """The least number of enterprises at the level, with all others above it; and prices that prove it over all pairs."""
        space = self._space(math.nextafter(level, math.inf))
        empty = space.worthless()
        costly = self.own[self._values(self.own) == level]
        keys = sorted_once(np.concatenate([self._list(math.nextafter(level, math.inf)), self.own]))
        amount = among(self.own, keys).astype(np.int64)
        while True:
            self.search.check()
            flow = self._flow(space, keys, costly, amount)
            p, u = flow.officers, flow.enterprises
            part = empty if empty.listed is not None else empty.touching(p < -0.5, u < -0.5)
            above = scan(part, Ask(p, u, above=0.5, known=keys, most=MOST), passes_of(self.search)).keys
            at = self._at(space, level, p, u, -1.5)
            new = merged(above, at)
            new = new[~among(keys, new)]
            if not len(new):
                used = flow.amount > 0
                self._learn(above)
                self.own = keys[used]
                return int(among(costly, keys[used]).sum()), (p, u)
            before, costly = keys[flow.amount > 0], merged(costly, at)
            self._learn(above)
            keys = merged(keys, new)
            amount = among(before, keys).astype(np.int64)

    def _flow(self, space: Space, keys: Ints, costly: Ints, amount: Ints) -> Flow:
        """The flow that uses as few of the costly pairs as can be."""
        i, j = space.split(keys)
        worth = -among(costly, keys).astype(np.float64)
        zero = (np.zeros(space.shape[0]), np.zeros(space.shape[1]))
        return solve_transport(i, j, worth, space.limits, zero, amount=amount, check=self.search.check)

    def _at(self, space: Space, level: float, p: Floats, u: Floats, most: float) -> Ints:
        """Pairs with exactly this value that may meet and whose prices add up to less than so much. Sorted keys."""
        program = space.program
        found = [np.empty(0, np.int64)]
        asking = np.flatnonzero((float(p.min(initial=0.0)) + u < most) & (space.limits.enterprise_high > 0))
        near = 1e-9 * (abs(level) + 1.0)
        for start in range(0, len(asking), CHUNK):
            columns = asking[start : start + CHUNK]
            rows = np.flatnonzero((p + float(u[columns].min()) < most) & (self.most > 0))
            if not len(rows):
                continue
            close = np.abs(self.measure.block(rows, columns) - level) <= near
            i, j = np.nonzero(close & (p[rows][:, None] + u[columns] < most))
            i, j = rows[i], columns[j]
            may = (self.measure.pairs(i, j) == level) & (self.of_officer[i] == self.of_enterprise[j]) & self.base.allowed(i, j)
            keys = program.keys(i[may], j[may])
            found.append(keys[~among(space.skipped, keys)])
        return sorted_once(np.concatenate(found))

    def _settle(self, level: float, prices: tuple[Floats, Floats]) -> None:
        """From now on only plans with so few at the level: pairs that agree with the prices, and whoever is priced full or idle."""
        p, u = prices
        space = self._space(level)
        i, j = self.program.split(self.low)
        at = self._at(space, level, p, u, -0.5)
        a, b = self.program.split(at)
        self.low = merged(self.low[p[i] + u[j] == 0], at[p[a] + u[b] == -1])
        self.least, self.most = np.where(p > 0, self.most, self.least), np.where(p < 0, self.least, self.most)
        n, _ = self.program.shape
        both = np.stack([np.concatenate([self.of_officer, self.of_enterprise]), np.concatenate([p, -u]).astype(np.int64)])
        label = np.unique(both, axis=1, return_inverse=True)[1].ravel().astype(np.int64)
        self.of_officer, self.of_enterprise = label[:n], label[n:]
        self.level, self.ground = level, self._classed()
        i, j = self.program.split(self.known)
        kept = (self.values > level) & (self.of_officer[i] == self.of_enterprise[j])
        self.known, self.values = self.known[kept], self.values[kept]
        mine = self._values(self.own)
        self.lower = float(mine[mine > level].min(initial=math.inf))
