"""Each kind of cell: what is read, what is refused, and why."""

from __future__ import annotations

import math
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from matchmaker.tables.cells import Bad, Cell, Noted, half_width, plain
from matchmaker.tables.dates import day
from matchmaker.tables.kinds import READERS, count, credit_code, identifier, number, place, text, words
from matchmaker.tables.money import money, unit_of
from matchmaker.tables.numerals import chinese_number

FULL_WIDTH = str.maketrans("0123456789.-/", "０１２３４５６７８９．－／")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3.4000(万元人民币)", 3.4),
        ("158(万元人民币)", 158.0),
        ("158（万元人民币）", 158.0),
        ("300万人民币", 300.0),
        ("1,000万元", 1000.0),
        ("5000万元", 5000.0),
        ("1.2亿元", 12_000.0),
        ("1.2亿", 12_000.0),
        ("5百万元", 500.0),
        ("2千万", 2000.0),
        ("50000元", 5.0),
        ("¥50,000", 50_000.0),
        ("人民币壹仟万元整", 1000.0),
        ("壹佰贰拾万元", 120.0),
        ("三千万", 3000.0),
        ("一亿二千万元", 12_000.0),
        ("五百", 500.0),
        ("１００万元", 100.0),
        ("1e3", 1000.0),
        ("0", 0.0),
        (500, 500.0),
        (500.5, 500.5),
        (1e-07, 1e-07),
        ("100 (万)", 100.0),
    ],
)
def test_money_in_ten_thousands(written: Cell, expected: float) -> None:
    assert money(written) == expected


@pytest.mark.parametrize("written", ["N/A", "n/a", "无", "-", "不详", "企业选择不公示", "NaN"])
def test_money_that_is_not_known(written: str) -> None:
    value = money(written)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("written", "currency"),
    [("100万美元", "美元"), ("100(万美元)", "美元"), ("US$5,000", "us$"), ("3亿日元", "日元"), ("20(万港元)", "港元")],
)
def test_money_of_another_currency_is_left_out_and_told(written: str, currency: str) -> None:
    read = money(written)
    assert isinstance(read, Noted)
    assert isinstance(read.value, float)
    assert math.isnan(read.value)
    assert currency in read.notice
    assert currency in read.notice_zh


@pytest.mark.parametrize("written", ["约定", "3.4.5万元", "万元", "12万3", "inf", "1e999", "abc美元", "=1+1", "五十百万"])
def test_money_that_is_none(written: str) -> None:
    read = money(written)
    assert isinstance(read, Bad)
    assert read.problem == "is not a sum of money"


def test_money_below_zero() -> None:
    read = money("-5万元")
    assert isinstance(read, Bad)
    assert read.problem == "is below zero"


@pytest.mark.parametrize(
    ("header", "bare", "expected"),
    [
        ("注册资金", "500", 500.0),
        ("注册资本(万元)", "500", 500.0),
        ("注册资本（元）", "500", 0.05),
        ("注册资本(人民币亿元)", "5", 50_000.0),
        ("注册资本（元）", "500万元", 500.0),
    ],
)
def test_a_bare_number_counts_what_the_header_says(header: str, bare: str, expected: float) -> None:
    assert money(bare, unit=unit_of(header)) == expected


@settings(deadline=None)
@given(st.decimals(0, 10**9, places=4), st.sampled_from(["{}(万元人民币)", "{}万元", "{}万", "{}", "人民币{}万元整", "{} 万元"]))
def test_money_reads_any_sum(amount: object, pattern: str) -> None:
    assert money(pattern.format(amount)) == float(str(amount))


def chinese(whole: int, digits: str = "零一二三四五六七八九", tens: str = "十百千") -> str:
    """Chinese numerals of a number up to 10**12, written out independently of the reader."""
    if whole >= 10**8:
        high, low = divmod(whole, 10**8)
        return chinese(high, digits, tens) + "亿" + ("零" * (low < 10**7) + chinese(low, digits, tens) if low else "")
    if whole >= 10**4:
        high, low = divmod(whole, 10**4)
        return chinese(high, digits, tens) + "万" + ("零" * (low < 10**3) + chinese(low, digits, tens) if low else "")
    for power in (3, 2, 1):
        if whole >= 10**power:
            high, low = divmod(whole, 10**power)
            rest = ("零" * (low < 10 ** (power - 1)) + chinese(low, digits, tens)) if low else ""
            return digits[high] + tens[power - 1] + rest
    return digits[whole]


@settings(deadline=None)
@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_read_back(whole: int) -> None:
    assert chinese_number(chinese(whole)) == whole
    assert chinese_number(chinese(whole, "零壹贰叁肆伍陆柒捌玖", "拾佰仟")) == whole


@pytest.mark.parametrize("nonsense", ["", "万", "一二", "十百", "一百千", "亿万", "甲"])
def test_chinese_numerals_that_are_none(nonsense: str) -> None:
    assert chinese_number(nonsense) is None


def test_ten_stands_alone() -> None:
    assert [chinese_number(written) for written in ("十", "十五", "两百零三", "十万")] == [10, 15, 203, 100_000]


@settings(deadline=None)
@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_dates_in_every_spelling(when: date) -> None:
    year, month, of_month = f"{when.year:04}", when.month, when.day
    spellings = [
        when.isoformat(),
        f"{year}/{month}/{of_month}",
        f"{year}.{month}.{of_month}",
        f"{year}年{month}月{of_month}日",
        f"{year}{month:02}{of_month:02}",
        f"{when.isoformat()} 08:30:00",
        f"{when.isoformat()}T08:30:00Z",
        when.isoformat().translate(FULL_WIDTH),
    ]
    assert [day(written) for written in spellings] == [when] * len(spellings)
    assert day(when) == when
    assert day(datetime(when.year, when.month, when.day, 9, 30)) == when


def test_a_day_of_excel_is_read_and_told() -> None:
    read = day(45108.0)
    assert isinstance(read, Noted)
    assert read.value == date(2023, 7, 1)
    assert "2023-07-01" in read.notice


@pytest.mark.parametrize("written", ["N/A", "不详", "-"])
def test_a_day_that_is_not_known(written: str) -> None:
    assert day(written) is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("2023-02-30", "does not exist"),
        ("2023年13月1日", "does not exist"),
        ("七月一日", "not a date"),
        ("2023", "not a date"),
        ("2023-07-01 前后", "not a date"),
        ("1/7/2023", "not a date"),
    ],
)
def test_a_day_that_is_none(written: str, problem: str) -> None:
    read = day(written)
    assert isinstance(read, Bad)
    assert problem in read.problem


@settings(deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_counts_in_every_spelling(whole: int) -> None:
    spellings: list[Cell] = [
        whole,
        float(whole),
        str(whole),
        f" {whole} ",
        f"{whole}.0",
        f"{whole}家",
        str(whole).translate(FULL_WIDTH),
        f"{whole:,}",
    ]
    assert [count(written) for written in spellings] == [whole] * len(spellings)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (float("nan"), "is NaN"),
        ("NaN", "is NaN"),
        (float("inf"), "is infinite"),
        ("-inf", "is infinite"),
        (-1, "is below zero"),
        ("-0.5", "is below zero"),
        (1.5, "is not whole"),
        ("2.25", "is not whole"),
        (2**31, "is over 2147483647"),
        (10**30, "is over 2147483647"),
        ("1e12", "is over 2147483647"),
        (-(10**30), "is below zero"),
        ("三", "is not a number"),
        ("N/A", "is not a number"),
        ("TRUE", "is not a number"),
        ("=1+1", "is not a number"),
    ],
)
def test_counts_that_are_none(written: Cell, problem: str) -> None:
    read = count(written)
    assert isinstance(read, Bad)
    assert problem in read.problem
    assert read.problem_zh
    assert "2147483647" in read.expected


@settings(deadline=None)
@given(st.floats(0, 1e15) | st.integers(0, 10**15))
def test_numbers_read_back(value: float) -> None:
    assert number(value) == value
    assert number(repr(value)) == value


@pytest.mark.parametrize("written", ["-3", "inf", "很多", "1e999"])
def test_numbers_that_are_none(written: str) -> None:
    assert isinstance(number(written), Bad)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("001", "001"), (1001.0, "1001"), (7, "7"), (" Ｅ００１\u3000", "E001"), ("1001.0", "1001.0"), ("\ufeffA-1", "A-1"), ("=A1", "=A1")],
)
def test_ids_are_text(written: Cell, expected: str) -> None:
    assert identifier(written) == expected


def test_an_id_whose_last_digits_excel_has_lost() -> None:
    read = identifier(913301001234567890.0)
    assert isinstance(read, Bad)
    assert "15 digits" in read.problem


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda written: written.isprintable() and written == written.strip()))
def test_text_is_kept_as_it_stands(written: str) -> None:
    assert text(written) == written


@pytest.mark.parametrize("written", ['=HYPERLINK("http://example.com","x")', "+1", "@SUM(A1)", "<script>alert(1)</script>", "a\nb", "'x"])
def test_formulas_and_markup_are_text(written: str) -> None:
    assert text(written) == written


def test_text_loses_only_edges_and_control_characters() -> None:
    assert text("\u3000 某\x00公司\r\n第二行\x1b \ufeff") == "某公司\n第二行"


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)))
def test_full_width_is_ascii(written: str) -> None:
    assert half_width("".join(chr(ord(character) + 0xFEE0) for character in written)) == written


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, ""),
        (3.0, "3"),
        (3.5, "3.5"),
        (1e22, "1" + "0" * 22),
        (1e-7, "0.0000001"),
        (date(2023, 7, 1), "2023-07-01"),
        (("a", "b"), "a;b"),
    ],
)
def test_plain_text_of_a_cell(cell: Cell, expected: str) -> None:
    assert plain(cell) == expected


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("tier", "市", "city"),
        ("tier", "市本级", "city"),
        ("tier", "City", "city"),
        ("tier", "县（市、区）", "county"),
        ("tier", "区", "county"),
        ("tier", "乡镇", "township"),
        ("tier", "街道", "township"),
        ("urgency", "红", "red"),
        ("urgency", "YELLOW", "yellow"),
        ("urgency", "绿色", "green"),
        ("flag", "是", True),
        ("flag", "已办结", True),
        ("flag", 1.0, True),
        ("flag", "TRUE", True),
        ("flag", "否", False),
        ("flag", "未办结", False),
        ("flag", 0, False),
        ("flag", "False", False),
    ],
)
def test_choices(kind: str, written: Cell, expected: object) -> None:
    assert READERS[kind](written) == expected  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "written", "hint"),
    [("tier", "citty", '"city"'), ("urgency", "gren", '"green"'), ("flag", "ture", '"true"'), ("flag", "未办洁", '"未办结"')],
)
def test_choices_that_are_near(kind: str, written: str, hint: str) -> None:
    read = READERS[kind](written)  # type: ignore[index]
    assert isinstance(read, Bad)
    assert f"Did you mean {hint}" in read.problem


def test_words_are_split_and_stand_once() -> None:
    assert words("金融;贷款；融资、金融, 授信/续贷|转贷") == ("金融", "贷款", "融资", "授信", "续贷", "转贷")
    assert words(("a/b", "a")) == ("a", "b")


def test_places_that_are_not_known_are_empty() -> None:
    assert [place(written) for written in ("N/A", "不详", " 西湖区 ")] == ["", "", "西湖区"]


def test_credit_codes_are_checked() -> None:
    body = "91330199MA0000000"
    right = uscc.calc_check_digit(body)
    wrong = next(digit for digit in "0123456789" if digit != right)
    assert credit_code(body + right) == body + right
    assert credit_code((body + right).lower().translate(FULL_WIDTH)) == body + right
    assert credit_code("N/A") == ""
    read = credit_code(body + wrong)
    assert isinstance(read, Bad)
    assert "check digit" in read.expected
