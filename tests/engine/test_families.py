"""Shapes of input on which shortlists, prices or arithmetic could go wrong: each proven, by shortlist, at a middling size."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

import matchmaker as mm
from matchmaker.engine import column_generation

N, M = 220, 400


def factors(rng, rank=12):
    return mm.Factors(rng.gamma(0.6, 0.3, (N, rank)), rng.dirichlet(np.full(rank, 0.25), M))


def dominant(rng):
    left = rng.random((N, 4))
    left[0] = 9
    return mm.Factors(left, rng.random((M, 4)))


FAMILIES = {
    "random factors": lambda rng: {"affinity": factors(rng)},
    "64 factors": lambda rng: {"affinity": factors(rng, 64)},
    "identical officers": lambda rng: {"affinity": mm.Factors(np.full((N, 3), 0.3), rng.random((M, 3)))},
    "all equal": lambda rng: {"affinity": mm.Factors(np.ones((N, 1)), np.ones((M, 1)))},
    "all zero": lambda rng: {"affinity": mm.Factors(np.zeros((N, 1)), np.ones((M, 1)))},
    "one wanted by all": lambda rng: {"affinity": dominant(rng)},
    "capacities of a dozen": lambda rng: {"affinity": factors(rng), "capacity": 12},
    "three to five officers each": lambda rng: {"affinity": factors(rng), "capacity": 10, "demand": rng.integers(3, 6, M)},
    "every place needed": lambda rng: {"affinity": factors(rng), "capacity": np.diff(np.linspace(0, M, N + 1).astype(int))},
    "least loads": lambda rng: {"affinity": factors(rng), "capacity": 3, "min_load": 1},
    "twelve orders": lambda rng: {"affinity": mm.Factors(10.0 ** rng.uniform(-6, 6, (N, 1)), rng.random((M, 1)))},
    "optional and negative": lambda rng: {"affinity": mm.Factors(rng.normal(size=(N, 6)), rng.normal(size=(M, 6))), "demand": (0, 1)},
    "single precision": lambda rng: {"affinity": rng.random((N, M), dtype=np.float32)},
    "whole numbers": lambda rng: {"affinity": rng.integers(-3, 4, (N, M))},
    "yes or no": lambda rng: {"affinity": rng.random((N, M)) < 0.01},
    "times 1e300": lambda rng: {"affinity": rng.random((N, M)) * 1e300},
    "times 1e-300": lambda rng: {"affinity": rng.random((N, M)) * 1e-300},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_solved_and_proven(family, monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", 0)
    given = {"capacity": 2, "demand": 1, **FAMILIES[family](np.random.default_rng(8))}
    shortlisted = mm.assign(**given)
    monkeypatch.setattr(column_generation, "SMALL", 10**9)
    whole = mm.assign(**given)
    assert shortlisted.termination == whole.termination == "OPTIMAL"
    assert shortlisted.objective == pytest.approx(whole.objective, rel=2e-9, abs=0)
    assert shortlisted.objective <= shortlisted.bound


def test_scaling_affinities_changes_no_pair():
    affinity = np.random.default_rng(1).random((30, 50))
    plans = [mm.assign(affinity * 2.0**shift, capacity=2) for shift in (0, 900, -900)]
    for plan in plans[1:]:
        np.testing.assert_array_equal(plan.officers, plans[0].officers)
        np.testing.assert_array_equal(plan.enterprises, plans[0].enterprises)


def test_beyond_double_precision_is_an_error_that_says_what_to_do():
    with pytest.raises(mm.errors.DataError, match="Divide them by"):
        mm.assign(mm.Factors(np.full((3, 1), 1e300), np.full((4, 1), 1e300)), capacity=2)


def test_nothing_of_the_callers_is_changed():
    affinity = np.random.default_rng(0).random((20, 30))
    before = affinity.copy()
    affinity.setflags(write=False)
    strided = np.random.default_rng(0).random((40, 60))[::2, ::2]
    capacity = np.full(20, 2)
    mm.assign(affinity, capacity=capacity)
    result = mm.assign(strided, capacity=capacity)
    np.testing.assert_array_equal(affinity, before)
    assert result.termination == "OPTIMAL"
    np.testing.assert_array_equal(capacity, 2)


def test_a_memory_map_is_read_in_place(tmp_path):
    held = np.random.default_rng(0).random((20, 30))
    np.save(tmp_path / "affinity.npy", held)
    mapped = np.load(tmp_path / "affinity.npy", mmap_mode="r")
    assert mm.assign(mapped, capacity=2).objective == mm.assign(held, capacity=2).objective


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 3)])
def test_one_by_one_and_other_thin_shapes(shape):
    affinity = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    result = mm.assign(affinity, capacity=shape[1], demand=1)
    assert result.termination == "OPTIMAL"
    assert result.objective == affinity.max(axis=0).sum()


def test_capacity_zero_leaves_an_officer_out():
    result = mm.assign([[9.0, 9.0], [1.0, 1.0]], capacity=[0, 2])
    assert result.officers.tolist() == [1, 1]


@pytest.mark.parametrize("power", [3, 6])
def test_small_differences_beside_large_losses_are_told_apart(power):
    """All worth less than nothing, most of them a million times less than the largest: no gap is passed over as rounding."""
    affinity = -(np.random.default_rng(power).random((300, 410)) ** power)
    result = mm.assign(affinity, capacity=2)
    rows, columns = linear_sum_assignment(np.repeat(affinity, 2, axis=0), maximize=True)
    best = sum(map(Fraction, np.repeat(affinity, 2, axis=0)[rows, columns].tolist()))
    found = sum(map(Fraction, affinity[result.officers, result.enterprises].tolist()))
    assert result.termination == "OPTIMAL"
    assert result.gap <= 1e-9
    assert found >= best - abs(best) * Fraction(1, 10**12)
    assert Fraction(result.bound) >= best


def test_a_best_plan_worth_exactly_nothing_is_proven(monkeypatch):
    monkeypatch.setattr(column_generation, "SMALL", 0)
    rng = np.random.default_rng(2)
    for _ in range(30):
        left, right = rng.integers(-2, 1, (20, 3)) / 3, rng.integers(0, 2, (4, 3)) / 7
        left[0] = 0
        result = mm.assign(mm.Factors(left, right), capacity=4, demand=1)
        assert (result.termination, result.objective, result.gap) == ("OPTIMAL", 0, 0)
