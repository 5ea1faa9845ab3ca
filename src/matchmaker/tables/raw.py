"""A table as it was found: headers and cells, nothing understood yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.tables.cells import Cell, is_blank


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One sheet, file or frame before it is understood.

    Parameters
    ----------
    sheet
        What the reader calls it: a file's or a sheet's name.
    headers
        The headers as written.
    cells
        One list a column, all of one length.
    rows
        The number of each row as the reader sees it; under a header in row 1 the first is 2.
    """

    sheet: str
    headers: list[str]
    cells: list[list[Cell]]
    rows: NDArray[np.int64]


def from_lines(sheet: str, lines: Sequence[Sequence[Cell]], header_at: int = 0) -> Raw:
    """A sheet from its lines, all of one width from the header on.

    Rows in which nothing stands are left out, and so are columns in which nothing stands, header included.
    """
    headers = ["" if is_blank(cell) else str(cell).strip() for cell in lines[header_at]]
    rows = [at for at in range(header_at + 1, len(lines)) if not all(map(is_blank, lines[at]))]
    columns: list[list[Cell]] = [list(column) for column in zip(*(lines[at] for at in rows), strict=True)] or [[] for _ in headers]
    kept = [at for at, header in enumerate(headers) if header or not all(map(is_blank, columns[at]))]
    return Raw(
        sheet=sheet,
        headers=[headers[at] for at in kept],
        cells=[columns[at] for at in kept],
        rows=np.array(rows, dtype=np.int64) + 1,
    )


def from_frame(sheet: str, frame: pd.DataFrame) -> Raw:
    """A sheet from a frame. Rows are numbered as if a header stood above them."""
    cells = [_column(frame.iloc[:, at]) for at in range(frame.shape[1])]
    return Raw(sheet=sheet, headers=[str(header) for header in frame.columns], cells=cells, rows=np.arange(2, len(frame) + 2))


def _column(series: pd.Series[Any]) -> list[Cell]:
    kind = series.dtype
    nan_is_blank = not pd.api.types.is_float_dtype(kind) and not pd.api.types.is_object_dtype(kind)
    return [as_cell(value, nan_is_blank=nan_is_blank) for value in series.astype(object).tolist()]


def as_cell(value: object, *, nan_is_blank: bool = False) -> Cell:
    """Whatever a frame holds, as one of the few things a cell may be."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        return None if nan_is_blank and math.isnan(value) else float(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, datetime | date):
        return value
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return tuple(as_cell(item, nan_is_blank=True) for item in (sorted(value) if isinstance(value, set | frozenset) else value))
    return str(value)
