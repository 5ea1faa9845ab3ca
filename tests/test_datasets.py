"""The made-up data: the figures, the correlations, the plan that exists, and nobody real."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pace import seconds
from scipy.optimize import linprog

import matchmaker as mm
from matchmaker.datasets import hangzhou, made_up_officers, random_city, small_instance, small_tables
from matchmaker.datasets.departments import MANDATES
from matchmaker.datasets.enterprises import NEEDS
from matchmaker.datasets.hangzhou import draw_city
from matchmaker.datasets.industries import INDUSTRIES
from matchmaker.datasets.places import DISTRICTS
from matchmaker.datasets.seats import grown, rank_within, seated, shared_out
from matchmaker.errors import ConfigError
from matchmaker.tables import SCHEMA, Tables, write

SIZES = [(1, 1), (1, 30), (30, 1), (7, 40), (200, 400), (400, 200)]


@pytest.fixture(scope="module")
def city() -> Tables:
    return hangzhou()


def frames(tables: Tables) -> dict[str, pd.DataFrame]:
    return {name: getattr(tables, name) for name in SCHEMA}


# --- the figures of 2023 -----------------------------------------------------------------------------------------------------------


def test_the_city_has_the_programmes_figures(city: Tables) -> None:
    assert len(city.officers) == 4407
    assert (city.officers["tier"] == "city").sum() == 104
    assert len(city.enterprises) == 8226
    assert len(city.requests) == 7869
    assert len(city.visits) == 41250
    assert len(city.departments) == 26
    assert city.outcomes.loc[city.outcomes["resolved"], "request_id"].nunique() == city.outcomes["resolved"].sum() == 7222
    assert round(7222 / 7869, 3) == 0.918


@pytest.mark.alone
def test_the_city_is_quick_to_draw() -> None:
    start = time.process_time()
    hangzhou(seed=5)
    taken = time.process_time() - start
    assert taken < seconds(3)


def test_districts_are_the_thirteen_and_industry_is_where_it_is(city: Tables) -> None:
    served = city.enterprises["district"].value_counts()
    assert set(served.index) == set(DISTRICTS) == set(city.districts["district"])
    assert {"萧山区", "余杭区", "滨江区"} == set(served.index[:3])
    software = city.enterprises["industry"] == "软件和信息技术服务业"
    at_river = city.enterprises["district"] == "滨江区"
    assert software[at_river].mean() > 1.5 * software[~at_river].mean()


def test_every_officer_is_of_a_tier_with_its_place(city: Tables) -> None:
    by_tier = dict(tuple(city.officers.groupby("tier")))
    assert set(by_tier) == {"city", "county", "township"}
    assert (by_tier["city"][["district", "town"]] == "").all(axis=None)
    assert (by_tier["county"]["district"] != "").all()
    assert (by_tier["county"]["town"] == "").all()
    places = set(zip(city.enterprises["district"], city.enterprises["town"], strict=True))
    assert set(zip(by_tier["township"]["district"], by_tier["township"]["town"], strict=True)) <= places


def test_requests_are_of_the_round_and_some_are_text_only(city: Tables) -> None:
    assert city.requests["filed_on"].between("2023-04-01", "2023-08-09").all()
    assert set(city.requests["need"]) == {"", *NEEDS}
    assert 0.02 < (city.requests["need"] == "").mean() < 0.06
    assert (city.requests["text"].str.len() > 5).all()
    assert set(city.requests["urgency"]) == {"red", "yellow", "green"}
    closed = city.outcomes.loc[city.outcomes["resolved"]].merge(city.requests, on="request_id")
    assert (closed["closed_on"] > closed["filed_on"]).all()
    assert closed["closed_on"].max() == city.visits["visited_on"].max() == pd.Timestamp("2023-08-09")


def test_every_id_is_known_and_no_pair_stands_twice(city: Tables) -> None:
    for table in (city.outcomes, city.visits, city.recusals):
        assert set(table["officer_id"]) <= set(city.officers["officer_id"])
        assert set(table["enterprise_id"]) <= set(city.enterprises["enterprise_id"])
    assert set(city.outcomes["request_id"]) <= set(city.requests["request_id"])
    assert not city.outcomes.duplicated(["request_id", "officer_id"]).any()
    assert not city.visits.duplicated(["enterprise_id", "visited_on"]).any()
    assert len(city.recusals) > 10
    assert not city.recusals.duplicated(["officer_id", "enterprise_id"]).any()
    assert city.pins.empty
    assert city.notices.empty


# --- what goes together ------------------------------------------------------------------------------------------------------------


def test_a_mandate_makes_skill_and_skill_makes_resolved(city: Tables) -> None:
    served, _ = draw_city(0, 4407, 8226)
    row = pd.Index(served.officers["officer_id"]).get_indexer(city.outcomes["officer_id"])
    need = pd.Index(NEEDS).get_indexer(city.outcomes["need"])
    skill, resolved = served.skill[row, need], city.outcomes["resolved"].to_numpy()
    assert resolved[skill > 0.8].mean() > resolved[skill < 0.3].mean() + 0.4
    mandated = np.array([[need in MANDATES[name] for need in NEEDS] for name in served.officers["department"]])
    assert served.skill[mandated].mean() > served.skill[~mandated].mean() + 0.3


def test_specialities_are_what_an_officer_is_good_at(city: Tables) -> None:
    served, _ = draw_city(0, 4407, 8226)
    declared = np.array([[need in told for need in NEEDS] for told in city.officers["specialities"]])
    assert served.skill[declared].mean() > served.skill[~declared].mean() + 0.3
    assert 0.2 < (~declared.any(axis=1)).mean() < 0.4


def test_an_industry_has_its_needs(city: Tables) -> None:
    asked = city.requests.merge(city.enterprises, on="enterprise_id")
    for kind in INDUSTRIES:
        usual = max(kind.needs, key=lambda need: kind.needs[need])
        here = asked["industry"] == kind.name
        assert (asked.loc[here, "need"] == usual).mean() > (asked.loc[~here, "need"] == usual).mean()


# --- any size, the same for a seed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_any_size_has_the_same_shares(n: int, m: int) -> None:
    tables = hangzhou(3, n_officers=n, n_enterprises=m)
    assert (len(tables.officers), len(tables.enterprises)) == (n, m)
    assert len(tables.requests) == round(m * 7869 / 8226)
    assert len(tables.visits) == round(m * 41250 / 8226)
    assert tables.outcomes["resolved"].sum() == round(len(tables.requests) * 7222 / 7869)


def test_requests_and_visits_may_be_none() -> None:
    tables = hangzhou(n_officers=5, n_enterprises=9, n_requests=0, n_visits=0)
    assert len(tables.requests) == len(tables.outcomes) == len(tables.visits) == 0


def test_the_same_seed_gives_the_same_tables() -> None:
    first, second, other = (frames(hangzhou(seed, n_officers=40, n_enterprises=70)) for seed in (2, 2, 3))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[name])
    assert not first["officers"].equals(other["officers"])


def test_the_global_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    hangzhou(n_officers=10, n_enterprises=20)
    random_city(5, 6)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_officers": 0}, "n_officers is 0; expected at least 1"),
        ({"n_enterprises": -1}, "n_enterprises is -1; expected at least 1"),
        ({"n_enterprises": 2, "n_visits": 1000}, "n_visits is 1000; 2 enterprises can be visited 262 times at most"),
        ({"n_requests": -5}, "n_requests is -5; expected at least 0"),
        ({"n_visits": -5}, "n_visits is -5; expected at least 0"),
    ],
)
def test_impossible_sizes_are_refused(sizes: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        hangzhou(**sizes)


# --- a plan exists -----------------------------------------------------------------------------------------------------------------


def most_served_by_class(tables: Tables) -> tuple[float, int]:
    """The most places that can be filled when officers keep to their area, as a flow between classes, and the places asked for."""
    officers = tables.officers.groupby(["tier", "district", "town"])["capacity"].sum()
    enterprises = tables.enterprises.groupby(["district", "town"])["demand_low"].sum()
    arcs = [
        (a, b)
        for a, (tier, district, town) in enumerate(officers.index)
        for b, place in enumerate(enterprises.index)
        if tier == "city" or (tier == "county" and district == place[0]) or (tier == "township" and (district, town) == place and town)
    ]
    use = np.zeros((len(officers) + len(enterprises), len(arcs)))
    for k, (a, b) in enumerate(arcs):
        use[a, k] = use[len(officers) + b, k] = 1
    found = linprog(-np.ones(len(arcs)), A_ub=use, b_ub=[*officers, *enterprises])
    return -found.fun, int(enterprises.sum())


@pytest.mark.parametrize(("n", "m"), [*SIZES, (4407, 8226)])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_plan_exists_class_by_class(n: int, m: int, seed: int) -> None:
    filled, asked = most_served_by_class(hangzhou(seed, n_officers=n, n_enterprises=m))
    assert filled == pytest.approx(asked)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (30, 1), (7, 40), (200, 400)])
def test_the_solver_finds_a_plan(n: int, m: int) -> None:
    result = mm.solve(mm.build(hangzhou(1, n_officers=n, n_enterprises=m)))
    assert result.termination == "OPTIMAL"
    assert (result.assignment.served() >= 1).all()


def some_enterprises(places: list[tuple[str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(places, columns=["district", "town"])
    return frame.assign(enterprise_id=[f"X{k}" for k in range(len(frame))])


@pytest.mark.parametrize(
    "places",
    [
        [("东区", "甲镇")] * 40 + [("", "")] * 60,
        [("", "")] * 9,
        [("东区", "")] * 20,
        [("东区", "甲镇")] + [("西区", "甲镇")] * 30,
    ],
)
@pytest.mark.parametrize("size", [1, 2, 40])
def test_made_up_officers_can_serve_real_places(places: list[tuple[str, str]], size: int) -> None:
    enterprises = some_enterprises(places)
    officers = made_up_officers(enterprises, size, seed=1)
    tables = Tables.from_frames(officers=officers, enterprises=enterprises, districts=pd.DataFrame({"district": ["东区", "西区"]}))
    assert len(tables.officers) == size
    filled, asked = most_served_by_class(tables)
    assert filled == pytest.approx(asked)


def test_made_up_officers_are_at_least_one() -> None:
    with pytest.raises(ConfigError, match="size is 0; expected at least 1 officer"):
        made_up_officers(some_enterprises([("东区", "")]), 0)


def test_hard_cases_ask_for_two(city: Tables) -> None:
    assert 30 < (city.enterprises["demand_low"] == 2).sum() < 80
    assert (city.enterprises["demand_low"] <= city.enterprises["demand_high"]).all()


def test_capacities_are_two_or_three_and_a_few_more(city: Tables) -> None:
    shares = city.officers["capacity"].value_counts(normalize=True)
    assert shares[2] > 0.8
    assert shares[2] + shares[3] > 0.97
    assert city.officers["capacity"].max() <= 5


# --- seats -------------------------------------------------------------------------------------------------------------------------


def test_totals_are_shared_out_by_largest_remainders() -> None:
    assert shared_out(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]
    assert shared_out(7, np.array([0.0, 2.0, 5.0])).tolist() == [0, 2, 5]
    assert shared_out(0, np.array([])).tolist() == []


def test_ranks_count_within_each_group() -> None:
    assert rank_within(np.array([2, 0, 2, 2, 0])).tolist() == [0, 0, 1, 2, 1]
    assert rank_within(np.empty(0, np.int64)).tolist() == []


def test_seats_are_taken_in_turn_and_run_out() -> None:
    asking, place, capacity = np.array([0, 1, 0, 0, 0]), np.array([0, 0]), np.array([1, 2])
    assert seated(asking, place, capacity, 2).tolist() == [0, -1, 1, 1, -1]
    assert grown(asking, place, capacity, 2).tolist() == [2, 3]


# --- readable, and nobody real -----------------------------------------------------------------------------------------------------


def test_names_say_that_they_are_made_up(city: Tables) -> None:
    assert city.enterprises["name"].str.startswith("示例").all()
    assert city.officers["name"].str[0].isin(list("甲乙丙丁戊己庚辛壬癸")).all()
    assert (city.enterprises["credit_code"] == "").all()


@pytest.mark.parametrize("tables", [small_tables(), hangzhou(n_officers=30, n_enterprises=60)], ids=["small", "hangzhou"])
def test_tables_have_the_schemas_columns(tables: Tables) -> None:
    assert {field.name for field in fields(tables)} >= set(SCHEMA)
    for name, frame in frames(tables).items():
        assert list(frame.columns) == SCHEMA[name].names, name
        assert isinstance(frame.index, pd.RangeIndex), name


@pytest.mark.parametrize("tables", [small_tables(), hangzhou(n_officers=30, n_enterprises=60)], ids=["small", "hangzhou"])
def test_written_and_read_again_they_are_the_same(tables: Tables, tmp_path: Path) -> None:
    again = mm.load(write(tables, tmp_path / "tables"))
    assert again.equals(tables)


def test_the_small_instance_is_six_by_nine() -> None:
    instance = small_instance()
    assert instance.shape == (6, 9)
    assert instance.name == "small"
    assert len(instance.recusals) == 1
    assert set(instance.officers["tier"]) == {"city", "county", "township"}
    assert mm.solve(instance).termination == "OPTIMAL"


def test_the_small_tables_leave_eleven_requests_open() -> None:
    tables = small_tables(4)
    closed = tables.outcomes.loc[tables.outcomes["resolved"], "request_id"]
    assert (~tables.requests["request_id"].isin(closed)).sum() == 11
    assert not tables.outcomes.duplicated(["request_id", "officer_id"]).any()
    assert not small_tables(5).outcomes.equals(tables.outcomes)


def test_a_random_city_is_factors_and_enough_places() -> None:
    left, right, capacity = random_city(50, 90, rank=5, districts=3, seed=1)
    assert (left.shape, right.shape, capacity.shape) == ((50, 8), (90, 8), (50,))
    assert capacity.sum() == 99
    assert left.min() >= 0
    assert left.max() <= 1
    assert right[:, :5].sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (right[:, 5:].sum(axis=1) == 1).all()
    again = random_city(50, 90, rank=5, districts=3, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip((left, right, capacity), again, strict=True))


def test_a_random_city_may_do_without_places() -> None:
    left, right, _ = random_city(3, 4, rank=2, districts=0)
    assert (left.shape, right.shape) == ((3, 2), (4, 2))
