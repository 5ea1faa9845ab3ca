"""Whether any plan keeps every rule, and who stands in the way when none does.

The same method with every pair worth nothing and every place short costing one: prices are then whole, and those that are not zero mark
a minimum cut (Hall's theorem; Ford and Fulkerson 1956, doi:10.4153/CJM-1956-045-5), the deficient set.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.duals import lowest_prices
from matchmaker.engine.passes import Passes, Threads, passes_of
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.engine.transport import Flow, solve_transport
from matchmaker.engine.twins import fold
from matchmaker.program import among, sorted_once

MOST = 16
"""Pairs of one enterprise that a look adds, about."""
QUICK = 2_000_000
"""Pairs of kinds that are few enough to be one flow."""


def contradiction(space: Space) -> Diagnosis | None:
    """What is pinned by hand and cannot hold by itself: too many pins on somebody, a pin that is forbidden or not eligible."""
    program, limits = space.program, space.limits
    required = program.required
    over_i = np.flatnonzero(limits.officer_low > limits.officer_high)
    over_j = np.flatnonzero(limits.enterprise_low > limits.enterprise_high)
    if not (len(required) or len(over_i) or len(over_j)):
        return None
    i, j = program.split(required)
    forbidden = among(program.forbidden, required)
    bad = forbidden | ~program.allowed(i, j) | ~np.isfinite(program.values(i, j))
    if not (bad.any() or len(over_i) or len(over_j)):
        return None
    notes = [
        _pin_note(int(i[k]), int(j[k]), ("forbidden", "被禁止") if forbidden[k] else ("not eligible", "不符合条件"))
        for k in np.flatnonzero(bad)
    ]
    notes += [_over_note("officer", "干部", int(a), limits.officer_low[a], limits.officer_high[a]) for a in over_i]
    notes += [_over_note("enterprise", "企业", int(b), limits.enterprise_low[b], limits.enterprise_high[b]) for b in over_j]
    officers, enterprises = np.union1d(i[bad], over_i), np.union1d(j[bad], over_j)
    return Diagnosis(
        side="pins",
        officers=officers,
        enterprises=enterprises,
        officer_ids=officers,
        enterprise_ids=enterprises,
        asked=int(np.count_nonzero(bad)) + len(over_i) + len(over_j),
        available=0,
        notes=tuple(notes),
    )


def _pin_note(officer: int, enterprise: int, why: tuple[str, str]) -> tuple[str, str]:
    return (
        f"The pair of officer {{o{officer}}} and enterprise {{e{enterprise}}} is required and {why[0]}.",
        f"干部 {{o{officer}}} 与企业 {{e{enterprise}}} 被要求结对，但{why[1]}。",
    )


def _over_note(side: str, side_zh: str, position: int, low: int, high: int) -> tuple[str, str]:
    name = f"{{{side[0]}{position}}}"
    return (
        f"For {side} {name} more pairs are required by hand than may be: {-high} too many."
        if high < 0
        else f"For {side} {name} what is required by hand leaves {high} places at the most and {low} at the least.",
        f"{side_zh} {name} 的指定结对超出名额 {-high} 个。"
        if high < 0
        else f"{side_zh} {name} 的指定结对使剩余名额最多 {high}、最少 {low}，相互矛盾。",
    )


class Shortage:
    """The least number of places short over all pairs, with the flow and the prices that prove it.

    Parameters
    ----------
    space
        Whose pairs are looked over.
    keys
        Sorted pairs to begin with. They count whatever the space's thresholds say.
    search
        Time and threads.
    amount
        Shape (n_keys,), units to begin from; None for none.
    """

    def __init__(self, space: Space, keys: Ints, search: Search, amount: Ints | None = None) -> None:
        self.space, self.search = space, search
        self.keys = keys
        self.flow: Flow | None = None
        self.amount = amount
        n, m = space.shape
        self.officers, self.enterprises = np.zeros(n), np.zeros(m)
        while not search.over:
            self._solve()
            if not self.short or self._all_there() or not self._extend(passes_of(search)):
                return
        self.flow = None

    @property
    def short(self) -> int:
        """Places short."""
        return -1 if self.flow is None else self.flow.short

    def _all_there(self) -> bool:
        """Whether every pair is on the list already, so that no look can find another."""
        return self.keys is self.space.listed or (
            self.space.size <= len(self.keys) and bool(among(self.keys, self.space.every_key()).all())
        )

    @cached_property
    def bare(self) -> Space:
        """The same eligible pairs, each worth nothing."""
        return self.space.worthless()

    def _solve(self) -> None:
        i, j = self.space.split(self.keys)
        limits, worth, check = self.space.limits, np.zeros(len(self.keys)), self.search.check
        one = np.full(sum(self.space.shape), -1.0)
        self.flow = solve_transport(i, j, worth, limits, (self.officers, self.enterprises), floor=one, amount=self.amount, check=check)
        if self.flow.short:
            p, u = lowest_prices(i, j, worth, limits, self.flow, 1.0)
            self.officers, self.enterprises = (
                np.where(low > 0, side, np.maximum(side, 0)) for side, low in zip((p, u), limits.sides[0], strict=True)
            )

    def _extend(self, passes: Passes) -> bool:
        """Put pairs on the list that make the shortage less: only those of members whose price is below 0 can."""
        bare, p, u = self.bare, self.officers, self.enterprises
        part = bare if bare.listed is not None else bare.touching(p < -0.5, u < -0.5)
        found = scan(part, Ask(p, u, above=0.5, known=self.keys, most=MOST), passes)
        new = found.keys[~among(self.keys, found.keys)]
        if self.flow is not None and len(new):
            keys = sorted_once(np.concatenate([self.keys, new]))
            self.amount = np.zeros(len(keys), np.int64)
            self.amount[np.searchsorted(keys, self.keys)] = self.flow.amount
            self.keys = keys
        return len(new) > 0


def first_plan(space: Space, search: Search) -> Ints | Diagnosis | None:
    """Pairs of some plan that keeps every rule, or why there is none; None where that is not quickly told.

    Where nobody must have anybody, no pair at all is such a plan. Else, with every pair worth nothing, members that share class and limits
    are alike, so there are few kinds, and one small flow tells.
    """
    if not (space.limits.officer_low.any() or space.limits.enterprise_low.any()):
        return np.empty(0, np.int64)
    folded = None if space.listed is not None else fold(space.worthless(), share=1.0)
    if folded is None or folded.space.size > QUICK:
        return None
    shortage = Shortage(folded.space, folded.space.every_key(), search)
    if shortage.flow is None:
        return None
    if shortage.short:
        return folded.named(deficient(folded.space, shortage))
    used = shortage.flow.amount > 0
    return space.keys(*folded.unfold(shortage.keys[used], shortage.flow.amount[used]))


def deficient(space: Space, shortage: Shortage) -> Diagnosis:
    """Who competes for whom, from the prices of the least shortage."""
    if shortage.flow is not None and shortage.flow.enterprise_short.any():
        return _demand_short(space, shortage)
    return _load_short(space, shortage)


def _demand_short(space: Space, shortage: Shortage) -> Diagnosis:
    """Enterprises at price -1 ask for more than the officers they can go to have: those at price 1 in full, others once a pair."""
    limits = space.limits
    asking = np.flatnonzero((shortage.enterprises < -0.5) & (limits.enterprise_low > 0))
    full = np.flatnonzero((shortage.officers > 0.5) & (limits.officer_high > 0))
    once = meeting(space, np.flatnonzero(shortage.officers < 0.5), asking)
    officers = np.union1d(full, once[0])
    return Diagnosis(
        side="demand",
        officers=officers,
        enterprises=asking,
        officer_ids=officers,
        enterprise_ids=asking,
        asked=int(limits.enterprise_low[asking].sum()) // space.units,
        available=(int(limits.officer_high[full].sum()) + int(limits.room(*once).sum())) // space.units,
    )


def _load_short(space: Space, shortage: Shortage) -> Diagnosis:
    """Officers at price -1 must serve more than the enterprises they can go to take: those at price 1 in full, others once a pair."""
    limits = space.limits
    working = np.flatnonzero((shortage.officers < -0.5) & (limits.officer_low > 0))
    full = np.flatnonzero((shortage.enterprises > 0.5) & (limits.enterprise_high > 0))
    once = meeting(space, working, np.flatnonzero(shortage.enterprises < 0.5))
    enterprises = np.union1d(full, once[1])
    return Diagnosis(
        side="min_load",
        officers=working,
        enterprises=enterprises,
        officer_ids=working,
        enterprise_ids=enterprises,
        asked=int(limits.officer_low[working].sum()) // space.units,
        available=(int(limits.enterprise_high[full].sum()) + int(limits.room(*once).sum())) // space.units,
    )


def meeting(space: Space, officers: Ints, enterprises: Ints) -> tuple[Ints, Ints]:
    """Eligible pairs of these officers with these enterprises. Two shapes (n_pairs,)."""
    if space.listed is not None:
        inside = np.zeros(space.shape[0], dtype=bool), np.zeros(space.shape[1], dtype=bool)
        inside[0][officers], inside[1][enterprises] = True, True
        i, j = space.split(space.listed)
        both = inside[0][i] & inside[1][j]
        return i[both], j[both]
    level: Floats = np.full(space.shape[1], np.inf)
    level[enterprises] = 0.5
    price = np.zeros(space.shape[0])
    price[officers] = -1.0
    found = scan(space.worthless(), Ask(price, np.zeros(space.shape[1]), above=level, most=space.shape[0]), Threads())
    return space.split(found.keys)
