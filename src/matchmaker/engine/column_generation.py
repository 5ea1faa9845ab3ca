"""Optimal on the pairs that matter, proven on all of them.

Let prices settle, solve the pairs near tight at them as a min-cost flow, read prices off it, pass over every eligible pair for those that
could still improve the plan, repair the plan where they are few, else put them on the shortlist, repeat (column generation; Dantzig and
Wolfe 1960, doi:10.1287/opre.8.1.101; Ford and Fulkerson 1958, doi:10.1287/mnsc.5.1.97). When no pair is left that could, the plan is
optimal among all pairs, and the prices prove it.
"""

from __future__ import annotations

import logging
import math
from typing import NamedTuple

import numpy as np

from matchmaker.engine.certificate import scaled_bound
from matchmaker.engine.duals import Residual
from matchmaker.engine.feasibility import feasible_keys
from matchmaker.engine.flow import Flow, solve_flow
from matchmaker.engine.passes import passes_of
from matchmaker.engine.pricing import Ask, Scan, scan
from matchmaker.engine.quantum import Quantum, largest_of
from matchmaker.engine.repair import Repair
from matchmaker.engine.search import PROVEN, Search
from matchmaker.engine.smoothing import MOST_CYCLES, WARM_CYCLES, settle
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.engine.starting import filled_prices, starting_prices
from matchmaker.engine.uniqueness import only_one, reach
from matchmaker.program import Round, among, sorted_once

logger = logging.getLogger(__name__)
SMALL = 40_000
"""A space of at most so many pairs is its own shortlist;"""
SMALL_LISTED = 150_000
"""so is one of at most so many where they are listed: what is sparse is soon solved."""
PRUNED = 3
"""Rounds after which the shortlist only grows, or what is dropped could come back for ever."""
FEW = 0.03
"""New pairs a member at or below which the plan is repaired rather than solved again."""
MOSTLY = 0.9
"""Where prices of so many are known from the start, one cycle settles the others'."""
GIVE = 4.0
"""Windows' widths that a price may fall below what is guessed: who is short then stays so, until pairs come that are worth it."""
LEAST = 2.0**-8
"""The same where many pairs tie and windows are narrow, as a share of the largest value."""
FARTHER = 4.0
"""As many times as far in the next round, when more than half of who was short still is."""
MOST = 16
"""Pairs that a pass adds to the shortlist of an enterprise, at most or nearly so."""
DEEP = 64
"""Units in which a pair's worth may be off, in a pass that tells whether there is another optimum: rounding of the bound is in it."""


class Proof(NamedTuple):
    """The least bound so far, what rounding put on it, and the prices that prove it."""

    bound: float
    rounding: float
    prices: tuple[Floats, Floats]


class ColumnGeneration:
    """The state of one search: a shortlist, prices, the best plan and the best bound so far.

    Parameters
    ----------
    space
        The eligible pairs and what each is worth.
    search
        How far to look.
    base
        Sorted pairs over which some plan exists; None where none is known.
    start
        Officers' and enterprises' prices to begin from, NaN where unknown; None to guess them.
    """

    def __init__(self, space: Space, search: Search, base: Ints | None = None, start: tuple[Floats, Floats] | None = None) -> None:
        self.space, self.search = space, search
        self.maker = passes_of(search)
        self.base, self.start = base, start
        self.keys: Ints = np.empty(0, np.int64)
        self.prices: tuple[Floats, Floats] = (np.zeros(space.shape[0]), np.zeros(space.shape[1]))
        self.give: float | None = None
        self.rough = True
        self.flow: Flow | None = None
        self.late: Ints | None = None
        self.found: Scan | None = None
        self.tolerance = 0.0
        self.plan: tuple[Ints, Ints] | None = None
        self.objective = -math.inf
        self.proof = Proof(math.inf, 0.0, self.prices)
        self.rounds: list[Round] = []
        self.passes = 0

    def run(self) -> None:
        """Rounds until nothing can improve the plan, the gap is closed, or time is up."""
        self._begin()
        before = math.inf
        while not self.search.over and (self.give is not None or self._has_plan()):
            short = self._solve()
            new = self._price()
            self._note()
            if self.within(self.search.gap):
                return
            if short > before / 2 or (short and not len(new)):
                self._firmer(len(new) > 0)
            before = short
            if len(new):
                self._extend(new)
            elif not short:
                self._sharpen()
                return

    def _sharpen(self) -> None:
        """Nothing is left to add in whole units: as far as the proof is not tight yet, look closer."""
        if not self.within(self.search.target):
            self._polish()
        while not self.within(self.search.target) and not self.search.over and self._refine():
            pass

    def _has_plan(self) -> bool:
        """Whether some plan that keeps every rule stands on the shortlist; puts one there where none is known yet."""
        if self.base is None:
            self.base = feasible_keys(self.space, self.keys, self.search)
        if self.base is not None:
            self.keys = joined(self.keys, self.base)
        return self.base is not None

    def _firmer(self, still_more: bool) -> None:
        """Somebody is short while prices may fall so little: let them fall farther, and in the end as far as they must."""
        if self.give is not None:
            self.give = FARTHER * self.give if self.give < (16 if still_more else 1) * self.space.reach else None

    def within(self, gap: float) -> bool:
        """Whether the best plan so far is proven within a relative gap, or to all that double precision can tell.

        Relative to the plan's value, or to the largest pair's where the plan is worth nothing.
        """
        if math.isinf(self.objective) or math.isinf(self.proof.bound):
            return False
        difference = self.proof.bound - self.objective
        scale = abs(self.objective) or self.space.reach * self.space.units
        return difference <= gap * scale or difference <= 4 * self.proof.rounding

    def _begin(self) -> None:
        if self.space.size <= (SMALL if self.space.listed is None else SMALL_LISTED):
            self.keys, self.rough = self.space.every_key(), False
            return
        guess = starting_prices(self.space) if self.start is None else filled_prices(self.space, *self.start)
        known = self.start is not None and min(np.isfinite(side).mean() for side in self.start) > MOSTLY
        cycles = WARM_CYCLES if known else MOST_CYCLES
        settled = settle(self.space, guess, self.maker, self.search.check, cycles=cycles)
        self.prices, self.keys, self.give = settled.prices, settled.keys, max(GIVE * settled.width, LEAST * self.space.reach)
        self.passes += settled.passes

    def _solve(self) -> int:
        """Repair the last plan where little is new, else solve the shortlist again. How many places are short."""
        late, self.late = self.late, None
        if late is not None:
            if self._repaired(late):
                return 0
            self.keys = joined(self.keys, late)
        return self._solved()

    def _repaired(self, late: Ints) -> bool:
        """Take late pairs into the last flow one by one; False where that is too much work."""
        space, unit = self.space, self.tolerance
        flow = self._flow()
        used = flow.amount > 0
        i, j = space.split(self.keys)
        behind = self.prices[0][i] + self.prices[1][j] - space.values(self.keys)
        late_i, late_j = space.split(late)
        reach = float((space.values(late) - self.prices[0][late_i] - self.prices[1][late_j]).max())
        keys = joined(self.keys[used | (behind <= reach)], late)
        amount = np.zeros(len(keys), dtype=np.int64)
        amount[np.searchsorted(keys, self.keys[used])] = flow.amount[used]
        values = space.values(keys)
        i, j = space.split(keys)
        flow = Flow(amount, flow.officer_short, flow.enterprise_short)
        prices = (self.prices[0] / unit, self.prices[1] / unit)
        repair = Repair(i, j, np.rint(values / unit), space.limits, flow, prices, effort=len(self.keys))
        if not repair.take_in(np.searchsorted(keys, late).tolist(), self.search.check):
            return False
        self.keys, self.flow = keys, Flow(repair.amount, flow.officer_short, flow.enterprise_short)
        p, u = repair.prices
        self.prices = (p * unit, u * unit)
        self._keep(values)
        return True

    def _solved(self) -> int:
        """Solve the shortlist, read its prices, keep the plan when it is whole and better. How many places are short."""
        space = self.space
        i, j = space.split(self.keys)
        values = space.values(self.keys)
        short = None if self.give is None else self.give - np.concatenate(self.prices)
        largest = largest_of(values if short is None else np.concatenate([values, short]))
        quantum = Quantum.fine(largest, sum(space.shape) + 1)
        worth = quantum.whole(values)
        penalty = None if short is None else quantum.whole(short)
        self.flow = solve_flow(i, j, worth, space.limits, penalty, search=self.search)
        residual = Residual(i, j, worth, space.limits, self.flow, quantum.depth if penalty is None else penalty, check=self.search.check)
        p, u = residual.near(np.rint(self.prices[0] / quantum.size), np.rint(self.prices[1] / quantum.size))
        self.prices = (p * quantum.size, u * quantum.size)
        self.tolerance = quantum.size
        if not self.flow.short:
            self._keep(values)
        return self.flow.short

    def _keep(self, values: Floats) -> None:
        space = self.space
        flow = self._flow()
        used = flow.amount > 0
        own = space.values(space.program.required) * space.units
        objective = math.fsum([*(flow.amount[used] * values[used]).tolist(), *own.tolist()])
        if objective > self.objective:
            # In this order: whoever is interrupted in between claims too little for the plan, never too much.
            self.plan = (self.keys[used], flow.amount[used])
            self.objective = objective
            self.base = self.keys[used]

    def _price(self, above: float | None = None) -> Ints:
        """Pass over every pair: a bound, and the pairs not on the shortlist that could still improve the plan."""
        level = self._level() if above is None else above
        short = self._flow().short > 0
        found = scan(self.space, Ask(*self.prices, above=level, known=self.keys, most=MOST, rough=self.rough or short), self.maker)
        self.passes += 1
        value, rounding = scaled_bound(self.space, *self.prices, found)
        if value < self.proof.bound:
            self.proof = Proof(value, rounding, self.prices)
        self.found = found
        improving: Ints = found.keys[(found.reduced > self.tolerance) & ~among(self.keys, found.keys)]
        if self.rough and not short and len(improving) <= 0.5 * sum(self.space.shape):
            self.rough = False
            return improving if len(improving) or self.within(self.search.target) else self._price(above)
        return improving

    def _level(self) -> float:
        """How deep a pass looks: for all that may be told apart, or so deep that it can be said whether there is another optimum."""
        return -self.tolerance if self.start is None else -reach(self.space, DEEP * self.tolerance)

    def only_one(self) -> bool:
        """Whether the plan is the only optimum, so that a search from other prices would end with it too."""
        if self.plan is None or self.found is None or not self.within(PROVEN):
            return False
        coarsest = 8 * self.tolerance  # a search from nothing may end in units so much coarser, or as soon as rounding is all that is left
        return only_one(self.space, *self.plan, self.prices, self.found, max(coarsest, 4 * self.proof.rounding))

    def _extend(self, new: Ints) -> None:
        """Put what the pass found on the shortlist; the first times without what is far from tight. A few are left for a repair."""
        flow = self._flow()
        if len(new) <= FEW * sum(self.space.shape) and not flow.short:
            self.late = new
            return
        used = self.keys[flow.amount > 0]
        self.keys = joined(self._pruned() if len(self.rounds) <= PRUNED else self.keys, new, used)

    def _pruned(self) -> Ints:
        """The shortlist's best pairs by reduced value, about six a member."""
        i, j = self.space.split(self.keys)
        reduced = self.space.values(self.keys) - self.prices[0][i] - self.prices[1][j]
        wanted = 6 * sum(self.space.shape)
        if wanted >= len(reduced):
            return self.keys
        best: Ints = self.keys[reduced >= np.partition(reduced, len(reduced) - wanted)[len(reduced) - wanted]]
        return best

    def _polish(self) -> None:
        """Prices in double precision rather than in whole units: the plan is optimal to the unit, its proof may be tighter."""
        i, j = self.space.split(self.keys)
        values = self.space.values(self.keys)
        depth = largest_of(values) * (sum(self.space.shape) + 1)
        residual = Residual(i, j, values, self.space.limits, self._flow(), depth, check=self.search.check)
        self.prices = residual.near(*self.prices, sweeps=500)
        self._price(above=0.0)
        self._note()

    def _refine(self) -> bool:
        """Solve again in units so much finer as prices that are nearly right allow. Whether plan or proof got better."""
        space, before = self.space, (self.objective, -self.proof.bound)
        i, j = space.split(self.keys)
        values = space.values(self.keys)
        p, u = self.prices
        window = self.tolerance * 2.0**12
        quantum = Quantum.fine(window, sum(space.shape) + 1)
        if quantum.size >= self.tolerance / 4:
            return False
        worth, own_i, own_j = (quantum.whole(np.clip(side, -window, window)) for side in (values - p[i] - u[j], p, u))
        self.flow = solve_flow(i, j, worth, space.limits, None, load_worth=(own_i, own_j), search=self.search)
        residual = Residual(i, j, worth, space.limits, self.flow, quantum.depth, load_worth=(own_i, own_j), check=self.search.check)
        step = residual.near(np.zeros(space.shape[0]), np.zeros(space.shape[1]))
        self.prices = (p + step[0] * quantum.size, u + step[1] * quantum.size)
        self.tolerance = quantum.size
        self._keep(values)
        new = self._price(above=0.0)
        self.keys = joined(self.keys, new)
        self._note()
        return len(new) > 0 or (self.objective, -self.proof.bound) > before

    def _flow(self) -> Flow:
        if self.flow is None:
            msg = "No flow has been solved yet."
            raise RuntimeError(msg)
        return self.flow

    def _note(self) -> None:
        scale = self.space.exponent
        note = Round(
            pairs=len(self.keys),
            objective=ldexp(self.objective / self.space.units, scale),
            bound=ldexp(self.proof.bound / self.space.units, scale),
            seconds=self.search.elapsed,
            passes=self.passes,
        )
        self.rounds.append(note)
        logger.debug("shortlist %d, objective %.10g, bound %.10g, %.2f s", note.pairs, note.objective, note.bound, note.seconds)
        if self.search.progress is not None:
            self.search.progress(note)


def joined(*keys: Ints) -> Ints:
    """All of these keys, sorted, each once."""
    return sorted_once(np.concatenate(keys))


def ldexp(value: float, exponent: int) -> float:
    """``value * 2**exponent``; infinite where that is beyond double precision."""
    return float(np.ldexp(value, exponent)) if abs(value) < 2.0 ** min(1000 - exponent, 1000) else math.copysign(math.inf, value)
