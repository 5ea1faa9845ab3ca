"""Why each pair stands in the plan, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from matchmaker.report.headers import PLACES
from matchmaker.words import Language


class Carried(NamedTuple):
    """A need's part in a pair's affinity: its code, share of the affinity, requests expected there, the officer's competence in it."""

    need: str
    share: float
    requests: float
    competence: float


class Phrases(NamedTuple):
    """The sentence's parts in one language."""

    first: str
    more: str
    between: str
    bare: str
    kept: str
    pinned: str
    joint: str
    stop: str


PHRASES = {
    "en": Phrases(
        first="{need} carries {share:.0%} of the affinity ({requests:.2f} requests expected, officer's competence {competence:.0%})",
        more="{need} {share:.0%} ({requests:.2f}, {competence:.0%})",
        between=", ",
        bare="affinity {affinity:.3g}",
        kept="kept from last round",
        pinned="pinned by {actor}: {reason}",
        joint="; ",
        stop=".",
    ),
    "zh": Phrases(
        first="{need}占匹配度的{share:.0%}（预计诉求{requests:.2f}件，干部办结能力{competence:.0%}）",
        more="{need}{share:.0%}（{requests:.2f}件，{competence:.0%}）",
        between="、",
        bare="匹配度{affinity:.3g}",
        kept="延续上轮结对",
        pinned="由{actor}点将：{reason}",
        joint="；",
        stop="。",
    ),
}


def reasons(frame: pd.DataFrame, carried: Sequence[tuple[Carried, ...]], needs: Mapping[str, str], language: Language) -> list[str]:
    """One sentence a pair.

    Parameters
    ----------
    frame
        A plan with the columns affinity, place, kept, pinned_by and pin_reason.
    carried
        For each pair the needs that carry most of its affinity, largest first.
    needs
        What each need is called, by code.
    """
    return [_sentence(row, parts, needs, language) for row, parts in zip(frame.itertuples(index=False), carried, strict=True)]


def _sentence(row: Any, carried: tuple[Carried, ...], needs: Mapping[str, str], language: Language) -> str:
    phrases = PHRASES[language]
    parts = []
    if row.pinned_by:
        parts.append(phrases.pinned.format(actor=row.pinned_by, reason=row.pin_reason))
    told = [
        (phrases.more if place else phrases.first).format(**part._replace(need=needs.get(part.need, part.need))._asdict())
        for place, part in enumerate(carried)
    ]
    parts.append(phrases.between.join(told) if told else phrases.bare.format(affinity=row.affinity))
    if row.place:
        parts.append(PLACES[row.place][language == "zh"])
    if row.kept:
        parts.append(phrases.kept)
    return phrases.joint.join(parts) + phrases.stop
