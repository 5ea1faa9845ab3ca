"""From cells to a typed frame: one table at a time, every cell that cannot be used named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.errors import Failure
from matchmaker.tables.aliases import Aliases, Match, spellings
from matchmaker.tables.cells import Bad, Cell, Noted, is_blank, plain
from matchmaker.tables.columns import Column, Kind, Table
from matchmaker.tables.hints import NEAR, hint, nearest
from matchmaker.tables.kinds import Reader
from matchmaker.tables.money import money, unit_of
from matchmaker.tables.notices import Notice
from matchmaker.tables.raw import Raw

DTYPES: dict[Kind, str] = {
    "count": "int64",
    "number": "float64",
    "degrees": "float64",
    "money": "float64",
    "date": "datetime64[s]",
    "flag": "bool",
    "needs": "object",
    "words": "object",
}
UNKNOWN = -1


@dataclass(kw_only=True)
class Parsed:
    """A table that was read, with what is wrong in it.

    Parameters
    ----------
    table
        What it should be.
    sheet
        What the reader calls it.
    frame
        Canonical columns; a cell that cannot be used holds the column's default.
    rows
        Shape (n_rows,). The number of each row as the reader sees it.
    headers
        The header that stood for each column.
    bad
        For each column with cells that cannot be used, which: shape (n_rows,), bool.
    failures, notices
        What was found so far.
    """

    table: Table
    sheet: str
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    headers: dict[str, str]
    bad: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def fail(self, row: int | None, column: str, value: object, why: Bad) -> None:
        """Name a cell (position `row`), or a whole column, that cannot be used."""
        self.failures.append(
            Failure(
                sheet=self.sheet,
                row=None if row is None else int(self.rows[row]),
                column=self.headers.get(column, column),
                value=value,
                problem=why.problem,
                expected=why.expected,
                problem_zh=why.problem_zh,
                expected_zh=why.expected_zh,
            )
        )

    def note(self, row: int | None, column: str, value: object, notice: str, notice_zh: str) -> None:
        """Tell of a cell (position `row`) or a whole column."""
        at = None if row is None else int(self.rows[row])
        self.notices.append(Notice(self.sheet, at, self.headers.get(column, column), str(value), notice, notice_zh))

    def sound(self, column: str) -> NDArray[np.bool_]:
        """Which cells of a column could be used. Shape (n_rows,)."""
        return ~self.bad.get(column, np.zeros(len(self.rows), dtype=bool))


def parse(table: Table, raw: Raw, aliases: Aliases, readers: Mapping[Kind, Reader]) -> Parsed:
    """Read a sheet as a table.

    Parameters
    ----------
    table
        What it should be.
    raw
        Its headers and cells.
    aliases
        What headers mean.
    readers
        How a cell of each kind is read.
    """
    match = aliases.match(table.name, raw.headers)
    headers = {name: raw.headers[at] for name, at in match.found.items()}
    parsed = Parsed(table=table, sheet=raw.sheet, frame=pd.DataFrame(index=range(len(raw.rows))), rows=raw.rows, headers=headers)
    near = _tell_headers(parsed, raw, match)
    columns = {}
    for column in table.columns:
        at = match.found.get(column.name)
        if at is None:
            _tell_missing(parsed, column, near)
            values = _repeat(_default(column), len(raw.rows))
        else:
            values = _read_column(parsed, column, raw.cells[at], _reader(column, headers[column.name], readers))
        columns[column.name] = pd.Series(values.astype(DTYPES.get(column.kind, "object")), dtype=DTYPES.get(column.kind, str))
    for at in match.unknown if table.open else ():
        if raw.headers[at].strip() and raw.headers[at] not in columns:
            cells = ["" if _says_nothing(cell, "text") else plain(cell) for cell in raw.cells[at]]
            columns[raw.headers[at]] = pd.Series(cells, dtype=str)
    parsed.frame = pd.DataFrame(columns)
    if table.required and not len(raw.rows) and not parsed.failures:
        parsed.fail(
            None, "", None, Bad(problem="holds no row", problem_zh="没有数据行", expected="at least one row", expected_zh="至少一行")
        )
    return parsed


def empty(table: Table) -> pd.DataFrame:
    """A table without rows: the right columns, of the right types."""
    return pd.DataFrame({column.name: pd.Series([], dtype=DTYPES.get(column.kind, str)) for column in table.columns})


def _reader(column: Column, header: str, readers: Mapping[Kind, Reader]) -> Reader:
    return partial(money, unit=unit_of(header)) if column.kind == "money" else readers[column.kind]


def _default(column: Column) -> object:
    return UNKNOWN if column.kind == "count" and column.default is None else column.default


def _repeat(value: object, times: int) -> NDArray[np.object_]:
    values = np.empty(times, dtype=object)
    values[:] = [value] * times
    return values


def _read_column(parsed: Parsed, column: Column, cells: list[Cell], reader: Reader) -> NDArray[np.object_]:
    """The values of a column: each different cell is read once."""
    places: dict[Cell, int] = {}
    codes = np.fromiter((places.setdefault(cell, len(places)) for cell in cells), np.int64, len(cells))
    distinct = list(places)
    blank = np.array([_says_nothing(cell, column.kind) for cell in distinct], dtype=bool)
    found = [_default(column) if nothing else reader(cell) for cell, nothing in zip(distinct, blank, strict=True)]
    blank |= np.array([column.filled and value == "" for value in found], dtype=bool)
    bad = np.array([isinstance(value, Bad) for value in found], dtype=bool)
    noted = np.array([isinstance(value, Noted) for value in found], dtype=bool)
    values = np.empty(len(found), dtype=object)
    values[:] = [_default(column) if isinstance(value, Bad) else value.value if isinstance(value, Noted) else value for value in found]
    if bad.any():
        parsed.bad[column.name] = bad[codes]
        for row in np.flatnonzero(bad[codes]):
            parsed.fail(int(row), column.name, cells[row], found[codes[row]])
    for row in np.flatnonzero(noted[codes]):
        note = found[codes[row]]
        parsed.note(int(row), column.name, plain(cells[row]), note.notice, note.notice_zh)
    _tell_blanks(parsed, column, blank[codes])
    unknown = np.array([not nothing and _unknown(value) for value, nothing in zip(found, blank, strict=True)], dtype=bool)
    if times := int(unknown[codes].sum()):
        parsed.note(None, column.name, "", f"in {times} cells said to be unknown: read as empty", f"{times} 个单元格标为不详，按空值处理")
    return values[codes]


def _says_nothing(cell: Cell, kind: Kind) -> bool:
    return is_blank(cell) or (kind != "count" and isinstance(cell, float) and math.isnan(cell))


def _unknown(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _tell_blanks(parsed: Parsed, column: Column, blank: NDArray[np.bool_]) -> None:
    if not blank.any():
        return
    if column.filled:
        why = Bad(problem="is empty", problem_zh="为空", expected="a value in every row", expected_zh="每行都填写")
        parsed.bad[column.name] = blank | ~parsed.sound(column.name)
        for row in np.flatnonzero(blank):
            parsed.fail(int(row), column.name, None, why)
    elif column.told:
        times, (read, read_zh) = int(blank.sum()), _default_words(column)
        parsed.note(None, column.name, "", f"{times} empty cells: {read}", f"{times} 个空单元格：{read_zh}")


def _tell_missing(parsed: Parsed, column: Column, near: Mapping[str, str]) -> None:
    if column.required:
        like, like_zh = hint(near.get(column.name, ""))
        why = Bad(
            problem=f"column {column.name} is missing.{like}",
            problem_zh=f"缺少列 {column.zh[0]}{like_zh}",
        )
        parsed.fail(None, column.name, None, why)
    elif column.told and len(parsed.rows):
        read, read_zh = _default_words(column)
        parsed.note(None, column.name, "", f"the column is not there: {read}", f"没有此列：{read_zh}")


def _default_words(column: Column) -> tuple[str, str]:
    if column.default is None:
        return "read as 1, or as the other bound asks", "按 1 或另一界限处理"
    return f"read as {column.default}", f"按 {column.default} 处理"


def _tell_headers(parsed: Parsed, raw: Raw, match: Match) -> dict[str, str]:
    """Tell of headers that are not used; gives the unknown header that is nearest to each column that is not there."""
    for column, places in match.twice.items():
        shown = ", ".join(raw.headers[at] for at in places)
        why = Bad(
            problem=f"several columns mean {column}: {shown}",
            problem_zh=f"多列表示同一内容：{shown}",
            expected="one of them; leave the others out with aliases={header: None}",
            expected_zh="只保留一列，或用 aliases 排除其余",
        )
        parsed.fail(None, column, None, why)
    for at, column in match.spare.items():
        kept = parsed.headers[column]
        parsed.note(None, raw.headers[at], "", f"left out: {kept} stands for {column}", f"未读取：已以“{kept}”为准")
    absent = {word: column for word, column in spellings(parsed.table.name).items() if column not in match.found}
    near: dict[str, str] = {}
    for at in match.unknown:
        header = raw.headers[at]
        word, likeness = nearest(header, absent)
        like, like_zh = hint(word)
        if word:
            near.setdefault(absent[word], header)
        if likeness >= NEAR and not parsed.table.column(absent[word]).required:
            why = Bad(
                problem=f"is not a known column.{like}",
                problem_zh=f"未知的列{like_zh}",
                expected="a known header, or aliases={header: None} to leave it out",
                expected_zh="已知表头，或用 aliases 排除",
            )
            parsed.fail(None, header, None, why)
        elif parsed.table.open and header.strip():
            parsed.note(
                None, header, "", f"an unknown column: kept for rules that name it.{like}", f"未知的列：供点名此列的规则使用{like_zh}"
            )
        else:
            parsed.note(None, header, "", f"an unknown column: left out.{like}", f"未知的列，未读取{like_zh}")
    return near
