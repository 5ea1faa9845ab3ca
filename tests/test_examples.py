"""The examples run on what they are meant for: real data where they are, and a few messy rows anywhere."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
REGISTER = ROOT / ".." / "shared" / "data" / "enterprises_nantong.csv"
HEADERS = "企业名称,注册日期,企业类型,注册资金,经营范围,所在省份,地区,注册地址"
ROWS = """
示例纺织有限公司,1999-05-18,N/A,50(万元人民币),针织品、服装制造,江苏,南通,南通市通州区川姜镇甲村1号
示例电镀有限公司,2001-11-14,N/A,"1,300(万元人民币)",电镀加工、热处理,江苏,南通,海门市海门街道甲西路1112号
示例物流有限公司,2002-06-01,普通合伙,N/A,普通货物运输,江苏,南通,青年路77号
示例贸易有限公司,2003-02-30,N/A,30(万美元),货物进出口,江苏,南通,如东县掘港镇甲路
示例食品有限公司,2003-03-01,N/A,20(万元人民币),食品生产,江苏,南通,如皋市如城镇,多一格
示例软件有限公司,2003-03-02,N/A,很多,软件开发,江苏,南通,开发区甲路1号
示例建设有限公司,2003-03-03,N/A,500万人民币,建筑工程施工,江苏,南通,崇川区海门路9号
""".strip()


@pytest.fixture(scope="module")
def nantong() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nantong", ROOT / "examples" / "nantong.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def lines_of(frame: pd.DataFrame) -> set[int]:
    return {int(name[1:]) for name in frame["enterprise_id"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_messy_row_is_in_the_plan_or_listed(
    nantong: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    register = tmp_path / "register.csv"
    register.write_text(f"{HEADERS}\n{ROWS}\n", encoding=encoding)
    assert nantong.main([str(register), str(tmp_path / "out"), "--officers", "4"]) == 0
    plan, left_out, notices = (read(tmp_path / "out" / f"{name}.csv") for name in ("plan", "left_out", "notices"))
    reasons = dict(zip(left_out["name"], left_out["reason"], strict=True))
    assert set(reasons) == {"示例贸易有限公司", "示例食品有限公司", "示例软件有限公司"}
    assert "9 cells under 8 headers" in reasons["示例食品有限公司"]
    assert "2003-02-30" in reasons["示例贸易有限公司"]
    assert "很多" in reasons["示例软件有限公司"]
    assert lines_of(plan) | lines_of(left_out) == set(range(2, 9))
    assert not lines_of(plan) & lines_of(left_out)
    assert dict(zip(plan["enterprise"], plan["district"], strict=True)) == {
        "示例纺织有限公司": "通州区",
        "示例电镀有限公司": "海门市",
        "示例物流有限公司": "",
        "示例建设有限公司": "崇川区",
    }
    assert dict(zip(plan["enterprise"], plan["town"], strict=True))["示例电镀有限公司"] == "海门街道"
    assert len(notices) > 0
    assert "rows in the register: 7\nrows in the plan (plan.csv): 4\nrows left out (left_out.csv): 3\n" in capsys.readouterr().out


def test_a_town_counts_after_its_district_only(nantong: ModuleType) -> None:
    addresses = ["海门市海门镇1号", "如东县掘港镇", "汇龙镇人民路", "崇川区海门路9号", "南通开发区竹行镇", "海门路3号", ""]
    places = nantong.with_places(pd.DataFrame({"注册地址": addresses}))
    assert places["区县"].tolist() == ["海门市", "如东县", "", "崇川区", "开发区", "", ""]
    assert places["乡镇街道"].tolist() == ["海门镇", "掘港镇", "", "", "竹行镇", "", ""]


@pytest.mark.skipif(not REGISTER.exists(), reason="the register of real enterprises is not here: ../shared/data/enterprises_nantong.csv")
def test_three_hundred_real_enterprises_are_all_served(nantong: ModuleType, tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    lines = REGISTER.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    register.write_text("".join([lines[0], *lines[1::29][:300]]), encoding="utf-8")
    assert nantong.main([str(register), str(tmp_path / "out"), "--officers", "150"]) == 0
    plan, left_out = (read(tmp_path / "out" / f"{name}.csv") for name in ("plan", "left_out"))
    assert lines_of(plan) | lines_of(left_out) == set(range(2, 302))
    assert plan["enterprise_id"].nunique() + len(left_out) == 300
    assert plan["most_likely_need"].nunique() >= 3
    assert 0.5 < (plan["district"] != "").mean() < 0.8


@pytest.mark.skipif(not REGISTER.exists(), reason="the register of real enterprises is not here: ../shared/data/enterprises_nantong.csv")
def test_most_real_addresses_name_a_district(nantong: ModuleType) -> None:
    register, ragged = nantong.read_register(REGISTER)
    assert (len(register), len(ragged)) == (8838, 0)
    assert 0.60 < (nantong.with_places(register)["区县"] != "").mean() < 0.68
