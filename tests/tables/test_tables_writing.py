"""Writing: whole or not at all, text as text, the same bytes for the same tables."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matchmaker import files
from matchmaker.errors import ConfigError, DataError
from matchmaker.tables import Tables, load, write, writing

FORMULA = '=HYPERLINK("http://example.com","x")'


@pytest.fixture
def tables(frames: dict[str, pd.DataFrame]) -> Tables:
    frames["enterprises"] = frames["enterprises"].assign(name=[FORMULA, "http://example.com"], capital=[0.1, 3.4])
    return Tables.from_frames(aliases=None, **frames)


def test_names_and_headers_are_chinese_or_english(tables: Tables, tmp_path: Path) -> None:
    assert sorted(entry.name for entry in write(tables, tmp_path / "zh").iterdir()) == ["企业.csv", "干部.csv"]
    assert (tmp_path / "zh" / "干部.csv").read_text("utf-8-sig").splitlines()[:2] == [
        "干部编号,姓名,部门,层级,区县,乡镇街道,可服务企业数,最少服务企业数,纬度,经度,专长",
        "001,,经信局,市,,,3,0,,,",
    ]
    write(tables, tmp_path / "en", language="en")
    assert (tmp_path / "en" / "officers.csv").read_text("utf-8-sig").splitlines()[:2] == [
        "officer_id,name,department,tier,district,town,capacity,min_load,latitude,longitude,specialities",
        "001,,经信局,city,,,3,0,,,",
    ]


def test_formulas_and_links_are_text_in_a_workbook(tables: Tables, tmp_path: Path) -> None:
    path = write(tables, tmp_path / "city.xlsx")
    with zipfile.ZipFile(path) as book:
        sheets = {name: book.read(name).decode("utf-8") for name in book.namelist() if "worksheets/" in name}
    assert not any("<f>" in sheet or "hyperlink" in sheet.split("<sheetData>")[0] for sheet in sheets.values())
    assert not any(name.startswith("xl/worksheets/_rels") for name in sheets)
    assert load(path).enterprises["name"].tolist() == [FORMULA, "http://example.com"]


@pytest.mark.parametrize(("format", "name"), [("csv", "city"), ("parquet", "city"), ("xlsx", "city.xlsx")])
def test_the_same_tables_give_the_same_bytes(tables: Tables, tmp_path: Path, format: Any, name: str) -> None:  # noqa: A002
    first, second = (write(tables, tmp_path / turn / name, format=format) for turn in ("a", "b"))
    written = [
        path if path.is_file() else path / entry
        for path in (first, second)
        for entry in (["."] if path.is_file() else sorted(p.name for p in path.iterdir()))
    ]
    half = len(written) // 2
    assert [file.read_bytes() for file in written[:half]] == [file.read_bytes() for file in written[half:]]


def test_a_workbook_says_nothing_of_the_day_it_was_made(tables: Tables, tmp_path: Path) -> None:
    with zipfile.ZipFile(write(tables, tmp_path / "city.xlsx")) as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        assert b"2000-01-01T00:00:00Z</dcterms:created>" in book.read("docProps/core.xml")


@pytest.mark.parametrize(("format", "name"), [("csv", "city"), ("parquet", "city"), ("xlsx", "city.xlsx")])
def test_a_failure_leaves_what_was_there(tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Any, name: str) -> None:  # noqa: A002
    path = write(tables, tmp_path / name, format=format)
    before = load(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("_write_csv", "_write_parquet", "_write_workbook"):
        monkeypatch.setattr(writing, step, full)
    with pytest.raises(OSError, match="No space left"):
        write(tables.replace(officers=tables.officers.assign(capacity=9)), path, format=format)
    assert load(path).equals(before)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    with pytest.raises(OSError, match="No space left"):
        write(tables, tmp_path / f"new_{name}", format=format)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_put_in_place_leaves_what_was_there(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two names cannot be exchanged in one step, the old folder is set aside first, and brought back."""
    path = write(tables, tmp_path / "city")
    move = os.rename

    def refuse(source: Path, target: Path) -> None:
        if ".new-" in source.name:
            raise OSError(13, "Permission denied")
        move(source, target)

    monkeypatch.setattr(files, "exchanged", lambda one, other: False)
    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(OSError, match="Permission denied"):
        write(tables.replace(officers=tables.officers.assign(capacity=9)), path)
    assert load(path).equals(tables)
    assert [entry.name for entry in tmp_path.iterdir()] == ["city"]


def test_a_folder_of_tables_is_replaced_whole(tables: Tables, tmp_path: Path) -> None:
    recusals = pd.DataFrame({"officer_id": ["001"], "enterprise_id": ["E1"], "actor": "某", "reason": "亲属"})
    write(tables.replace(recusals=recusals), tmp_path / "city")
    assert (tmp_path / "city" / "回避.csv").exists()
    write(tables, tmp_path / "city", format="parquet", language="en")
    assert sorted(entry.name for entry in (tmp_path / "city").iterdir()) == ["enterprises.parquet", "officers.parquet"]


def test_a_folder_that_holds_more_is_left_alone(tables: Tables, tmp_path: Path) -> None:
    (tmp_path / "round.toml").write_text("x = 1", "utf-8")
    with pytest.raises(ConfigError, match=r"holds other files \(round.toml\), which writing would remove"):
        write(tables, tmp_path)
    with pytest.raises(ConfigError, match=r"round.toml is a file; tables as CSV or Parquet need a folder"):
        write(tables, tmp_path / "round.toml")
    assert [entry.name for entry in tmp_path.iterdir()] == ["round.toml"]


def test_formats_and_languages_that_are_not_known(tables: Tables, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be written as 'parket'; known are csv, parquet, xlsx. Did you mean \"parquet\"?"):
        write(tables, tmp_path / "x", format="parket")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="cannot be written as 'fr'"):
        write(tables, tmp_path / "x", language="fr")  # type: ignore[arg-type]


def test_text_that_a_workbook_cannot_hold_is_named(tables: Tables, tmp_path: Path) -> None:
    longer = tables.replace(enterprises=tables.enterprises.assign(scope=["长" * 32_768, "短"]))
    with pytest.raises(DataError, match=r"企业, row 2, column 经营范围: .* has 32768 characters; a workbook's cell holds 32767"):
        write(longer, tmp_path / "city.xlsx")
    assert list(tmp_path.iterdir()) == []
    assert load(write(longer, tmp_path / "city")).equals(longer)


def test_rows_that_a_workbook_cannot_hold_are_named(tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 1)
    with pytest.raises(DataError, match="has 2 rows; a workbook holds 1"):
        write(tables, tmp_path / "city.xlsx")
