"""What was read otherwise than it stood: told, never lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd


class Notice(NamedTuple):
    """One thing that the reader of a sheet should know."""

    sheet: str
    row: int | None
    column: str
    value: str
    notice: str
    notice_zh: str


def notices_frame(notices: Iterable[Notice]) -> pd.DataFrame:
    """A table of notices: sheet, row (empty for a whole column or sheet), column, value, notice, notice_zh."""
    frame = pd.DataFrame(list(notices), columns=list(Notice._fields))
    frame["row"] = frame["row"].astype("Int64")
    return frame.astype(dict.fromkeys((name for name in Notice._fields if name != "row"), str))
