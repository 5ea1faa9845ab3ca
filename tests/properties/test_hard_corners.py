"""Corners that random search has shown to be hard: chains, twins of every sort, lotteries, many small terms."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

import matchmaker as mm
from matchmaker.constraints import Capacity, Demand, Pin, Veto
from matchmaker.engine import column_generation
from matchmaker.engine.certificate import bound
from matchmaker.instance import Instance, Notes
from matchmaker.objectives import Continuity, ExpectedResolved
from matchmaker.policies import Policy


class Areas:
    """A user's own rule: only some classes may meet."""

    def __init__(self, of_officer, of_enterprise, allowed):
        self.of_officer, self.of_enterprise, self.allowed = of_officer, of_enterprise, allowed

    def impose(self, program, instance):
        program.allow(self.of_officer, self.of_enterprise, self.allowed)

    def violations(self, instance, plan):
        inside = self.allowed[self.of_officer[plan.officers], self.of_enterprise[plan.enterprises]]
        return [] if inside.all() else ["outside"]


def sums(n, m):
    return sp.kron(sp.eye(n), np.ones((1, m)), format="csr"), sp.kron(np.ones((1, n)), sp.eye(m), format="csr")


def best_total(worth, eligible, capacity, demand, pinned):
    """By HiGHS on the whole matrix; None when no plan exists."""
    least = np.zeros(worth.shape)
    least[tuple(pinned)] = 1
    if (least > eligible).any():
        return None
    by_officer, by_enterprise = sums(*worth.shape)
    rules = [LinearConstraint(by_officer, *capacity), LinearConstraint(by_enterprise, *demand)]
    found = milp(-worth.ravel(), constraints=rules, bounds=Bounds(least.ravel(), eligible.ravel().astype(float)))
    return None if found.status == 2 else -found.fun


@pytest.mark.parametrize("small", [0, 40_000], ids=["by shortlist", "whole"])
@pytest.mark.parametrize("length", [3, 12, 150])
def test_the_only_plan_is_a_chain_that_loses_at_every_link(length, small, monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", small)
    affinity = np.diag(-np.ones(length)) + np.diag(np.ones(length - 1), 1)
    i, j = np.nonzero(affinity)
    listed = sp.csr_array((affinity[i, j], (i, j)), shape=affinity.shape)
    for given in ({"affinity": affinity, "forbidden": affinity == 0}, {"affinity": listed}):
        result = mm.assign(**given, capacity=1, demand=1, time_limit=20)
        assert result.termination == "OPTIMAL"
        assert result.objective == -length


def twins(rng):
    """A few kinds of officers and of enterprises, many of each, some of whom differ in limits, notes, classes or a last round."""
    n, m = (int(size) for size in rng.integers(1, 25, 2))
    kinds = rng.integers(-1, 2, (3, 2)) if rng.random() < 0.5 else rng.normal(size=(3, 2))
    left, right = kinds[rng.integers(0, 3, n)].astype(float), rng.normal(size=(3, 2))[rng.integers(0, 3, m)]
    high = np.maximum(rng.integers(0, 4, n), -(-m // n) + 1)
    low = np.minimum(high, rng.integers(0, 2, n)) * (rng.random() < 0.5)
    least = rng.integers(0, 3, m)
    pairs = np.unique(np.column_stack([rng.integers(0, n, 3), rng.integers(0, m, 3)]), axis=0)
    areas = Areas(rng.integers(0, 3, n), rng.integers(0, 2, m), rng.random((3, 2)) < 0.85)
    said = np.full(1, "x", object)
    instance = Instance(
        officer_ids=np.arange(n).astype(object),
        enterprise_ids=np.arange(m).astype(object),
        affinity=mm.Factors(left, right),
        capacity_low=low,
        capacity_high=high,
        demand_low=least,
        demand_high=least + rng.integers(0, 3, m),
        vetoes=Notes(officers=pairs[:1, 0], enterprises=pairs[:1, 1], actor=said, reason=said),
        pins=Notes(officers=pairs[1:2, 0], enterprises=pairs[1:2, 1], actor=said[: len(pairs) - 1], reason=said[: len(pairs) - 1]),
    )
    return instance.replace(previous=instance.assignment(*pairs.T)), areas


@pytest.mark.parametrize("small", [0, 40_000], ids=["by shortlist", "whole"])
def test_twins_that_differ_in_anything_but_affinity(small, monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", small)
    seen = set()
    for seed in range(60):
        instance, areas = twins(np.random.default_rng(seed))
        policy = Policy(
            name="twins", constraints=(Capacity(), Demand(), Veto(), Pin(), areas), objectives=(ExpectedResolved(), Continuity(weight=0.3))
        )
        eligible = areas.allowed[areas.of_officer[:, None], areas.of_enterprise]
        eligible[instance.vetoes.officers, instance.vetoes.enterprises] = False
        worth = instance.affinity.block(slice(None), slice(None))
        worth[instance.previous.officers, instance.previous.enterprises] += 0.3
        limits = (instance.capacity_low, instance.capacity_high), (instance.demand_low, instance.demand_high)
        wanted = best_total(worth, eligible, *limits, (instance.pins.officers, instance.pins.enterprises))
        result = mm.solve(instance, policy, time_limit=20)
        seen.add(str(result.termination))
        if wanted is None:
            assert result.termination == "INFEASIBLE"
            continue
        assert result.termination == "OPTIMAL"
        assert result.objective == pytest.approx(wanted, rel=1e-7, abs=1e-7)
        proven = bound(policy.program(instance), result.prices)
        assert result.objective <= proven <= result.bound + 1e-9 * (1 + abs(result.bound))
    assert seen == {"OPTIMAL", "INFEASIBLE"}


@pytest.mark.parametrize("cap", [1 / 3, 0.37, 0.123456789, 0.9])
def test_lotteries_are_worth_what_a_linear_programme_says(cap):
    seen = set()
    for seed in range(25):
        rng = np.random.default_rng(seed)
        n, m = (int(size) for size in rng.integers(2, 14, 2))
        affinity, eligible = rng.normal(size=(n, m)), rng.random((n, m)) < 0.85
        high, least = np.maximum(rng.integers(0, 4, n), -(-m // n) + 1), rng.integers(0, 2 + (cap > 0.3), m)
        lottery = mm.lottery(affinity, capacity=high, demand=(least, least + 1), max_probability=cap, forbidden=~eligible)
        by_officer, by_enterprise = sums(n, m)
        most = np.where(eligible, lottery.max_probability, 0).ravel()
        rules, sides = sp.vstack([by_officer, by_enterprise, -by_enterprise]), np.concatenate([high, least + 1, -least])
        found = linprog(-affinity.ravel(), A_ub=rules, b_ub=sides, bounds=np.column_stack([0 * most, most]), method="highs")
        seen.add(found.status)
        if found.status == 2:
            assert lottery.termination == "INFEASIBLE"
            assert lottery.diagnosis.short > 0
            continue
        assert lottery.objective == pytest.approx(-found.fun, rel=1e-7, abs=1e-7)
        plan = lottery.sample(seed)
        assert (plan.served() >= least).all()
        assert (plan.served() <= least + 1).all()
        assert (plan.loads() <= high).all()
    assert 0 in seen


@pytest.mark.parametrize("worth", [0.1, 0.3, 0.75 + 0.49 * 2.0**-42, 0.7 + 1e-13])
def test_thousands_of_equal_terms_do_not_round_below_the_optimum(worth):
    result = mm.assign(np.full((2000, 1), worth), capacity=1, demand=(0, 2000))
    assert Fraction(result.bound) >= 2000 * Fraction(worth)


@pytest.mark.parametrize("price", [(-1e300, 5e299), (-2e39, 1e39), (np.nan, 0.0), (np.inf, -np.inf), (-1.7e308, 1.7e308)])
def test_absurd_prices_prove_nothing_false(price):
    program = mm.program.Program(1, 2)
    program.limit_officers(2, 2)
    program.limit_enterprises(1, 1)
    program.add(mm.Factors(np.ones((1, 1)), np.ones((2, 1))))
    assert bound(program, mm.program.Prices(np.array([price[0]]), np.full(2, price[1]))) >= 2
