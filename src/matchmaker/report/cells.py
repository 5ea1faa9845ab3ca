"""Tables as a page shows them: every cell is either data, shown as it is, or a word in both languages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from matchmaker.report.headers import CODES, HEADERS

FORMATS = {
    "affinity": "{:.3f}",
    "price": "{:.3f}",
    "competence": "{:.0%}",
    "share": "{:.1%}",
}
"""How a number of each column is written; whole numbers otherwise."""
REQUESTS = ("expected_open", "expected_resolved", "at_random")


class Words(NamedTuple):
    """The same words in English and Chinese."""

    en: str
    zh: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table ready for the page.

    Parameters
    ----------
    caption
        What it shows.
    heads
        One header a column.
    numeric
        Which columns hold numbers.
    rows
        Cells: a text is data, a pair is words.
    """

    caption: Words
    heads: list[Words]
    numeric: list[bool]
    rows: list[list[str | Words]]


def table(frame: pd.DataFrame, columns: list[str], caption: Words, needs: Mapping[str, Words]) -> Table:
    """Some columns of a frame, formatted; codes of needs, tiers, places and kinds become words."""
    return Table(
        caption=caption,
        heads=[head(column) for column in columns],
        numeric=[pd.api.types.is_numeric_dtype(frame[column]) and not pd.api.types.is_bool_dtype(frame[column]) for column in columns],
        rows=[
            [cell(column, value, needs) for column, value in zip(columns, row, strict=True)]
            for row in frame[columns].itertuples(index=False, name=None)
        ],
    )


def head(column: str) -> Words:
    """A column's header in words."""
    return Words(column.replace("_", " "), HEADERS.get(f"{column}_zh", HEADERS.get(column, column)))


def cell(column: str, value: Any, needs: Mapping[str, Words]) -> str | Words:
    """One cell: a number as it is written, a code in words, anything else as it is."""
    known: Mapping[Any, tuple[str, str]] = needs if column == "need" else CODES.get(column, {})
    if isinstance(value, Words):
        return value
    if value in known:
        return Words(*known[value])
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return "–" if math.isnan(value) else "∞"
    if column in REQUESTS:
        return requests(value)
    return FORMATS.get(column, "{:,.0f}").format(value)


def requests(count: float) -> str:
    """An expected number of requests: two decimals below ten, one from there on."""
    return f"{count:,.2f}" if abs(count) < 10 else f"{count:,.1f}"
