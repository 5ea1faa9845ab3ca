"""What a pair rests on: competence times need, need by need."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matchmaker.explain.case import Case, Ints
from matchmaker.instance import Instance

OTHER = ("", "other", "其他")
"""What affinity holds beyond competence times need."""


def profile(case: Case) -> pd.DataFrame:
    """What the enterprise needs, or what the officer can do: need, zh, en, amount; the highest first.

    For an enterprise `amount` is the requests of that need expected open, those above 0; for an officer the probability of resolving
    one. Empty for a bare matrix.
    """
    instance = case.result.instance
    matrix = instance.need if case.side == "enterprise" else instance.competence
    columns = ["need", "zh", "en", "amount"]
    if matrix is None:
        return pd.DataFrame(columns=columns)
    rows = [(need.code, need.zh, need.en, float(amount)) for need, amount in zip(instance.needs, matrix[case.position], strict=True)]
    table = pd.DataFrame(rows, columns=columns)
    return table[table["amount"] > 0].sort_values("amount", ascending=False, kind="stable").reset_index(drop=True)


def basis(case: Case) -> tuple[str, str]:
    """What the profile rests on, in English and Chinese, as the tables say it; empty where they do not."""
    frame = case.result.instance.enterprises if case.side == "enterprise" else case.result.instance.officers
    if frame is None:
        return "", ""
    row = frame.iloc[case.position]
    if case.side == "enterprise":
        return str(row.get("basis", "")), str(row.get("basis_zh", ""))
    if "record" not in frame:
        return "", ""
    return f"requests resolved / handled so far: {row['record']}", f"至今办结 / 经办诉求：{row['record']}"


def contributions(case: Case, officers: Ints, enterprises: Ints) -> pd.DataFrame:
    """Each pair's affinity, need by need.

    Returns
    -------
    DataFrame
        Columns officer_id, enterprise_id, need, zh, en, competence, expected, contribution = competence x expected; those that are
        not 0, the highest first within a pair. What competence times need does not account for stands as need "".
    """
    instance = case.result.instance
    columns = ["officer_id", "enterprise_id", "need", "zh", "en", "competence", "expected", "contribution"]
    rows = [
        (instance.officer_ids[i], instance.enterprise_ids[j], *row)
        for i, j in zip(officers.tolist(), enterprises.tolist(), strict=True)
        for row in _by_need(instance, i, j)
    ]
    return pd.DataFrame(rows, columns=columns)


def _by_need(instance: Instance, i: int, j: int) -> list[tuple[str, str, str, float, float, float]]:
    affinity = float(instance.affinity.pairs(np.array([i]), np.array([j]))[0])
    rows = []
    if instance.competence is not None and instance.need is not None:
        each = zip(instance.needs, instance.competence[i].tolist(), instance.need[j].tolist(), strict=True)
        rows = [(need.code, need.zh, need.en, able, asked, able * asked) for need, able, asked in each if able * asked]
    rest = affinity - sum(row[-1] for row in rows)
    if rows and abs(rest) > 1e-9 * max(1.0, abs(affinity)):
        rows.append((*(OTHER[k] for k in (0, 2, 1)), np.nan, np.nan, rest))
    return sorted(rows, key=lambda row: -row[-1])
