"""Need profiles foretell the next round's requests, and say what they rest on."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from simulated import City, simulated_city

from matchmaker.errors import ConfigError, DataError
from matchmaker.profiles import NeedProfiles, Taxonomy, need_profiles
from matchmaker.tables import Tables

TAXONOMY = Taxonomy.programme()
FINANCE, ENERGY, LAND, LABOUR = (TAXONOMY.index(code) for code in ("finance", "energy", "land", "labour"))
OFFICERS = pd.DataFrame(
    {"officer_id": ["A"], "name": "", "department": "某局", "tier": "city", "capacity": 2, "min_load": 0, "specialities": [()]}
)


def enterprises(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["enterprise_id", "industry", "scope"]).assign(name="", district="", capital=np.nan)


def requests(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """(enterprise, need, colour), each filed on the same day."""
    frame = pd.DataFrame(list(rows), columns=["enterprise_id", "need", "urgency"])
    return frame.assign(request_id=[f"R{r:03d}" for r in range(len(rows))], text="", filed_on=pd.Timestamp("2023-05-01"))


def resolved(*request_ids: str, on: str = "2023-05-10") -> pd.DataFrame:
    return pd.DataFrame({"request_id": request_ids, "officer_id": "A", "need": "", "resolved": True, "closed_on": pd.Timestamp(on)})


def profiles(firms: pd.DataFrame, asked: pd.DataFrame | None = None, done: pd.DataFrame | None = None, **options: object) -> NeedProfiles:
    given = {name: frame for name, frame in (("requests", asked), ("outcomes", done)) if frame is not None}
    return need_profiles(Tables(officers=OFFICERS, enterprises=firms, **given), TAXONOMY, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def city() -> City:
    return simulated_city(50, 1500, 4500)


def test_expected_new_requests_add_up_to_the_record(city: City) -> None:
    found = need_profiles(city.tables, TAXONOMY)
    history = city.tables.requests["need"].value_counts().reindex(TAXONOMY.codes, fill_value=0).to_numpy()
    assert found.expected_new.sum() == pytest.approx(len(city.tables.requests))
    assert found.expected_new.sum(axis=0) == pytest.approx(history, rel=0.1)


def test_the_sum_is_the_number_of_requests_expected_open(city: City) -> None:
    found = need_profiles(city.tables, TAXONOMY)
    assert found.matrix.sum() == pytest.approx(found.open.sum() + len(city.tables.requests))
    assert found.open.sum() == (~city.tables.outcomes["resolved"]).sum()


def test_next_rounds_requests_are_foretold_better_than_by_history_alone_or_the_mean(city: City) -> None:
    found = need_profiles(city.tables, TAXONOMY).expected_new
    place = pd.Index(found_ids(city)).get_indexer(pd.Index(city.tables.requests["enterprise_id"]))
    history = np.zeros_like(found)
    need = np.array([TAXONOMY.index(code) for code in city.tables.requests["need"]])
    np.add.at(history, (place, need), 1)
    mean = np.broadcast_to(history.mean(axis=0), history.shape)
    error = {name: float(((guess - city.rate) ** 2).mean()) for name, guess in (("ours", found), ("history", history), ("mean", mean))}
    assert error["ours"] < 0.7 * error["history"]
    assert error["ours"] < 0.5 * error["mean"]


def found_ids(city: City) -> list[str]:
    return sorted(city.tables.enterprises["enterprise_id"])


def test_an_enterprise_that_has_filed_nothing_gets_its_industrys_rate_and_mix() -> None:
    firms = enterprises(
        *((f"T{i}", "纺织", "") for i in range(20)),
        *((f"S{i}", "软件", "") for i in range(20)),
        ("T_new", "纺织", ""),
        ("S_new", "软件", ""),
    )
    asked = requests(
        *((f"T{i}", "labour", "green") for i in range(20) for _ in range(3)), *((f"S{i}", "finance", "green") for i in range(10))
    )
    found = profiles(firms, asked, resolved(*(f"R{r:03d}" for r in range(70))))
    new = dict(zip(found.enterprise_ids, found.expected_new, strict=True))
    assert new["T_new"].sum() > 2 * new["S_new"].sum()
    assert new["T_new"].argmax() == LABOUR
    assert new["S_new"].argmax() == FINANCE
    basis = dict(zip(found.enterprise_ids, zip(found.basis, found.basis_zh, strict=True), strict=True))
    assert basis["T_new"] == ("industry of 21 enterprises", "同行业 21 家企业")
    assert basis["T0"] == ("own history of 3 requests; industry of 21 enterprises", "本企业历史诉求 3 件；同行业 21 家企业")


def test_where_industry_is_blank_business_scope_tells() -> None:
    found = profiles(enterprises(("E1", "", "供热、热电联产"), ("E2", "", "软件开发"), ("E3", "", "")))
    assert found.sector.tolist() == ["utilities", "software", ""]
    assert found.expected_new[0].argmax() == ENERGY
    assert found.basis.tolist() == [
        "business scope (energy, environment and utilities)",
        "business scope (software and information services)",
        "the usual rate",
    ]
    assert found.basis_zh[1] == "经营范围（软件与信息服务）"
    assert np.ptp(found.expected_new[2]) == pytest.approx(0)


def test_a_scope_sector_learns_from_those_who_state_their_industry() -> None:
    firms = enterprises(*((f"E{i}", "纺织业", "") for i in range(30)), *((f"F{i}", "某行", "") for i in range(30)), ("N", "", "纺织品织造"))
    asked = requests(*((f"E{i}", "law", "green") for i in range(30) for _ in range(2)), *((f"F{i}", "tax", "green") for i in range(30)))
    found = profiles(firms, asked)
    new = found.expected_new[found.enterprise_ids.tolist().index("N")]
    assert TAXONOMY.codes[int(new.argmax())] == "law"


def test_open_requests_weigh_by_colour_and_one_on_average() -> None:
    firms = enterprises(("A", "", ""), ("B", "", ""), ("C", "", ""))
    found = profiles(
        firms, requests(("A", "land", "red"), ("B", "land", "yellow"), ("C", "land", "green"), ("C", "tax", "green")), resolved("R003")
    )
    weight = (found.matrix - found.expected_new)[:, LAND]
    assert weight == pytest.approx([1.5, 1.0, 0.5])
    assert found.open.tolist() == [1, 1, 1]
    even = profiles(firms, requests(("A", "land", "red"), ("B", "land", "green")), urgency={"red": 1, "yellow": 1, "green": 1})
    assert (even.matrix - even.expected_new)[:, LAND] == pytest.approx([1, 1, 0])


def test_on_a_day_in_between_only_what_was_known_counts() -> None:
    asked = requests(("A", "land", "green"), ("A", "land", "green")).assign(filed_on=pd.to_datetime(["2023-05-01", "2023-06-01"]))
    firms = enterprises(("A", "", ""))
    done = resolved("R000", on="2023-05-20")
    assert profiles(firms, asked, done, as_of="2023-05-10").open.tolist() == [1]
    assert profiles(firms, asked, done, as_of=date(2023, 5, 25)).open.tolist() == [0]
    assert profiles(firms, asked, done).open.tolist() == [1]


def test_a_longer_record_is_spread_over_its_rounds() -> None:
    firms = enterprises(*((f"E{i}", "", "") for i in range(10)))
    asked = requests(*((f"E{i}", "land", "green") for i in range(10) for _ in range(4)))
    half = asked.assign(filed_on=pd.to_datetime(["2023-01-01", "2023-06-29"] * 20))
    assert profiles(firms, asked).expected_new.sum() == pytest.approx(40)
    assert profiles(firms, half).expected_new.sum() == pytest.approx(20)
    assert profiles(firms, half, round_days=45).expected_new.sum() == pytest.approx(10)


def test_requests_without_a_need_are_read_from_their_text(caplog: pytest.LogCaptureFixture) -> None:
    asked = requests(("A", "", "green"), ("B", "", "green"), ("C", "law", "green")).assign(text=["急需银行贷款", "请联系我们", ""])
    found = profiles(enterprises(("A", "", ""), ("B", "", ""), ("C", "", "")), asked)
    waiting = found.matrix - found.expected_new
    assert waiting[0].argmax() == FINANCE
    assert waiting[0, FINANCE] > 0.8
    assert waiting[1].argmax() == TAXONOMY.index("law"), "the usual mix"
    assert found.basis[0] == "1 open request; request text (1 request); all 3 enterprises"
    assert found.basis[1] == "1 open request; 1 request of unclear need; all 3 enterprises"
    assert "1 of the requests say neither need nor clear text" in caplog.text
    assert "R001" in caplog.text


def test_size_tells_where_it_matters() -> None:
    big = [(f"B{i}", "机械", "") for i in range(30)]
    small = [(f"S{i}", "机械", "") for i in range(30)]
    firms = enterprises(*big, *small, ("Bx", "机械", ""), ("Sx", "机械", ""))
    firms["employees"] = [2000.0] * 30 + [5.0] * 30 + [3000.0, 8.0]
    found = profiles(firms, requests(*((f"B{i}", "land", "green") for i in range(30) for _ in range(4))))
    new = dict(zip(found.enterprise_ids, found.expected_new.sum(axis=1), strict=True))
    assert new["Bx"] > 3 * new["Sx"]


def test_a_table_is_one_row_an_enterprise() -> None:
    frame = profiles(enterprises(("B", "", ""), ("A", "", ""))).to_frame()
    assert frame["enterprise_id"].tolist() == ["A", "B"]
    assert frame.columns.tolist() == ["enterprise_id", *TAXONOMY.codes, "open", "sector", "basis", "basis_zh"]


@pytest.mark.parametrize("weights", [{"red": 2}, {"red": 2, "yellow": 1, "green": 0}, {"red": float("inf"), "yellow": 1, "green": 1}])
def test_every_colour_needs_a_weight(weights: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="expected a positive number for each of red, yellow, green"):
        profiles(enterprises(("A", "", "")), urgency=weights)


def test_a_round_has_days() -> None:
    with pytest.raises(ConfigError, match="round_days is 0; expected at least 1"):
        profiles(enterprises(("A", "", "")), round_days=0)


def test_an_unknown_need_in_requests_is_named() -> None:
    with pytest.raises(DataError, match=r"requests, column need: 'lend' is not a need\. Did you mean \"land\""):
        profiles(enterprises(("A", "", "")), requests(("A", "lend", "red")))
