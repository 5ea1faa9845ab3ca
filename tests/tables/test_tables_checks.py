"""What must hold within and between tables: every breach is named, at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.errors import ConfigError, DataError
from matchmaker.tables import Tables

Frames = dict[str, pd.DataFrame]


def failures_of(frames: Frames) -> list[tuple[str, int | None, str, str]]:
    with pytest.raises(DataError, match="cannot be used") as caught:
        Tables.from_frames(aliases=None, **frames)
    assert all(failure.problem_zh for failure in caught.value.failures)
    return [(failure.sheet, failure.row, failure.column, failure.problem) for failure in caught.value.failures]


def test_frames_are_read_and_not_changed(frames: Frames) -> None:
    before = {name: frame.copy() for name, frame in frames.items()}
    tables = Tables.from_frames(aliases=None, **frames)
    assert len(tables.officers) == 2
    assert dict(tables.sources) == {}
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frames[name], frame)


def test_everything_at_once(frames: Frames) -> None:
    frames["officers"] = pd.DataFrame(
        {
            "officer_id": ["O1", "O1", "", "O4"],
            "department": ["a", "", "a", "a"],
            "tier": ["city", "county", "省", "township"],
            "district": ["", "", "", "西湖"],
            "capacity": [np.nan, -1, 1.5, 2**31],
            "min_load": [0, 0, 0, 0],
        }
    )
    frames["enterprises"] = frames["enterprises"].assign(demand_low=[3, 1], demand_high=[2, 1], district=["西胡", ""])
    frames["recusals"] = pd.DataFrame({"officer_id": ["O9", "O4"], "enterprise_id": ["E1", "e2"]})
    assert failures_of(frames) == [
        ("officers", 4, "officer_id", "is empty"),
        ("officers", 3, "department", "is empty"),
        ("officers", 4, "tier", "is not a known tier."),
        ("officers", 2, "capacity", "is NaN, not a number"),
        ("officers", 3, "capacity", "is below zero"),
        ("officers", 4, "capacity", "is not whole"),
        ("officers", 5, "capacity", "is over 2147483647"),
        ("officers", 3, "officer_id", "stands in row 2 already"),
        ("officers", 3, "district", "is empty for an officer of the county or township tier"),
        ("officers", 5, "town", "is empty for an officer of the township tier"),
        ("enterprises", 2, "demand_low", "is above demand_high 2"),
        ("enterprises", 2, "district", 'is not a known district. Did you mean "西湖"?'),
        ("recusals", 2, "officer_id", "is not in officers."),
        ("recusals", 3, "enterprise_id", 'is not in enterprises. Did you mean "E2"?'),
    ]


def test_the_error_says_all_of_it_in_both_languages(frames: Frames) -> None:
    frames["officers"] = frames["officers"].assign(capacity=[-1, "x"])
    with pytest.raises(DataError, match=r"2 cells cannot be used \(2 处数据有误\)") as caught:
        Tables.from_frames(aliases=None, **frames)
    table = caught.value.to_frame()
    assert table["row"].tolist() == [2, 3]
    assert table["value"].tolist() == [-1, "x"]
    assert table["expected_zh"].tolist() == ["0 到 2147483647 的整数"] * 2


@pytest.mark.parametrize("column", ["min_load", "capacity"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 0.5, 2**31, "abc"])
def test_counts_of_officers(frames: Frames, column: str, value: object) -> None:
    frames["officers"] = frames["officers"].assign(**{column: pd.Series([0, value], dtype=object)})
    assert [failure[:3] for failure in failures_of(frames)] == [("officers", 3, column)]


@pytest.mark.parametrize("column", ["demand_low", "demand_high"])
@pytest.mark.parametrize("value", [float("nan"), float("-inf"), -1, 0.5, 2**31, "abc"])
def test_counts_of_enterprises(frames: Frames, column: str, value: object) -> None:
    frames["enterprises"] = frames["enterprises"].assign(**{column: pd.Series([1, value], dtype=object)})
    assert [failure[:3] for failure in failures_of(frames)] == [("enterprises", 3, column)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(None, None, (1, 1)), (0, None, (0, 1)), (3, None, (3, 3)), (None, 0, (0, 0)), (None, 4, (1, 4)), (2, 5, (2, 5))],
)
def test_a_bound_that_is_given_moves_the_other(frames: Frames, low: object, high: object, expected: tuple[int, int]) -> None:
    bounds = {"demand_low": pd.Series([low, 1], dtype=object), "demand_high": pd.Series([high, 1], dtype=object)}
    read = Tables.from_frames(officers=frames["officers"], enterprises=frames["enterprises"].assign(**bounds)).enterprises
    assert (read["demand_low"][0], read["demand_high"][0]) == expected


def test_least_above_most(frames: Frames) -> None:
    frames["officers"] = frames["officers"].assign(min_load=[4, 2])
    assert failures_of(frames) == [("officers", 2, "min_load", "is above capacity 3")]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=6))
def test_duplicated_ids_name_both_rows(ids: list[str]) -> None:
    frames = {
        "officers": pd.DataFrame({"officer_id": ids, "department": "a", "tier": "city", "capacity": 1}),
        "enterprises": pd.DataFrame({"enterprise_id": ["E1"], "district": [""]}),
    }
    expected = [
        ("officers", row + 2, "officer_id", f"stands in row {ids.index(name) + 2} already")
        for row, name in enumerate(ids)
        if ids.index(name) < row
    ]
    if expected:
        assert failures_of(frames) == expected
    else:
        assert Tables.from_frames(aliases=None, **frames).officers["officer_id"].tolist() == ids


def test_ids_that_are_one_once_their_width_is_one(frames: Frames) -> None:
    frames["officers"] = frames["officers"].assign(officer_id=["001", "００１"])
    assert failures_of(frames) == [("officers", 3, "officer_id", "stands in row 2 already")]


@pytest.mark.parametrize("name", ["requests", "visits", "recusals", "pins", "vetoes"])
def test_ids_that_nobody_has(frames: Frames, name: str) -> None:
    frames[name] = pd.DataFrame(
        {"request_id": ["R1", "R2"], "officer_id": "001", "enterprise_id": ["E1", "E11"], "visited_on": "2023-07-01"}
    )
    assert failures_of(frames) == [(name, 3, "enterprise_id", 'is not in enterprises. Did you mean "E1"?')]


def test_outcomes_of_those_who_have_left_are_kept_and_told(frames: Frames) -> None:
    frames["requests"] = pd.DataFrame({"request_id": ["R1"], "enterprise_id": ["E1"], "need": ["finance"]})
    frames["outcomes"] = pd.DataFrame(
        {"request_id": ["R1", "R0"], "officer_id": ["009", "001"], "enterprise_id": ["E1", "E0"], "resolved": [True, False]}
    )
    tables = Tables.from_frames(aliases=None, **frames)
    assert tables.outcomes["resolved"].tolist() == [True, False]
    told = tables.notices.query("sheet == 'outcomes'")
    assert set(zip(told["row"], told["column"], strict=True)) >= {(2, "officer_id"), (3, "request_id"), (3, "enterprise_id")}


def test_an_outcome_that_stands_twice_would_count_twice(frames: Frames) -> None:
    outcome = {"request_id": "R1", "officer_id": "001", "resolved": "是", "closed_on": "2023-07-01"}
    later = {**outcome, "closed_on": "2023-07-02"}
    assert len(Tables.from_frames(**{**frames, "outcomes": pd.DataFrame([outcome, later])}).outcomes) == 2
    twice = {**frames, "outcomes": pd.DataFrame([outcome, later, outcome])}
    assert failures_of(twice) == [("outcomes", 4, "request_id", "stands in row 2 already")]


def test_a_plan_may_name_those_who_have_left_but_each_pair_once(frames: Frames) -> None:
    pairs = pd.DataFrame({"officer_id": ["009", "001", "009"], "enterprise_id": ["E9", "E1", "E9"]})
    assert len(Tables.from_frames(**frames, plan=pairs.head(2)).plan) == 2
    assert failures_of({**frames, "plan": pairs}) == [("plan", 4, "officer_id", "stands in row 2 already")]


def test_one_district_has_one_name(frames: Frames) -> None:
    frames["officers"] = frames["officers"].assign(tier="county", district=["西湖区", "西湖"])
    frames["enterprises"] = frames["enterprises"].assign(district=["西湖区", " 西湖 "])
    tables = Tables.from_frames(aliases=None, **frames)
    assert tables.officers["district"].tolist() == ["西湖区", "西湖区"]
    assert tables.enterprises["district"].tolist() == ["西湖区", "西湖区"]
    assert "read as 西湖区" in tables.notices["notice"].tolist()


def test_a_city_whose_officers_name_no_district_takes_those_of_its_enterprises(frames: Frames) -> None:
    frames["officers"] = frames["officers"].head(1)
    frames["enterprises"] = frames["enterprises"].assign(district=["西湖区", "桐庐"])
    assert Tables.from_frames(aliases=None, **frames).enterprises["district"].tolist() == ["西湖区", "桐庐"]


def test_the_districts_table_names_districts(frames: Frames) -> None:
    frames["districts"] = pd.DataFrame({"district": ["西湖区", "桐庐县"], "aliases": ["景区;Xihu", ""]})
    frames["enterprises"] = frames["enterprises"].assign(district=["景区", "桐庐"])
    tables = Tables.from_frames(aliases=None, **frames)
    assert tables.officers["district"].tolist() == ["", "西湖区"]
    assert tables.enterprises["district"].tolist() == ["西湖区", "桐庐县"]
    frames["officers"] = frames["officers"].assign(district=["", "建德"])
    assert [failure[:3] for failure in failures_of(frames)] == [("officers", 3, "district")]


def test_districts_that_share_a_name(frames: Frames) -> None:
    frames["districts"] = pd.DataFrame({"district": ["西湖区", "西湖", "桐庐"], "aliases": ["", "", "西湖区"]})
    assert [failure[1:] for failure in failures_of(frames)] == [
        (3, "district", "means 西湖区 (row 2) already"),
        (4, "aliases", "means 西湖区 (row 2) already"),
    ]


def test_a_place_that_is_not_known_is_told(frames: Frames) -> None:
    tables = Tables.from_frames(aliases=None, **frames)
    assert "1 enterprises name no district: only the city can serve them" in tables.notices["notice"].tolist()


def test_a_district_is_read_from_the_address(frames: Frames) -> None:
    frames["enterprises"] = frames["enterprises"].assign(address=["建德市某路", "某市西湖区某路1号"])
    tables = Tables.from_frames(aliases=None, **frames)
    assert tables.enterprises["district"].tolist() == ["西湖", "西湖"]
    assert tables.notices.query("row == 3")["notice"].tolist() == ["read from the address: 西湖"]


def test_a_town_that_nobody_serves_but_is_near_is_told(frames: Frames) -> None:
    frames["officers"] = frames["officers"].assign(tier="township", district="西湖", town=["北山街道", "三墩镇"])
    frames["enterprises"] = frames["enterprises"].assign(district="西湖", town=["北山街", "留下"])
    told = Tables.from_frames(aliases=None, **frames).notices.query("column == 'town'")
    assert told["value"].tolist() == ["北山街"]
    assert 'Did you mean "北山街道"?' in told["notice"].iloc[0]


def test_departments_without_a_mandate_are_told(frames: Frames) -> None:
    frames["departments"] = pd.DataFrame(
        {"department": ["经信局", "市规划局"], "needs": ["产业链对接、创新", "land"], "contact": ["某丁", ""]}
    )
    tables = Tables.from_frames(aliases=None, **frames)
    assert tables.departments["needs"].tolist() == [("supply_chain", "innovation"), ("land",)]
    assert tables.notices.query("value == '规划局'")["notice"].tolist() == [
        'is not in departments: no mandate is known. Did you mean "市规划局"?'
    ]


def test_a_request_that_says_nothing_is_told(frames: Frames) -> None:
    frames["requests"] = pd.DataFrame({"request_id": ["R1", "R2"], "enterprise_id": "E1", "need": ["", ""], "text": ["融资难", ""]})
    tables = Tables.from_frames(aliases=None, **frames)
    assert tables.notices.query("sheet == 'requests' and row == 3")["column"].tolist() == ["need"]
    assert tables.requests["urgency"].tolist() == ["green", "green"]


def test_formulas_and_markup_are_no_errors(frames: Frames) -> None:
    names = ['=HYPERLINK("http://example.com","x")', "<b>某某</b> & 公司"]
    frames["enterprises"] = frames["enterprises"].assign(name=names)
    tables = Tables.from_frames(aliases=None, **frames)
    assert tables.enterprises["name"].tolist() == names
    assert "<b>某某" not in tables._repr_html_()


def test_clashing_needs(frames: Frames) -> None:
    frames["needs"] = pd.DataFrame({"need": ["data", "a;b", "x"], "zh": ["金融", "某", "数据"], "en": ["data", "ab", "x"]})
    assert [failure[1] for failure in failures_of(frames)] == [2, 3]


def test_missing_tables_and_unknown_ones(frames: Frames) -> None:
    assert failures_of({"officers": frames["officers"]}) == [("enterprises", None, "", "the table enterprises is missing")]
    with pytest.raises(ConfigError, match=r"There is no table 'officer'. Did you mean \"officers\""):
        Tables.from_frames(officer=frames["officers"])
    with pytest.raises(DataError, match="visits is a list, expected a DataFrame"):
        Tables.from_frames(aliases=None, **{**frames, "visits": [1]})  # type: ignore[dict-item]


def test_replace_checks_and_keeps_the_rest(frames: Frames) -> None:
    tables = Tables.from_frames(aliases=None, **frames)
    fewer = tables.replace(officers=tables.officers.head(1).assign(district="西湖"))
    assert len(fewer.officers) == 1
    assert len(tables.officers) == 2
    assert fewer.enterprises.equals(tables.enterprises)
    assert tables.replace().equals(tables)
    assert set(tables.notices["notice"]) <= set(fewer.notices["notice"])
    assert "the column is not there: read as 0" in fewer.notices["notice"].tolist()
    assert not fewer.equals(tables)
    with pytest.raises(DataError, match="is below zero"):
        tables.replace(officers=tables.officers.assign(capacity=-1))


def test_frames_with_missing_values_of_every_sort(frames: Frames) -> None:
    frames["enterprises"] = frames["enterprises"].assign(
        name=[None, np.nan],
        capital=[np.nan, 5],
        employees=pd.array([None, 7], dtype="Int64"),
        registered_on=[pd.NaT, pd.Timestamp("2023-07-01")],
        town=pd.array([pd.NA, "x"], dtype="string"),
        industry=pd.Categorical([None, "制造"]),
    )
    read = Tables.from_frames(aliases=None, **frames).enterprises
    assert read["name"].tolist() == ["", ""]
    assert read["town"].tolist() == ["", "x"]
    assert read["industry"].tolist() == ["", "制造"]
    assert read["employees"].tolist()[1] == 7.0
    assert read["registered_on"].isna().tolist() == [True, False]


def test_the_order_of_rows_changes_nothing_but_the_order(frames: Frames) -> None:
    straight = Tables.from_frames(aliases=None, **frames)
    turned = Tables.from_frames(aliases=None, **{name: frame.iloc[::-1] for name, frame in frames.items()})
    for name, frame in straight:
        assert frame.iloc[::-1].reset_index(drop=True).equals(dict(turned)[name])


def test_shown_with_its_counts(frames: Frames) -> None:
    tables = Tables.from_frames(aliases=None, **frames)
    assert repr(tables).splitlines()[:3] == ["Tables", "  officers 干部: 2", "  enterprises 企业: 2"]
    assert "<td>2</td>" in tables._repr_html_()
