"""The plan as a table: what plan.csv holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matchmaker.assignment import Assignment
from matchmaker.errors import NoAssignmentError
from matchmaker.report import plan_frame, write_plan_csv
from matchmaker.report.pairs import carriers
from matchmaker.result import Result

COLUMNS = [
    "officer_id",
    "enterprise_id",
    "affinity",
    "need",
    "need_share",
    "expected_requests",
    "competence",
    "place",
    "kept",
    "pinned_by",
    "pin_reason",
    "kept_apart",
    "reason",
    "reason_zh",
]


def test_one_row_a_pair_and_affinities_add_up(result: Result) -> None:
    frame = plan_frame(result)
    assert list(frame.columns) == COLUMNS
    assert set(zip(frame["officer_id"], frame["enterprise_id"], strict=True)) == result.assignment.pairs
    assert frame["affinity"].sum() == pytest.approx(result.objective, rel=1e-12)


def test_main_need_is_the_largest_product(result: Result) -> None:
    frame, instance = plan_frame(result), result.instance
    assert instance.competence is not None
    assert instance.need is not None
    for row, i, j in zip(frame.itertuples(), result.officers, result.enterprises, strict=True):
        parts = instance.competence[i] * instance.need[j]
        if parts.sum() == 0:
            assert row.need == ""
            assert np.isnan(row.need_share)
            continue
        top = int(parts.argmax())
        assert row.need == instance.needs[top].code
        assert row.need_share == pytest.approx(parts[top] / parts.sum())
        assert (row.expected_requests, row.competence) == (instance.need[j, top], instance.competence[i, top])


def test_needs_are_named_until_half_of_the_affinity_is_told(result: Result) -> None:
    instance, found = result.instance, carriers(result.instance, result.officers, result.enterprises)
    assert instance.competence is not None
    assert instance.need is not None
    for parts, i, j in zip(found, result.officers, result.enterprises, strict=True):
        shares = np.sort(instance.competence[i] * instance.need[j])[::-1]
        shares = shares / shares.sum() if shares.sum() else np.zeros(0)
        told = [part.share for part in parts]
        assert told == pytest.approx(shares[: len(told)].tolist())
        assert not len(shares) or (sum(told) >= 0.5 > sum(told[:-1]))
    two = plan_frame(result).set_index(["officer_id", "enterprise_id"]).loc[("O1", "E03")]
    assert "land carries 50%" in two["reason"]
    assert ", talent " in two["reason"]
    assert "、人才招引" in two["reason_zh"]


def test_place_kept_and_pin_are_told_in_both_languages(result: Result) -> None:
    frame = plan_frame(result).set_index(["officer_id", "enterprise_id"])
    pinned = frame.loc[("O0", "E01")]
    assert pinned["kept"]
    assert pinned["place"] == "city"
    assert pinned["pin_reason"] == "企业点名"
    assert pinned["reason"].startswith("pinned by =HYPERLINK")
    assert "kept from last round" in pinned["reason"]
    assert "延续上轮结对" in pinned["reason_zh"]
    assert frame.loc[("O3", "E08"), "place"] == "town"
    assert frame.loc[("O1", "E03"), "place"] == "district"
    assert frame.loc[("O1", "E02"), "place"] == "elsewhere"
    assert "finance carries 64% of the affinity" in frame.loc[("O1", "E02"), "reason"]
    assert frame.loc[("O1", "E02"), "reason_zh"].startswith("金融占匹配度的64%")
    assert "跨区县" in frame.loc[("O1", "E02"), "reason_zh"]


def test_two_who_pin_one_pair_are_both_named(result: Result) -> None:
    instance = result.instance.pin("O0", "E01", actor="王处", reason="熟悉")
    twice = Result(instance=instance, policy="p", termination=result.termination, objective=1.0, bound=1.0, plan=result.plan)
    assert plan_frame(twice).set_index(["officer_id", "enterprise_id"]).loc[("O0", "E01"), "pin_reason"] == "企业点名; 熟悉"


def test_a_bare_matrix_has_its_affinity_for_a_reason(bare: Result) -> None:
    frame = plan_frame(bare)
    assert frame["reason"].tolist() == ["affinity 0.5.", "affinity 0.25.", "affinity 0.3."]
    assert frame["reason_zh"].tolist() == ["匹配度0.5。", "匹配度0.25。", "匹配度0.3。"]
    assert frame["need"].eq("").all()
    assert frame["place"].eq("").all()
    assert not frame["kept"].any()


def test_without_a_plan_it_says_why(infeasible: Result) -> None:
    with pytest.raises(NoAssignmentError, match=r"There is no assignment \(.*\)\. \| 没有结对方案"):
        plan_frame(infeasible)


def test_csv_is_read_back_to_the_same_pairs_and_numbers(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "out" / "plan.csv"
    write_plan_csv(result, path)
    assert Assignment.read(path).pairs == result.assignment.pairs
    frame = pd.read_csv(path, encoding="utf-8-sig")
    assert list(frame.columns) == COLUMNS
    assert frame["affinity"].tolist() == plan_frame(result)["affinity"].tolist()


def test_csv_holds_no_cell_that_a_spreadsheet_would_run(result: Result, tmp_path: Path) -> None:
    write_plan_csv(result, tmp_path / "plan.csv")
    frame = pd.read_csv(tmp_path / "plan.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert frame["pinned_by"].str.startswith("'=HYPERLINK").any()
    words = frame.drop(columns=["affinity"]).to_numpy().ravel()
    assert not [cell for cell in words if cell[:1] in tuple("=+-@")]


def test_nothing_is_left_behind_when_writing_fails(result: Result, infeasible: Result, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    write_plan_csv(result, path)
    before = path.read_bytes()
    with pytest.raises(NoAssignmentError, match="INFEASIBLE"):
        write_plan_csv(infeasible, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["plan.csv"]
