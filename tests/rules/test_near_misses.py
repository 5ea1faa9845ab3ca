"""What a solver's tolerances let pass, or shut out, is told from what keeps the rules."""

from __future__ import annotations

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.constraints import Capacity, Demand, GroupFloor, Quota
from matchmaker.objectives import ExpectedResolved, Served, WorstServed, then
from matchmaker.policies import Policy


def test_the_worst_served_may_have_nothing_where_demand_is_optional() -> None:
    result = mm.assign([[3, 1, 2], [2, 3, 1]], capacity=1, demand=(0, 1), objective="maxmin")
    assert result.termination == "OPTIMAL"
    assert result.objective == 6.0


def test_a_rank_after_another_is_never_given_up_without_a_limit() -> None:
    rng = np.random.default_rng(0)
    for _ in range(12):
        given = mm.assign(rng.random((2, int(rng.integers(3, 6)))), capacity=1, demand=(0, 1)).instance
        result = mm.solve(
            given, Policy(constraints=(Capacity(), Demand()), objectives=(Served(), then(WorstServed()), then(ExpectedResolved())))
        )
        assert result.termination == "OPTIMAL", result.summary()
        assert result.stopped == ""


def test_a_load_that_is_one_too_much_is_too_much() -> None:
    best = mm.assign([[3.0, 2.0, 1.0]], capacity=1e8, load=[1e8, 1, 0], demand=(0, 1))
    assert (best.termination, best.objective) == ("OPTIMAL", 4.0)
    alone = mm.assign([[3.0, 2.0]], capacity=10_000_000, load=[5_000_000, 5_000_001], demand=1)
    assert alone.termination == "INFEASIBLE"


@pytest.mark.parametrize("more", [1e-3, 1e-6, 1e-7, 2e-8])
def test_a_floor_that_is_missed_by_little_is_missed(more: float) -> None:
    given = mm.assign([[2.0, 3.0]], capacity=2, demand=1).instance
    for floor, termination in ((2.5, "OPTIMAL"), (2.5 + more, "INFEASIBLE")):
        rules = (Capacity(), Demand(), GroupFloor(floor, by=["a", "a"]), Quota(most=2))
        assert mm.solve(given, Policy(constraints=rules, objectives=(ExpectedResolved(),))).termination == termination
