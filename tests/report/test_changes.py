"""The difference of two plans."""

from __future__ import annotations

import pytest

from matchmaker.errors import DataError, NoAssignmentError
from matchmaker.report import changes
from matchmaker.result import Result


def test_given_up_and_new_pairs_are_the_difference_of_the_two_sets(result: Result) -> None:
    frame = changes(result)
    before = result.instance.previous
    assert before is not None
    found = {
        change: set(zip(part["officer_id"], part["enterprise_id"], strict=True)) for change, part in frame.groupby("change", sort=False)
    }
    assert found == {"given_up": before.pairs - result.assignment.pairs, "new": result.assignment.pairs - before.pairs}


def test_one_enterprises_changes_stand_side_by_side(result: Result) -> None:
    frame = changes(result)
    assert frame["enterprise_id"].is_monotonic_increasing
    assert frame[frame["enterprise_id"] == "E03"][["change", "officer_id"]].to_numpy().tolist() == [["given_up", "O5"], ["new", "O1"]]


def test_against_itself_nothing_changes(result: Result) -> None:
    assert changes(result, before=result.assignment).empty


def test_pairs_of_people_who_left_are_left_out(result: Result) -> None:
    other = result.assignment.from_frame(result.assignment.to_frame().replace({"O0": "gone"}))
    frame = changes(result, before=other)
    assert frame[["officer_id", "enterprise_id", "change"]].to_numpy().tolist() == [["O0", "E00", "new"], ["O0", "E01", "new"]]


def test_without_an_earlier_plan_it_says_what_to_give(bare: Result, infeasible: Result) -> None:
    with pytest.raises(DataError, match="There is no earlier plan to compare with: give before="):
        changes(bare)
    with pytest.raises(NoAssignmentError, match="INFEASIBLE"):
        changes(infeasible)
