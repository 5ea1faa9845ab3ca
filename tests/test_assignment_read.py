"""A plan comes back from whatever a planner did with it in Excel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

import matchmaker as mm
from matchmaker.assignment import Assignment
from matchmaker.errors import DataError

PAIRS = {("001", "E1"), ("002", "E2")}
BOTH = ["干部编号 officer_id", "企业编号 enterprise_id"]


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(path) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


@pytest.mark.parametrize(
    "headers", [BOTH, ["officer_id", "enterprise_id"], ["干部编号", "企业编号"], ["officer_id/干部编号", "企业ID（必填）"]]
)
def test_either_half_of_a_header_in_two_languages(headers: list[str]) -> None:
    frame = pd.DataFrame([["001", "E1"], ["002", "E2"]], columns=headers)
    assert Assignment.from_frame(frame).pairs == PAIRS


def test_the_workbook_a_round_wrote(tmp_path: Path) -> None:
    result = mm.solve(mm.datasets.small_instance())
    path = tmp_path / "plan.xlsx"
    mm.report.write_workbook(result, path)
    assert Assignment.read(path).pairs == result.assignment.pairs


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_that_excel_saved_again(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes("干部编号 officer_id,企业编号,备注\n 001,E1,甲\n,,\n002,E2 ,\n\n".encode(encoding))
    assert Assignment.read(path).pairs == PAIRS


def test_a_half_empty_row_is_named_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("officer_id,enterprise_id\n001,E1\n\n002,\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 4: an id is empty"):
        Assignment.read(path)


def test_the_sheet_called_plan_is_taken(tmp_path: Path) -> None:
    rows = [BOTH, ["001", "E1"], ["002", "E2"]]
    path = book(tmp_path / "a.xlsx", {"人工调整 by hand": [BOTH, ["009", "E9"]], "结对方案 plan": rows, "summary": [["x"]]})
    assert Assignment.read(path).pairs == PAIRS


@pytest.mark.parametrize(
    ("sheets", "match"),
    [
        ({"甲": [["x"]], "乙": [["y"]]}, "holds no sheets of pairs.*甲, 乙"),
        ({"甲": [BOTH], "乙": [BOTH]}, "holds 2 sheets of pairs.*甲, 乙.*Call it plan"),
    ],
)
def test_a_workbook_without_one_plan(tmp_path: Path, sheets: dict[str, list[list[Any]]], match: str) -> None:
    with pytest.raises(DataError, match=match):
        Assignment.read(book(tmp_path / "b.xlsx", sheets))


def test_what_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no plan at"):
        Assignment.read(tmp_path / "none.csv")
    (tmp_path / "broken.xlsx").write_bytes(b"no workbook")
    with pytest.raises(DataError, match="cannot be read as a workbook"):
        Assignment.read(tmp_path / "broken.xlsx")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(DataError, match="cannot be read as a plan"):
        Assignment.read(tmp_path / "empty.csv")
