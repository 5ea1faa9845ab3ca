"""Why each pair stands in the plan, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import pandas as pd

from matchmaker.report.headers import PLACES


class Words(NamedTuple):
    """The sentence's parts in one language."""

    need: str
    bare: str
    kept: str
    pinned: str
    joint: str
    stop: str


WORDS = {
    "en": Words(
        need="{need} carries {share:.0%} of the affinity ({requests:.2f} requests expected, officer's competence {competence:.0%})",
        bare="affinity {affinity:.3g}",
        kept="kept from last round",
        pinned="pinned by {actor}: {reason}",
        joint="; ",
        stop=".",
    ),
    "zh": Words(
        need="{need}占匹配度的{share:.0%}（预计诉求{requests:.2f}件，干部办结能力{competence:.0%}）",
        bare="匹配度{affinity:.3g}",
        kept="延续上轮结对",
        pinned="由{actor}点将：{reason}",
        joint="；",
        stop="。",
    ),
}


def reasons(frame: pd.DataFrame, needs: Mapping[str, str], language: Literal["en", "zh"]) -> list[str]:
    """One sentence a pair, from the plan's other columns.

    Parameters
    ----------
    frame
        A plan with the columns affinity, need, need_share, expected_requests, competence, place, kept, pinned_by and pin_reason.
    needs
        What each need is called, by code.
    """
    return [_sentence(row, needs, language) for row in frame.itertuples(index=False)]


def _sentence(row: Any, needs: Mapping[str, str], language: Literal["en", "zh"]) -> str:
    words = WORDS[language]
    parts = []
    if row.pinned_by:
        parts.append(words.pinned.format(actor=row.pinned_by, reason=row.pin_reason))
    if row.need:
        need = needs.get(row.need, row.need)
        parts.append(words.need.format(need=need, share=row.need_share, requests=row.expected_requests, competence=row.competence))
    else:
        parts.append(words.bare.format(affinity=row.affinity))
    if row.place:
        parts.append(PLACES[row.place][language == "zh"])
    if row.kept:
        parts.append(words.kept)
    return words.joint.join(parts) + words.stop
