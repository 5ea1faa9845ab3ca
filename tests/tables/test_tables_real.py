"""A real register of 8,838 enterprises: its headers are known, and every sum and day is read or named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from matchmaker.tables import load

REGISTER = Path(__file__).parents[2] / ".." / "shared" / "data" / "enterprises_nantong.csv"
OFFICERS = "officer_id,department,tier,district,town,capacity\nO1,a,city,,,3\nO2,a,county,海安县,,3\nO3,a,county,如皋市,,3\nO4,a,county,通州区,,3\n"


@pytest.mark.skipif(not REGISTER.exists(), reason=f"the register is not at {REGISTER}")
def test_the_register_reads_whole(tmp_path: Path) -> None:
    shutil.copy(REGISTER, tmp_path / "企业.csv")
    (tmp_path / "officers.csv").write_text(OFFICERS, "utf-8")
    (tmp_path / "own.txt").write_text("企业名称,enterprises.enterprise_id\n", "utf-8")
    text = (tmp_path / "企业.csv").read_text("utf-8")
    (tmp_path / "企业.csv").write_text(text.replace("地区,", "城市,", 1).replace("所在省份,", "区县,", 1).replace(",江苏,", ",,"), "utf-8")
    tables = load(tmp_path, aliases=tmp_path / "own.txt")
    enterprises, told = tables.enterprises, tables.notices.query("sheet == '企业.csv'")
    assert len(enterprises) == 8838
    assert enterprises["registered_on"].notna().all()
    assert (enterprises["scope"] != "").all()
    abroad = told["notice"].str.contains("in another currency")
    assert int(abroad.sum()) == 335
    assert int(enterprises["capital"].isna().sum()) == 335 + 355
    assert enterprises["capital"].iloc[:2].tolist() == [3.4, 158.0]
    placed = (enterprises["district"] != "").sum()
    assert int(told["notice"].str.startswith("read from the address").sum()) == placed > 2000
    assert set(enterprises["district"]) == {"", "海安县", "如皋市", "通州区"}
    assert set(told["column"]) >= {"企业类型", "城市"}
