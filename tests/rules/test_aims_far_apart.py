"""Aims of very different size: a complete search finds what trying every plan finds, or says how far it may be off."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.constraints import Capacity, Demand
from matchmaker.engine.refining import Choice, refined
from matchmaker.objectives import DiminishingReturns, ExpectedResolved
from matchmaker.policies import Policy
from matchmaker.profiles import Need


def drawn(seed):
    """Some officers for some enterprises' needs, and affinities of any sign whose weight is far above or below one."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(2, 5), rng.integers(1, 4)
    needs = rng.integers(1, 3)
    able, asked = rng.integers(0, 20, (n, needs)) / 20.0, rng.integers(0, 4, (m, needs)) / 2.0
    big = 10.0 ** rng.integers(3, 10)
    affinity = rng.integers(0, 3, (n, m)) * (rng.random((n, m)) < rng.choice([0.3, 1])) * 1.0
    affinity = -affinity if rng.random() < 0.5 else affinity
    capacity, low = rng.integers(0, 3, n), rng.integers(0, 2, m)
    high = low + rng.integers(0, 2, m)
    instance = mm.Instance(
        officer_ids=np.arange(n).astype(object),
        enterprise_ids=np.arange(m).astype(object),
        affinity=mm.Dense(affinity),
        capacity_low=np.zeros(n, np.int64),
        capacity_high=capacity,
        demand_low=low,
        demand_high=high,
        needs=tuple(Need(f"need{k}", f"需求{k}", f"need {k}") for k in range(needs)),
        competence=able,
        need=asked,
        name="far apart",
    )
    return instance, float(rng.choice([big, 1 / big]))


def best_of_all(instance, weight):
    """The value of the best plan, minus infinity where there is none."""
    n, m = instance.shape
    sets = [
        [one for size in range(low, high + 1) for one in combinations(range(n), size)]
        for low, high in zip(instance.demand_low, instance.demand_high, strict=True)
    ]
    best = -np.inf
    for chosen in product(*sets):
        load = np.bincount(np.array([i for one in chosen for i in one], dtype=np.int64), minlength=n)
        if (load <= instance.capacity_high).all():
            met = [1 - np.prod(1 - instance.competence[list(one)], axis=0) for one in chosen]
            value = sum(float(instance.need[j] @ met[j]) for j in range(m))
            value += weight * sum(instance.affinity.matrix[i, j] for j, one in enumerate(chosen) for i in one)
            best = max(best, value)
    return best


@pytest.mark.parametrize(
    "seed", [0, 45, 59, 134, 169, 260, 274, 349, 360, 423, 477, 525, 550, 601, 896, 924, 1119, 1399, *range(2000, 2030)]
)
def test_aims_a_million_apart_are_solved_like_trying_every_plan(seed):
    instance, weight = drawn(seed)
    best = best_of_all(instance, weight)
    policy = Policy(name="far", constraints=(Capacity(), Demand()), objectives=(DiminishingReturns(), ExpectedResolved(weight=weight)))
    result = mm.solve(instance, policy)
    assert (result.termination == "INFEASIBLE") == np.isneginf(best)
    if np.isfinite(best):
        size = max(abs(best), 1e-9)
        assert result.bound >= best - 1e-9 * size
        assert result.objective <= best + 1e-9 * size
        assert result.objective >= best - 2e-6 * size or result.termination == "FEASIBLE"
        assert result.termination == "OPTIMAL" or result.gap > 0


@pytest.mark.parametrize("seed", range(6))
def test_a_refined_bound_is_never_below_the_best_choice_there_is(seed):
    rng = np.random.default_rng(seed)
    import scipy.sparse as sp

    for _ in range(10):
        k, r = int(rng.integers(2, 7)), int(rng.integers(1, 4))
        worth = rng.integers(-9, 10, k) * 10.0 ** rng.integers(-6, 7, k)
        table = rng.integers(-2, 4, (r, k)) * rng.choice([1.0, 0.3], (r, 1))
        least, most = np.where(rng.random(r) < 0.5, -np.inf, 0.0), rng.integers(1, 4, r).astype(float)
        plans = np.array(list(product([0.0, 1.0], repeat=k)))
        fine = ((plans @ table.T >= least) & (plans @ table.T <= most)).all(axis=1)
        values = plans[fine] @ worth
        choice = Choice(worth, sp.csr_array(table), least, most, np.zeros(k), np.ones(k), np.ones(k, dtype=bool))
        begun = plans[fine][0]
        x, bound = refined(choice, begun, {}, 0.0)
        assert choice.value(begun) <= choice.value(x) <= values.max() + 1e-9 * abs(values.max())
        assert bound >= values.max() - 1e-9 * abs(values.max())
