"""A cell before it is understood: what it may be, and its plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Cell = str | int | float | date | tuple["Cell", ...] | None

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_EDGES = " \t\n\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u3000\ufeff\u1680"
_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
NOTHING_KNOWN = frozenset(
    {"n/a", "na", "nan", "null", "none", "-", "--", "—", "——", "无", "不详", "未知", "未公示", "不公示", "企业选择不公示"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """Why a cell cannot be used."""

    problem: str
    problem_zh: str
    expected: str = ""
    expected_zh: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A value that is not quite what the cell said, and what the reader should know of it."""

    value: object
    notice: str
    notice_zh: str


def plain(cell: Cell) -> str:
    """The cell as text: Excel's 1001.0 is "1001", a date is ISO, edges are stripped, control characters are dropped."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f").removesuffix(".0")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, tuple):
        return ";".join(map(plain, cell))
    return "" if cell is None else str(cell)


def tidy(text: str) -> str:
    """Without blanks at its edges and without characters that no sheet can hold; line ends are one character.

    >>> tidy("\u3000E001\\r\\n")
    'E001'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    return text.strip(_EDGES)


def half_width(text: str) -> str:
    """Full-width letters, digits and punctuation as their ASCII twins.

    >>> half_width("（３００）")
    '(300)'
    """
    return text if text.isascii() else text.translate(_HALF_WIDTH)


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing in it."""
    return cell is None or (isinstance(cell, str) and not tidy(cell)) or (isinstance(cell, tuple) and not cell)
