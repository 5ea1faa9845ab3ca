"""Loading folders and workbooks: names and headers in both languages, and everything that is missing or strange named at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from xlsxwriter import Workbook

from matchmaker.errors import ConfigError, DataError
from matchmaker.tables import SCHEMA, Tables, load, write

Folder = Callable[..., Path]


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    with Workbook(path, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for row, line in enumerate(lines):
                sheet.write_row(row, 0, line)
    return path


def notice_of(tables: Tables, column: str) -> list[str]:
    return tables.notices.loc[tables.notices["column"] == column, "notice"].tolist()


def test_a_folder_of_chinese_csv(folder: Folder) -> None:
    path = folder()
    tables = load(path)
    assert tables.officers["officer_id"].tolist() == ["001", "002"]
    assert tables.officers["tier"].tolist() == ["city", "county"]
    assert tables.officers["capacity"].tolist() == [3, 2]
    assert tables.officers["min_load"].tolist() == [0, 0]
    assert tables.enterprises["name"].tolist() == ["某某公司", "另一公司"]
    assert tables.enterprises["demand_low"].tolist() == [1, 1]
    assert dict(tables.sources) == {
        f"{name}.csv": hashlib.sha256((path / f"{name}.csv").read_bytes()).hexdigest() for name in ("企业", "干部")
    }


def test_tables_that_are_not_there_are_empty_and_typed(folder: Folder) -> None:
    tables = load(folder())
    for name, frame in tables:
        assert list(frame.columns) == SCHEMA[name].names
        assert isinstance(frame.index, pd.RangeIndex)
    assert len(tables.requests) == 0
    assert tables.outcomes["resolved"].dtype == bool
    assert tables.visits["visited_on"].dtype == "datetime64[s]"
    assert tables.enterprises["capital"].dtype == "float64"


def test_english_names_and_headers_read_the_same(folder: Folder, tmp_path: Path) -> None:
    chinese = load(folder())
    english = tmp_path / "english"
    english.mkdir()
    (english / "Officers.csv").write_text(
        "Officer ID,Name,Unit,Tier,District,Town,Capacity\n001,甲,经信局,city,,,3\n002,乙,规划局,county,西湖区,,2\n", "utf-8"
    )
    (english / "enterprises.csv").write_text("enterprise_id,company,district\nE1,某某公司,西湖区\nE2,另一公司,\n", "utf-8")
    assert load(english).equals(chinese)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_read_the_same(folder: Folder, encoding: str) -> None:
    expected = load(folder())
    path = folder()
    for file in path.glob("*.csv"):
        file.write_bytes(file.read_text("utf-8").encode(encoding))
    assert load(path).equals(expected)


@pytest.mark.parametrize("sign", ["\t", ";"])
def test_tabs_and_semicolons_read_the_same(folder: Folder, sign: str) -> None:
    expected = load(folder())
    path = folder()
    for file in path.glob("*.csv"):
        file.write_text(file.read_text("utf-8").replace(",", sign), "utf-8")
    assert load(path).equals(expected)


def test_a_workbook_with_a_title_blank_rows_and_numbers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "城市.xlsx",
        干部名单=[
            ["某市第二轮干部名单"],
            [],
            ["*干部编号", "姓名", "单位", "层级", "可服务企业数(家)", "专长", None],
            [1001, "甲", "经信局", "市", 3, "金融、用地", None],
            [None, None, None, None, None, None, None],
            [1002.0, "=1+1", "经信局", "市本级", "２", "", None],
        ],
        企业=[
            ["企业编号", "企业名称", "区县", "成立日期", "注册资本（元）", "从业人数"],
            ["E1", "某某公司", "", datetime(2023, 7, 1), 50_000, 12.0],
        ],
        说明=[["随便写写"]],
    )
    tables = load(path)
    assert tables.officers["officer_id"].tolist() == ["1001", "1002"]
    assert tables.officers["name"].tolist() == ["甲", "=1+1"]
    assert tables.officers["capacity"].tolist() == [3, 2]
    assert tables.officers["specialities"].tolist() == [("finance", "land"), ()]
    assert tables.enterprises["registered_on"].dt.date.tolist() == [date(2023, 7, 1)]
    assert tables.enterprises["capital"].tolist() == [5.0]
    assert tables.enterprises["employees"].tolist() == [12.0]
    assert tables.notices.query("sheet == '说明'")["notice"].tolist() == ["an unknown table: left out."]
    assert list(tables.sources) == ["城市.xlsx"]


def test_rows_are_numbered_as_the_reader_sees_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "city.xlsx",
        officers=[["title"], ["officer_id", "department", "tier", "capacity"], ["O1", "a", "city", 1], [], ["O2", "a", "city", -1]],
        enterprises=[["enterprise_id", "district"], ["E1", ""]],
    )
    with pytest.raises(DataError, match=r"officers, row 5, column capacity: -1.0 is below zero"):
        load(path)


def test_blank_lines_in_csv_keep_the_numbers(folder: Folder) -> None:
    officers = "officer_id,department,tier,capacity\nO1,a,city,1\n\n,,,\nO2,a,city,x\n"
    with pytest.raises(DataError, match=r"干部.csv, row 5, column capacity: 'x' is not a number"):
        load(folder(干部=officers, 企业="enterprise_id,district\nE1,\n"))


def test_sheets_says_what_a_sheet_holds(folder: Folder) -> None:
    path = folder()
    (path / "干部.csv").rename(path / "附件一.csv")
    tables = load(path, sheets={"officers": "附件一"})
    assert len(tables.officers) == 2
    assert load(path, sheets={"officers": "附件一.csv"}).equals(tables)


def test_sheets_that_are_not_there_are_named(folder: Folder) -> None:
    with pytest.raises(DataError, match=r'附件二: is not there; it was to hold visits. Did you mean "附件一"?'):
        load(folder(附件一="x\n1\n"), sheets={"visits": "附件二"})
    with pytest.raises(ConfigError, match=r"There is no table 'visit'. Did you mean \"visits\"?"):
        load(folder(), sheets={"visit": "x"})


def test_a_users_own_words(folder: Folder, tmp_path: Path) -> None:
    officers = "编码,姓名,挂靠,档次,地盘,地块,名额\n001,甲,经信局,市,,,3\n002,乙,规划局,县,西湖区,,2\n"
    own = {
        "编码": "officers.officer_id",
        "挂靠": "department",
        "档次": "tier",
        "地盘": "district",
        "地块": "town",
        "名额": "capacity",
        "花名册": "officers",
    }
    expected = load(folder())
    path = folder(干部=None)
    (path / "干部.csv").unlink()
    (path / "花名册.csv").write_text(officers, "utf-8")
    assert load(path, aliases=own).equals(expected)
    listed = tmp_path / "words.txt"
    listed.write_text("别名,名称\n" + "".join(f"{word},{meaning}\n" for word, meaning in own.items()), "gb18030")
    assert load(path, aliases=listed).equals(expected)


def test_a_header_can_be_left_out(folder: Folder) -> None:
    officers = "干部编号,部门,单位,层级,可服务企业数,min_laod\n001,经信局,某科,市,3,9\n"
    with pytest.raises(DataError, match=r'column min_laod: is not a known column. Did you mean "min_load"?'):
        load(folder(干部=officers, 企业="企业编号,区县\nE1,\n"))
    tables = load(folder(干部=officers), aliases={"min_laod": None})
    assert tables.officers["min_load"].tolist() == [0]
    assert tables.officers["department"].tolist() == ["经信局"]
    assert notice_of(tables, "单位") == ["left out: 部门 stands for department"]


def test_two_headers_for_one_column(folder: Folder) -> None:
    officers = "干部编号,单位,工作单位,层级,可服务企业数\n001,经信局,某科,市,3\n"
    with pytest.raises(DataError, match="several columns mean department: 单位, 工作单位"):
        load(folder(干部=officers))


def test_columns_of_the_planners_own_are_kept_for_rules_and_told(folder: Folder, tmp_path: Path) -> None:
    files = {"干部": "干部编号,部门,层级,可服务企业数,工时\n001,经信局,市,3,12\n", "企业": "企业编号,区县,集团\nE1,,甲\nE2,,\n"}
    tables = load(folder(**files, 走访="干部编号,企业编号,走访日期,备注\n001,E1,2023-05-01,好\n"))
    assert tables.officers["工时"].tolist() == ["12"]
    assert tables.enterprises["集团"].tolist() == ["甲", ""]
    assert notice_of(tables, "工时") == ["an unknown column: kept for rules that name it."]
    assert notice_of(tables, "备注") == ["an unknown column: left out."]
    for name in ("again.xlsx", "again"):
        assert load(write(tables, tmp_path / name)).equals(tables)


def test_places_are_read_in_degrees(folder: Folder) -> None:
    good = load(folder(干部="干部编号,部门,层级,可服务企业数,纬度,经度\n001,经信局,市,3,-30.25°,120\n", 企业="企业编号,区县\nE1,\n"))
    assert good.officers[["latitude", "longitude"]].to_numpy().tolist() == [[-30.25, 120.0]]
    with pytest.raises(DataError, match=r"'200' is no angle; expected degrees from -180 to 180 \| 不是有效的角度"):
        load(folder(干部="干部编号,部门,层级,可服务企业数,纬度,经度\n001,经信局,市,3,30,200\n", 企业="企业编号,区县\nE1,\n"))


@pytest.mark.parametrize(
    ("aliases", "match"),
    [
        ({"编码": "officer_ids"}, r'stands for .officer_ids., which is no table or column. Did you mean "officer_id"'),
        ({"编码": "officers.scope"}, "which is no table or column"),
        ("no_such_file.csv", "The aliases cannot be read from no_such_file.csv"),
    ],
)
def test_aliases_that_mean_nothing(folder: Folder, aliases: Any, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        load(folder(), aliases=aliases)


def test_an_alias_file_of_another_shape(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("a,b,c\n", "utf-8")
    with pytest.raises(ConfigError, match=r"holds 'a,b,c'; expected two columns"):
        load(folder(), aliases=tmp_path / "words.txt")


def test_everything_that_is_missing_is_named_at_once(folder: Folder) -> None:
    path = folder(
        干部="干部编码,部门,层级,可服务企业数\n001,经信局,市,3\n", 企业=None, requets="request_id,enterprise_id\nR1,E1\n", 回避=b""
    )
    (path / "企业.csv").unlink(missing_ok=True)
    (path / "企业们.csv").write_text("企业编号,区县\nE1,\n", "utf-8")
    with pytest.raises(DataError, match="cannot be used") as caught:
        load(path)
    told = [str(failure) for failure in caught.value.failures]
    for part in (
        'the table enterprises is missing. Did you mean "企业们.csv"? Rename it, or say sheets={"enterprises": "企业们.csv"}.',
        'requets.csv: is not a known table. Did you mean "requests"?',
        "回避.csv: is empty: it has no header",
        '干部.csv, column officer_id: column officer_id is missing. Did you mean "干部编码"?',
    ):
        assert any(part in line for line in told), (part, told)
    assert len(told) == 4


def test_tables_without_rows(folder: Folder) -> None:
    path = folder(干部="干部编号,部门,层级,可服务企业数\n", 回避="officer_id,enterprise_id\n")
    with pytest.raises(DataError, match=r"1 cell cannot be used.*\n  干部.csv: holds no row; expected at least one row"):
        load(path)


def test_two_files_for_one_table(folder: Folder) -> None:
    with pytest.raises(DataError, match=r"several files or sheets mean officers: officers.csv, 干部.csv"):
        load(folder(officers="officer_id\n1\n"))


def test_rows_that_do_not_fit_under_the_headers(folder: Folder) -> None:
    enterprises = "企业编号,企业名称,区县\nE1,某某,公司,西湖区\nE2\nE3,另一,公司,,x\nE4,,,,,\n"
    with pytest.raises(DataError, match="has 4 cells under 3 headers") as caught:
        load(folder(企业=enterprises))
    assert [failure.row for failure in caught.value.failures] == [2, 4]


def test_short_rows_are_filled_with_nothing(folder: Folder) -> None:
    assert load(folder(企业="企业编号,区县,企业名称\nE1,西湖\nE2\n")).enterprises["district"].tolist() == ["西湖区", ""]


def test_a_quote_that_never_closes(folder: Folder) -> None:
    with pytest.raises(DataError, match=r"企业.csv: cannot be read as CSV: unexpected end of data"):
        load(folder(企业='企业编号,区县\nE1,"西湖\n'))


def test_line_ends_and_quotes_within_a_cell(folder: Folder) -> None:
    tables = load(folder(企业='企业编号,企业名称,区县\r\nE1,"某某, ""东""\r\n公司",西湖\r\n'))
    assert tables.enterprises["name"].tolist() == ['某某, "东"\n公司']


def test_a_cell_longer_than_the_csv_module_expects(folder: Folder) -> None:
    long = "长" * 200_000
    assert load(folder(企业=f"企业编号,区县,经营范围\nE1,,{long}\n")).enterprises["scope"].tolist() == [long]


def test_what_cannot_be_decoded_does_not_hide_the_rest(folder: Folder) -> None:
    with pytest.raises(DataError, match="cannot be used") as caught:
        load(folder(企业=b"\xff\xff\xff", 干部="干部编号,部门,层级,可服务企业数\n001,经信局,市,三\n"))
    assert {failure.sheet for failure in caught.value.failures} == {"企业.csv", "干部.csv"}


def test_paths_that_hold_no_tables(tmp_path: Path) -> None:
    (tmp_path / "round.toml").write_text("x = 1", "utf-8")
    (tmp_path / "book.xlsx").write_bytes(b"not a workbook")
    (tmp_path / "officers.parquet").write_bytes(b"not parquet")
    (tmp_path / "empty").mkdir()
    for path, match in (
        (tmp_path / "rounds.toml", 'is not there. Did you mean "round.toml"'),
        (tmp_path / "nowhere" / "x", "is not there"),
        (tmp_path / "round.toml", "is neither a folder nor a workbook"),
        (tmp_path / "book.xlsx", r"book.xlsx: cannot be read as a workbook"),
        (tmp_path / "empty", r"holds no .csv or .parquet file"),
        (tmp_path, r"officers.parquet: cannot be read as Parquet"),
    ):
        with pytest.raises(DataError, match=match):
            load(path)


def test_a_folder_that_holds_a_workbook_says_so(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"")
    with pytest.raises(DataError, match=r"It holds the workbook book\.xlsx: load that"):
        load(tmp_path)


def test_needs_of_the_planner(folder: Folder, tmp_path: Path) -> None:
    requests = "诉求编号,企业编号,需求\nR1,E1,数据出境\nR2,E1,finance\nR3,E2,Money\nR4,E2,融资贷款\n"
    own = pd.DataFrame(
        {"need": ["data_export", "finance"], "zh": ["数据出境", "融资贷款"], "en": ["data export", "money"], "keywords": ["数据;出境", ""]}
    )
    path = folder(诉求=requests)
    tables = load(path, needs=own)
    assert tables.requests["need"].tolist() == ["data_export", "finance", "finance", "finance"]
    assert tables.needs["keywords"].tolist() == [("数据", "出境"), ()]
    own.to_csv(tmp_path / "own.txt", index=False)
    listed = load(path, needs=tmp_path / "own.txt")
    assert listed.equals(tables)
    assert "own.txt" in listed.sources
    own.to_csv(path / "需求目录.csv", index=False)
    assert load(path).equals(tables)


def test_needs_that_are_not_known(folder: Folder) -> None:
    with pytest.raises(DataError, match=r"诉求.csv, row 3, column 需求: 'finanse' is not a known need. Did you mean \"finance\"?"):
        load(folder(诉求="诉求编号,企业编号,需求\nR1,E1,\nR2,E1,finanse\n"))
    with pytest.raises(DataError, match=r"'融资' is not a known need. Did you mean \"finance\"?.*不是已知的需求，是否为“finance 金融”？"):
        load(folder(诉求="诉求编号,企业编号,需求\nR1,E1,融资\n"))


def test_parquet_is_read_by_type(folder: Folder, tmp_path: Path) -> None:
    expected = load(folder())
    typed = tmp_path / "typed"
    typed.mkdir()
    expected.officers.to_parquet(typed / "officers.parquet")
    expected.enterprises.to_parquet(typed / "企业.parquet")
    assert load(typed).equals(expected)


def test_headers_and_sheets_in_two_languages(folder: Folder, tmp_path: Path) -> None:
    expected = load(folder(上轮方案="干部编号,企业编号\n001,E1\n"))
    path = workbook(
        tmp_path / "both.xlsx",
        **{
            "干部 officers": [
                ["干部编号 officer_id", "姓名 name", "单位(department)", "tier 层级", "区县/district", "可服务企业数 capacity"],
                ["001", "甲", "经信局", "市", "", "3"],
                ["002", "乙", "规划局", "县", "西湖区", "2"],
            ],
            "企业 enterprises": [
                ["企业编号 enterprise_id", "企业名称 name", "区县 district"],
                ["E1", "某某公司", "西湖区"],
                ["E2", "另一公司", ""],
            ],
            "结对方案 plan": [["干部编号 officer_id", "企业编号 enterprise_id", "匹配度 affinity"], ["001", "E1", 0.3]],
        },
    )
    tables = load(path)
    for name in ("officers", "enterprises", "plan"):
        pd.testing.assert_frame_equal(getattr(tables, name), getattr(expected, name))


def test_halves_that_disagree_or_say_too_little_mean_nothing(folder: Folder) -> None:
    enterprises = "企业编号,区县,行业 district,注册资金 USD\nE1,西湖区,a,1\nE2,,b,2\n"
    tables = load(folder(企业=enterprises))
    assert tables.enterprises["district"].tolist() == ["西湖区", ""]
    assert tables.enterprises["capital"].isna().all()
    assert {"行业 district", "注册资金 USD"} <= set(tables.notices["column"])
