"""What an instance refuses, made by hand: nothing is rounded, wrapped or taken by position."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import matchmaker as mm
from matchmaker.affinity import Dense
from matchmaker.constraints import Capacity
from matchmaker.engine import Solution
from matchmaker.errors import DataError, SolverError
from matchmaker.instance import Instance, Notes


def ids(*names: str) -> np.ndarray[Any, Any]:
    return np.array(names, dtype=object)


def instance(**changes: Any) -> Instance:
    fields: dict[str, Any] = {
        "officer_ids": ids("a", "b"),
        "enterprise_ids": ids("x", "y", "z"),
        "affinity": Dense(np.array([[3.0, 1.0, 2.0], [2.0, 3.0, 1.0]])),
        "capacity_low": [0, 0],
        "capacity_high": [2, 2],
        "demand_low": [1, 1, 1],
        "demand_high": [1, 1, 1],
    }
    return Instance(**(fields | changes))


def notes(officers: Any, enterprises: Any) -> Notes:
    said = np.full(len(officers), "?", dtype=object)
    return Notes(officers=np.array(officers), enterprises=np.array(enterprises), actor=said, reason=said)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"officer_ids": ids("a", "a")}, "officer_ids, row 1: 'a' stands at 0 already"),
        ({"enterprise_ids": ids("x", "y", "x")}, "enterprise_ids, row 2: 'x' stands at 0 already"),
        ({"capacity_high": [1.5, 2]}, "capacity_high, row 0: 1.5 is not a count"),
        ({"capacity_high": [np.nan, 2]}, "capacity_high, row 0: nan is not a count"),
        ({"capacity_high": [2, np.inf]}, "capacity_high, row 1: inf is not a count"),
        ({"capacity_low": [-1, 0]}, "capacity_low, row 0: -1 is not a count"),
        ({"capacity_high": [2**62, 2]}, "capacity_high, row 0: 4611686018427387904 is not a count"),
        ({"capacity_high": ["2", "2"]}, "capacity_high has dtype <U1"),
        ({"demand_low": [-1, 1, 1]}, "demand_low, row 0: -1 is not a count"),
        ({"demand_low": [1, 2, 1]}, "row 1, column y: .2, 1. the least is above the most"),
        ({"needs": ("one",), "competence": np.array([[0.5], [np.nan]])}, "competence, row 1, column 0: nan is not a finite number"),
        ({"needs": ("one",), "need": np.array([[0.5], [np.inf], [1.0]])}, "need, row 1, column 0: inf is not a finite number"),
    ],
)
def test_what_is_no_problem_is_refused_cell_by_cell(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        instance(**changes)


@pytest.mark.parametrize("name", ["recusals", "pins", "vetoes"])
@pytest.mark.parametrize("pair", [(2, 0), (0, 3), (-1, 0)])
def test_a_noted_pair_out_of_range_is_named(name: str, pair: tuple[int, int]) -> None:
    with pytest.raises(DataError, match=rf"{name}, row 1: \({pair[0]}, {pair[1]}\) is out of range"):
        instance(**{name: notes([0, pair[0]], [0, pair[1]])})


def test_noted_positions_are_whole_and_as_many_as_the_rest() -> None:
    with pytest.raises(DataError, match="officers has dtype float64; expected whole positions"):
        notes([0.5], [0])
    with pytest.raises(DataError, match=r"officers \(1,\), enterprises \(2,\)"):
        notes([0], [0, 1])


def test_a_previous_plan_over_other_ids_is_refused_and_aligned_accepted() -> None:
    previous = mm.Assignment(
        officer_ids=ids("b", "a"), enterprise_ids=ids("x", "y", "z"), officers=np.array([0]), enterprises=np.array([0])
    )
    with pytest.raises(DataError, match="previous has other officer_ids than the instance"):
        instance(previous=previous)
    now = instance()
    kept, lost = previous.aligned(now.officer_ids, now.enterprise_ids)
    assert instance(previous=kept).previous is kept
    assert kept.pairs == {("b", "x")}
    assert not len(lost)


@pytest.mark.parametrize("officers", [np.array([0.9]), np.array(["q"], dtype=object), np.array([2**64 - 1], dtype=np.uint64)])
def test_positions_of_a_plan_are_not_rounded(officers: np.ndarray[Any, Any]) -> None:
    with pytest.raises(DataError, match="expected whole positions"):
        mm.Assignment(officer_ids=ids("a"), enterprise_ids=ids("x"), officers=officers, enterprises=np.array([0]))


def test_an_id_that_nobody_has_is_told_in_both_languages() -> None:
    with pytest.raises(DataError, match=r"There is no officer 'aa'\. Did you mean \"a\"\? \| 没有编号为 'aa' 的干部"):
        instance().officer("aa")
    with pytest.raises(DataError, match=r"There is no enterprise 7\. \| 没有编号为 7 的企业"):
        instance().enterprise(7)


def test_a_plan_that_breaks_a_rule_is_not_returned() -> None:
    class Careless:
        def find(self, *_: object) -> Solution:
            return Solution(termination="FEASIBLE", officers=np.zeros(3, np.int64), enterprises=np.arange(3))

    policy = mm.Policy(constraints=(Capacity(),), objectives=(), method=Careless())
    with pytest.raises(SolverError, match=r"breaks 1 rules and is not returned: capacity \(a\).*\. \| 方案有 1 处违反规则，不予返回"):
        mm.solve(instance(), policy)


def test_a_matrix_that_is_none_is_refused() -> None:
    masked = np.ma.masked_array(np.ones((2, 2)), [[True, False], [False, False]])
    for arguments, message in (
        ({"affinity": [[1, 2], [3]]}, "affinity is no array.*one length"),
        ({"affinity": masked}, "affinity has masked cells"),
        ({"affinity": np.ones((2, 2)), "demand": (1, 2, 3)}, "demand is a tuple of 3"),
        ({"affinity": np.ones((2, 2)), "forbidden": [[0, 1], [1]]}, "forbidden is no array"),
    ):
        with pytest.raises(DataError, match=message):
            mm.assign(**arguments)


def test_what_the_tables_say_is_read_once_and_kept_as_it_is() -> None:
    given = instance(officers=pd.DataFrame({"tier": ["city", None], "size": [1, 2]}))
    tier = given.text_of("officer", "tier")
    assert tier.tolist() == ["city", ""]
    assert given.text_of("officer", "size").tolist() == ["1", "2"]
    assert given.text_of("officer", "town").tolist() == ["", ""]
    assert given.text_of("officer", "tier") is tier
    with pytest.raises(ValueError, match="read-only"):
        tier[0] = "county"
    moved = given.replace(officers=pd.DataFrame({"tier": ["county", "county"]}))
    assert moved.text_of("officer", "tier").tolist() == ["county", "county"]
