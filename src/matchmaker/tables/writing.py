"""Write tables to a folder or a workbook: whole or not at all."""

from __future__ import annotations

import csv
import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from matchmaker.errors import ConfigError, DataError, Failure, did_you_mean
from matchmaker.files import beside, replacing, swap
from matchmaker.tables.aliases import Aliases
from matchmaker.tables.cells import Cell
from matchmaker.tables.columns import Kind, Language, Table
from matchmaker.tables.formatting import as_text, header, shown, shown_needs, title
from matchmaker.tables.reading import READABLE
from matchmaker.tables.schema import SCHEMA
from matchmaker.tables.tables import Tables

Format = Literal["csv", "parquet", "xlsx"]
Columns = dict[str, list[Cell]]

MOST_ROWS, LONGEST_CELL = 2**20 - 1, 2**15 - 1
FIRST_EXCEL_DAY = date(1900, 3, 1)
CREATED = datetime(2000, 1, 1)
WIDTHS: dict[Kind, int] = {"text": 24, "needs": 24, "words": 24, "credit_code": 22}


def write(tables: Tables, path: str | Path, *, language: Language = "zh", format: Format | None = None) -> Path:  # noqa: A002
    """Write tables so that :func:`load` gives them back. Tables without a row are left out.

    Parameters
    ----------
    tables
        What to write.
    path
        A folder for CSV or Parquet files, or a workbook's name that ends in ``.xlsx``. A workbook, or a folder that holds nothing but
        tables, is replaced.
    language
        Of sheet names, headers, tiers, needs, ...: "zh" or "en".
    format
        "csv", "parquet" or "xlsx"; by default "xlsx" for a name that ends so, else "csv".

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    DataError
        When a workbook cannot hold a table: over 1,048,575 rows, or a text over 32,767 characters. Every such cell is named.
    ConfigError
        When the format or language is not known, or the folder holds other files.
    """
    path = Path(path)
    chosen = format or ("xlsx" if path.suffix.lower() == ".xlsx" else "csv")
    for given, known in ((chosen, get_args(Format)), (language, get_args(Language))):
        if given not in known:
            msg = (
                f"Tables cannot be written as {given!r}; known are {', '.join(known)}.{did_you_mean(given, known)} "
                f"| 数据表不能写成 {given!r}，可用：{'、'.join(known)}。"
            )
            raise ConfigError(msg)
    needs = shown_needs(tables.needs, language)
    wanted = [(SCHEMA[name].with_own(map(str, frame.columns)), frame) for name, frame in tables if len(frame) or SCHEMA[name].required]
    sheets = {
        title(table, language): (table, {header(c, language): shown(frame, c, language, needs) for c in table.columns})
        for table, frame in wanted
    }
    if chosen == "xlsx":
        _check_fits(sheets)
        with replacing(path) as partial:
            _write_workbook(sheets, partial, language)
        return path
    with _whole_folder(path) as fresh:
        for name, (table, columns) in sheets.items():
            if chosen == "csv":
                _write_csv(columns, fresh / f"{name}.csv", language)
            else:
                _write_parquet(table, columns, fresh / f"{name}.parquet")
    return path


def _write_csv(columns: Columns, path: Path, language: Language) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*([as_text(cell, language) for cell in cells] for cells in columns.values()), strict=True))


def _write_parquet(table: Table, columns: Columns, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"count": pa.int64(), "number": pa.float64(), "degrees": pa.float64(), "money": pa.float64(), "date": pa.date32()}
    types |= dict.fromkeys(("needs", "words"), pa.list_(pa.string()))
    arrays = [
        pa.array(list(map(list, cells)) if column.kind in ("needs", "words") else cells, types.get(column.kind, pa.string()))  # type: ignore[arg-type]
        for column, cells in zip(table.columns, columns.values(), strict=True)
    ]
    pq.write_table(pa.table(dict(zip(columns, arrays, strict=True))), path)


def _write_workbook(sheets: dict[str, tuple[Table, Columns]], path: Path, language: Language) -> None:
    from xlsxwriter.exceptions import FileCreateError

    try:
        _fill_workbook(sheets, path, language)
    except FileCreateError as error:
        raise OSError(errno.EIO, f"cannot be written ({error})", str(path)) from error


def _fill_workbook(sheets: dict[str, tuple[Table, Columns]], path: Path, language: Language) -> None:
    from xlsxwriter import Workbook

    as_they_stand = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(path, {"constant_memory": True, **as_they_stand}) as book:
        book.set_properties({"created": CREATED})
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for name, (table, columns) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for at, column in enumerate(table.columns):
                sheet.set_column(at, at, WIDTHS.get(column.kind, 14))
            sheet.write_row(0, 0, list(columns), bold)
            for row, cells in enumerate(zip(*columns.values(), strict=True), start=1):
                for at, cell in enumerate(cells):
                    _write_cell(sheet, row, at, cell, day, language)


def _write_cell(sheet: Any, row: int, at: int, cell: Cell, day: Any, language: Language) -> None:
    """A number that Excel can hold and a day that it knows go as such; everything else, formulas included, goes as text."""
    if isinstance(cell, date) and cell >= FIRST_EXCEL_DAY:
        sheet.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), day)
    elif isinstance(cell, int | float) and float(f"{cell:.16G}") == cell:
        sheet.write_number(row, at, cell)
    elif text := as_text(cell, language):
        sheet.write_string(row, at, text)


def _check_fits(sheets: dict[str, tuple[Table, Columns]]) -> None:
    failures = []
    for name, (_, columns) in sheets.items():
        rows = max(map(len, columns.values()))
        if rows > MOST_ROWS:
            problem, problem_zh = f"has {rows} rows; a workbook holds {MOST_ROWS}", f"有 {rows} 行，工作簿最多 {MOST_ROWS} 行"
            failures.append(
                Failure(sheet=name, problem=problem, problem_zh=problem_zh, expected="CSV or Parquet", expected_zh="CSV 或 Parquet")
            )
        failures += [
            Failure(
                sheet=name,
                row=row,
                column=column,
                value=cell,
                problem=f"has {len(cell)} characters; a workbook's cell holds {LONGEST_CELL}",
                problem_zh=f"有 {len(cell)} 个字符，工作簿单元格最多 {LONGEST_CELL} 个",
                expected="CSV or Parquet",
                expected_zh="CSV 或 Parquet",
            )
            for column, cells in columns.items()
            for row, cell in enumerate(cells, start=2)
            if isinstance(cell, str) and len(cell) > LONGEST_CELL
        ]
    if failures:
        raise DataError(failures)


@contextmanager
def _whole_folder(path: Path) -> Iterator[Path]:
    """A new folder to write to; it takes the place of `path` at the end, or is gone when anything fails."""
    _check_replaceable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = beside(path, "new")
    fresh.mkdir()
    try:
        yield fresh
        swap(fresh, path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _check_replaceable(path: Path) -> None:
    if path.exists() and not path.is_dir():
        msg = (
            f"{path} is a file; tables as CSV or Parquet need a folder. Give another name, or one that ends in .xlsx. "
            f"| {path} 是文件，CSV 或 Parquet 数据表须写入文件夹，请换一个名称，或以 .xlsx 结尾。"
        )
        raise ConfigError(msg)
    names = Aliases.of()
    others = [
        entry.name
        for entry in (sorted(path.iterdir()) if path.exists() else ())
        if entry.suffix.lower() not in READABLE or names.table(entry.stem) is None
    ]
    if others:
        msg = (
            f"{path} holds other files ({', '.join(others[:5])}), which writing would remove. Give a new or an empty folder. "
            f"| {path} 中有其他文件（{'、'.join(others[:5])}），写入会将其删除，请用新的或空的文件夹。"
        )
        raise ConfigError(msg)
