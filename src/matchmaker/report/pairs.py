"""The plan as a table: each pair with the reasons for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.assignment import Assignment
from matchmaker.files import replacing
from matchmaker.instance import Instance, Notes
from matchmaker.report.headers import PLACES, need_names
from matchmaker.report.noted import kept_apart, notes_of
from matchmaker.report.reasons import Carried, reasons
from matchmaker.result import Result

HALF, MOST_NEEDS = 0.5, 3
FREE_TEXT = ("pinned_by", "pin_reason", "kept_apart", "reason", "reason_zh")


def plan_frame(result: Result) -> pd.DataFrame:
    """Each pair of the plan with the reasons for it, sorted by officer then enterprise: what ``plan.csv`` holds.

    Returns
    -------
    DataFrame
        One row a pair. Columns officer_id, enterprise_id, affinity; need (the code that carries most of the affinity), need_share
        (its part of the affinity, in [0, 1]), expected_requests (of that need, at the enterprise), competence (of the officer in it);
        place (how the officer's place relates to the enterprise's: town, district, city, elsewhere, or empty where it is not known);
        kept (the pair stood in last round's plan); pinned_by and pin_reason; kept_apart (whom recusals and vetoes keep from the
        enterprise, or, where that has nobody, from the officer: who said so, and why); reason and reason_zh (all of it in a sentence).

    Raises
    ------
    NoAssignmentError
        When the result holds no plan.
    """
    instance, plan = result.instance, result.assignment
    frame = plan.to_frame()
    frame["affinity"] = instance.affinity.pairs(plan.officers, plan.enterprises)
    carried = carriers(instance, plan.officers, plan.enterprises)
    frame = pd.concat([frame, main_needs(carried)], axis=1)
    frame["place"] = places(instance, plan.officers, plan.enterprises)
    frame["kept"] = instance.kept(plan)
    frame["pinned_by"], frame["pin_reason"] = noted(instance, dict(notes_of(result))["pin"], plan)
    frame["kept_apart"] = kept_apart(result)
    frame["reason"] = reasons(frame, carried, need_names(instance, "en"), "en")
    frame["reason_zh"] = reasons(frame, carried, need_names(instance, "zh"), "zh")
    return frame


def write_plan_csv(result: Result, path: str | Path) -> None:
    """Write the plan with its reasons as CSV, whole or not at all; ``Assignment.read`` reads it back.

    UTF-8 with a byte order mark, so that Excel shows Chinese. What people typed (who pinned, and why, and what needs are called) is guarded
    by an apostrophe where a spreadsheet would take it for a formula; ids stay as they are, so that they can be read back.

    Raises
    ------
    NoAssignmentError
        When the result holds no plan.
    """
    frame = plan_frame(result)
    for column in FREE_TEXT:
        frame[column] = ["'" + text if text[:1] in tuple("=+-@\t\r") and text else text for text in frame[column]]
    with replacing(path) as partial:
        frame.to_csv(partial, index=False, encoding="utf-8-sig", lineterminator="\n")


def main_needs(carried: list[tuple[Carried, ...]]) -> pd.DataFrame:
    """The need that carries most of each pair's affinity; empty for a bare matrix, and where the enterprise expects no request.

    Returns
    -------
    DataFrame
        Columns need, need_share, expected_requests, competence. One row a pair.
    """
    nothing = Carried("", np.nan, np.nan, np.nan)
    first = [parts[0] if parts else nothing for parts in carried]
    return pd.DataFrame(first, columns=["need", "need_share", "expected_requests", "competence"])


def carriers(instance: Instance, officers: NDArray[np.int64], enterprises: NDArray[np.int64]) -> list[tuple[Carried, ...]]:
    """For each pair the needs that together carry half of competence times need, largest first, three at the most."""
    if instance.competence is None or instance.need is None or not instance.needs:
        return [()] * len(officers)
    competence, need = instance.competence[officers], instance.need[enterprises]
    parts = competence * need
    total = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
    order = np.argsort(-parts, axis=1, kind="stable")[:, :MOST_NEEDS]
    shares, need, competence = (np.take_along_axis(values, order, axis=1) for values in (shares, need, competence))
    wanted = (shares > 0) & (np.cumsum(shares, axis=1) - shares < HALF)
    codes = np.array([need.code for need in instance.needs], dtype=object)[order]
    rows = zip(codes.tolist(), shares.tolist(), need.tolist(), competence.tolist(), wanted.sum(axis=1).tolist(), strict=True)
    return [tuple(Carried(*part) for part in list(zip(*columns, strict=True))[:count]) for *columns, count in rows]


def places(instance: Instance, officers: NDArray[np.int64], enterprises: NDArray[np.int64]) -> NDArray[np.object_]:
    """How each officer's place relates to the enterprise's: a key of ``PLACES``, or empty where it is not known. Shape (n_pairs,)."""
    tier = instance.text_of("officer", "tier")[officers]
    at = [
        (instance.text_of("officer", level)[officers], instance.text_of("enterprise", level)[enterprises]) for level in ("district", "town")
    ]
    district, town = ((mine == theirs) & (mine != "") for mine, theirs in at)
    known = (at[0][0] != "") & (at[0][1] != "")
    found = np.select([tier == "city", district & town, district, known], list(PLACES), "")
    return found.astype(object)


def noted(instance: Instance, notes: Notes, plan: Assignment) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Who said something about each pair, and why; empty where nobody did. Two shapes (n_pairs,)."""
    said: dict[int, list[int]] = {}
    for k, key in enumerate(instance.keys(notes).tolist()):
        said.setdefault(key, []).append(k)
    found = [said.get(key, []) for key in instance.keys(plan).tolist()]
    actor = ["; ".join(str(notes.actor[k] or "?") for k in places) for places in found]
    reason = ["; ".join(str(notes.reason[k] or "?") for k in places) for places in found]
    return np.array(actor, dtype=object), np.array(reason, dtype=object)
