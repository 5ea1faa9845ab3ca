"""Days as sheets write them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from matchmaker.tables.cells import NOTHING_KNOWN, Bad, Cell, Noted, half_width, plain

NOT_A_DATE = Bad(
    problem="is not a date",
    problem_zh="不是日期",
    expected="a day such as 2023-07-01, 2023/7/1 or 2023年7月1日",
    expected_zh="日期，如 2023-07-01、2023/7/1、2023年7月1日",
)
NO_SUCH_DAY = Bad(problem="is a day that does not exist", problem_zh="日期不存在", expected="a day of the calendar", expected_zh="有效日期")
DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?|(\d{2})(\d{2}))"
)
TIME = re.compile(r"[T ]?\s*(?:\d{1,2}[:时]\d{1,2}(?:[:分]\d{0,2}(?:\.\d+)?秒?)?)?\s*(?:Z|[+-]\d\d:?\d\d)?")
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_DAYS = (10_000, 80_000)
FAR, FEWEST = 5 * 365, 4


def strays(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Which days lie far from the others: over five years, and twice the middle half's span, from the median. Shape (n_days,).

    Of fewer than four known days none can be told to be the odd one; a day that is not known (NaT) never is.
    """
    known = np.sort(days[~np.isnat(days)]).astype(np.int64)
    if len(known) < FEWEST:
        return np.zeros(len(days), dtype=bool)
    quarter = len(known) // 4
    middle, span = known[len(known) // 2], known[-1 - quarter] - known[quarter]
    away = np.abs(days.astype("datetime64[D]").astype(np.int64) - middle)
    return np.asarray(~np.isnat(days) & (away > FAR + 2 * span), dtype=np.bool_)


def day(cell: Cell) -> date | Bad | Noted | None:
    """A day, None when the cell says that it is not known. A time of day is left out."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = half_width(plain(cell))
    if text.casefold() in NOTHING_KNOWN:
        return None
    if re.fullmatch(r"\d{5}", text) and EXCEL_DAYS[0] <= int(text) < EXCEL_DAYS[1]:
        found = EXCEL_EPOCH + timedelta(days=int(text))
        return Noted(found, f"a number, read as Excel's day {found.isoformat()}", f"数字，按 Excel 日期读作 {found.isoformat()}")
    match = DAY.match(text)
    if match is None or not TIME.fullmatch(text[match.end() :]):
        return NOT_A_DATE
    year, month, of_month = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, of_month)
    except ValueError:
        return NO_SUCH_DAY
