"""What the page says first: the verdict, the meaning of the value, the headline numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matchmaker import metrics
from matchmaker.report.cells import Words, requests
from matchmaker.result import Result, Termination
from matchmaker.words import AIMS, in_language


@dataclass(frozen=True)
class Card:
    """One headline number."""

    label: Words
    value: str
    note: Words | None = None


def verdict(result: Result) -> Words:
    """What is known about the plan, in one sentence; what "proven" means stands in it."""
    n, m = result.instance.shape
    worth, bound, gap = f"{result.objective:,.4f}", f"{result.bound:,.4f}", percent(result.gap)
    if result.termination is Termination.INFEASIBLE:
        return Words("Proven: no plan can keep all the rules at once.", "已证明：不存在能同时遵守全部规则的方案。")
    if result.termination is Termination.NOT_FOUND:
        return Words(
            "Stopped before any plan was found. Give it more time.",
            "在限定时间内未找到方案，请放宽时间后重试。",
        )
    if result.termination is Termination.OPTIMAL:
        return Words(
            f"Proven best: all {n * m:,} possible pairs were priced, and no plan that keeps the rules can be worth more than {bound}; "
            f"this one is worth {worth} (gap {gap}).",
            f"已证明最优：全部{n * m:,}个可能的结对均已核算，任何遵守规则的方案都不会超过{bound}，本方案为{worth}（差距{gap}）。",
        )
    if math.isinf(result.bound):
        return Words(
            f"The plan keeps every rule and is worth {worth}. How far it is from the best is not known.",
            f"方案遵守全部规则，目标值为{worth}；与最优的差距尚未得到证明。",
        )
    return Words(
        f"The plan keeps every rule. It is not proven best: no plan can be worth more than {bound}, this one is worth {worth}, "
        f"so at most {gap} more could be found.",
        f"方案遵守全部规则，尚未证明最优：任何方案都不会超过{bound}，本方案为{worth}，至多还能提高{gap}。",
    )


def stopped(result: Result) -> Words | None:
    """What ended the search before its time, if anything did."""
    return Words(in_language(result.stopped, "en"), in_language(result.stopped, "zh")) if result.stopped else None


def unheeded(result: Result) -> list[Words]:
    """What recusals, vetoes and pins ask for and the policy has no rule for."""
    return [Words(en + ".", zh + "。") for en, zh in result.unheeded]


def meaning(result: Result) -> Words:
    """What the value counts."""
    if result.instance.need is None:
        return Words(
            "The value is the sum of the affinities of all pairs, and of whatever else the policy counts.",
            "目标值为全部结对匹配度之和，以及策略计入的其他项。",
        )
    return Words(
        "A pair's affinity is the number of the enterprise's requests we expect this officer to see resolved: the requests it is "
        "expected to have open, weighted by urgency, times the officer's probability of resolving each kind, "
        "learned from the record. Each officer's share is counted on its own, so an enterprise with several officers may pass 100%.",
        "匹配度是预计该干部能为该企业办结的诉求件数：企业各类预计诉求（按紧急程度加权）乘以干部办结该类诉求的概率（由办理记录得出）。"
        "每名干部单独计算，因此有多名干部的企业可能超过100%。",
    )


def aims(result: Result) -> list[tuple[Words, float]]:
    """What each aim contributes to the value, in words."""
    return [(Words(*AIMS.get(name, (name, f"策略项 {name}"))), value) for name, value in result.terms.items()]


def together(result: Result) -> Words | None:
    """The value as the sum of its aims, when there are several that count."""
    counted = [(aim, value) for aim, value in aims(result) if value]
    if len(counted) < 2:
        return None
    english, chinese = (" + ".join(f"{aim[at]} {value:,.2f}" for aim, value in counted) for at in (0, 1))
    return Words(f"Value {result.objective:,.2f} = {english}.", f"目标值{result.objective:,.2f} = {chinese}。")


def cards(result: Result) -> list[Card]:
    """The headline numbers."""
    instance = result.instance
    n, m = instance.shape
    if result.plan is None:
        return [Card(Words("officers", "干部"), f"{n:,}"), Card(Words("enterprises", "企业"), f"{m:,}")]
    plan = result.plan
    busy, served = int((plan.loads() > 0).sum()), int((plan.served() > 0).sum())
    short = metrics.unserved(instance, plan)
    found = [
        Card(Words("officers assigned", "参与结对干部"), f"{busy:,}", Words(f"of {n:,}", f"共{n:,}名")),
        Card(Words("enterprises with an officer", "有干部服务的企业"), f"{served:,}", Words(f"of {m:,}", f"共{m:,}家")),
        Card(Words("pairs", "结对数"), f"{len(plan):,}"),
        Card(Words("enterprises with too few officers", "干部不足的企业"), f"{short:,}"),
    ]
    if instance.need is not None:
        resolved, opened = metrics.expected_resolved(instance, plan), float(instance.need.sum())
        share = percent(resolved / opened) if opened else "–"
        note = Words(f"of {requests(opened)} expected open: {share}", f"预计诉求{requests(opened)}件，占{share}")
        found.append(Card(Words("requests expected resolved", "预计办结诉求"), requests(resolved), note))
    found.append(Card(Words("gap to the best possible", "与最优的差距"), percent(result.gap), Words("at the most", "至多")))
    churn = metrics.churn(instance, plan)
    if not math.isnan(churn):
        found.append(Card(Words("last round's pairs kept", "上轮结对延续率"), percent(1 - churn)))
    return found


def percent(share: float) -> str:
    """A share as a planner reads it: one that is smaller than can be written as less than that, one that is not known as infinity."""
    if not math.isfinite(share):
        return "∞"
    if 0 < share < 1e-6:
        return "<\u00a00.0001%"
    if 0 < share < 1e-3:
        return f"{share:.4%}"
    return f"{share:.2%}" if 0.999 <= share < 1 else f"{share:.1%}"
