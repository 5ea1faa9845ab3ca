"""Optimal on the pairs that matter, proven on all of them.

Let prices settle, solve the pairs near tight at them as a transportation problem, whose prices come with it, pass over every eligible pair
for those that could still improve the plan, put them on the shortlist, repeat (column generation; Dantzig and Wolfe 1960,
doi:10.1287/opre.8.1.101; Ford and Fulkerson 1958, doi:10.1287/mnsc.5.1.97). When no pair is left that could, the plan is optimal among all
pairs, and the prices prove it.
"""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.at_once import at_once, best_at_once
from matchmaker.engine.certificate import scaled_bound
from matchmaker.engine.earlier import Earlier, mostly_right
from matchmaker.engine.feasibility import Shortage, deficient
from matchmaker.engine.passes import Threads, passes_of
from matchmaker.engine.pricing import Ask, Known, Scan, rescan, scan
from matchmaker.engine.quantum import Quantum
from matchmaker.engine.rehearsal import rehearsed_prices
from matchmaker.engine.scaling import EARLIER, GUESSED, RIGHT, Manner
from matchmaker.engine.search import Search
from matchmaker.engine.smoothing import settle, tied
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.engine.starting import filled_prices
from matchmaker.engine.transport import Flow, solve_transport
from matchmaker.engine.uniqueness import only_one
from matchmaker.engine.whole import Whole
from matchmaker.engine.worth import HALF_ULP64
from matchmaker.program import Round, among, sorted_once

logger = logging.getLogger(__name__)
SMALL, THIN = 500_000, 100
"""A space of at most so many pairs, and so many a member, is its own shortlist: what is thin is soon solved as it is."""
PRUNED = 3
"""Rounds after which the shortlist only grows, or what is dropped could come back for ever."""
FEW = 0.03
"""New pairs a member at or below which the last flow is carried on rather than begun anew."""
EASE = 0.03
"""How exactly bidding makes prices before a shortlist is solved, as a share of the window's width."""
EASE_WHOLE = 0.002
"""The same where every pair is on the shortlist and nothing is guessed, as a share of the largest value."""
GIVE = 2
"""Windows' widths that a price may fall below what is guessed: who is short then stays so, until pairs come that are worth it."""
LEAST = 2.0**-8
"""The same where many pairs tie and windows are narrow, as a share of the largest value."""
FARTHER = 4.0
"""As many times as far in the next round, when more than half of who was short still is."""
BLURRED = 1e-6
"""The largest relative gap that counts as proven for all that double precision can tell, where values are of very different size."""
MOST = 16
"""Pairs that a pass adds to the shortlist of an enterprise, at most or nearly so."""


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
        Prices and pairs to begin from; None to guess prices. Of no use where every pair is on the shortlist, or many tie: forgotten there.
    """

    def __init__(self, space: Space, search: Search, base: Ints | None = None, start: Earlier | None = None) -> None:
        self.space, self.search = space, search
        self.maker = passes_of(search)
        self.base, self.start = base, start
        self.keys: Ints = np.empty(0, np.int64)
        self.prices: tuple[Floats, Floats] = (np.zeros(space.shape[0]), np.zeros(space.shape[1]))
        self.give: float | None = None
        self.deep = 0.0
        self.rough = True
        self.whole, self.refined = False, False
        self.flow: Flow | None = None
        self.carried: Ints | None = None
        self.found: Scan | None = None
        self.known: Known | None = None
        self.looked: Scan | None = None
        self.quantum = Quantum.fine(space.reach or 1.0, sum(space.shape))
        self.ease = EASE_WHOLE * (space.reach or 1.0)
        self.guess = np.zeros(space.shape[0])
        self.plan: tuple[Ints, Ints] | None = None
        self.diagnosis: Diagnosis | None = None
        self.shortage: Shortage | None = None
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
            if self.search.gap and self.within(self.search.gap):
                return
            if short > before / 2 or (short and not len(new)):
                self._firmer(len(new) > 0)
            before = short
            if len(new):
                self._extend(new)
            elif not short:
                self._keep(self.space.values(self.keys), anyhow=True)
                self.whole = True
                self._sharpen()
                return

    def _sharpen(self) -> None:
        """Nothing is left to add in whole units: as far as these keep the proof from being tight, look closer."""
        while not self._fine() and not self.within(self.search.target) and not self.search.over and self._refine():
            pass

    def _fine(self) -> bool:
        """Whether units are so fine that what they round is half of what counts as proven at the most.

        At prices optimal in whole units, bound and plan differ by no more than that and by what rounding put on the bound. As it depends
        on the plan alone, all searches that end with a plan that is optimal in whole units look closer, or none.
        """
        error = self.space.error(HALF_ULP64, 2 * self.space.reach)
        places = int(self.space.limits.enterprise_high.sum()) + self.space.units * len(self.space.program.required)
        return places * (self.quantum.size + 2 * error) <= self.search.target / 2 * self._scale()

    def _scale(self) -> float:
        """What a gap is relative to: the plan's value, or the largest pair's where the plan is worth nothing."""
        return abs(self.objective) or self.space.reach * self.space.units

    def _has_plan(self) -> bool:
        """Whether some plan that keeps every rule stands on the shortlist; puts one there where none is known yet."""
        if self.base is None:
            shortage = Shortage(self.space, self.keys, self.search)
            if shortage.flow is not None and shortage.short:
                self.diagnosis, self.shortage = deficient(self.space, shortage), shortage
            elif shortage.flow is not None:
                self.base = shortage.keys[shortage.flow.amount > 0]
        if self.base is not None and not among(self.keys, self.base).all():
            self.keys, self.carried = joined(self.keys, self.base), None
        return self.base is not None

    def _firmer(self, still_more: bool) -> None:
        """Somebody is short while prices may fall so little: let them fall farther, and in the end as far as they must."""
        if self.give is not None:
            self.give = FARTHER * self.give if self.give < (16 if still_more else 1) * self.space.reach else None

    def within(self, gap: float) -> bool:
        """Whether the best plan so far is proven within a relative gap, or to all that double precision can tell."""
        if math.isinf(self.objective) or math.isinf(self.proof.bound):
            return False
        difference = self.proof.bound - self.objective
        scale = self._scale()
        blurred = difference <= 4 * self.proof.rounding and (difference <= BLURRED * scale or not scale)
        return difference <= gap * scale or blurred

    def _begin(self) -> None:
        if self.space.size <= min(SMALL, THIN * sum(self.space.shape)):
            self.space.list_pairs()
            self.keys, self.rough, self.start = self.space.every_key(), False, None
            return
        if at_once(self.space):
            self.start = None
            best = best_at_once(self.space, self.quantum, self.search.check)
            if best is not None:
                self.keys, self.carried, self.prices, self.looked = best
                self.base, self.rough = self.keys[self.carried > 0], False
                return
        if self.start is not None and tied(self.space):
            self.start = None
        if self.start is None:
            self._settle(rehearsed_prices(self.space, Threads(self.search.threads, self.search.check), self.search.check), GUESSED)
            return
        guess, held = filled_prices(self.space, *self.start[:2]), self.start.kept(self.space)
        if not mostly_right(self.space, guess, self.start.enterprises, held):
            self._settle(guess, EARLIER)
            return
        self._settle(guess, RIGHT)
        self.prices = guess, np.where(np.isfinite(self.start.enterprises), self.start.enterprises, self.prices[1])
        self.carried = among(held, self.keys).astype(np.int64)

    def _settle(self, guess: Floats, manner: Manner) -> None:
        """The first shortlist, from a guess at officers' prices."""
        settled = settle(self.space, guess, self.maker, self.search.check, manner)
        self.prices, self.keys, self.give = settled.prices, settled.keys, max(GIVE * settled.width, LEAST * self.space.reach)
        self.ease = EASE * settled.width
        self.deep = settled.deep
        self.guess = settled.prices[0]
        self.known = settled.known
        self.passes += settled.passes

    def _solve(self) -> int:
        """Solve the shortlist, and keep the plan when it is whole and better. How many places are short."""
        space, quantum, (p, u) = self.space, self.quantum, self.prices
        i, j = space.split(self.keys)
        values = space.values(self.keys)
        start = p if self.carried is not None else np.minimum(p, self.guess)  # what a poor shortlist has raised does not fall by bidding
        floor = None if self.give is None else np.clip(np.concatenate([p, u]) - self.give, -space.reach, space.reach)
        self.flow = solve_transport(
            i,
            j,
            quantum.whole(values),
            space.limits,
            (quantum.whole(start), quantum.whole(u)),
            floor=None if floor is None else quantum.whole(floor),
            amount=self.carried,
            least=quantum.units(self.ease),
            check=self.search.check,
        )
        self.prices = (self.flow.officers * quantum.size, self.flow.enterprises * quantum.size)
        if not (np.array_equal(p, self.prices[0]) and np.array_equal(u, self.prices[1])):
            self.looked = None  # it was at other prices
        if not self.flow.short:
            self._keep(values)
        return self.flow.short

    def _keep(self, values: Floats, *, anyhow: bool = False) -> None:
        """Keep the plan just found where it is better, or anyhow."""
        space = self.space
        flow = self._flow()
        used = flow.amount > 0
        own = space.values(space.program.required) * space.units
        objective = math.fsum([*(flow.amount[used] * values[used]).tolist(), *own.tolist()])
        if objective > self.objective or anyhow:
            # In this order: whoever is interrupted in between claims too little for the plan, never too much.
            self.plan = (self.keys[used], flow.amount[used])
            self.objective = objective
            self.base = self.keys[used]

    def _price(self) -> Ints:
        """Pass over every pair: a bound, and the pairs not on the shortlist that could still improve the plan."""
        short, whole = self._flow().short > 0, Whole(self.space, self.quantum, *self.prices)
        level = 0.0 if self.refined else whole.level(tight=self.start is not None)
        above = min(level, -self.deep) if self.deep else level
        ask = Ask(*self.prices, above=above, known=self.keys, most=MOST, rough=self.rough or short)
        if self.looked is not None:
            found = self.looked
        elif self.known is None or self.search.cluster is not None:
            found = scan(self.space, ask, self.maker)
        else:
            found = rescan(self.space, ask, self.known, self.maker, level)
        self.passes += 1
        better = found.reduced > self.quantum.size if self.refined else whole.reduced(found.keys, found.values) > 0
        improving: Ints = found.keys[better & ~among(self.keys, found.keys)]
        unsure = not (len(improving) or short or self.refined or self.looked) and bool(whole.unsure(found.rest, tight=False).any())
        if unsure and not self.rough:
            found, improving = whole.closer(found, ask, self.maker)
        told = replace(found, rest=np.maximum(found.rest, level)) if self.deep else found  # the same, whoever looked how deep
        value, rounding = scaled_bound(self.space, *self.prices, told)
        if value < self.proof.bound:
            self.proof = Proof(value, rounding, self.prices)
        self.looked = None
        self.found, self.known = found, Known(found.keys, found.rest, *self.prices)
        if self.rough and not short and len(improving) <= 0.5 * sum(self.space.shape):
            self.rough = False
            return self._price() if unsure else improving
        return improving

    def only_one(self) -> bool:
        """Whether the plan is the only optimum, so that a search from other prices would end with it too."""
        whole = Whole(self.space, self.quantum, *self.prices)
        if self.plan is None or self.found is None or not (self.whole and self._fine()) or whole.unsure(self.found.rest, tight=True).any():
            return False
        return only_one(self.space, *self.plan, whole, self.found.keys)

    def _extend(self, new: Ints) -> None:
        """Put what the pass found on the shortlist; the first times without what is far from tight. The flow is carried on past a few."""
        flow, few = self._flow(), len(new) <= FEW * sum(self.space.shape)
        used = self.keys[flow.amount > 0]
        kept = self.keys if few or len(self.rounds) > PRUNED else self._pruned()
        keys = joined(kept, new, used)
        self.carried = None
        if few:
            self.carried = np.zeros(len(keys), dtype=np.int64)
            self.carried[np.searchsorted(keys, used)] = flow.amount[flow.amount > 0]
        self.keys = keys

    def _pruned(self) -> Ints:
        """The shortlist's best pairs by reduced value, about six a member."""
        i, j = self.space.split(self.keys)
        reduced = self.space.values(self.keys) - self.prices[0][i] - self.prices[1][j]
        wanted = 6 * sum(self.space.shape)
        if wanted >= len(reduced):
            return self.keys
        best: Ints = self.keys[reduced >= np.partition(reduced, len(reduced) - wanted)[len(reduced) - wanted]]
        return best

    def _refine(self) -> bool:
        """Solve again in units so much finer as prices that are nearly right allow. Whether plan or proof got better."""
        space, before = self.space, (self.objective, -self.proof.bound)
        i, j = space.split(self.keys)
        values = space.values(self.keys)
        p, u = self.prices
        window = self.quantum.size * 2.0**12
        quantum = Quantum.fine(window, sum(space.shape))
        if quantum.size >= self.quantum.size / 4:
            return False
        worth, free = (quantum.whole(np.clip(side, -window, window)) for side in (values - p[i] - u[j], -np.concatenate(self.prices)))
        nothing = (np.zeros(space.shape[0]), np.zeros(space.shape[1]))
        self.flow = solve_transport(i, j, worth, space.limits, nothing, free=free, amount=self._flow().amount, check=self.search.check)
        self.prices = (p + self.flow.officers * quantum.size, u + self.flow.enterprises * quantum.size)
        self.quantum, self.refined, self.whole = quantum, True, False
        self._keep(values)
        new = self._price()
        self._note()
        if len(new):
            self._extend(new)
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
