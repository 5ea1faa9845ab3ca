"""plan.xlsx: one sheet for each reader."""

from __future__ import annotations

import datetime
import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matchmaker.files import replacing
from matchmaker.report.headers import CODES, Language, checked_language, header, need_names, say
from matchmaker.report.sheets import sheets
from matchmaker.result import Result

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

MADE = datetime.datetime(2000, 1, 1)
"""The date every workbook bears, so that the same plan gives the same bytes."""

NUMBERS = {
    "affinity": "0.000",
    "expected_requests": "0.00",
    "expected_open": "#,##0.00",
    "expected_resolved": "#,##0.00",
    "at_random": "#,##0.00",
    "price": "0.000",
    "need_share": "0%",
    "competence": "0%",
    "share": "0.0%",
}
WIDEST = 60


def write_workbook(result: Result, path: str | Path, language: str = "both") -> None:
    """Write plan.xlsx, whole or not at all.

    Sheets: summary, plan, by officer, by enterprise, unmet, districts, needs, what changed since last round, made by hand.

    Without a plan there are the summary, the diagnosis and what was made by hand. The same result gives the same bytes.

    Parameters
    ----------
    language
        "zh", "en", or "both", in which a header reads 干部编号 officer_id: planners and code both find it.

    Raises
    ------
    ConfigError
        For another language.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    spoken = checked_language(language)
    tables = sheets(result, spoken)
    with replacing(path) as partial:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
        book = Workbook(str(partial), options)
        book.set_properties({"created": MADE, "title": "matchmaker"})
        formats = _formats(book)
        for name, frame in tables:
            _write_sheet(book, name, _spoken(frame, result, spoken), spoken, formats)
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(errno.EIO, f"cannot be written ({error})", str(path)) from error


def _formats(book: Workbook) -> dict[str, Format]:
    formats = {code: book.add_format({"num_format": code}) for code in sorted(set(NUMBERS.values()))}
    formats["header"] = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "valign": "vcenter", "text_wrap": True})
    return formats


def _write_sheet(book: Workbook, name: str, frame: pd.DataFrame, language: Language, formats: dict[str, Format]) -> None:
    """One table: frozen header, filter, widths, number formats. Empty cells stay empty."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 32)
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    for at, column in enumerate(frame.columns):
        values = frame[column].tolist()
        title = header(str(column), language)
        sheet.set_column(at, at, _width(title, values), formats.get(NUMBERS.get(str(column), "")))
        sheet.write_string(0, at, title, formats["header"])
        for row, value in enumerate(values, start=1):
            if isinstance(value, str):
                if value:
                    sheet.write_string(row, at, value[:32767])
            elif np.isfinite(value):
                sheet.write_number(row, at, value)


def _width(title: str, values: list[Any]) -> float:
    """Wide enough for most cells: Chinese characters count as two."""
    head = max(_cells(word) for word in title.split(" "))
    sample = values[:: 1 + len(values) // 500]
    widths = sorted(_cells(value) if isinstance(value, str) else 8 for value in sample)
    usual = widths[int(0.95 * (len(widths) - 1))] if widths else 0
    return float(min(WIDEST, max(head + 4, usual + 2, 8)))


def _cells(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _spoken(frame: pd.DataFrame, result: Result, language: Language) -> pd.DataFrame:
    """The same table with codes in words: needs, tiers, places, kinds, yes and no; and reasons in the reader's language only."""
    frame = frame.copy()
    words: dict[str, dict[Any, str]] = {
        column: {code: say(pair, language) for code, pair in pairs.items()} for column, pairs in CODES.items()
    }
    words["need"] = dict(need_names(result.instance, language))
    for column, known in words.items():
        if column in frame:
            frame[column] = [known.get(value, str(value)) for value in frame[column].tolist()]
    unspoken = {"zh": ("reason", "why"), "en": ("reason_zh", "why_zh"), "both": ()}[language]
    return frame.drop(columns=[column for column in unspoken if column in frame])
