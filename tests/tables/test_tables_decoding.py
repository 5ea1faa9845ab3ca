"""Encodings: UTF-8, UTF-16 with a mark and GB18030 are read; anything else is named, not turned into nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.errors import DataError
from matchmaker.tables.decoding import decode

PROSE = "干部编号,姓名,部门\n001,某甲,经济和信息化局\n002,某乙,市场监督管理局,服务企业需要解决用地审批和融资贷款问题\n" * 2
TRADITIONAL = "企業編號,企業名稱,經營範圍\n001,某某電子股份有限公司,電子產品與設備的製造、銷售及維護服務,進出口貿易業務\n" * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk", "gb2312"])
def test_encodings_of_chinese_sheets(encoding: str) -> None:
    assert decode(PROSE.encode(encoding), "干部.csv") == PROSE


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda written: not written.startswith("\ufeff")))
def test_utf8_reads_back(written: str) -> None:
    assert decode(written.encode("utf-8"), "x.csv") == written
    assert decode(written.encode("utf-8-sig"), "x.csv") == written


def test_a_broken_byte_in_utf8_is_named() -> None:
    data = PROSE.encode("utf-8")
    at = data.index("某乙".encode())
    with pytest.raises(DataError, match=rf"干部.csv: .* cannot be read as UTF-8: byte {at} \(line 3\) does not fit"):
        decode(data[:at] + b"\xff" + data[at + 1 :], "干部.csv")


def test_a_file_cut_short_in_utf8_is_named() -> None:
    data = PROSE.encode("utf-8").rstrip(b"\n")[:-1]
    with pytest.raises(DataError, match="cannot be read as UTF-8: byte"):
        decode(data, "干部.csv")


def test_bytes_of_no_text_are_named() -> None:
    with pytest.raises(DataError, match=r"x.csv: .* cannot be read as GB18030: byte 3 \(line 1\)"):
        decode(b"a,b\xff\xff\xff\n", "x.csv")


def test_a_short_gbk_file_with_a_rare_name_is_read() -> None:
    assert decode("officer_id,name\n1,喆\n".encode("gbk"), "x.csv") == "officer_id,name\n1,喆\n"


def test_big5_is_not_taken_for_gbk() -> None:
    with pytest.raises(DataError, match=r"neither UTF-8 nor GB18030.*looks like"):
        decode(TRADITIONAL.encode("big5"), "企业.csv")


def test_traditional_characters_in_gbk_are_read() -> None:
    mixed = PROSE + "003,某丙,餘杭區經濟和信息化局\n"
    assert decode(mixed.encode("gbk"), "x.csv") == mixed


def test_a_broken_mark_is_named() -> None:
    with pytest.raises(DataError, match="cannot be read as UTF-16"):
        decode(b"\xff\xfea", "x.csv")
