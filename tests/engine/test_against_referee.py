"""The engine agrees with an independent solver, whatever the shape of the affinity, the limits and the input."""

from __future__ import annotations

import numpy as np
import ot
import pytest
import scipy.sparse as sp
from referee import best_total, plan_total
from scipy.optimize import linear_sum_assignment

import matchmaker as mm
from matchmaker.engine import column_generation

MEASURES = {
    "uniform": lambda rng, n, m: rng.random((n, m)),
    "massive ties": lambda rng, n, m: rng.choice([0, 0.25, 0.5, 1], (n, m)),
    "both signs": lambda rng, n, m: rng.normal(size=(n, m)),
    "all zero": lambda rng, n, m: np.zeros((n, m)),
    "all equal": lambda rng, n, m: np.full((n, m), 0.3),
    "twelve orders": lambda rng, n, m: 10.0 ** rng.uniform(-6, 6, (n, m)),
    "all negative": lambda rng, n, m: -rng.random((n, m)),
}


def some_limits(rng, n, m):
    high = rng.integers(0, 4, n) if rng.random() < 0.7 else np.full(n, max(1, -(-m // n)))
    low = np.minimum(high, rng.integers(0, 2, n)) if rng.random() < 0.4 else np.zeros(n, int)
    least = rng.integers(0, 3, m) if rng.random() < 0.5 else np.ones(m, int)
    most = least + rng.integers(0, 2, m) if rng.random() < 0.5 else least
    return (low, high), (least, most)


def as_given(form, affinity, eligible):
    """The same problem as a mask, as a sparse matrix, as factors."""
    if form == "sparse":
        i, j = np.nonzero(eligible)
        return {"affinity": sp.csr_array((affinity[i, j], (i, j)), shape=affinity.shape)}
    if form == "factors":
        left = mm.Factors(affinity, np.eye(affinity.shape[1]))
        return {"affinity": left, "forbidden": np.argwhere(~eligible)}
    return {"affinity": affinity, "forbidden": ~eligible}


@pytest.mark.parametrize("form", ["dense", "sparse", "factors"])
@pytest.mark.parametrize("small", [0, 40_000], ids=["by shortlist", "whole"])
@pytest.mark.parametrize("measure", MEASURES)
def test_agrees_with_an_independent_solver(measure, small, form, monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", small)
    seeds = range(40, 52)
    found = 0
    for seed in seeds:
        rng = np.random.default_rng([seed, len(measure)])
        n, m = rng.integers(1, 12, 2)
        affinity = MEASURES[measure](rng, n, m)
        eligible = rng.random((n, m)) < rng.choice([1, 1, 0.7, 0.3])
        capacity, demand = some_limits(rng, n, m)
        spots = np.argwhere(eligible)
        required = [tuple(spots[rng.integers(len(spots))])] if len(spots) and rng.random() < 0.3 else []
        wanted = best_total(affinity, eligible, capacity, demand, required)
        result = mm.assign(
            **as_given(form, affinity, eligible), capacity=capacity[1], min_load=capacity[0], demand=demand, required=required or None
        )
        if wanted is None:
            assert result.termination == "INFEASIBLE"
            assert result.diagnosis.short > 0
            continue
        found += 1
        assert result.termination == "OPTIMAL"
        assert plan_total(affinity, result) == pytest.approx(wanted, rel=1e-6, abs=1e-9)
        assert result.objective <= result.bound
    assert found >= 2


@pytest.mark.parametrize("seed", [0, 1])
def test_agrees_with_pot_and_scipy_on_300_by_500(seed, monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", 0)
    rng = np.random.default_rng(seed)
    affinity = rng.gamma(0.6, 0.3, (300, 12)) @ rng.dirichlet(np.full(12, 0.25), 500).T
    capacity = np.full(300, 2)
    result = mm.assign(affinity, capacity=2, demand=1)
    repeated = np.repeat(affinity, 2, axis=0)
    rows, columns = linear_sum_assignment(repeated, maximize=True)
    # POT transports all mass: a spare enterprise worth nothing takes up what capacity is left.
    supply = np.append(np.ones(500), capacity.sum() - 500)
    plan = ot.lp.emd(capacity.astype(float), supply, -np.hstack([affinity, np.zeros((300, 1))]))
    assert result.termination == "OPTIMAL"
    assert result.objective == pytest.approx(repeated[rows, columns].sum(), rel=1e-9)
    assert result.objective == pytest.approx((plan[:, :500] * affinity).sum(), rel=1e-9)
    assert result.gap <= 1e-9


def test_relabelling_changes_neither_value_nor_pairs():
    rng = np.random.default_rng(3)
    affinity = rng.random((40, 90))
    officers, enterprises = rng.permutation(40), rng.permutation(90)
    plain = mm.assign(affinity, capacity=3)
    moved = mm.assign(affinity[officers][:, enterprises], capacity=3)
    assert moved.objective == pytest.approx(plain.objective, rel=1e-12)
    back = set(zip(officers[moved.officers].tolist(), enterprises[moved.enterprises].tolist(), strict=True))
    assert back == set(zip(plain.officers.tolist(), plain.enterprises.tolist(), strict=True))


def test_the_same_problem_as_matrix_and_as_factors_and_on_one_thread_has_the_same_plan(monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", 0)
    rng = np.random.default_rng(5)
    left, right = rng.random((150, 6)), rng.random((260, 6))
    plans = [
        mm.assign(mm.Factors(left, right), capacity=2),
        mm.assign(mm.Factors(left, right), capacity=2, threads=1),
        mm.assign(left @ right.T, capacity=2),
        mm.assign(np.asfortranarray(left @ right.T), capacity=2),
    ]
    for plan in plans[1:]:
        np.testing.assert_array_equal(plan.officers, plans[0].officers)
        np.testing.assert_array_equal(plan.enterprises, plans[0].enterprises)
