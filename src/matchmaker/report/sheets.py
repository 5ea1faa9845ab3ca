"""Which tables the workbook holds, and what its summary says."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from matchmaker import metrics
from matchmaker.diagnosis import Diagnosis
from matchmaker.instance import Instance
from matchmaker.report.changes import changes
from matchmaker.report.headers import Language, say
from matchmaker.report.unmet import unmet
from matchmaker.report.views import by_enterprise, by_hand, by_need, by_officer, plan_view
from matchmaker.result import Result
from matchmaker.words import LABELS, summary_lines

SPOKEN: tuple[Literal["en"], Literal["zh"]] = ("en", "zh")

TITLES: dict[str, tuple[str, str]] = {
    "summary": ("summary", "汇总"),
    "plan": ("plan", "结对方案"),
    "officers": ("by officer", "按干部"),
    "enterprises": ("by enterprise", "按企业"),
    "unmet": ("unmet", "未满足"),
    "districts": ("districts", "按区县"),
    "needs": ("needs", "按需求"),
    "changes": ("changes", "与上轮变动"),
    "by_hand": ("by hand", "人工调整"),
    "diagnosis": ("diagnosis", "不可行原因"),
}


def sheets(result: Result, language: Language) -> list[tuple[str, pd.DataFrame]]:
    """(name, table) of each sheet, in order."""
    tables: dict[str, pd.DataFrame] = {"summary": summary(result, language)}
    if result.plan is None:
        tables["diagnosis"] = irreconcilable(result)
    else:
        tables["plan"] = plan_view(result)
        tables["officers"] = by_officer(result)
        tables["enterprises"] = by_enterprise(result)
        tables["unmet"] = unmet(result)
        tables["districts"] = metrics.needs_met_by_district(result.instance, result.assignment)
        tables["needs"] = by_need(result)
        if result.instance.previous is not None:
            tables["changes"] = changes(result)
    tables["by_hand"] = by_hand(result)
    return [(say(TITLES[name], language), table) for name, table in tables.items()]


def summary(result: Result, language: Language) -> pd.DataFrame:
    """What a planner wants to know first: columns item and value. How long it took is left out, as it is no part of the plan."""
    english, chinese = (
        [line for line in summary_lines(result, speech) if line[0] != LABELS["runtime"][speech == "zh"]] for speech in SPOKEN
    )
    rows = [(say(("policy", "策略"), language), result.policy)]
    for (en, en_value), (zh, zh_value) in zip(english, chinese, strict=True):
        value = en_value if en_value == zh_value else {"zh": zh_value, "en": en_value, "both": f"{zh_value} / {en_value}"}[language]
        rows.append((say((en, zh), language), value))
    return pd.DataFrame(rows, columns=["item", "value"])


def irreconcilable(result: Result) -> pd.DataFrame:
    """The officers and enterprises that no plan can reconcile; empty without a diagnosis.

    Columns side (officer or enterprise), id, name, places.
    """
    instance, diagnosis = result.instance, result.diagnosis
    if diagnosis is None:
        return pd.DataFrame(columns=["side", "id", "name", "places"])
    frames = [frame for one in (diagnosis, *diagnosis.others) for frame in _sides(instance, one)]
    return pd.concat(frames, ignore_index=True).drop_duplicates(ignore_index=True)


def _sides(instance: Instance, diagnosis: Diagnosis) -> list[pd.DataFrame]:
    low = diagnosis.side == "min_load"
    officer_places = instance.capacity_low if low else instance.capacity_high
    enterprise_places = instance.demand_high if low else instance.demand_low
    both = (
        ("officer", diagnosis.officers, diagnosis.officer_ids, instance.text_of("officer", "name"), officer_places),
        ("enterprise", diagnosis.enterprises, diagnosis.enterprise_ids, instance.text_of("enterprise", "name"), enterprise_places),
    )
    return [
        pd.DataFrame({"side": [side] * len(ids), "id": ids, "name": names[at], "places": places[at]})
        for side, at, ids, names, places in both
    ]
