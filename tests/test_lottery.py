"""Lotteries: exact marginals, whole plans, honest caps."""

from __future__ import annotations

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.errors import ConfigError, NoAssignmentError


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(4)
    lottery = mm.lottery(rng.random((7, 9)), capacity=4, min_load=1, demand=2, max_probability=0.6)
    return lottery, [lottery.sample(seed) for seed in range(3000)]


def test_every_draw_is_a_whole_plan(drawn):
    lottery, plans = drawn
    assert lottery.termination == "OPTIMAL"
    for plan in plans:
        assert (plan.served() == 2).all()
        assert plan.loads().max() <= 4
        assert plan.loads().min() >= 1


def test_pairs_come_up_as_often_as_they_should(drawn):
    lottery, plans = drawn
    wanted = lottery.probabilities.toarray()
    seen = np.zeros_like(wanted)
    for plan in plans:
        seen[plan.officers, plan.enterprises] += 1
    deviation = np.sqrt(wanted * (1 - wanted) / len(plans))
    assert wanted.max() <= 0.6
    np.testing.assert_allclose(wanted.sum(axis=0), 2, rtol=1e-12)
    assert (np.abs(seen / len(plans) - wanted) <= 5 * deviation + 1e-12).all()
    assert ((wanted > 0) & (wanted < 0.6)).any(), "some pair should hang between nothing and the cap, or the draw is easy"


def test_expected_value_is_what_is_promised(drawn):
    lottery, plans = drawn
    affinity = lottery.instance.affinity
    values = [affinity.pairs(plan.officers, plan.enterprises).sum() for plan in plans]
    assert np.mean(values) == pytest.approx(lottery.objective, abs=5 * np.std(values) / np.sqrt(len(plans)))


def test_the_same_seed_draws_the_same_plan(drawn):
    lottery, plans = drawn
    np.testing.assert_array_equal(lottery.sample(7).officers, plans[7].officers)
    assert any((plan.officers != plans[0].officers).any() for plan in plans)


def test_a_third_is_exact():
    lottery = mm.lottery(np.eye(3), capacity=1, demand=1, max_probability=1 / 3)
    assert lottery.units == 3
    np.testing.assert_allclose(lottery.probabilities.toarray(), 1 / 3, rtol=0, atol=1e-16)
    assert lottery.objective == pytest.approx(1.0, rel=1e-15)


def test_a_cap_of_one_is_the_plain_optimum():
    affinity = np.random.default_rng(0).random((20, 30))
    assert mm.lottery(affinity, capacity=2, max_probability=1).objective == pytest.approx(mm.assign(affinity, capacity=2).objective)


def test_a_cap_too_low_for_the_demand_is_infeasible():
    lottery = mm.lottery(np.ones((2, 2)), capacity=2, demand=1, max_probability=0.25)
    assert lottery.termination == "INFEASIBLE"
    with pytest.raises(
        NoAssignmentError, match=r"There is no lottery \(INFEASIBLE\)\. \| 没有抽签方案（INFEASIBLE）。\n(?s:.*)short\.\n(?s:.*)缺"
    ):
        lottery.sample(0)


def test_no_lottery_in_time_says_what_to_do_in_both_languages():
    lottery = mm.lottery(np.ones((2, 2)), time_limit=1e-9)
    with pytest.raises(NoAssignmentError, match=r"NOT_FOUND\)\. \| 没有抽签方案.*\nRaise max_probability or time_limit\. \| 请提高"):
        lottery.sample(0)


@pytest.mark.parametrize("cap", [0, -0.5, 1.5, float("nan"), "half", True, 1e-12])
def test_a_cap_that_cannot_be_used(cap):
    with pytest.raises(ConfigError, match=r"max_probability is .*\. \| max_probability "):
        mm.lottery(np.ones((2, 2)), max_probability=cap)
