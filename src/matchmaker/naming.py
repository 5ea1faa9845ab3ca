"""A diagnosis as a reader of the tables knows it: ids for positions, and what those who cannot be reconciled have in common."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matchmaker.diagnosis import Diagnosis
from matchmaker.instance import Instance

MARK = re.compile(r"\{([oe])(\d+)\}")
"""Where a diagnosis names an officer or an enterprise by position."""
TRAITS: dict[Literal["officer", "enterprise"], tuple[tuple[str, str, str], ...]] = {
    "enterprise": (
        ("district", " in {}", "位于{}"),
        ("town", " in {}", "位于{}"),
        ("industry", " of {}", "属{}"),
        ("need", " that ask for {}", "诉求为{}"),
    ),
    "officer": (("department", " of {}", "来自{}"), ("tier", " of the {} tier", "{}级"), ("district", " in {}", "位于{}")),
}
"""Columns that are looked at, and how what is common in them is said."""
TIERS = {"city": "市", "county": "区县", "township": "乡镇"}
FEW = 2
"""Values up to which a column says something in common."""


def named(diagnosis: Diagnosis | None, instance: Instance) -> Diagnosis | None:
    """The same diagnosis with ids for positions, and with what the two sides have in common."""
    if diagnosis is None:
        return None
    ids = {"o": instance.officer_ids, "e": instance.enterprise_ids}

    def with_names(text: str) -> str:
        return MARK.sub(lambda found: str(ids[found[1]][int(found[2])]), text)

    return replace(
        diagnosis,
        officer_ids=instance.officer_ids[diagnosis.officers],
        enterprise_ids=instance.enterprise_ids[diagnosis.enterprises],
        notes=tuple((with_names(english), with_names(chinese)) for english, chinese in diagnosis.notes),
        mends=tuple(replace(mend, en=with_names(mend.en), zh=with_names(mend.zh)) for mend in diagnosis.mends),
        others=tuple(one for one in (named(other, instance) for other in diagnosis.others) if one is not None),
        common=(_common(instance, "enterprise", diagnosis.enterprises), _common(instance, "officer", diagnosis.officers)),
    )


def _common(instance: Instance, side: Literal["officer", "enterprise"], members: NDArray[np.int64]) -> tuple[str, str]:
    """What these members share and others do not, in English and Chinese; empty for nothing."""
    if len(members) < 2:
        return "", ""
    english, chinese = [], []
    for column, en, zh in TRAITS[side]:
        cells = _main_needs(instance) if column == "need" else instance.text_of(side, column)
        values = sorted({str(cell) for cell in cells[members].tolist()})
        if len(values) > FEW or "" in values or len(set(cells.tolist())) <= len(values):
            continue
        spoken = [_spoken(instance, column, value) for value in values]
        english.append(en.format(" or ".join(pair[0] for pair in spoken)))
        chinese.append(zh.format("、".join(pair[1] for pair in spoken)))
    return "".join(english), "".join(f"；{part}" for part in chinese)


def _main_needs(instance: Instance) -> NDArray[np.object_]:
    """The code of each enterprise's largest need; empty where it has none. Shape (n_enterprises,)."""
    if instance.need is None or not instance.needs:
        return np.full(instance.shape[1], "", dtype=object)
    codes = np.array([need.code for need in instance.needs], dtype=object)
    return np.where(instance.need.max(axis=1) > 0, codes[instance.need.argmax(axis=1)], "").astype(object)


def _spoken(instance: Instance, column: str, value: str) -> tuple[str, str]:
    if column == "tier":
        return value, TIERS.get(value, value)
    if column == "need":
        return next(((need.en, need.zh) for need in instance.needs if need.code == value), (value, value))
    return value, value
