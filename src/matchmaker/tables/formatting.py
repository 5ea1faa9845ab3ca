"""Values as a sheet shows them, in Chinese or English; reading them gives the values back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pandas as pd

from matchmaker.tables.cells import Cell
from matchmaker.tables.columns import Column, Kind, Language, Table
from matchmaker.tables.kinds import TIERS, URGENCIES, fold, split
from matchmaker.tables.needs import merged_needs, need_labels

JOINT = {"zh": "、", "en": ";"}
FLAGS = {"zh": {True: "是", False: "否"}, "en": {True: "true", False: "false"}}

SPELLED: dict[Kind, dict[str, tuple[str, ...]]] = {"tier": TIERS, "urgency": URGENCIES}


def header(column: Column, language: Language) -> str:
    """What stands above a column."""
    return column.zh[0] if language == "zh" else column.name


def title(table: Table, language: Language) -> str:
    """What a table's sheet or file is called."""
    return table.zh[0] if language == "zh" else table.name


def shown_needs(own: pd.DataFrame, language: Language) -> dict[str, str]:
    """How each need is written: in Chinese by its label, unless that would be read as something else; else by its code.

    Parameters
    ----------
    own
        The planner's own needs, or an empty frame.
    language
        "zh" or "en".
    """
    needs = merged_needs(own)
    labels = need_labels(needs)
    shown = dict(zip(needs["need"], needs["zh"] if language == "zh" else needs["need"], strict=True))
    return {code: label if labels.get(fold(label)) == code and split(label) == [label] else code for code, label in shown.items()}


def shown(frame: pd.DataFrame, column: Column, language: Language, needs: dict[str, str]) -> list[Cell]:
    """The cells of one column: text, whole numbers, numbers, days, tuples of text; None where nothing is known.

    Parameters
    ----------
    frame
        A canonical table.
    column
        Which column.
    language
        "zh" or "en".
    needs
        How each need is written: see :func:`shown_needs`.
    """
    values = frame[column.name]
    if column.kind == "date":
        return [None if pd.isna(day) else day.date() for day in values]
    if column.kind in ("number", "degrees", "money"):
        return [None if pd.isna(number) else float(number) for number in values]
    if column.kind == "count":
        return [int(number) for number in values]
    if column.kind == "flag":
        return [FLAGS[language][bool(flag)] for flag in values]
    if column.kind == "needs":
        return [tuple(needs.get(code, code) for code in codes) for codes in values]
    if column.kind == "words":
        return [tuple(words) for words in values]
    return list(map(_word(column, language, needs), values))


def as_text(cell: Cell, language: Language) -> str:
    """A cell of :func:`shown` as text.

    >>> as_text(("金融", "用地"), "zh"), as_text(1e-7, "zh"), as_text(None, "zh")
    ('金融、用地', '0.0000001', '')
    """
    if isinstance(cell, tuple):
        return JOINT[language].join(map(str, cell))
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f").removesuffix(".0")
    return "" if cell is None else str(cell)


def _word(column: Column, language: Language, needs: dict[str, str]) -> Callable[[str], str]:
    if column.kind == "need":
        return lambda code: needs.get(code, code)
    spelled = SPELLED.get(column.kind)
    return str if spelled is None or language == "en" else lambda value: spelled[value][0]
