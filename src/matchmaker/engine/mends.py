"""What would have to change for a plan to exist: the cheapest changes of each kind, each shown to work.

Limits give way first where a flow shows how: it leaves as few places short as can be, so that raising an officer's capacity for each of
them, or asking for one place less, is the least that will do, and the flow with it is the plan. Pairs set by hand are dropped until a plan
exists, then put back one by one as long as it still does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matchmaker.diagnosis import Diagnosis, Mend
from matchmaker.engine.competing import competing
from matchmaker.engine.elastic import Give, least_given
from matchmaker.engine.feasibility import Shortage, contradiction
from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.ruled import WHOLE, optimise_with_rows
from matchmaker.engine.search import Search, Solution, TimeUp
from matchmaker.engine.space import Ints, Space
from matchmaker.engine.tight import tightened
from matchmaker.program import Program, among, sorted_once

SECONDS = 5.0
"""How long to look for mends, at most."""
SINGLE = 12
"""Pairs set by hand up to which each is put back in turn, to see whether it may stay."""
GAP = 1e9
"""A relative gap at which any plan will do."""


def with_mends(program: Program, solution: Solution, search: Search) -> Solution:
    """The same, with what would mend it; where rules beyond limits come down to too few places for somebody, with that."""
    if solution.termination != "INFEASIBLE" or solution.diagnosis is None:
        return solution
    left = min(search.left, SECONDS)
    limited = replace(search, gap=GAP, progress=None, start=None, time_limit=search.elapsed + max(left, 1e-3))
    try:
        mended = _Mending(program, limited, None if program.linear else solution.shortage).mended(solution.diagnosis)
        return replace(solution, diagnosis=mended, shortage=None)
    except TimeUp:
        return solution


@dataclass(frozen=True)
class _Mending:
    program: Program
    search: Search
    shortage: Shortage | None = None

    def mended(self, diagnosis: Diagnosis) -> Diagnosis:
        ways = list(diagnosis.ways)
        if diagnosis.side == "rules":
            tight = tightened(self.program)
            deficiency = None if tight is None else self._deficiency(tight.program, ways)
            if tight is not None and deficiency is not None:
                diagnosis = replace(deficiency, rests_on=tight.rules)
            else:
                ways += self._given()
        elif diagnosis.side != "pins":
            diagnosis = self._deficiency(self.program.without_rows(), ways, diagnosis) or diagnosis
        ways += self._dropped(diagnosis)
        ways.sort(key=lambda way: sum(mend.by for mend in way))
        mends = tuple(replace(mend, way=number) for number, way in enumerate(ways) for mend in way)
        return replace(diagnosis, mends=mends)

    def _deficiency(self, plain: Program, ways: list[tuple[Mend, ...]], found: Diagnosis | None = None) -> Diagnosis | None:
        """Who competes for whom; to the ways come more capacity, or less asked, at the places that a flow leaves short.

        `found` is the deficient set, where the search's own flow has told it.
        """
        shortage = self.shortage
        if shortage is None:
            found = None
            space = Space(plain)
            shortage = Shortage(space, _some_keys(space), self.search)
        if shortage.flow is None or not shortage.short:
            return None
        keys = np.concatenate([shortage.keys[shortage.flow.amount > 0], plain.required])
        asked, worked = shortage.flow.enterprise_short, shortage.flow.officer_short
        ways += self._tried(_more_room(plain, keys, asked, worked), _changes(("demand", asked), ("load", worked), plan=keys))
        return competing(shortage.space, shortage, found)

    def _tried(self, *ways: _Way | None) -> list[tuple[Mend, ...]]:
        """Those of the ways that leave a plan: the one that was found with it, or any."""
        made = [(way, way.made(self.program)) for way in ways if way is not None]
        return [way.mends for way, program in made if not self.search.over and (way.shown(program) or self._works(program))]

    def _works(self, program: Program) -> bool:
        """Whether a plan exists."""
        self.search.check()
        if program.linear:
            found = optimise_with_rows(program.worthless(), self.search)
            return found.termination in ("OPTIMAL", "FEASIBLE")
        space = Space(program)
        if contradiction(space) is not None:
            return False
        shortage = Shortage(space, _some_keys(space), self.search)
        return shortage.flow is not None and not shortage.short

    def _given(self) -> list[tuple[Mend, ...]]:
        """Limits that give way while all other rules hold, where pairs are few enough to see."""
        space = Space(self.program.without_rows())
        if space.size > WHOLE or self.search.over:
            return []
        shortlist = Shortlist.of(self.program.worthless(), space.every_key())
        kinds: tuple[Give, ...] = ("capacity", "demand", "load")
        given = [(kind, least_given(shortlist, kind, self.search)) for kind in kinds]
        ways = [_changes((kind, amount)) for kind, amount in given if amount is not None]
        return [way.mends for way in ways if way is not None and self._works(way.made(self.program))]

    # pairs that were set by hand

    def _dropped(self, diagnosis: Diagnosis) -> list[tuple[Mend, ...]]:
        """Fewest pins to drop, and fewest recusals and vetoes."""
        found = []
        for kind in ("required", "forbidden"):
            keys: Ints = getattr(self.program, kind)
            officers, enterprises = self.program.split(keys)
            near = np.isin(enterprises, diagnosis.enterprises) | np.isin(officers, diagnosis.officers) | (diagnosis.side == "rules")
            near &= self.program.allowed(officers, enterprises) | (kind == "required")
            dropped = keys[near]
            if not 0 < len(dropped) <= 10 * SINGLE or self.search.over or not self._works(self._without(kind, dropped)):
                continue
            for key in dropped[-SINGLE:].tolist() if len(dropped) <= SINGLE else []:
                fewer = dropped[dropped != key]
                if len(fewer) and not self.search.over and self._works(self._without(kind, fewer)):
                    dropped = fewer
            found.append(tuple(_let_go(kind, *map(int, self.program.split(key))) for key in dropped))
        return found

    def _without(self, kind: str, keys: Ints) -> Program:
        left: Ints = getattr(self.program, kind)
        copy = _copied(self.program)
        setattr(copy, f"_{kind}", [left[~among(np.sort(keys), left)]])
        return copy


def _let_go(kind: str, officer: int, enterprise: int) -> Mend:
    if kind == "required":
        said = (
            f"drop the pin of officer {{o{officer}}} on enterprise {{e{enterprise}}}",
            f"取消干部 {{o{officer}}} 与企业 {{e{enterprise}}} 的点将",
        )
    else:
        said = (
            f"lift the recusal or veto of officer {{o{officer}}} and enterprise {{e{enterprise}}}",
            f"取消干部 {{o{officer}}} 与企业 {{e{enterprise}}} 的回避或否决",
        )
    return Mend(en=said[0], zh=said[1], by=1.0)


@dataclass(frozen=True, eq=False)
class _Way:
    """Changes of limits: what each is told as, and the programme once they are made; eligible pairs of a plan for it, where known."""

    mends: tuple[Mend, ...]
    changes: tuple[tuple[Give, Ints], ...]
    plan: Ints | None = None

    def made(self, program: Program) -> Program:
        copy = _copied(program)
        for kind, amount in self.changes:
            name, sign = FIELDS[kind]
            setattr(copy, name, getattr(copy, name) + sign * amount)
        return copy

    def shown(self, program: Program) -> bool:
        """Whether the plan is one for a programme without rules beyond limits: each pair once, every load within them."""
        if self.plan is None or program.linear or len(sorted_once(self.plan)) < len(self.plan):
            return False
        officers, enterprises = (
            np.bincount(side, minlength=size) for side, size in zip(program.split(self.plan), program.shape, strict=True)
        )
        return bool(
            ((program.officer_low <= officers) & (officers <= program.officer_high)).all()
            and ((program.enterprise_low <= enterprises) & (enterprises <= program.enterprise_high)).all()
        )


FIELDS: dict[Give, tuple[str, int]] = {
    "capacity": ("officer_high", 1),
    "load": ("officer_low", -1),
    "demand": ("enterprise_low", -1),
    "most": ("enterprise_high", 1),
}
WORDS: dict[Give, tuple[str, str]] = {
    "capacity": ("raise the capacity of officer {{o{at}}} by {by}", "将干部 {{o{at}}} 的可服务企业数提高 {by}"),
    "load": ("ask officer {{o{at}}} to serve {by} fewer at the least", "将干部 {{o{at}}} 的最少服务企业数降低 {by}"),
    "demand": ("let enterprise {{e{at}}} ask for {by} less", "将企业 {{e{at}}} 的最少干部数降低 {by}"),
    "most": ("let enterprise {{e{at}}} take {by} more", "将企业 {{e{at}}} 的最多干部数提高 {by}"),
}


def _changes(*given: tuple[Give, Ints], plan: Ints | None = None) -> _Way | None:
    """The changes in words, those that are none left out; None where none is left."""
    mends = [
        Mend(en=WORDS[kind][0].format(at=at, by=amount[at]), zh=WORDS[kind][1].format(at=at, by=amount[at]), by=float(amount[at]))
        for kind, amount in given
        for at in np.flatnonzero(amount).tolist()
    ]
    return _Way(tuple(mends), given, plan) if mends else None


def _more_room(program: Program, keys: Ints, asked: Ints, worked: Ints) -> _Way | None:
    """An officer for every place that enterprises are short, an enterprise for every place that officers are; None where nobody may."""
    officers = _takers(program, keys, asked, of_officers=False)
    enterprises = _takers(program, keys, worked, of_officers=True)
    if officers is None or enterprises is None:
        return None
    capacity, most = (np.bincount(side, minlength=size) for side, size in zip((officers[0], enterprises[1]), program.shape, strict=True))
    plan = np.concatenate([keys, program.keys(*officers), program.keys(*enterprises)])
    return _changes(("capacity", capacity), ("most", most), plan=plan)


def _takers(program: Program, keys: Ints, short: Ints, *, of_officers: bool) -> tuple[Ints, Ints] | None:
    """A pair for each place short, officers and enterprises: with those of the other side who have taken least, of those with a place."""
    n, m = program.shape
    if not short.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    others = np.arange(m if of_officers else n)
    places = program.enterprise_high if of_officers else program.officer_high
    taken, taken_keys = np.zeros(len(others), np.int64), np.sort(np.concatenate([keys, program.forbidden]))
    pairs = []
    for member in np.flatnonzero(short).tolist():
        i, j = (np.full(m, member), others) if of_officers else (others, np.full(n, member))
        may = program.allowed(i, j) & np.isfinite(program.values(i, j)) & ~among(taken_keys, program.keys(i, j))
        able = np.flatnonzero(may)
        if len(able) < short[member]:
            return None
        chosen = able[np.lexsort((able, taken[able], places[able] == 0))[: short[member]]]
        taken[chosen] += 1
        pairs.append((i[chosen], j[chosen]))
    officers, enterprises = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return officers, enterprises


def _some_keys(space: Space) -> Ints:
    """Pairs to begin a flow with."""
    if space.size <= 200_000:
        return space.every_key()
    keys = space.drawn(8 * sum(space.shape))
    return keys[~among(space.skipped, keys)]


def _copied(program: Program) -> Program:
    copy = program.without_rows()
    copy.side_rows, copy.variables, copy.constant = list(program.side_rows), program.variables, program.constant
    return copy
