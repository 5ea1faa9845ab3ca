"""Optimal on the pairs that matter, proven on all of them.

Solve a shortlist of pairs as a min-cost flow, read prices off it, pass over every eligible pair for those that could still improve the
plan at these prices, put them on the shortlist, repeat (column generation; Dantzig and Wolfe 1960, doi:10.1287/opre.8.1.101; Ford and
Fulkerson 1958, doi:10.1287/mnsc.5.1.97). When no pair is left that could, the plan is optimal among all pairs, and the prices prove it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.certificate import scaled_bound
from matchmaker.engine.duals import Residual
from matchmaker.engine.feasibility import contradiction, diagnose, feasible_keys, first_plan
from matchmaker.engine.flow import Flow, solve_flow
from matchmaker.engine.passes import passes_of, single_blas
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.quantum import Quantum, largest_of
from matchmaker.engine.search import Search, Solution, TimeUp
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.engine.starting import first_shortlist, starting_prices
from matchmaker.engine.twins import Fold, fold
from matchmaker.errors import ClusterError
from matchmaker.program import Prices, Round, among, sorted_once

T = TypeVar("T")
logger = logging.getLogger(__name__)
SMALL = 40_000
"""A space of at most so many pairs is its own shortlist."""
COARSE = 2.0**-12
"""Rough units would take values for equal that are this small beside the largest: go finely from the start where most are."""
PRUNED = 3
"""Rounds after which the shortlist only grows, or what is dropped could come back for ever."""
MOST = 16
"""Pairs that a pass adds to the shortlist of an enterprise, at most or nearly so."""


class ColumnGeneration:
    """The state of one search: a shortlist, prices, the best plan and the best bound so far.

    Parameters
    ----------
    space
        The eligible pairs and what each is worth.
    search
        How far to look.
    start
        Sorted pairs over which some plan exists, to begin with; None where none is known.
    """

    def __init__(self, space: Space, search: Search, start: Ints | None = None) -> None:
        self.space, self.search = space, search
        self.base = start
        self.keys: Ints = np.empty(0, np.int64) if start is None else start
        self.prices: tuple[Floats, Floats] = (np.zeros(space.shape[0]), np.zeros(space.shape[1]))
        self.fine, self.penalty = False, 0.25
        self.flow: Flow | None = None
        self.plan: tuple[Ints, Ints] | None = None
        self.objective, self.bound, self.rounding = -math.inf, math.inf, 0.0
        self.best_prices = self.prices
        self.rounds: list[Round] = []
        self.passes = 0

    def run(self) -> None:
        """Rounds until nothing can improve the plan, the gap is closed, or time is up."""
        self._begin()
        while not self.search.over and (not self.fine or self._has_plan()):
            short = self._solve()
            new = self._price()
            self._note()
            if self.within(self.search.gap):
                return
            if len(new):
                self._extend(new)
            elif not self.fine:
                self._firmer(short)
            else:
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
            self.keys = _joined(self.keys, self.base)
        return self.base is not None

    def _firmer(self, short: int) -> None:
        """Nothing is left to add at this price of a place short: raise it, and when it is high or none is short, go on finely."""
        if short and self.penalty < 4:
            self.penalty *= 4
        else:
            self.fine = True

    def within(self, gap: float) -> bool:
        """Whether the best plan so far is proven within a relative gap, or to all that double precision can tell.

        Relative to the plan's value, or to the largest pair's where the plan is worth nothing.
        """
        if math.isinf(self.objective) or math.isinf(self.bound):
            return False
        difference = self.bound - self.objective
        scale = abs(self.objective) or self.space.reach * self.space.units
        return difference <= gap * scale or difference <= 4 * self.rounding

    def _begin(self) -> None:
        if self.space.size <= SMALL:
            self.keys, self.fine = self.space.every_key(), True
            return
        self.prices = starting_prices(self.space)
        if self.search.over:
            return
        self.keys = _joined(self.keys, first_shortlist(self.space, *self.prices, threads=self.search.threads))
        self.passes += 1
        sizes = np.abs(self.space.values(self.keys))
        self.fine = not len(sizes) or bool(np.median(sizes) < COARSE * sizes.max())

    def _solve(self) -> int:
        """Solve the shortlist, read its prices, keep the plan when it is whole and better. How many places are short."""
        space = self.space
        i, j = space.split(self.keys)
        values = space.values(self.keys)
        largest, nodes = largest_of(values), sum(space.shape) + 1
        quantum = Quantum.fine(largest, nodes) if self.fine else Quantum.coarse(largest, nodes, self.penalty)
        worth = quantum.whole(values)
        self.flow = solve_flow(i, j, worth, space.limits, None if self.fine else quantum.depth)
        residual = Residual(i, j, worth, space.limits, self.flow, quantum.depth)
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
            self.objective = objective
            self.plan = (self.keys[used], flow.amount[used])
            self.base = self.keys[used]

    def _price(self, above: float | None = None) -> Ints:
        """Pass over every pair: a bound, and the pairs not on the shortlist that could still improve the plan."""
        near = -self.tolerance if self.fine else -self._nearness()
        found = scan(
            self.space,
            Ask(*self.prices, above=near if above is None else above, known=self.keys, most=MOST, rough=not self.fine),
            passes_of(self.search),
        )
        self.passes += 1
        value, rounding = scaled_bound(self.space, *self.prices, found)
        if value < self.bound:
            self.bound, self.rounding, self.best_prices = value, rounding, self.prices
        improving: Ints = found.keys[(found.reduced > self.tolerance) & ~among(self.keys, found.keys)]
        self.near = found.keys
        return improving

    def _nearness(self) -> float:
        """How far from tight a pair may be and stay on the shortlist when it is pruned: about four pairs a member do."""
        i, j = self.space.split(self.keys)
        behind = np.sort(self.prices[0][i] + self.prices[1][j] - self.space.values(self.keys))
        wanted = 4 * sum(self.space.shape)
        if not len(behind):
            return 0.0
        return max(float(behind[min(wanted, len(behind) - 1)]), 0.0) / 2

    def _extend(self, new: Ints) -> None:
        """Put what the pass found on the shortlist; once few are new, keep only what is near tight, and go on finely."""
        used = self.keys[self._flow().amount > 0]
        base = used if self.base is None else self.base
        if not self.fine and len(new) <= 0.5 * sum(self.space.shape) and not self._flow().short:
            self.fine = True
            self.keys = _joined(used, base, self.near)
        else:
            pruning = not self.fine and len(self.rounds) <= PRUNED
            self.keys = _joined(self._pruned() if pruning else self.keys, new, used, base)

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
        residual = Residual(i, j, values, self.space.limits, self._flow(), depth)
        self.prices = residual.near(*self.prices, sweeps=500)
        self._price(above=0.0)
        self._note()

    def _refine(self) -> bool:
        """Solve again in units so much finer as prices that are nearly right allow. Whether plan or proof got better."""
        space, before = self.space, (self.objective, -self.bound)
        i, j = space.split(self.keys)
        values = space.values(self.keys)
        p, u = self.prices
        window = self.tolerance * 2.0**12
        quantum = Quantum.fine(window, sum(space.shape) + 1)
        if quantum.size >= self.tolerance / 4:
            return False
        worth, own_i, own_j = (quantum.whole(np.clip(side, -window, window)) for side in (values - p[i] - u[j], p, u))
        self.flow = solve_flow(i, j, worth, space.limits, None, load_worth=(own_i, own_j))
        residual = Residual(i, j, worth, space.limits, self.flow, quantum.depth, load_worth=(own_i, own_j))
        step = residual.near(np.zeros(space.shape[0]), np.zeros(space.shape[1]))
        self.prices = (p + step[0] * quantum.size, u + step[1] * quantum.size)
        self.tolerance = quantum.size
        self._keep(values)
        new = self._price(above=0.0)
        self._extend(new)
        self._note()
        return len(new) > 0 or (self.objective, -self.bound) > before

    def _flow(self) -> Flow:
        if self.flow is None:
            msg = "No flow has been solved yet."
            raise RuntimeError(msg)
        return self.flow

    def _note(self) -> None:
        scale = self.space.exponent
        note = Round(
            pairs=len(self.keys),
            objective=_ldexp(self.objective / self.space.units, scale),
            bound=_ldexp(self.bound / self.space.units, scale),
            seconds=self.search.elapsed,
            passes=self.passes,
        )
        self.rounds.append(note)
        logger.debug("shortlist %d, objective %.10g, bound %.10g, %.2f s", note.pairs, note.objective, note.bound, note.seconds)
        if self.search.progress is not None:
            self.search.progress(note)


def optimise(space: Space, search: Search) -> Solution:
    """The best plan of a space, with its proof; or why there is none."""
    if search.over:
        return Solution(termination="NOT_FOUND")
    clash = contradiction(space)
    if clash is not None:
        return Solution(termination="INFEASIBLE", diagnosis=clash)
    with single_blas():
        start = _in_time(lambda: first_plan(space, search))
        if isinstance(start, Diagnosis):
            return Solution(termination="INFEASIBLE", diagnosis=start)
        folded = fold(space)
        state = ColumnGeneration(
            space if folded is None else folded.space, search, start if start is None or folded is None else folded.keys(space, start)
        )
        stopped = ""
        try:
            _in_time(state.run)
        except ClusterError as lost:
            if state.plan is None and start is None:
                raise
            stopped = str(lost)
            logger.warning("The search ends with the best plan so far: %s", stopped)
        if state.plan is None and start is None:
            return _without_plan(state, folded)
    keys, amount = _pairs(space, state, folded, start)
    prices = state.best_prices if folded is None else folded.prices(*state.best_prices)
    return Solution(
        termination="OPTIMAL" if state.within(search.target) else "FEASIBLE",
        officers=space.split(keys)[0],
        enterprises=space.split(keys)[1],
        amount=amount,
        bound=_ldexp(state.bound / space.units, state.space.exponent),
        prices=None if math.isinf(state.bound) else Prices(*(np.ldexp(side, state.space.exponent) for side in prices)),
        rounds=tuple(state.rounds),
        stopped=stopped,
    )


def _in_time(step: Callable[[], T]) -> T | None:
    """What a step gives; None where time is up before it does."""
    try:
        return step()
    except TimeUp:
        return None


def _without_plan(state: ColumnGeneration, folded: Fold | None) -> Solution:
    diagnosis = None if state.search.over else _in_time(lambda: diagnose(state.space, state.keys, state.search))
    if diagnosis is not None and folded is not None:
        diagnosis = folded.named(diagnosis)
    return Solution(termination="NOT_FOUND" if diagnosis is None else "INFEASIBLE", diagnosis=diagnosis, rounds=tuple(state.rounds))


def _pairs(space: Space, state: ColumnGeneration, folded: Fold | None, start: Ints | None) -> tuple[Ints, Ints]:
    """Every pair of the best plan with its units, required pairs among them; of the first plan where time ended before a better one."""
    if state.plan is None:
        keys = np.empty(0, np.int64) if start is None else start
        amount = np.ones(len(keys), np.int64)
    elif folded is not None:
        keys = space.keys(*folded.unfold(*state.plan))
        amount = np.ones(len(keys), np.int64)
    else:
        keys, amount = state.plan
    required = space.program.required
    keys, amount = np.concatenate([keys, required]), np.concatenate([amount, np.full(len(required), space.units)])
    order = np.argsort(keys)
    return keys[order], amount[order]


def _joined(*keys: Ints) -> Ints:
    return sorted_once(np.concatenate(keys))


def _ldexp(value: float, exponent: int) -> float:
    return math.ldexp(value, exponent) if math.isfinite(value) else value
