"""The min-cost flow by itself: against every plan there is, and what it refuses."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from matchmaker.engine.flow import _Slack, largest_cost, solve_flow
from matchmaker.engine.space import Limits
from matchmaker.errors import SolverError


def limits_of(officer_low, officer_high, enterprise_low, enterprise_high) -> Limits:
    return Limits(
        officer_low=np.array(officer_low),
        officer_high=np.array(officer_high),
        enterprise_low=np.array(enterprise_low),
        enterprise_high=np.array(enterprise_high),
    )


def value(chosen, i, j, worth, limits, penalty, own) -> float | None:
    """What a choice of pairs is worth with what it leaves short; None where it breaks a limit."""
    n, m = len(limits.officer_low), len(limits.enterprise_low)
    load, served = np.bincount(i[chosen], minlength=n), np.bincount(j[chosen], minlength=m)
    if (load > limits.officer_high).any() or (served > limits.enterprise_high).any():
        return None
    short = np.maximum(limits.officer_low - load, 0).sum() + np.maximum(limits.enterprise_low - served, 0).sum()
    over = np.concatenate([np.maximum(load - limits.officer_low, 0), np.maximum(served - limits.enterprise_low, 0)])
    return worth[chosen].sum() + (own * over).sum() - penalty * short


@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_best_of_every_choice(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 4, 2)
    i, j = np.nonzero(rng.random((n, m)) < 0.8)
    worth = rng.integers(-9, 10, len(i)).astype(float)
    low, least = rng.integers(0, 2, n), rng.integers(0, 2, m)
    limits = limits_of(low, low + rng.integers(0, 3, n), least, least + rng.integers(0, 3, m))
    own = rng.integers(-3, 1, n + m).astype(float)
    every = [np.flatnonzero(bits) for bits in product([0, 1], repeat=len(i))]
    best = max(v for v in (value(chosen, i, j, worth, limits, 50.0, own) for chosen in every) if v is not None)
    flow = solve_flow(i, j, worth, limits, 50.0, load_worth=(own[:n], own[n:]))
    chosen = np.flatnonzero(flow.amount)
    assert value(chosen, i, j, worth, limits, 50.0, own) == best
    np.testing.assert_array_equal(flow.officer_short, np.maximum(low - np.bincount(i[chosen], minlength=n), 0))
    np.testing.assert_array_equal(flow.enterprise_short, np.maximum(least - np.bincount(j[chosen], minlength=m), 0))


def test_arcs_without_room_are_left_out():
    slack = _Slack.of(limits_of([0, 1], [2, 1], [1, 0, 1], [1, 1, 1]), 9.0, np.zeros(5))
    np.testing.assert_array_equal(slack.tails, [5, 3, 1, 5, 5])
    np.testing.assert_array_equal(slack.heads, [0, 5, 5, 2, 4])
    np.testing.assert_array_equal(slack.room, [2, 1, 1, 1, 1])
    np.testing.assert_array_equal(slack.short, [1, 2, 4])
    assert len(_Slack.of(limits_of([0, 1], [2, 1], [1, 0, 1], [1, 1, 1]), None, np.zeros(5)).tails) == 2


@pytest.mark.parametrize("worth", [0.5, np.nan, np.inf, -np.inf, 2.0**60, -(2.0**60)])
@pytest.mark.parametrize("where", ["pair", "load"])
def test_costs_that_would_overflow_or_are_not_whole_are_refused(worth, where):
    limits = limits_of([0], [1], [1, 1], [1, 1])
    own = (np.array([worth if where == "load" else 0.0]), np.zeros(2))
    with pytest.raises(SolverError, match=rf"among 4 nodes is over {largest_cost(4)}, or is not whole"):
        solve_flow(np.zeros(2, int), np.arange(2), np.array([0.0, worth if where == "pair" else 1.0]), limits, None, load_worth=own)


def test_a_flow_without_pairs_is_all_shortage():
    flow = solve_flow(np.empty(0, int), np.empty(0, int), np.empty(0), limits_of([1], [1], [2], [2]), 5.0)
    assert (flow.officer_short.tolist(), flow.enterprise_short.tolist(), flow.short) == ([1], [2], 3)
