"""Where two ways can solve the same programme, they agree: a complete search, priced rows, and HiGHS over all pairs from the formulas."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import matchmaker as mm
from matchmaker import datasets
from matchmaker.constraints import Capacity, ChurnBudget, Coverage, Demand, GroupFloor, Quota, Workload
from matchmaker.engine import ruled
from matchmaker.objectives import ExpectedResolved
from matchmaker.policies import Policy

QUOTA, FLOOR, ENOUGH, KEPT = 2, 0.05, 0.2, 0.6


def city(seed: int) -> tuple[mm.Instance, np.ndarray, np.ndarray]:
    """A small city with a last round, what enterprises take of an officer's hours, and what officers have."""
    rng = np.random.default_rng(seed)
    instance = mm.build(datasets.hangzhou(seed=seed, n_officers=20, n_enterprises=35))
    last = mm.solve(instance.replace(affinity=mm.Factors(instance.affinity.left, instance.affinity.right * rng.uniform(0.5, 1.5, (35, 1)))))
    return instance.replace(previous=last.assignment), rng.choice([2.0, 4.0], 35), np.full(20, 14.0)


def from_formulas(instance: mm.Instance, takes: np.ndarray, has: np.ndarray) -> float:
    """The best value by HiGHS over all pairs, every rule written out cell by cell."""
    n, m = instance.shape
    value = instance.affinity.block(np.arange(n), np.arange(m))
    department, district = instance.text_of("officer", "department"), instance.text_of("enterprise", "district")
    rows, low, high = [], [], []

    def say(table: np.ndarray, least: float, most: float) -> None:
        rows.append(np.broadcast_to(table, (n, m)).ravel())
        low.append(least)
        high.append(most)

    for i in range(n):
        mine = (np.arange(n) == i)[:, None]
        say(mine * np.ones(m), instance.capacity_low[i], instance.capacity_high[i])
        say(mine * takes, -np.inf, has[i])
    for j in range(m):
        theirs = np.arange(m) == j
        say(np.ones((n, 1)) * theirs, instance.demand_low[j], instance.demand_high[j])
        for k in np.flatnonzero(instance.need[j] >= 0.5 * instance.need[j].sum()):
            if instance.need[j, k] > 0:
                say((instance.competence[:, k] >= ENOUGH)[:, None] * theirs, 1, np.inf)
    for one in set(department):
        for two in set(district) - {""}:
            say((department == one)[:, None] * (district == two), -np.inf, QUOTA)
    for two in set(district) - {""}:
        say(value * (district == two), FLOOR * ((district == two) & (instance.demand_high > 0)).sum(), np.inf)
    kept = np.zeros((n, m))
    kept[instance.previous.officers, instance.previous.enterprises] = 1
    say(kept, kept.sum() - np.floor(KEPT * kept.sum() + 1e-9), np.inf)
    found = milp(-value.ravel(), constraints=LinearConstraint(np.array(rows), low, high), bounds=Bounds(0, 1), integrality=np.ones(n * m))
    return -np.inf if found.x is None else -found.fun


@pytest.mark.parametrize("seed", range(4))
def test_complete_search_priced_rows_and_highs_agree(seed, monkeypatch):
    instance, takes, has = city(seed)
    rules = (
        Capacity(),
        Demand(),
        Workload(has, load=takes),
        Coverage(ENOUGH, share=0.5),
        Quota("department", "district", most=QUOTA),
        GroupFloor(FLOOR),
        ChurnBudget(share=KEPT),
    )
    policy = Policy(constraints=rules, objectives=(ExpectedResolved(),))
    best = from_formulas(instance, takes, has)
    for whole in (10**9, 0):
        monkeypatch.setattr(ruled, "WHOLE", whole)
        result = mm.solve(instance, policy, time_limit=60)
        if best == -np.inf:
            assert result.termination == "INFEASIBLE"
        else:
            assert result.termination == "OPTIMAL"
            assert result.objective == pytest.approx(best, rel=1e-6)
            assert result.bound >= best - 1e-6 * abs(best)
