"""Which enterprises a plan leaves with less than they ask for, and what stands between each of them and one officer more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.affinity import Sparse
from matchmaker.face import Face
from matchmaker.program import Program, among

if TYPE_CHECKING:
    from matchmaker.instance import Instance
    from matchmaker.result import Result

TRIED = 40
"""Officers with room, the best first, up to whom each is tried on an enterprise."""
EDGE = 1e-9
COLUMNS = ("enterprise_id", "asked", "served", "missing", "rule", "why", "why_zh")


class _Recipe(Protocol):
    def program(self, instance: Instance, earlier: Sequence[float | Face | NDArray[np.float64]] = ()) -> Program: ...


def shortfall(result: Result) -> pd.DataFrame:
    """Enterprises with fewer officers than they ask for, those that miss most first, each with the reason.

    An enterprise asks for as many officers as its least says, or for one where it may have some and need not have any.

    Returns
    -------
    DataFrame
        Columns enterprise_id, asked, served, missing, rule (what stands in the way: "eligibility", "capacity", a rule's name, "aims"; or
        "search" where the plan is not proven best), why, why_zh.
    """
    instance, plan = result.instance, result.assignment
    served = plan.served()
    asked = np.where(instance.demand_high > 0, np.maximum(instance.demand_low, 1), 0)
    who = np.flatnonzero(served < asked)
    who = who[np.argsort((served - asked)[who], kind="stable")]
    reasons = _Reasons.of(result) if len(who) and result.recipe is not None else None
    said = [("", "", "") if reasons is None else reasons.of_one(int(j)) for j in who]
    return pd.DataFrame(
        {
            "enterprise_id": instance.enterprise_ids[who],
            "asked": asked[who],
            "served": served[who],
            "missing": (asked - served)[who],
            "rule": [one[0] for one in said],
            "why": [one[1] for one in said],
            "why_zh": [one[2] for one in said],
        },
        columns=list(COLUMNS),
    )


@dataclass(frozen=True, eq=False)
class _Reasons:
    """What is known of a plan: room left with officers, and what it comes to in every row that speaks of pairs alone."""

    result: Result
    program: Program
    room: NDArray[np.int64]
    held: NDArray[np.int64]
    activity: list[NDArray[np.float64]]

    @classmethod
    def of(cls, result: Result) -> _Reasons:
        program = cast("_Recipe", result.recipe).program(result.instance, result.held)
        plan = result.assignment
        rows = [family for family in program.side_rows if not len(family.variables)]
        program.side_rows = rows
        return cls(
            result=result,
            program=program,
            room=np.minimum(program.officer_high, result.instance.shape[1]) - plan.loads(),
            held=np.sort(program.keys(plan.officers, plan.enterprises)),
            activity=[family.activity(plan.officers, plan.enterprises) for family in rows],
        )

    def of_one(self, j: int) -> tuple[str, str, str]:
        """What stands between an enterprise and one officer more: a rule's name, and a sentence in English and Chinese."""
        program, n = self.program, self.program.shape[0]
        officers, column = np.arange(n), np.full(n, j)
        keys = program.keys(officers, column)
        listed = np.ones(n, dtype=bool)
        for affinity, _ in program.terms:
            if isinstance(affinity, Sparse):
                listed &= ~np.isnan(affinity.pairs(officers, column))
        known = program.allowed(officers, column) & listed & (program.officer_high > 0)
        may = known & ~among(program.forbidden, keys) & ~among(self.held, keys)
        if not may.any():
            kept = int((known & among(program.forbidden, keys)).sum())
            apart = (f" ({kept} more are kept away by recusal or veto)", f"（另有 {kept} 名因回避或否决不可结对）") if kept else ("", "")
            return "eligibility", f"no other officer may serve it{apart[0]}", f"没有其他干部可以服务该企业{apart[1]}"
        able = np.flatnonzero(may & (self.room > 0))
        count, full = int(may.sum()), int(self.result.assignment.loads()[may].sum())
        if not len(able):
            others = "the only other officer who may serve it has" if count == 1 else f"the {count} other officers who may serve it have"
            return (
                "capacity",
                f"{others} no place left: {full} enterprises already",
                f"其余可服务该企业的 {count} 名干部均无名额，已服务 {full} 家次",
            )
        return self._by_rows(j, able)

    def _by_rows(self, j: int, able: NDArray[np.int64]) -> tuple[str, str, str]:
        values = self.program.values(able, np.full(len(able), j))
        able = able[np.argsort(-values, kind="stable")][:TRIED]
        broken: dict[int, tuple[str, str, str]] = {}
        for family, activity in zip(self.program.side_rows, self.activity, strict=True):
            more = family.of_pairs(able, np.full(len(able), j)).tocoo()
            for row, place, value in zip(*more.coords, more.data, strict=True):
                after, edge = activity[row] + value, EDGE * max(1.0, abs(activity[row]))
                worse = after > family.high[row] + edge and value > 0
                worse |= after < family.low[row] - edge and value < 0
                if worse:
                    broken.setdefault(int(place), (family.rule, *family.said(int(row))))
        ids = self.result.instance.officer_ids
        if len(broken) == len(able):
            rule, en, zh = broken[0]
            return rule, f"officer {ids[able[0]]} has room, but: {en}", f"干部 {ids[able[0]]} 尚有名额，但受限于：{zh}"
        first = next(place for place in range(len(able)) if place not in broken)
        officer = ids[able[first]]
        if self.result.termination != "OPTIMAL":
            return "search", f"officer {officer} could serve it: the search ended before", f"干部 {officer} 可以服务：搜索提前结束"
        return (
            "aims",
            f"officer {officer} could serve it, but the plan is worth more without, in the aims and their weights",
            f"干部 {officer} 可以服务，但按目标及其权重，不服务时方案更优",
        )
