"""The summary's words, in both languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from matchmaker import metrics

if TYPE_CHECKING:
    from matchmaker.result import Result

Language = Literal["en", "zh"]

BETWEEN = ("; ", "；")
SAME = 1e-6
"""An earlier rank's value and bound that differ by so much of them, at most, are the same."""
TOLD = 3
"""Enterprises that got less, of whom a summary tells one by one."""
NOWHERE = ("(no district)", "（无区县）")
SEVERAL = (" (each of several officers counts)", "（多名干部分别计算，可超过 100%）")
LABELS: dict[str, tuple[str, str]] = {
    "size": ("officers x enterprises", "干部 × 企业"),
    "termination": ("outcome", "求解结果"),
    "objective": ("value", "目标值"),
    "bound": ("no plan is worth more than", "任何方案不超过"),
    "gap": ("gap", "差距"),
    "pairs": ("pairs", "结对数"),
    "loads": ("enterprises per officer (number of officers)", "每名干部服务企业数（干部人数）"),
    "met": ("requests expected resolved, of those expected open", "预计办结诉求 / 预计诉求"),
    "district": ("lowest district, highest district", "最低与最高区县"),
    "worst": ("worst served", "服务最弱企业"),
    "unserved": ("enterprises with too few officers", "干部不足的企业"),
    "short": ("got less", "未足额服务"),
    "earlier": ("reached before", "前几级目标"),
    "churn": ("last round's pairs not kept", "上轮结对变动率"),
    "runtime": ("seconds", "用时（秒）"),
    "why": ("why not", "原因"),
    "stopped": ("stopped early", "提前结束"),
    "unheeded": ("not heeded", "未生效"),
}
AIMS: dict[str, tuple[str, str]] = {
    "expected_resolved": ("requests expected resolved", "预计办结诉求"),
    "continuity": ("pairs kept from last round", "延续上轮结对"),
    "diminishing_returns": ("requests resolved by at least one officer", "至少一名干部可办结的诉求"),
    "worst_served": ("the worst served", "服务最弱者"),
    "leximin": ("the worst served, then the next", "由弱到强逐级保障"),
    "balance": ("uneven loads", "负荷不均"),
    "served": ("places served", "已满足的名额"),
    "unmet": ("places not met", "未满足的名额"),
    "travel": ("ways", "路程"),
}
"""Aims by name, in words."""
OUTCOMES = {
    "OPTIMAL": ("optimal, proven over all pairs", "最优，已对全部结对证明"),
    "FEASIBLE": ("a plan that keeps every rule; not proven best", "可行，未证明最优"),
    "INFEASIBLE": ("no plan can exist", "不存在可行方案"),
    "NOT_FOUND": ("stopped before a plan was found", "未找到方案即停止"),
}


def summary_lines(result: Result, language: Language = "en") -> list[tuple[str, str]]:
    """(label, value) of each line of a result's summary."""
    at = int(language == "zh")
    lines = {
        "size": f"{result.instance.shape[0]:,} x {result.instance.shape[1]:,}",
        "termination": f"{result.termination}（{OUTCOMES[result.termination][at]}）"
        if at
        else f"{result.termination} ({OUTCOMES[result.termination][at]})",
    }
    if result.plan is None:
        if result.diagnosis is not None:
            lines["why"] = result.diagnosis.text(language)
    else:
        lines |= {"objective": f"{result.objective:,.10g}", "bound": f"{result.bound:,.10g}", "gap": f"{result.gap:.2g}"}
        if result.earlier:
            lines["earlier"] = BETWEEN[at].join(_rank(*one, at) for one in result.earlier)
        lines |= _plan_lines(result, at)
        if short := _short(result, at):
            lines["short"] = short
    if result.unheeded:
        lines["unheeded"] = BETWEEN[at].join(said[at] for said in result.unheeded)
    if result.stopped:
        lines["stopped"] = in_language(result.stopped, language)
    lines["runtime"] = f"{result.runtime:.2f}"
    return [(LABELS[name][at], value) for name, value in lines.items()]


def _rank(aims: str, value: float, bound: float, at: int) -> str:
    """What one of the earlier ranks reached, and the most it could have where that is not proven to be the same."""
    names = " + ".join(AIMS[name][at] if name in AIMS else name for name in aims.split(" + "))
    if abs(bound - value) <= SAME * max(abs(value), abs(bound)):
        return f"{names} {value:,.6g}"
    most = f"{bound:,.6g}" if math.isfinite(bound) else "?"
    return f"{names} {value:,.6g}" + (f"（未证明最优，至多 {most}）" if at else f" (not proven best: at most {most})")


def _short(result: Result, at: int) -> str:
    """The first few enterprises that got less than they ask for, with why; empty where none did."""
    if not (result.assignment.served() < np.where(result.instance.demand_high > 0, np.maximum(result.instance.demand_low, 1), 0)).any():
        return ""
    frame = result.shortfall
    why = frame["why_zh" if at else "why"]
    said = [
        f"{one} ({served}/{asked}{': ' + reason if reason else ''})"
        for one, served, asked, reason in zip(frame["enterprise_id"], frame["served"], frame["asked"], why, strict=True)
    ]
    more = f"; +{len(said) - TOLD}" if len(said) > TOLD else ""
    return "; ".join(said[:TOLD]) + more


def in_language(text: str, language: Language) -> str:
    """One language of a text in both, such as "in English | 中文"; all of it where it is in one only."""
    return text.rsplit(" | ", 1)[-1 if language == "zh" else 0]


def _plan_lines(result: Result, at: int) -> dict[str, str]:
    instance, plan = result.instance, result.assignment
    loads, officers = np.unique(plan.loads(), return_counts=True)
    lines = {
        "pairs": f"{len(plan):,}",
        "loads": ", ".join(f"{load} ({count:,})" for load, count in list(zip(loads, officers, strict=True))[:12]),
        "unserved": f"{metrics.unserved(instance, plan):,}",
    }
    if instance.need is not None:
        opened, resolved = float(instance.need.sum()), metrics.expected_resolved(instance, plan)
        lines["met"] = f"{resolved:,.1f} / {opened:,.1f}" + (f" ({resolved / opened:.1%})" if opened else "")
        table = metrics.needs_met_by_district(instance, plan).dropna(subset=["share"])
        if len(table) > 1:
            ends = table.iloc[[0, -1]]
            lines["district"] = ", ".join(f"{d or NOWHERE[at]} {s:.1%}" for d, s in zip(ends["district"], ends["share"], strict=True))
            if ends["share"].max() > 1:
                lines["district"] += SEVERAL[at]
    asking = np.flatnonzero(instance.demand_high > 0)
    if len(asking):
        values = metrics.enterprise_value(instance, plan)[asking]
        worst = asking[np.argsort(values, kind="stable")[:3]]
        lines["worst"] = ", ".join(f"{instance.enterprise_ids[j]} ({v:.3g})" for j, v in zip(worst, np.sort(values)[:3], strict=True))
    changed = metrics.churn(instance, plan)
    if not math.isnan(changed):
        lines["churn"] = f"{changed:.1%}"
    return lines
