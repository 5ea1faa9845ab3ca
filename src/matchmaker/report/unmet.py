"""Enterprises that this plan leaves short, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.instance import Instance
from matchmaker.report.views import by_enterprise
from matchmaker.result import Result
from matchmaker.words import Language

LANGUAGES: tuple[tuple[str, Language], ...] = (("why", "en"), ("why_zh", "zh"))
LITTLE = 0.5
"""An enterprise is little covered when its share of requests expected resolved is below this part of the whole city's."""

SENTENCES = {
    "en": {
        "fewer": "officers asked: {low}, assigned: {served}, missing: {gap}",
        "little": "{share:.0%} of its requests are expected resolved, against {city:.0%} over all",
        "full": "the best match on paper, officer {officer} ({affinity:.2f}), already serves {load} of {capacity}",
        "recused": "the best match on paper, officer {officer} ({affinity:.2f}), is kept away by {actor}: {note}",
        "free": "the best match on paper, officer {officer} ({affinity:.2f}), has free places; another rule (such as area and tier) "
        "or the whole plan's value stands between",
        "has": "it already has the best match on paper, officer {officer} ({affinity:.2f})",
    },
    "zh": {
        "fewer": "需要{low}名干部，实有{served}名，缺{gap}名",
        "little": "预计办结率{share:.0%}，全市为{city:.0%}",
        "full": "理论上最匹配的干部{officer}（{affinity:.2f}）已服务{load}家，上限{capacity}家",
        "recused": "理论上最匹配的干部{officer}（{affinity:.2f}）由{actor}提出不可结对：{note}",
        "free": "理论上最匹配的干部{officer}（{affinity:.2f}）尚有名额，但受其他规则（如属地、层级）或全局最优所限",
        "has": "已配有理论上最匹配的干部{officer}（{affinity:.2f}）",
    },
}


def unmet(result: Result) -> pd.DataFrame:
    """Enterprises with fewer officers than they ask for, then those whose needs are little covered, worst first, with why.

    The best match on paper is the officer with the highest affinity when every rule is put aside; ties go to the first in order.

    Returns
    -------
    DataFrame
        Columns enterprise_id, enterprise_name, district, kind (fewer or little), gap (officers missing), need, expected_open,
        expected_resolved, share, why, why_zh.
    """
    instance = result.instance
    frame = by_enterprise(result)
    asked = np.where(frame["demand_high"] > 0, np.maximum(frame["demand_low"], 1), 0)
    frame["gap"] = np.maximum(asked - frame["served"], 0)
    frame["asked"] = asked
    frame["city"] = frame["expected_resolved"].sum() / max(frame["expected_open"].sum(), np.finfo(float).tiny)
    fewer = (frame["gap"] > 0).to_numpy()
    little = (frame["share"] < LITTLE * frame["city"]).to_numpy() & (frame["demand_high"] > 0).to_numpy()
    frame["kind"] = np.where(fewer, "fewer", "little")
    frame = frame[fewer | little].sort_values(["kind", "gap", "share"], ascending=[True, False, True], kind="stable")
    columns = frame.index.to_numpy(dtype=np.int64)
    best, affinity = best_on_paper(instance, columns)
    short = result.shortfall.set_index("enterprise_id")
    for name, language in LANGUAGES:
        reasons = short[name].to_dict()
        told = [reasons.get(one, "") for one in frame["enterprise_id"]]
        frame[name] = _why(result, frame, (columns, best, affinity), told, language)
    wanted = ["enterprise_id", "enterprise_name", "district", "kind", "gap", "need", "expected_open", "expected_resolved", "share"]
    return frame[[*wanted, "why", "why_zh"]].reset_index(drop=True)


def best_on_paper(instance: Instance, columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The officer with the highest affinity for each of these enterprises, and that affinity. Two shapes (len(columns),)."""
    best, affinity = np.zeros(len(columns), np.int64), np.zeros(len(columns))
    for start in range(0, len(columns), 256):
        block = instance.affinity.block(slice(None), columns[start : start + 256])
        top = block.argmax(axis=0)
        best[start : start + 256] = top
        affinity[start : start + 256] = block[top, np.arange(block.shape[1])]
    return best, affinity


def _why(
    result: Result,
    frame: pd.DataFrame,
    at: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    told: list[str],
    language: Language,
) -> list[str]:
    instance, plan, words = result.instance, result.assignment, SENTENCES[language]
    columns, best, affinity = at
    loads, held = plan.loads(), set(instance.keys(plan).tolist())
    apart = {
        key: (str(actor or "?"), str(note or "?"))
        for notes in (instance.vetoes, instance.recusals)
        for key, actor, note in zip(instance.keys(notes).tolist(), notes.actor, notes.reason, strict=True)
    }
    keys = (best * instance.shape[1] + columns).tolist()
    joint, stop = ("; ", ".") if language == "en" else ("；", "。")
    sentences = []
    for p, (key, row) in enumerate(zip(keys, frame.itertuples(index=False), strict=True)):
        i = int(best[p])
        facts = {"officer": instance.officer_ids[i], "affinity": affinity[p], "load": loads[i], "capacity": instance.capacity_high[i]}
        actor, note = apart.get(key, ("", ""))
        case = "has" if key in held else "recused" if actor else "full" if loads[i] >= instance.capacity_high[i] else "free"
        first = words[str(row.kind)].format(low=row.asked, served=row.served, gap=row.gap, share=row.share, city=row.city)
        reason = told[p] if row.kind == "fewer" and told[p] else words[case].format(**facts, actor=actor, note=note)
        if told[p] and case == "recused":
            reason += joint + words[case].format(**facts, actor=actor, note=note)
        sentences.append(first + joint + reason + stop)
    return sentences
