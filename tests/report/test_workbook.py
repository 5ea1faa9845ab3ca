"""plan.xlsx: one sheet for each reader, text that stays text, the same bytes."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from matchmaker.errors import ConfigError
from matchmaker.report import plan_frame, write_workbook
from matchmaker.result import Result


def read(path: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_one_sheet_for_each_reader(result: Result, tmp_path: Path) -> None:
    write_workbook(result, tmp_path / "plan.xlsx")
    assert list(read(tmp_path / "plan.xlsx")) == [
        "汇总 summary",
        "结对方案 plan",
        "按干部 by officer",
        "按企业 by enterprise",
        "未满足 unmet",
        "按区县 districts",
        "按需求 needs",
        "与上轮变动 changes",
        "人工调整 by hand",
    ]


def test_headers_and_words_follow_the_language(result: Result, tmp_path: Path) -> None:
    heads = {}
    for language in ("zh", "en", "both"):
        write_workbook(result, tmp_path / "plan.xlsx", language)
        sheets = list(read(tmp_path / "plan.xlsx").values())
        heads[language] = sheets[1][0]
        assert len(sheets[1]) == 1 + len(result.assignment)
    assert heads["zh"][0] == "干部编号"
    assert heads["zh"][-1] == "结对理由"
    assert heads["en"][0] == "officer_id"
    assert heads["en"][-1] == "reason"
    assert heads["both"][0] == "干部编号 officer_id"
    assert heads["both"][-2:] == ["结对理由（英文） reason", "结对理由 reason_zh"]


def test_numbers_are_the_results(result: Result, tmp_path: Path) -> None:
    write_workbook(result, tmp_path / "plan.xlsx", "en")
    sheets = read(tmp_path / "plan.xlsx")
    at = sheets["plan"][0].index("affinity")
    assert [row[at] for row in sheets["plan"][1:]] == pytest.approx(plan_frame(result)["affinity"].tolist())
    summary = dict(sheets["summary"][1:])
    assert summary["value"] == f"{result.objective:,.10g}"
    assert "seconds" not in summary


def test_what_stopped_the_search_is_told(result: Result, tmp_path: Path) -> None:
    stopped = replace(result, stopped="Interrupted. | 已中断。")
    for language, label, said in (
        ("en", "stopped early", "Interrupted."),
        ("zh", "提前结束", "已中断。"),
        ("both", "提前结束 stopped early", "已中断。 / Interrupted."),
    ):
        write_workbook(stopped, tmp_path / "plan.xlsx", language)
        rows = next(iter(read(tmp_path / "plan.xlsx").values()))
        assert dict(rows[1:])[label] == said


def test_markup_and_formulas_stay_text(result: Result, markup: str, formula: str, tmp_path: Path) -> None:
    write_workbook(result, tmp_path / "plan.xlsx")
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name]
        assert not any(mark in sheet for sheet in sheets for mark in ("<f>", "<f ", "<hyperlink"))
    cells = [cell for sheet in read(tmp_path / "plan.xlsx").values() for row in sheet for cell in row]
    assert formula in cells
    assert markup in cells


def test_every_sheet_has_a_frozen_header_and_a_filter(result: Result, tmp_path: Path) -> None:
    write_workbook(result, tmp_path / "plan.xlsx")
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name]
    assert len(sheets) == 9
    assert all("<autoFilter" in sheet and 'state="frozen"' in sheet for sheet in sheets)


def test_the_same_result_gives_the_same_bytes(result: Result, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(result, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_without_a_plan_the_workbook_says_why(infeasible: Result, tmp_path: Path) -> None:
    write_workbook(infeasible, tmp_path / "plan.xlsx", "en")
    sheets = read(tmp_path / "plan.xlsx")
    assert list(sheets) == ["summary", "diagnosis", "by hand"]
    assert "1 short" in dict(sheets["summary"])["why not"]
    assert [row[:2] for row in sheets["diagnosis"][1:]] == [["officer", "O0"], *(["enterprise", f"E0{j}"] for j in range(3))]


def test_a_bare_matrix_makes_a_workbook(bare: Result, tmp_path: Path) -> None:
    write_workbook(bare, tmp_path / "plan.xlsx", "en")
    assert len(read(tmp_path / "plan.xlsx")["plan"]) == 4


def test_an_unknown_language_is_named(result: Result, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"language is 'bth'; expected one of zh, en, both. Did you mean \"both\""):
        write_workbook(result, tmp_path / "plan.xlsx", "bth")
    assert not list(tmp_path.iterdir())
