"""Taking pairs in one by one ends where solving again would."""

from __future__ import annotations

import numpy as np
import pytest

from matchmaker.engine.duals import Residual
from matchmaker.engine.flow import Flow, solve_flow
from matchmaker.engine.repair import Repair
from matchmaker.engine.space import Limits

Arcs = tuple[np.ndarray, np.ndarray, np.ndarray]


def market(seed: int, *, tight: bool = False, kinds: bool = False) -> tuple[Limits, Arcs, np.ndarray]:
    """Limits with a plan, every pair as an arc with a whole worth, and which arcs are known from the start."""
    rng = np.random.default_rng(seed)
    n, m = 6, 9
    count_i, count_j = (rng.integers(1, 3, n), rng.integers(1, 4, m)) if kinds else (None, None)
    low_i = rng.integers(0, 2, n)
    low_j = rng.integers(0, 2, m)
    limits = Limits(
        officer_low=low_i,
        officer_high=low_i + rng.integers(1, 3, n) + (0 if tight else 1),
        enterprise_low=low_j,
        enterprise_high=low_j + rng.integers(0, 2, m),
        officer_count=count_i,
        enterprise_count=count_j,
    )
    i, j = (side.ravel() for side in np.meshgrid(np.arange(n), np.arange(m), indexing="ij"))
    worth = np.rint(rng.normal(50, 100, n * m))
    known = rng.random(n * m) < 0.7
    return limits, (i, j, worth), known


def solved(limits: Limits, arcs: Arcs) -> tuple[Flow, tuple[np.ndarray, np.ndarray]]:
    i, j, worth = arcs
    flow = solve_flow(i, j, worth, limits, 10_000.0)
    return flow, Residual(i, j, worth, limits, flow, 10_000.0).near(np.zeros(6), np.zeros(9))


def check_optimal(limits: Limits, arcs: Arcs, amount: np.ndarray, prices: tuple[np.ndarray, np.ndarray]) -> None:
    """Loads within limits, and complementary slackness: what proves a flow optimal."""
    i, j, worth = arcs
    p, u = prices
    reduced = worth - p[i] - u[j]
    assert (reduced[amount < limits.room(i, j)] <= 1e-9).all()
    assert (reduced[amount > 0] >= -1e-9).all()
    for price, load, low, high in (
        (p, np.bincount(i, amount, 6), limits.officer_low, limits.officer_high),
        (u, np.bincount(j, amount, 9), limits.enterprise_low, limits.enterprise_high),
    ):
        assert ((load >= low) & (load <= high)).all()
        assert (price[load > low] >= -1e-9).all()
        assert (price[load < high] <= 1e-9).all()


@pytest.mark.parametrize("kinds", [False, True])
@pytest.mark.parametrize("tight", [False, True])
def test_repaired_is_as_good_as_solved_again(tight: bool, kinds: bool) -> None:
    tried = moved = 0
    for seed in range(120):
        limits, (i, j, worth), known = market(seed, tight=tight, kinds=kinds)
        flow, prices = solved(limits, (i[known], j[known], worth[known]))
        if flow.short:
            continue
        amount = np.zeros(len(i), dtype=np.int64)
        amount[known] = flow.amount
        start = Flow(amount, flow.officer_short, flow.enterprise_short)
        repair = Repair(i, j, worth, limits, start, prices, effort=1_000_000)
        assert repair.take_in(np.flatnonzero(~known).tolist())
        check_optimal(limits, (i, j, worth), repair.amount, repair.prices)
        again, _ = solved(limits, (i, j, worth))
        assert not again.short
        assert (repair.amount * worth).sum() == (again.amount * worth).sum()
        tried += 1
        moved += int((repair.amount != amount).any())
    assert tried > 60
    assert moved > 30


def test_too_much_work_is_left_to_a_flow() -> None:
    refused = 0
    for seed in range(40):
        limits, (i, j, worth), known = market(seed)
        flow, prices = solved(limits, (i[known], j[known], worth[known]))
        if flow.short:
            continue
        amount = np.zeros(len(i), dtype=np.int64)
        amount[known] = flow.amount
        repair = Repair(i, j, worth, limits, Flow(amount, flow.officer_short, flow.enterprise_short), prices, effort=0)
        refused += not repair.take_in(np.flatnonzero(~known).tolist())
    assert refused > 20
