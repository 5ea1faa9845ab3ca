"""Pairs that somebody named, with who said so and why: the instance's own, and those that a rule of the policy brought."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matchmaker.constraints.noted import Noted
from matchmaker.instance import Notes
from matchmaker.result import Result

WORDS = {"pin": ("pin", "点将"), "veto": ("veto", "否决"), "recusal": ("recusal", "回避")}


def notes_of(result: Result) -> list[tuple[str, Notes]]:
    """(kind, notes) of pins, vetoes and recusals, in this order; a note that stands in both places once."""
    instance = result.instance
    own = {"pin": [instance.pins], "veto": [instance.vetoes], "recusal": [instance.recusals]}
    for rule in getattr(result.recipe, "constraints", ()):
        if isinstance(rule, Noted) and rule.notes is not None:
            own[rule.rule].append(rule.notes)
    return [(kind, _joined(several)) for kind, several in own.items()]


def kept_apart(result: Result) -> NDArray[np.object_]:
    """For each pair of the plan whom its enterprise was not to have, or (where that has nobody) its officer: who said so, and why.

    Shape (n_pairs,); empty where nobody was.
    """
    instance, plan = result.instance, result.assignment
    said: list[list[str]] = [[] for _ in range(len(plan))]
    for kind, officer, enterprise, actor, reason in _lines(result):
        rows = np.flatnonzero(plan.enterprises == enterprise)
        rows = rows if len(rows) else np.flatnonzero(plan.officers == officer)
        pair = f"{'/'.join(WORDS[kind])} {instance.officer_ids[officer]} - {instance.enterprise_ids[enterprise]}"
        text = f"{pair}, {actor or '?'}: {reason or '?'}"
        for row in rows.tolist():
            said[row].append(text)
    return np.array(["; ".join(texts) for texts in said] + [""], dtype=object)[:-1]


def _lines(result: Result) -> Iterator[tuple[str, int, int, str, str]]:
    for kind, notes in notes_of(result):
        if kind != "pin":
            columns = notes.officers.tolist(), notes.enterprises.tolist(), map(str, notes.actor), map(str, notes.reason)
            yield from ((kind, *row) for row in zip(*columns, strict=True))


def _joined(several: list[Notes]) -> Notes:
    if len(several) == 1:
        return several[0]
    rows = dict.fromkeys(
        row
        for notes in several
        for row in zip(notes.officers.tolist(), notes.enterprises.tolist(), notes.actor.tolist(), notes.reason.tolist(), strict=True)
    )
    officers, enterprises, actor, reason = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    return Notes(
        officers=np.array(officers, np.int64),
        enterprises=np.array(enterprises, np.int64),
        actor=np.array([*actor, ""], dtype=object)[:-1],
        reason=np.array([*reason, ""], dtype=object)[:-1],
    )
