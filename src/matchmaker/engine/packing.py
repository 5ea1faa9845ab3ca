"""Programmes whose side rows say only what each officer carries: generalised assignment, with several resources, any demands.

Their plans are found and proven by knapsacks' prices: see :mod:`matchmaker.engine.knapsacks` for the bound and
:mod:`matchmaker.engine.branching` for dives and the complete search. All pairs are listed, so this is for spaces of moderate size.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Dense
from matchmaker.engine.branching import ASK, ENDED, UNMARKED, Branches, plunge, search, tighten
from matchmaker.engine.knapsacks import condition, descend, evaluate, settle, undo
from matchmaker.engine.lagrangian import Dual, Shortlist
from matchmaker.engine.loads import Packing, packing
from matchmaker.engine.lots import lots
from matchmaker.engine.search import PROVEN, Search
from matchmaker.engine.space import Floats
from matchmaker.program import Program
from matchmaker.siderows import SideRows

logger = logging.getLogger(__name__)
Mask = NDArray[np.bool_]
_done: list[float] = []
PORTION = 20_000_000
"""Cells between two looks at the clock."""
ROUNDS, STEPS = 60, 25
"""Rounds of the first prices, and steps in each; what a round aims at is halved when it gained a twentieth of it, or less."""
FIRST_AWAY, CLOSE = 0.01, 1e-5
"""How far below the first bound the first aim is: this share of the values' range for each enterprise; and an aim too near to go on for."""
OPEN = 6
"""Open pairs an enterprise at the first guess of how far the best plan is below the bound."""
SHARES, DEEP, LEFT = (0.1, 0.05, 0.03), (20, 50), (20, 30)
"""In dives, in turn: shares of enterprises settled at a time, steps of the prices, and enterprises left to a search."""
AROUND = 200_000_000
"""Cells that a search after a dive may fill."""
NEARER, FARTHER, NEAREST = 0.75, 1.3, 0.95
"""How the guess changes after a dive with a plan and after one without, and how near to the best plan it comes at most."""
BLIND = 8
"""Dives without any plan after which there are no more; guesses double each time."""
NARROW = 0.1
"""How far below the bound a search looks first, as a share of the way to the best plan."""
LEVELS, KEPT = 600, 10_000_000
"""Levels of a complete search, at most, and the prices that all of them may keep."""
POLISH, POLISHING = 100, (0.5, 0.3, 0.2, 0.1)
"""Steps of the prices each time, and their lengths, once there is a plan to aim at."""
DRAWN = 0.05
"""How often a pair was in its knapsack counts up to so much more, by lot, so that no two dives are alike."""


class Effort(NamedTuple):
    """How long to look.

    Parameters
    ----------
    dives
        Dives in a row without a better plan after which there are no more.
    work
        Cells that a complete search may fill.
    """

    dives: int
    work: int


EARLY, LATE = Effort(4, 10**9), Effort(30, 3 * 10**10)
"""Before and after other ways to plans."""
LOOSE = 20
"""Where knapsacks say less than loads do, a search is so many times shorter."""


class Packer:
    """Plans of a programme of loads, each better than the last, in the end the best.

    Parameters
    ----------
    packed
        The programme.
    looked
        How far to look.
    size
        How large a pair's value is, about: differences of a billionth of it are rounding.
    keep
        Called with each better plan, shape (n_pairs,) in the shortlist's order.
    """

    def __init__(self, packed: Packing, looked: Search, size: float, keep: Callable[[Mask], None]) -> None:
        self.packed, self.sacks, self.looked, self.keep = packed, packed.sacks, looked, keep
        self.size = size
        self.best = -math.inf
        self.bound = math.inf
        self.prices = packed.prices
        self.dives = 0

    @property
    def step(self) -> float:
        """How much more than the best so far another plan must be worth to count."""
        wanted = self.looked.gap * abs(self.best) if math.isfinite(self.best) else 0.0
        return max(self.packed.unit - self._rounding, self._rounding, wanted)

    @property
    def _rounding(self) -> float:
        return PROVEN * max(self.size, abs(self.best) if math.isfinite(self.best) else 0.0)

    @property
    def beyond(self) -> float:
        """How much more than the best plan another may be worth once a complete search has ended."""
        return 0.0 if self.packed.unit > self.step else self.step

    def run(self, effort: Effort) -> bool:
        """Prices, dives and a complete search, in turn. Whether it is proven that no plan is better by a step."""
        if self.bound == math.inf:
            self._price()
        self._dive(effort.dives)
        return self.best > -math.inf and self._search(effort.work if self.packed.tight else effort.work // LOOSE)

    def _price(self) -> None:
        """Prices that bound every plan well, and what they prove."""
        sacks, prices = self.sacks, self.prices
        reach = float(np.ptp(sacks.worth)) or self.size
        away = FIRST_AWAY * reach * max(int((sacks.open > 0).sum()), 1)
        bound = evaluate(sacks, prices, np.zeros(len(prices)))
        for _ in range(ROUNDS):
            self.looked.check()
            before = bound
            bound = min(bound, descend(sacks, prices, bound - away, STEPS, 1.0, STEPS))
            if before - bound < 0.05 * away:
                away /= 2
            if away < max(CLOSE * reach, self.packed.unit / 20):
                break
        self.bound = bound
        logger.debug("knapsacks: bound %.9g, %.2f s", bound, self.looked.elapsed)

    def _polish(self, least: float) -> None:
        """Prices that bound better, now that there is something to aim at."""
        for length in POLISHING:
            self.looked.check()
            self.bound = min(self.bound, descend(self.sacks, self.prices, least, POLISH, length, STEPS // 2))
            if self.bound < least:
                return

    def _guess(self) -> float:
        """How far the best plan may be below the bound: so far that some pairs of each enterprise stay open."""
        condition(self.sacks, self.prices)
        loss = np.sort(self.sacks.within[np.isfinite(self.sacks.within)])
        count = min(OPEN * int((self.sacks.open > 0).sum()), len(loss))
        return max(float(loss[count - 1]) if count else 0.0, self.step)

    def _dive(self, patience: int) -> None:
        """Dives, each for a plan nearer to the bound than the last, until `patience` of them in a row find none."""
        idle = 0
        away = self._guess() if self.best == -math.inf else NEARER * (self.bound - self.best)
        while idle < (BLIND if self.best == -math.inf else patience) and self.bound - self.best >= self.step:
            found = self._dived(self.bound - away, self.dives)
            self.dives += 1
            idle = 0 if found else idle + 1
            blind = self.best == -math.inf
            away = 2 * away if blind else min(away * (NEARER if found else FARTHER), NEAREST * (self.bound - self.best))
            logger.debug("dive %d: best %.9g, next %.6g below %.9g, %.2f s", self.dives, self.best, away, self.bound, self.looked.elapsed)

    def _dived(self, least: float, number: int) -> bool:
        """One dive for a plan worth `least`, and a search of what it left open. Whether there was one."""
        prices, least = self.prices.copy(), max(least, self.best + self.step)
        share, steps, left = SHARES[number % 3], DEEP[number % 2], LEFT[number // 2 % 2]
        drawn = DRAWN * lots(np.arange(len(self.sacks.mean)) + len(self.sacks.mean) * number)
        trail, end, found = settle(self.sacks, prices, least, 0), False, False
        try:
            while trail >= 0 and not end:
                self.looked.check()
                trail = tighten(self.sacks, prices, least, steps, trail)
                if trail >= 0:
                    likely = np.argsort(-self.sacks.mean - drawn, kind="stable")
                    trail, end = plunge(self.sacks, likely, share, left, trail)
            if trail >= 0:
                found = self._searched(prices, least, AROUND, trail)[1]
        finally:
            undo(self.sacks, trail if trail >= 0 else -1 - trail, 0)
        return found

    def _search(self, work: int) -> bool:
        """Complete searches, first for plans near the bound, then for any that is better. Whether the best is proven.

        Where there is no plan so near, the bound is lowered to there, and the next search looks twice as far down. A plan that is
        found leaves less open at the root, so that the search begins again.
        """
        stop, away = self.sacks.work[0] + work, max(self.packed.unit, NARROW * (self.bound - self.best))
        while True:
            least = self._aim(away)
            self._polish(least)
            if self.bound < self.best + self.step:
                return True
            least = self._aim(away)
            ended, found = self._searched(self.prices, least, stop - self.sacks.work[0], 0, plans=1)
            logger.debug("search to %.9g: %s, best %.9g, %.3g cells", least, ended, self.best, self.sacks.work[0])
            if ended and not found and least > self.best + self.step:
                self.bound, away = min(self.bound, least), 2 * away
            elif ended or not found:
                return ended

    def _aim(self, away: float) -> float:
        """What plans must be worth to be looked for, where the best may be so far below the bound."""
        unit, top = self.packed.unit, self.bound - away
        if unit:
            top = (math.floor(self.bound / unit + PROVEN) - math.floor(away / unit) + 1) * unit - self._rounding
        return max(top, self.best + self.step)

    def _searched(self, prices: Floats, least: float, work: int, trail: int, plans: int = 2**30) -> tuple[bool, bool]:
        """A search of what is open for plans worth `least`, for so much work or until so many better ones.

        Whether it ended, and whether it found any plan; the trail ends as it began.
        """
        step = self.step
        levels = min(LEVELS, KEPT // len(prices), len(self.sacks.settled)) + 2
        branches = Branches(
            prices=np.zeros((levels, len(prices))),
            mark=np.zeros(levels, np.int64),
            other=np.full(levels, UNMARKED),
            at=np.array([0, trail, 0, ASK]),
            best=np.array([least - step, step]),
            plan=np.zeros(len(self.sacks.settled), np.int8),
        )
        branches.prices[0] = prices
        stop, found = self.sacks.work[0] + work, 0
        try:
            while branches.at[3] < ENDED and self.sacks.work[0] < stop and found < plans:
                self.looked.check()
                search(self.sacks, branches, PORTION)
                if branches.best[0] > max(self.best, least - step):
                    self.best = float(branches.best[0])
                    self._kept(branches)
                    found += 1
        finally:
            undo(self.sacks, int(branches.at[1]), trail)
        return bool(branches.at[3] == ENDED), found > 0

    def _kept(self, branches: Branches) -> None:
        chosen = np.zeros(len(self.packed.order), dtype=bool)
        chosen[self.packed.order] = branches.plan == 1
        self.keep(chosen)


def make_packing_ready() -> float:
    """Have the machine code that is used here; as :func:`matchmaker.engine.ready.make_ready`."""
    if _done:
        return 0.0
    start = time.perf_counter()
    one = np.ones((2, 2))
    program = Program(2, 2)
    program.limit_enterprises(1, 1)
    program.add(Dense(np.array([[3.0, 2.0], [2.0, 1.5]])))
    classes = np.arange(2)
    program.add_rows(
        SideRows(
            rule="load",
            shape=(2, 2),
            low=np.full(2, -np.inf),
            high=np.ones(2),
            officer_class=classes,
            enterprise_class=np.zeros(2, np.int64),
            row=classes[:, None],
        )
    )
    shortlist = Shortlist.of(program, np.arange(4))
    packed = packing(shortlist, Dual(np.zeros(2), np.zeros(2), np.zeros(2), one.ravel(), 0.0, 0.0))
    if packed is not None:
        Packer(packed, Search(), 1.0, lambda _: None).run(EARLY)
    _done.append(time.perf_counter() - start)
    return _done[0]
