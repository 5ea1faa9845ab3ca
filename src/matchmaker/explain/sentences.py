"""An explanation's words, in both languages."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from matchmaker.words import Language

if TYPE_CHECKING:
    from matchmaker.explain.explanation import Explanation

PARTS = 4
"""Needs that a pair's sentence names; the rest are added up. The table ``contributions`` has them all."""

WORDS: dict[str, tuple[str, str]] = {
    "needs": (
        "{who} is expected to have {total:.2f} requests open, weighted by urgency: {list}.",
        "{who} 预计有 {total:.2f} 件诉求（按紧急程度加权）：{list}。",
    ),
    "can": ("{who} resolves requests with these probabilities: {list}.", "{who} 对各类诉求的办结概率：{list}。"),
    "basis": ("This rests on: {basis}.", "依据：{basis}。"),
    "nobody": ("Nobody is paired with {who}.", "{who} 没有结对。"),
    "pair": (
        "{officer} serves {enterprise}: affinity {affinity:.3g}{why}{notes}.",
        "{officer} 服务 {enterprise}：匹配度 {affinity:.3g}{why}{notes}。",
    ),
    "why": (" = {list}", " = {list}"),
    "part": (
        "{need} {share:.3g} (competence {able:.0%} x {asked:.2f} requests)",
        "{need} {share:.3g}（能力 {able:.0%} × 诉求 {asked:.2f} 件）",
    ),
    "rest": ("{need} {share:.3g}", "{need} {share:.3g}"),
    "others": ("other needs {share:.3g}", "其余需求 {share:.3g}"),
    "kept": ("; kept from last round", "；延续上轮结对"),
    "pinned": ("; set by {actor}: {reason}", "；由 {actor} 点将：{reason}"),
    "next": ("The next best:", "其次可选："),
    "none": ("There is no alternative.", "没有其他可选。"),
    "better": ("Worth more, but not allowed:", "匹配度更高、但规则不允许的："),
    "forbidden": (
        "{pair}: affinity {affinity:.3g}, not allowed ({rule}){now}.",
        "{pair}：匹配度 {affinity:.3g}，规则不允许（{rule}）{now}。",
    ),
    "allowed": ("{pair}: affinity {affinity:.3g}{now}{loss}{note}.", "{pair}：匹配度 {affinity:.3g}{now}{loss}{note}。"),
    "now_enterprise": ("; now serves {ids}", "；现服务 {ids}"),
    "now_officer": ("; now served by {ids}", "；现由 {ids} 服务"),
    "free_enterprise": ("; serves nobody now", "；现未服务企业"),
    "free_officer": ("; served by nobody now", "；现无干部服务"),
    "at_least": ("; the city would lose at least {loss:.3g}", "；全市至少损失 {loss:.3g}"),
    "exactly": ("; the city would lose exactly {loss:.4g}, {count} pairs would change", "；全市恰好损失 {loss:.4g}，变动 {count} 对"),
    "unproven": ("; what the city would lose is not proven", "；全市损失未经证明"),
    "note": ("; {note}", ";{note}"),
}


def sentences(explanation: Explanation, language: Language) -> Iterator[str]:
    """The answer, line by line: the profile, the pairs and why, the next best and what each would lose."""
    say = _Say(language)
    who = _named(explanation.id, explanation.name)
    yield from _profile(explanation, say, who)
    for pair in explanation.pairs.to_dict("records"):
        yield _pair(explanation, say, who, pair)
    if not len(explanation.pairs):
        yield say("nobody", who=who)
    rows = explanation.alternatives.to_dict("records")
    yield say("next" if any(row["allowed"] for row in rows) else "none")
    yield from ("  " + _alternative(explanation, say, row) for row in rows if row["allowed"])
    if not all(row["allowed"] for row in rows):
        yield say("better")
        yield from ("  " + _alternative(explanation, say, row) for row in rows if not row["allowed"])


class _Say:
    """Fills in the words of one language."""

    def __init__(self, language: Language) -> None:
        self.at = int(language == "zh")
        self.need = language
        self.comma = ", " if language == "en" else "、"

    def __call__(self, words: str, **parts: object) -> str:
        return WORDS[words][self.at].format(**parts)


def _profile(explanation: Explanation, say: _Say, who: str) -> Iterator[str]:
    rows = explanation.profile.to_dict("records")
    if rows:
        form = "{:.2f}" if explanation.side == "enterprise" else "{:.0%}"
        listed = say.comma.join(f"{row[say.need]} {form.format(row['amount'])}" for row in rows)
        total = float(explanation.profile["amount"].sum())
        yield say("needs" if explanation.side == "enterprise" else "can", who=who, total=total, list=listed)
    if explanation.basis[say.at]:
        yield say("basis", basis=explanation.basis[say.at].rstrip("。."))


def _pair(explanation: Explanation, say: _Say, who: str, pair: dict[Any, Any]) -> str:
    table = explanation.contributions
    mine = table[(table["officer_id"] == pair["officer_id"]) & (table["enterprise_id"] == pair["enterprise_id"])]
    parts = _parts(say, mine.to_dict("records"))
    notes = say("kept") if pair["kept"] else ""
    if pair["pinned_by"]:
        notes += say("pinned", actor=pair["pinned_by"], reason=pair["pin_reason"])
    own, other = ("enterprise", "officer") if explanation.side == "enterprise" else ("officer", "enterprise")
    names = {own: who, other: _named(pair[f"{other}_id"], pair["partner"])}
    why = say("why", list=" + ".join(parts)) if parts else ""
    return say("pair", **names, affinity=pair["affinity"], why=why, notes=notes)


def _parts(say: _Say, rows: list[dict[Any, Any]]) -> list[str]:
    """What a pair's affinity is made of; what carries little is added up."""
    most = PARTS if len(rows) > PARTS + 1 else len(rows)
    parts = [
        say("part" if row["need"] else "rest", need=row[say.need], share=row["contribution"], able=row["competence"], asked=row["expected"])
        for row in rows[:most]
    ]
    return [*parts, say("others", share=sum(row["contribution"] for row in rows[most:]))] if rows[most:] else parts


def _alternative(explanation: Explanation, say: _Say, row: dict[Any, Any]) -> str:
    other = "officer" if explanation.side == "enterprise" else "enterprise"
    serves = row["serves_now"]
    now = say(f"now_{explanation.side}", ids=say.comma.join(map(str, serves))) if serves else say(f"free_{explanation.side}")
    pair = _named(row[f"{other}_id"], row["partner"])
    if not row["allowed"]:
        return say("forbidden", pair=pair, affinity=row["affinity"], rule=row["forbidden_by_zh" if say.at else "forbidden_by"], now=now)
    note = row["note_zh" if say.at else "note"]
    shown = say("note", note=note) if note else ""
    return say("allowed", pair=pair, affinity=row["affinity"], now=now, loss=_loss(say, row), note=shown)


def _loss(say: _Say, row: dict[Any, Any]) -> str:
    if math.isfinite(row["loses"]):
        return say("exactly", loss=row["loses"], count=len(row["changes"]))
    if math.isinf(row["loses"]):
        return ""
    if math.isfinite(row["loses_at_least"]):
        return say("at_least", loss=row["loses_at_least"])
    return say("unproven")


def _named(key: object, name: str) -> str:
    return f"{key} ({name})" if name else str(key)
