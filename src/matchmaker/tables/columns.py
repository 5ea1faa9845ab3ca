"""What a column and a table are, before any is listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "id",
    "text",
    "label",
    "place",
    "count",
    "number",
    "degrees",
    "money",
    "date",
    "tier",
    "urgency",
    "flag",
    "need",
    "needs",
    "words",
    "credit_code",
]
Language = Literal["zh", "en"]

MOST = 2**31 - 1
SEPARATORS = ";；、,，/|｜\n"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Its canonical name, as a frame carries it.
    zh
        Chinese headers; the first is the one that is written.
    en
        Other English headers that mean the same.
    kind
        How a cell is read: see :mod:`matchmaker.tables.kinds`.
    required
        The column must be there.
    filled
        No cell may be empty.
    default
        What an empty cell, or a column that is not there, is read as. ``None``: worked out from the rest of the row.
    told
        Whether reading the default is worth a notice.
    """

    name: str
    zh: tuple[str, ...]
    en: tuple[str, ...] = ()
    kind: Kind = "text"
    required: bool = False
    filled: bool = False
    default: object = ""
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table.

    Parameters
    ----------
    name
        Its canonical name.
    zh
        Chinese names of its sheet or file; the first is the one that is written.
    en
        Other English names that mean the same.
    columns
        In the order that a frame carries them.
    required
        The table must be there and hold a row.
    key
        The columns whose values stand at most once together; empty when rows may repeat.
    open
        Whether columns of the planner's own are kept, as text, for rules that name them.
    """

    name: str
    zh: tuple[str, ...]
    en: tuple[str, ...] = ()
    columns: tuple[Column, ...]
    required: bool = False
    key: tuple[str, ...] = ()
    open: bool = False

    def column(self, name: str) -> Column:
        """One of its columns, by canonical name."""
        return next(column for column in self.columns if column.name == name)

    def with_own(self, names: Iterable[str]) -> Table:
        """The same table with the planner's own columns, for names that are not its own."""
        own = (Column(name=name, zh=(name,)) for name in names if name not in self.names)
        return replace(self, columns=(*self.columns, *own))

    @property
    def names(self) -> list[str]:
        """Canonical names of its columns, in order."""
        return [column.name for column in self.columns]
