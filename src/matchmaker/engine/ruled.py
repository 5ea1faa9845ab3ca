"""The best plan under side rows, with its proof: the story of one search.

Side rows are paid for, not kept: at the right prices the plan without them almost keeps them, and its bound over all pairs holds for every
plan that does (Lagrangean relaxation; Geoffrion 1974, doi:10.1007/BFb0120690). Prices are found on a shortlist, which a pass over all
pairs extends; the engine solves the priced programme exactly; and the few pairs that prices leave open are chosen as whole numbers.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.certificate import bound_with_rows
from matchmaker.engine.clash import clash
from matchmaker.engine.columns import with_mates
from matchmaker.engine.integer import Draft, Neighbourhoods
from matchmaker.engine.known import given_prices, known_plan
from matchmaker.engine.lagrangian import COOLING, FLATTEST, Dual, Shortlist, price_rows
from matchmaker.engine.loads import may_pack, packing
from matchmaker.engine.nearby import near_tight
from matchmaker.engine.optimise import INTERRUPTED, optimise
from matchmaker.engine.packing import EARLY, LATE, Effort, Packer, make_packing_ready
from matchmaker.engine.parts import Parts
from matchmaker.engine.passes import passes_of, single_blas
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.refuting import SEVERAL, against
from matchmaker.engine.repair import Repair, make_rows_ready
from matchmaker.engine.search import PROVEN, Search, Solution, Status, TimeUp
from matchmaker.engine.space import Ints, Space
from matchmaker.program import Prices, Program, Round, among, sorted_once

logger = logging.getLogger(__name__)
WHOLE = 600
"""Pairs that are few enough for one complete search, with no shortlist."""
FALLBACK = 100_000
"""Pairs that are few enough for a complete search where nothing else has found a plan."""
WINDOW = 0.03
"""How far below tight a pair may be to be on the first shortlist, as a share of the largest value; later rounds look a third as deep."""
ROUNDS = 12
"""Looks for more pairs, at most."""
PRICING = 0.5
"""The part of the time limit after which prices are left as they are."""
FEW = 0.005
"""New pairs that could improve, as a share of the members, below which the shortlist is good enough."""
NODES = 200
"""Branch-and-bound nodes in one neighbourhood."""
PART = 8
"""The part of what time is left that one neighbourhood may take: one in so many."""
PATIENCE = 12
"""Neighbourhoods without a gain after which the search ends where there is no time limit."""
STUCK, DEARER = 2, 4.0
"""Neighbourhoods without a gain after which broken rows become so many times as dear."""
COMPLETE = 30_000
"""Pairs that may be in a better plan, few enough for a complete search; so many nodes it may take."""


def optimise_with_rows(program: Program, search: Search) -> Solution:
    """The best plan of a programme with side rows, as near to proven as was found; or why there is none."""
    try:
        space = Space(program.without_rows(), each=passes_of(search).each)
    except TimeUp:
        return Solution(termination="NOT_FOUND")
    plain = optimise(space, replace(search, gap=0.0, progress=None))
    if plain.termination == "INFEASIBLE" or plain.officers is None or plain.prices is None:
        return plain
    state = Ruled(program, search, plain)
    stopped = ""
    try:
        with single_blas():
            state.run(space)
    except TimeUp:
        pass
    except KeyboardInterrupt:
        if state.best is None:
            raise
        stopped = INTERRUPTED
    return state.solution(stopped)


class Ruled:
    """The state of one search.

    Parameters
    ----------
    program
        With side rows or variables.
    search
        How far to look.
    plain
        The best plan without them.
    """

    def __init__(self, program: Program, search: Search, plain: Solution) -> None:
        self.program, self.search, self.plain = program, search, plain
        self.prices = plain.prices
        self.bound = self.proven = math.inf
        self.proof: Prices | None = None
        self.complete = False
        self.impossible = False
        self.few = True
        self.open: Callable[[], bool] | None = None
        self.against: Prices | None = None
        self.diagnosis: Diagnosis | None = None
        self.best: tuple[Ints, float] | None = None
        self.rounds: list[Round] = []
        self.passes = plain.rounds[-1].passes if plain.rounds else 0
        self.pairs = 0

    def run(self, space: Space) -> None:
        """Prices, the priced plan, whole plans; until nothing is left to prove or time is up."""
        if self._plain_will_do():
            return
        self._begin_with_plan(space)
        if space.size <= WHOLE:
            if not self._packs(self._packer(space, None), EARLY):
                self._choose_completely(space.every_key())
            return
        self.search = replace(self.search, started=self.search.started + make_rows_ready())
        self.few = space.size <= FALLBACK
        dual, shortlist = self._priced_rows()
        if not self.impossible:
            self._choose_and_pack(space, shortlist, dual)
        if self.best is None and not self.impossible and self.open is not None:
            self.open()
        if self.best is None and not self.impossible and space.size <= FALLBACK and not self.search.over:
            self._choose_completely(space.every_key())

    def solution(self, stopped: str) -> Solution:
        """What was found."""
        if self.best is None:
            none: Status = "INFEASIBLE" if self.impossible else "NOT_FOUND"
            return Solution(termination=none, diagnosis=self.diagnosis, rounds=tuple(self.rounds), stopped=stopped)
        keys, value = self.best
        officers, enterprises = self.program.split(np.sort(np.concatenate([keys, self.program.required])))
        done = self.complete or self._within(value, self.search.target)
        return Solution(
            termination="OPTIMAL" if done else "FEASIBLE",
            officers=officers,
            enterprises=enterprises,
            bound=self.bound,
            prices=self.proof,
            rounds=tuple(self.rounds),
            stopped=stopped,
            searched=self.complete or self.bound < self.proven,
        )

    def _within(self, value: float, gap: float) -> bool:
        return self.bound - value <= max(gap * abs(value), PROVEN * self._size)

    def _plain_will_do(self) -> bool:
        """Whether the best plan without side rows keeps them, with no variable to set."""
        plain, program = self.plain, self.program
        if len(program.variables) or plain.officers is None or plain.enterprises is None or self.prices is None:
            return False
        self._prove(replace(self.prices, rows=np.zeros(program.n_rows)))
        keys = program.keys(plain.officers, plain.enterprises)
        shortlist = Shortlist.of(program, keys[~among(program.required, keys)])
        draft = self._neighbourhoods(shortlist).draft(np.ones(len(shortlist.keys), dtype=bool), np.empty(0))
        self._keep(shortlist, draft)
        return self.best is not None

    def _begin_with_plan(self, space: Space) -> None:
        """The plan that is known beforehand, where it keeps every rule here too."""
        keys = known_plan(self.program, space, self.search)
        if keys is not None:
            shortlist = Shortlist.of(self.program, keys)
            self._keep(shortlist, self._neighbourhoods(shortlist).draft(np.ones(len(keys), dtype=bool), np.empty(0)))

    def _prove(self, prices: Prices) -> None:
        """A bound over all pairs from prices, kept where it is the best so far."""
        value = bound_with_rows(self.program, prices, passes_of(self.search))
        self.passes += 1
        if value < self.proven:
            self.proven, self.proof = value, prices
            self.bound = min(self.bound, value)

    def _keep(self, shortlist: Shortlist, draft: Draft) -> None:
        """Keep a plan that breaks no row where it is the best so far."""
        if not draft.broken.any() and (self.best is None or draft.value > self.best[1]):
            self.best = (shortlist.keys[draft.chosen], draft.value)
        self._note(len(shortlist.keys))

    def _neighbourhoods(self, shortlist: Shortlist) -> Neighbourhoods:
        return Neighbourhoods(shortlist, self.search, shortlist.dear)

    # prices

    def _priced_rows(self) -> tuple[Dual, Shortlist]:
        """Prices that are nearly optimal, and the pairs near tight at them; the bound they prove is kept."""
        program, prices = self.program, given_prices(self.program, self.search, self.prices)
        keys = program.keys(*self._plain_pairs())
        keys = keys[~among(program.required, keys)]
        dual: Dual | None = None
        cooling: tuple[float, ...] = COOLING[:3]
        for number in range(ROUNDS):
            new, improving = near_tight(program, prices, keys, WINDOW if dual is None else WINDOW / 3, self._size, self.search)
            self.passes += 1
            keys = sorted_once(np.concatenate([keys, new]))
            if dual is not None and (improving <= FEW * sum(program.shape) or self._priced_enough()):
                break
            begun = with_mates(program, keys)
            keys = np.sort(begun.keys)
            dual = price_rows(begun, prices, cooling=cooling, check=self.search.check, enough=self._priced_enough)
            prices, cooling = Prices(dual.officers, dual.enterprises, dual.rows), COOLING[2:3]
            logger.debug("prices: round %d, %d pairs, dual %.9g, %.2f s", number, len(keys), dual.value, self.search.elapsed)
            if number == 0 and self._clashes(dual, begun, prices, COOLING[:3]):
                return dual, begun
        shortlist = with_mates(program, keys)
        dual = price_rows(shortlist, prices, cooling=COOLING[3:], flat=FLATTEST, check=self.search.check, enough=self._priced_enough)
        if self._clashes(dual, shortlist, prices, COOLING, few=0 if self.few else SEVERAL):
            return dual, shortlist
        if not self.few:
            self.open = lambda: self._clashes(dual, shortlist, prices, COOLING, few=0)
        return self._exact(dual, shortlist)

    def _clashes(self, dual: Dual, shortlist: Shortlist, prices: Prices, cooling: tuple[float, ...], few: int = SEVERAL) -> bool:
        """Whether rows' prices run away and prove that no plan keeps every row; what clashes is told then.

        These rows are asked about alone first; then, where they are no fewer than `few`, with all others.
        """
        self.against = against(self.program, shortlist, dual, prices, self.search, cooling, few)
        if self.against is None:
            return False
        self.impossible = True
        start = among(np.sort(self.program.keys(*self._plain_pairs())), shortlist.keys)
        self.diagnosis = clash(shortlist, self.search, self.against, start)
        return True

    def _priced_enough(self) -> bool:
        """Whether prices have had their part of the time: a plan matters more than a better bound."""
        limit = self.search.time_limit
        return limit is not None and self.search.elapsed > PRICING * limit

    def _plain_pairs(self) -> tuple[Ints, Ints]:
        nobody = np.empty(0, np.int64)
        plain = self.plain
        return (nobody, nobody) if plain.officers is None or plain.enterprises is None else (plain.officers, plain.enterprises)

    @property
    def _size(self) -> float:
        """How large a pair's value is, about."""
        values = self.program.values(*self._plain_pairs())
        return float(np.abs(values).max(initial=0.0)) or 1.0

    def _exact(self, dual: Dual, shortlist: Shortlist) -> tuple[Dual, Shortlist]:
        """Members' prices made exact with rows' prices as they are, which proves a bound; the priced plan's pairs join the shortlist."""
        program = self.program
        start = Prices(dual.officers, dual.enterprises)
        search = replace(self.search, gap=0.0, progress=None, start=start)
        found = optimise(Space(program.priced(dual.rows)), search, again=False)
        if found.officers is None or found.enterprises is None or found.prices is None:
            raise TimeUp
        prices = replace(found.prices, rows=dual.rows)
        self._prove(prices)
        keys = program.keys(found.officers, found.enterprises)
        self.priced_plan = np.sort(keys[~among(program.required, keys)])
        joined = sorted_once(np.concatenate([shortlist.keys, self.priced_plan]))
        exact = replace(dual, officers=prices.officers, enterprises=prices.enterprises)
        return exact, with_mates(program, joined)

    # whole plans

    def _choose_and_pack(self, space: Space, shortlist: Shortlist, dual: Dual) -> None:
        """Whole plans in every way there is, until one is proven."""
        packer = self._packer(space, dual)
        if self._packs(packer, EARLY):
            return
        self._choose(self._with_best(shortlist), dual, last=packer is None)
        if packer is not None and not self._packs(packer, LATE):
            self._finish()

    def _packer(self, space: Space, dual: Dual | None) -> Packer | None:
        """Knapsacks' prices, where side rows are what officers carry; else None."""
        if not may_pack(self.program) or space.size > FALLBACK or self.search.over:
            return None
        self.search = replace(self.search, started=self.search.started + make_packing_ready())
        every = Shortlist.of(self.program, space.every_key())
        packed = packing(every, self._plain_dual(every) if dual is None else dual)
        if packed is None:
            return None
        around = self._neighbourhoods(every)
        return Packer(packed, self.search, self._size, lambda chosen: self._keep(every, around.draft(chosen, np.empty(0))))

    def _packs(self, packer: Packer | None, effort: Effort) -> bool:
        """Plans by knapsacks' prices, and the bound they prove. Whether the best is proven."""
        if packer is None or self.search.over:
            return False
        made = packer.packed.shortlist.made
        packer.best = max(packer.best, -math.inf if self.best is None else self.best[1] - made)
        try:
            self.complete = packer.run(effort) and self.best is not None
        finally:
            self.bound = min(self.bound, packer.bound + made + PROVEN * self._size)
        if self.complete and self.best is not None:
            self.bound = min(self.bound, self.best[1] + max(packer.beyond, PROVEN * abs(self.best[1])))
        if self.best is not None:
            self.bound = max(self.bound, self.best[1])
            self._note(len(packer.packed.order))
        return self.complete or (self.best is not None and self._within(self.best[1], self.search.target))

    def _plain_dual(self, shortlist: Shortlist) -> Dual:
        """Prices without side rows, as prices with them."""
        given = given_prices(self.program, self.search, self.prices)
        return Dual(given.officers, given.enterprises, given.rows, np.zeros(len(shortlist.keys)), math.inf, 0.0)

    def _with_best(self, shortlist: Shortlist) -> Shortlist:
        """A shortlist that holds the best plan so far."""
        if self.best is None:
            return shortlist
        return Shortlist.of(self.program, sorted_once(np.concatenate([shortlist.keys, self.best[0]])))

    def _choose(self, shortlist: Shortlist, dual: Dual, *, last: bool) -> None:
        """Whole plans from the pairs nearest to tight, then part by part; in the end a complete search, where nothing else comes later."""
        around = self._neighbourhoods(shortlist)
        reduced = shortlist.values - dual.officers[shortlist.officers] - dual.enterprises[shortlist.enterprises]
        reduced -= shortlist.matrix.T @ dual.rows
        draft = self._first(shortlist, around, dual)
        self._keep(shortlist, draft)
        parts = Parts(shortlist, reduced)
        if draft.broken.any():
            draft = Repair(around, dual.rows, self.search).mended(draft)
            self._keep(shortlist, draft)
            parts.on()
            asked, self.open = self.open, None
            if draft.broken.any() and asked is not None and asked():
                return
        idle = 0
        while not self._done(draft) and not self.search.over:
            free = parts.broken(draft) if draft.broken.any() else parts.next(draft)
            better, _ = around.improved(draft, free, gap=1e-5, nodes=NODES, seconds=self.search.left / PART)
            gained = around.merit(better) - around.merit(draft)
            idle = 0 if gained > 1e-6 * abs(draft.value) else idle + 1
            parts.on()
            draft = better
            self._keep(shortlist, draft)
            if draft.broken.any() and idle % STUCK == STUCK - 1:
                around.dear = DEARER * around.dear
            if idle >= PATIENCE:
                idle = 0
                if (not last and self.best is not None) or self._finish() or not parts.widen():
                    return
        if last:
            self._finish()

    def _first(self, shortlist: Shortlist, around: Neighbourhoods, dual: Dual) -> Draft:
        """The best plan so far, or that of the priced programme where it promises more, broken rows paid for."""
        extra = self.program.variables
        gain = extra.value - shortlist.extra.T @ dual.rows
        priced = around.draft(among(self.priced_plan, shortlist.keys), np.where(gain > 0, extra.high, extra.low))
        if self.best is None or len(extra):
            return priced
        best = around.draft(among(np.sort(self.best[0]), shortlist.keys), np.empty(0))
        return best if self._within(self.best[1], self.search.target) else max(best, priced, key=around.merit)

    def _done(self, draft: Draft) -> bool:
        return not draft.broken.any() and self._within(draft.value, self.search.target)

    def _finish(self) -> bool:
        """A complete search where reduced costs leave few pairs that could be in a better plan. Whether nothing is left to do."""
        if self.best is None or self._within(self.best[1], self.search.target) or self.proof is None or self.search.over:
            return True
        space = Space(self.program.priced(self.proof.rows))
        officers, enterprises = (np.ldexp(side, -space.exponent) for side in (self.proof.officers, self.proof.enterprises))
        depth = (self.bound - self.best[1]) * (1 + 1e-9)
        scaled = math.ldexp(depth, -space.exponent)
        found = scan(space, Ask(officers, enterprises, above=-scaled, known=self.best[0], most=64), passes_of(self.search))
        if len(found.keys) > COMPLETE or (found.rest > -scaled + 1e-6 * abs(scaled) + 1e-12).any():
            return False
        self._choose_completely(sorted_once(np.concatenate([found.keys, self.best[0]])), nodes=COMPLETE)
        return self.complete

    def _choose_completely(self, keys: Ints, nodes: int = 10**6) -> None:
        """The best of all plans over these pairs, by a complete search."""
        shortlist = Shortlist.of(self.program, keys)
        around = self._neighbourhoods(shortlist)
        found, bound, proven = around.complete(nodes=nodes, gap=self.search.gap)
        if found is None:
            self.impossible = proven and self.best is None
            if self.impossible:
                self.diagnosis = clash(shortlist, self.search, None, np.zeros(len(keys), dtype=bool))
            return
        self._keep(shortlist, found)
        if self.best is not None and bound < math.inf:
            self.bound = min(self.bound, max(bound, self.best[1]) + PROVEN * abs(self.best[1]))
            self.complete = proven
        self._note(len(keys))

    def _note(self, pairs: int) -> None:
        value = -math.inf if self.best is None else self.best[1] + self.program.constant
        note = Round(
            pairs=pairs, objective=value, bound=self.bound + self.program.constant, seconds=self.search.elapsed, passes=self.passes
        )
        self.rounds.append(note)
        if self.search.progress is not None:
            self.search.progress(note)
