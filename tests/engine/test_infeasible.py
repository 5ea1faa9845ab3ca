"""When no plan can exist, the answer says who competes for whom and how many places are short."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matchmaker as mm
from matchmaker.engine import column_generation


def test_three_enterprises_that_only_two_places_can_serve():
    forbidden = np.zeros((3, 5), bool)
    forbidden[1:, :3] = True
    result = mm.assign(np.ones((3, 5)), capacity=2, demand=1, forbidden=forbidden)
    found = result.diagnosis
    assert result.termination == "INFEASIBLE"
    assert (found.side, found.asked, found.available, found.short) == ("demand", 3, 2, 1)
    assert found.enterprises.tolist() == [0, 1, 2]
    assert found.officers.tolist() == [0]
    assert "3 places" in found.text("en")
    assert "缺 1" in found.text("zh")
    with pytest.raises(mm.errors.NoAssignmentError, match="1 short"):
        _ = result.officers


def test_officers_who_must_serve_more_than_there_is():
    result = mm.assign(np.ones((4, 3)), capacity=3, min_load=1, demand=(0, 1))
    found = result.diagnosis
    assert (found.side, found.asked, found.available) == ("min_load", 4, 3)


def test_more_officers_asked_than_there_are():
    result = mm.assign(np.ones((2, 1)), capacity=5, demand=3)
    assert (result.diagnosis.asked, result.diagnosis.available) == (3, 2)


def test_pins_beyond_capacity_are_named():
    result = mm.assign(np.ones((2, 3)), capacity=1, demand=(0, 1), required=[(0, 0), (0, 1)])
    assert result.termination == "INFEASIBLE"
    assert result.diagnosis.side == "pins"
    assert "officer 0" in result.diagnosis.text("en")
    assert "干部 0" in result.diagnosis.text("zh")


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), small=st.sampled_from([0, 40_000]))
def test_the_deficient_set_is_one(seed, small):
    """By Hall's condition, counted from the eligibility alone: those enterprises cannot all be served by anybody they can go to."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 9, 2)
    eligible = rng.random((n, m)) < 0.4
    capacity, demand = rng.integers(0, 3, n), rng.integers(0, 3, m)
    least = np.minimum(capacity, rng.integers(0, 2, n)) if rng.random() < 0.5 else 0
    before = column_generation.SMALL
    column_generation.SMALL = small
    try:
        result = mm.assign(rng.random((n, m)), capacity=capacity, min_load=least, demand=demand, forbidden=~eligible)
    finally:
        column_generation.SMALL = before
    if result.termination == "OPTIMAL":
        np.testing.assert_array_equal(result.assignment.served(), demand)
        return
    found = result.diagnosis
    if found.side == "min_load":
        working, takers = found.officers, found.enterprises
        room = np.minimum(demand, eligible[working].sum(axis=0)).sum()
        assert found.asked == np.broadcast_to(least, n)[working].sum() > found.available >= room
        assert set(takers.tolist()) <= set(np.flatnonzero(eligible[working].any(axis=0)).tolist())
        return
    asking = found.enterprises
    reachable = np.flatnonzero(eligible[:, asking].any(axis=1) & (capacity > 0))
    places = np.minimum(capacity[reachable], eligible[np.ix_(reachable, asking)].sum(axis=1)).sum()
    assert found.asked == demand[asking].sum()
    assert found.asked > places
    assert found.available >= places
    assert found.short > 0
    assert set(found.officers.tolist()) <= set(reachable.tolist())


@pytest.mark.parametrize("small", [0, 40_000])
@pytest.mark.parametrize("arguments", [{"capacity": 0}, {"forbidden": np.ones((3, 4), bool)}])
def test_nobody_can_meet_anybody(arguments, small, monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", small)
    result = mm.assign(np.ones((3, 4)), **{"capacity": 2, **arguments})
    assert (result.diagnosis.asked, result.diagnosis.available) == (4, 0)
    optional = mm.assign(np.ones((3, 4)), **{"capacity": 2, "demand": (0, 1), **arguments})
    assert optional.termination == "OPTIMAL"
    assert len(optional.officers) == 0


@pytest.mark.parametrize("small", [0, 40_000])
def test_a_forbidden_pair_of_an_officer_without_places(small, monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", small)
    result = mm.assign(np.ones((3, 4)), capacity=[0, 2, 2], demand=1, forbidden=[(0, 0)])
    assert result.objective == 4
    assert result.bound >= 4


def test_an_officer_at_the_least_load_is_counted_too():
    result = mm.assign(np.ones((2, 2)), capacity=[3, 2], min_load=[0, 2], demand=([2, 2], [3, 2]), forbidden=[(0, 1)])
    found = result.diagnosis
    assert (found.asked, found.available) == (2, 1)
    assert found.officers.tolist() == [1]
    assert found.enterprises.tolist() == [1]


def test_one_enterprise_that_asks_for_most_of_the_officers_there_are():
    n = 300
    capacity = np.ones(n, dtype=np.int64)
    result = mm.assign(np.random.default_rng(0).random((n, 2)), capacity=capacity, demand=[n - 1, 1])
    assert result.termination == "OPTIMAL"
    assert len(result.officers) == n
    assert mm.assign(np.ones((n, 2)), capacity=capacity, demand=[n - 1, 2]).diagnosis.short == 1
