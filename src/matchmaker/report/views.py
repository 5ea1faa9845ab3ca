"""What each reader looks up, as tables: one row an officer, an enterprise, a district, a need, a pair set by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker import metrics
from matchmaker.instance import Instance
from matchmaker.report.noted import notes_of
from matchmaker.report.pairs import plan_frame
from matchmaker.result import Result


def plan_view(result: Result) -> pd.DataFrame:
    """The plan with the names of both sides: :func:`plan_frame`'s columns, then who and where they are. One row a pair."""
    frame, instance, plan = plan_frame(result), result.instance, result.assignment
    frame.insert(1, "officer_name", instance.text_of("officer", "name")[plan.officers])
    frame.insert(2, "department", instance.text_of("officer", "department")[plan.officers])
    frame.insert(3, "tier", instance.text_of("officer", "tier")[plan.officers])
    frame.insert(5, "enterprise_name", instance.text_of("enterprise", "name")[plan.enterprises])
    frame.insert(6, "district", instance.text_of("enterprise", "district")[plan.enterprises])
    return frame


def by_officer(result: Result) -> pd.DataFrame:
    """One row an officer: who, how many enterprises he or she serves of how many, what that resolves, and which they are."""
    instance, plan = result.instance, result.assignment
    n, load = instance.shape[0], plan.loads()
    values = instance.affinity.pairs(plan.officers, plan.enterprises)
    about = pd.DataFrame({"officer_id": instance.officer_ids, "officer_name": instance.text_of("officer", "name")})
    for column in ("department", "tier", "district", "town"):
        about[column] = instance.text_of("officer", column)
    about["capacity"] = instance.capacity_high
    about["load"] = load
    about["free"] = instance.capacity_high - load
    about["expected_resolved"] = np.bincount(plan.officers, values, n)
    names = _labels(instance.enterprise_ids, instance.text_of("enterprise", "name"))
    about["serves"] = _joined(plan.officers, names[plan.enterprises], n)
    return about


def by_enterprise(result: Result) -> pd.DataFrame:
    """One row an enterprise: who, how many officers it asks for and has, what it needs, what is resolved of it, and by whom."""
    instance, plan = result.instance, result.assignment
    m = instance.shape[1]
    about = pd.DataFrame({"enterprise_id": instance.enterprise_ids, "enterprise_name": instance.text_of("enterprise", "name")})
    for column in ("district", "town", "industry"):
        about[column] = instance.text_of("enterprise", column)
    about["demand_low"] = instance.demand_low
    about["demand_high"] = instance.demand_high
    about["served"] = plan.served()
    about["need"] = most_needed(instance)
    about["expected_open"] = np.full(m, np.nan) if instance.need is None else instance.need.sum(axis=1)
    about["expected_resolved"] = metrics.enterprise_value(instance, plan)
    about["share"] = _share(about)
    names = _labels(instance.officer_ids, instance.text_of("officer", "name"))
    about["served_by"] = _joined(plan.enterprises, names[plan.officers], m)
    return about


def by_need(result: Result) -> pd.DataFrame:
    """One row a need: requests expected open, of them expected resolved, their share, and the officers' mean competence.

    Empty for a bare matrix. Columns need, expected_open, expected_resolved, share, competence, and at_random: what as many officers drawn
    at random would be expected to resolve, mean competence times need times officers at each enterprise.
    """
    instance = result.instance
    if instance.need is None or instance.competence is None:
        return pd.DataFrame(columns=["need", "expected_open", "expected_resolved", "share", "competence", "at_random"])
    opened, resolved = instance.need.sum(axis=0), resolved_by_need(result).sum(axis=0)
    frame = pd.DataFrame({"need": [need.code for need in instance.needs], "expected_open": opened, "expected_resolved": resolved})
    frame["share"] = _share(frame)
    frame["competence"] = instance.competence.mean(axis=0)
    frame["at_random"] = frame["competence"] * (instance.need * result.assignment.served()[:, None]).sum(axis=0)
    return frame


def by_district_and_need(result: Result) -> pd.DataFrame:
    """One row a district and need, in the order of districts then needs: columns district, need, expected_open, expected_resolved, share.

    Empty for a bare matrix.
    """
    instance = result.instance
    columns = ["district", "need", "expected_open", "expected_resolved", "share"]
    if instance.need is None or instance.competence is None:
        return pd.DataFrame(columns=columns)
    district, place = np.unique(instance.text_of("enterprise", "district").astype(str), return_inverse=True)
    size = len(district), len(instance.needs)
    opened, resolved = np.zeros(size), np.zeros(size)
    np.add.at(opened, place, instance.need)
    np.add.at(resolved, place, resolved_by_need(result))
    frame = pd.DataFrame(
        {
            "district": np.repeat(district.astype(object), size[1]),
            "need": [need.code for need in instance.needs] * size[0],
            "expected_open": opened.ravel(),
            "expected_resolved": resolved.ravel(),
        }
    )
    frame["share"] = _share(frame)
    return frame[columns]


def resolved_by_need(result: Result) -> NDArray[np.float64]:
    """Requests of each need expected resolved at each enterprise: competence times need, added over its officers. Shape (m, K)."""
    instance, plan = result.instance, result.assignment
    if instance.need is None or instance.competence is None:
        return np.zeros((instance.shape[1], len(instance.needs)))
    total = np.zeros(instance.need.shape)
    np.add.at(total, plan.enterprises, instance.competence[plan.officers] * instance.need[plan.enterprises])
    return total


def by_hand(result: Result) -> pd.DataFrame:
    """Every pin, veto and recusal: kind, both sides, who said so, why, and whether the plan holds the pair.

    Columns kind, officer_id, officer_name, enterprise_id, enterprise_name, actor, note, in_plan.
    """
    instance = result.instance
    held = np.empty(0, np.int64) if result.plan is None else instance.keys(result.plan)
    officer_names, enterprise_names = instance.text_of("officer", "name"), instance.text_of("enterprise", "name")
    frames = [
        pd.DataFrame(
            {
                "kind": [kind] * len(notes),
                "officer_id": instance.officer_ids[notes.officers],
                "officer_name": officer_names[notes.officers],
                "enterprise_id": instance.enterprise_ids[notes.enterprises],
                "enterprise_name": enterprise_names[notes.enterprises],
                "actor": notes.actor,
                "note": notes.reason,
                "in_plan": np.isin(instance.keys(notes), held),
            }
        )
        for kind, notes in notes_of(result)
    ]
    return pd.concat(frames, ignore_index=True)


def most_needed(instance: Instance) -> NDArray[np.object_]:
    """The code of each enterprise's largest expected need; empty where it has none. Shape (n_enterprises,)."""
    if instance.need is None or not instance.needs:
        return np.full(instance.shape[1], "", dtype=object)
    codes = np.array([need.code for need in instance.needs], dtype=object)
    return np.where(instance.need.max(axis=1) > 0, codes[instance.need.argmax(axis=1)], "").astype(object)


def _share(frame: pd.DataFrame) -> pd.Series[float]:
    """Requests expected resolved of those expected open; NaN where none is."""
    return frame["expected_resolved"] / frame["expected_open"].where(frame["expected_open"] > 0)


def _labels(ids: NDArray[np.object_], names: NDArray[np.object_]) -> NDArray[np.object_]:
    """Id and name of each, for lists. Shape (len(ids),)."""
    return np.array([f"{id_} {name}".strip() for id_, name in zip(ids.tolist(), names.tolist(), strict=True)], dtype=object)


def _joined(of: NDArray[np.int64], labels: NDArray[np.object_], size: int) -> list[str]:
    """The labels of each group in one cell."""
    listed: list[list[str]] = [[] for _ in range(size)]
    for group, label in zip(of.tolist(), labels.tolist(), strict=True):
        listed[group].append(label)
    return ["; ".join(group) for group in listed]
