"""Find the tables in a folder or a workbook, and read their cells."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matchmaker.errors import DataError, Failure
from matchmaker.tables.aliases import Aliases
from matchmaker.tables.cells import Cell, is_blank
from matchmaker.tables.decoding import decode
from matchmaker.tables.hints import NEAR, hint, nearest
from matchmaker.tables.notices import Notice
from matchmaker.tables.raw import Raw, as_cell, from_lines
from matchmaker.tables.schema import SCHEMA

READABLE = (".csv", ".parquet")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
HEADER_WITHIN = 10
LONGEST_FIELD = 2**31 - 1


@dataclass(kw_only=True)
class Found:
    """What a folder or workbook holds.

    Parameters
    ----------
    raws
        The cells of each table that was found.
    sources
        SHA-256 of every file that was read, by its name.
    failures, notices
        What cannot be read, and what was left out.
    """

    raws: dict[str, Raw] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def read(path: Path, aliases: Aliases, sheets: Mapping[str, str]) -> Found:
    """Read every table that stands in a folder of CSV or Parquet files, or in one workbook.

    Parameters
    ----------
    path
        The folder or workbook.
    aliases
        What names mean.
    sheets
        The file or sheet that holds a table, for tables whose name does not say so.

    Raises
    ------
    DataError
        When there is no such folder or workbook, or it is of another kind.
    """
    if path.is_dir():
        return _read_folder(path, aliases, sheets)
    if not path.exists():
        beside = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
        like, like_zh = hint(nearest(path.name, beside)[0])
        raise DataError([Failure(sheet=str(path), problem=f"is not there.{like}", problem_zh=f"文件或文件夹不存在{like_zh}")])
    if path.suffix.lower() in WORKBOOKS:
        return _read_workbook(path, aliases, sheets)
    raise DataError(
        [
            Failure(
                sheet=str(path),
                problem="is neither a folder nor a workbook",
                problem_zh="既不是文件夹也不是工作簿",
                expected="a folder of .csv or .parquet files, or one .xlsx workbook",
                expected_zh="含 .csv 或 .parquet 文件的文件夹，或一个 .xlsx 工作簿",
            )
        ]
    )


def _read_folder(path: Path, aliases: Aliases, sheets: Mapping[str, str]) -> Found:
    found = Found()
    files = {
        entry.name: entry for entry in sorted(path.iterdir()) if entry.suffix.lower() in READABLE and not entry.name.startswith((".", "~"))
    }
    for table, name in _identify(found, {name: entry.stem for name, entry in files.items()}, aliases, sheets).items():
        try:
            found.raws[table], found.sources[name] = read_file(files[name], table, aliases)
        except DataError as error:
            found.failures += error.failures
    if not files:
        books = [entry.name for entry in sorted(path.iterdir()) if entry.suffix.lower() in WORKBOOKS]
        book = f" It holds the workbook {books[0]}: load that." if books else ""
        failure = Failure(
            sheet=str(path), problem=f"holds no .csv or .parquet file.{book}", problem_zh="文件夹中没有 .csv 或 .parquet 文件"
        )
        found.failures.append(failure)
    return found


def read_file(path: Path, table: str, aliases: Aliases) -> tuple[Raw, str]:
    """The cells of one CSV or Parquet file that holds a table, and the file's SHA-256.

    Raises
    ------
    DataError
        When the file is not there, or cannot be read as what it says to be.
    """
    data = _bytes(path)
    if path.suffix.lower() == ".parquet":
        return _read_parquet(data, path.name), hashlib.sha256(data).hexdigest()
    return _read_csv(data, path.name, _header_finder(aliases, table)), hashlib.sha256(data).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError([Failure(sheet=path.name, problem=f"cannot be opened: {error.strerror}", problem_zh="无法打开")]) from error


def _read_workbook(path: Path, aliases: Aliases, sheets: Mapping[str, str]) -> Found:
    from python_calamine import CalamineError, CalamineWorkbook

    found = Found()
    data = _bytes(path)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        homes = _identify(found, {name: name for name in book.sheet_names}, aliases, sheets)
        lines = {table: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for table, name in homes.items()}
    except CalamineError as error:
        failure = Failure(
            sheet=path.name, problem=f"cannot be read as a workbook: {error}", problem_zh="无法作为工作簿读取（可能已加密或损坏）"
        )
        raise DataError([failure]) from error
    for table, name in homes.items():
        try:
            found.raws[table] = _sheet(name, [list(map(as_cell, line)) for line in lines[table]], _header_finder(aliases, table))
        except DataError as error:
            found.failures += error.failures
    found.sources[path.name] = hashlib.sha256(data).hexdigest()
    return found


def _identify(found: Found, names: Mapping[str, str], aliases: Aliases, sheets: Mapping[str, str]) -> dict[str, str]:
    """The file or sheet of each table. `names` gives for each file or sheet the name that tells what it is."""
    homes: dict[str, list[str]] = {}
    strange = []
    for table, wanted in sheets.items():
        named = [name for name, told in names.items() if wanted in (name, told)]
        homes[table] = named[:1]
        if not named:
            like, like_zh = hint(nearest(wanted, names.values())[0])
            found.failures.append(
                Failure(sheet=wanted, problem=f"is not there; it was to hold {table}.{like}", problem_zh=f"没有这张表{like_zh}")
            )
    taken = {name for named in homes.values() for name in named}
    for name, told in names.items():
        meant = None if name in taken else aliases.table(told)
        if meant is None and name not in taken:
            strange.append(name)
        elif meant and meant not in sheets:
            homes.setdefault(meant, []).append(name)
    for table, several in homes.items():
        if len(several) > 1:
            problem = f"several files or sheets mean {table}: {', '.join(several)}"
            found.failures.append(
                Failure(
                    sheet=several[1],
                    problem=problem,
                    problem_zh=f"多张表表示同一内容：{'、'.join(several)}",
                    expected="one of them",
                    expected_zh="只保留一张",
                )
            )
    _tell_strange(found, [(name, names[name]) for name in strange], {table for table in SCHEMA if table not in homes})
    return {table: named[0] for table, named in homes.items() if named}


def _tell_strange(found: Found, strange: Sequence[tuple[str, str]], absent: set[str]) -> None:
    """Tell of files or sheets whose name means nothing, and of required tables that are not there."""
    words = {word: table for table in absent for word in (table, *SCHEMA[table].en, *SCHEMA[table].zh)}
    near = {name: nearest(told, words) for name, told in strange}
    for table in (table for table in SCHEMA if table in absent and SCHEMA[table].required):
        like = [name for name, (word, likeness) in near.items() if likeness and words[word] == table]
        meant, meant_zh = hint(like[0] if like else "")
        remedy = f' Rename it, or say sheets={{"{table}": "{like[0]}"}}.' if like else ""
        remedy_zh = f'请改名为“{SCHEMA[table].zh[0]}”，或用 sheets={{"{table}": "{like[0]}"}} 指明。' if like else ""
        found.failures.append(
            Failure(
                sheet=table,
                problem=f"the table {table} is missing.{meant}{remedy}",
                problem_zh=f"缺少表“{SCHEMA[table].zh[0]}”{meant_zh}{remedy_zh}",
            )
        )
    for name, (word, likeness) in near.items():
        meant, meant_zh = hint(word)
        if likeness >= NEAR and not SCHEMA[words[word]].required:
            problem = f"is not a known table.{meant}"
            expected = "a known name, or aliases={name: None} to leave it out"
            found.failures.append(Failure(sheet=name, problem=problem, expected=expected, problem_zh=f"未知的表{meant_zh}"))
        else:
            found.notices.append(Notice(name, None, "", "", f"an unknown table: left out.{meant}", f"未知的表，未读取{meant_zh}"))


HeaderFinder = Callable[[Sequence[Sequence[Cell]]], int]


def _header_finder(aliases: Aliases, table: str) -> HeaderFinder:
    """Finds the line that holds most known headers: a title may stand above them."""

    def find(lines: Sequence[Sequence[Cell]]) -> int:
        known = [aliases.known(table, [cell for cell in line if isinstance(cell, str)]) for line in lines[:HEADER_WITHIN]]
        best = max(known, default=0)
        return known.index(best) if best else next((at for at, line in enumerate(lines) if not all(map(is_blank, line))), 0)

    return find


def _read_csv(data: bytes, name: str, find_header: HeaderFinder) -> Raw:
    text = decode(data, name)
    limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        failure = Failure(sheet=name, problem=f"cannot be read as CSV: {error}", problem_zh="无法作为 CSV 读取（引号可能未闭合）")
        raise DataError([failure]) from error
    finally:
        csv.field_size_limit(limit)
    return _sheet(name, lines, find_header)


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return "," if "," in first else next((sign for sign in "\t;" if sign in first), ",")


def _read_parquet(data: bytes, name: str) -> Raw:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
    except pa.ArrowException as error:
        raise DataError([Failure(sheet=name, problem=f"cannot be read as Parquet: {error}", problem_zh="无法作为 Parquet 读取")]) from error
    cells = [[as_cell(value) for value in column.to_pylist()] for column in table.columns]
    return Raw(sheet=name, headers=list(table.column_names), cells=cells, rows=np.arange(2, table.num_rows + 2))


def _sheet(name: str, lines: Sequence[Sequence[Cell]], find_header: HeaderFinder) -> Raw:
    """Lines as a sheet; every line must fit under the headers.

    Raises
    ------
    DataError
        When nothing stands in the sheet, or a line has more cells than there are headers.
    """
    if all(is_blank(cell) for line in lines for cell in line):
        raise DataError(
            [
                Failure(
                    sheet=name,
                    problem="is empty: it has no header",
                    problem_zh="为空表：没有表头",
                    expected="a line of headers",
                    expected_zh="表头行",
                )
            ]
        )
    at = find_header(lines)
    width = len(lines[at])
    long = [(row + 1, line) for row, line in enumerate(lines) if row > at and len(line) > width and not all(map(is_blank, line[width:]))]
    if long:
        raise DataError(
            [
                Failure(
                    sheet=name,
                    row=row,
                    value=len(line),
                    problem=f"has {len(line)} cells under {width} headers",
                    problem_zh=f"有 {len(line)} 个单元格，表头只有 {width} 列",
                    expected="a cell for each header; text that holds a comma stands in quotes",
                    expected_zh="与表头列数一致；含逗号的文字须加引号",
                )
                for row, line in long
            ]
        )
    return from_lines(name, [_of_width(line, width) if row >= at else line for row, line in enumerate(lines)], at)


def _of_width(line: Sequence[Cell], width: int) -> Sequence[Cell]:
    return line if len(line) == width else [*line[:width], *[None] * (width - len(line))]
