"""Business scopes tell the sector, and sectors what firms tend to ask for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from matchmaker.errors import ConfigError
from matchmaker.profiles import Sectors, Taxonomy

REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "enterprises_nantong.csv"


def table(**changes: object) -> pd.DataFrame:
    row = {"sector": "tea", "zh": "茶业", "en": "tea", "keywords": "茶叶;茶园", "lifts": "market=2;land=1.5"}
    return pd.DataFrame([row | changes])


@pytest.mark.parametrize(
    ("scope", "sector"),
    [
        ("服装、鞋帽制造、加工、销售;日用百货零售", "textiles"),
        ("道路普通货物运输;仓储服务", "logistics"),
        ("计算机软件开发、技术服务", "software"),
        ("房屋建筑工程施工;建筑材料销售", "construction"),
        ("药品零售(凭许可证经营)", "medicine"),
        ("蔬菜种植、销售", "agriculture"),
        ("中餐制售;住宿", "catering"),
        ("模具制造(化工产品除外)", "machinery"),
    ],
)
def test_the_main_business_is_told(scope: str, sector: str) -> None:
    sectors = Sectors.builtin()
    assert sectors.sectors[int(sectors.tell([scope])[0])].code == sector


def test_what_stands_in_brackets_is_not_the_business() -> None:
    assert "chemicals" not in Sectors.builtin().words("模具制造(化工产品除外)")
    assert Sectors.builtin().words("模具、轴承制造")["machinery"] == ("模具", "轴承")


def test_nothing_known_is_no_sector() -> None:
    assert Sectors.builtin().tell(["", "无", "zzz"]).tolist() == [-1, -1, -1]


def test_every_lift_is_of_a_need_of_the_programme() -> None:
    sectors = Sectors.builtin()
    assert {need for sector in sectors.sectors for need, _ in sector.lifts} <= set(Taxonomy.programme().codes)
    assert all(sector.zh and sector.en and sector.keywords and sector.lifts for sector in sectors.sectors)
    assert len(sectors) > 20


def test_a_table_of_ones_own_takes_its_place() -> None:
    sectors = Sectors.from_frame(table())
    assert sectors.tell(["茶园管理", "轴承"]).tolist() == [0, -1]
    lifts = sectors.lifts(Taxonomy.programme())
    assert lifts.shape == (2, 12)
    assert lifts[0, Taxonomy.programme().index("market")] == 2
    assert (lifts[1] == 1).all()


def test_a_lift_of_an_unknown_need_is_left_out() -> None:
    assert (Sectors.from_frame(table(lifts="arts=9")).lifts(Taxonomy.programme()) == 1).all()


@pytest.mark.parametrize("lifts", ["market", "market=", "market=x", "market=0", "market=-1", "market=inf", "market=nan"])
def test_a_lift_is_a_positive_number(lifts: str) -> None:
    with pytest.raises(ConfigError, match=r"Sector tea: the lift 'market.*such as energy=2"):
        Sectors.from_frame(table(lifts=lifts))


def test_a_table_says_what_it_lacks() -> None:
    with pytest.raises(ConfigError, match="lacks keywords, lifts"):
        Sectors.from_frame(table().drop(columns=["lifts", "keywords"]))
    with pytest.raises(ConfigError, match="2 rows and 1 codes"):
        Sectors.from_frame(pd.concat([table(), table()]))


def test_most_real_scopes_get_a_sector() -> None:
    if not REAL.exists():
        pytest.skip("the real scopes are not at hand (../shared/data)")
    scopes = pd.read_csv(REAL, usecols=["经营范围"], dtype=str, keep_default_na=False)["经营范围"].tolist()
    told = Sectors.builtin().tell(scopes)
    assert (told >= 0).mean() > 0.97
    assert pd.Series(told[told >= 0]).value_counts(normalize=True).max() < 0.3
