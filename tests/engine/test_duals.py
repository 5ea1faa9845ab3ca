"""The lowest prices of an optimal flow: optimal, lowest, and the same whichever optimal flow they are read off."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from matchmaker.engine.duals import lowest_prices
from matchmaker.engine.space import Limits
from matchmaker.engine.transport import solve_transport

SHORT = 3.0


@st.composite
def problems(draw):
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    pairs = draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))
    i, j = np.nonzero(np.array(pairs).reshape(n, m))
    worth = np.array(draw(st.lists(st.integers(-2, 4), min_size=len(i), max_size=len(i))), dtype=np.float64)
    low_i, more_i = (np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))) for _ in range(2))
    low_j, more_j = (np.array(draw(st.lists(st.integers(0, 2), min_size=m, max_size=m))) for _ in range(2))
    return i, j, worth, Limits(low_i, low_i + more_i, low_j, low_j + more_j)


def lowest_by_programme(i, j, worth, limits):
    """The least sum of officers' prices less enterprises' among optimal duals, by two linear programmes."""
    n, m, k = len(limits.officer_low), len(limits.enterprise_low), len(i)
    low, high = (np.concatenate(side).astype(float) for side in limits.sides)
    # Price of a member = above - below, above >= 0, 0 <= below <= SHORT; the dual's value is high above - low below + what pairs gain.
    nodes = n + m
    value = np.concatenate([high, -low, np.ones(k)])
    rows = np.zeros((k, 2 * nodes + k))
    for a in range(k):
        for v in (i[a], n + j[a]):
            rows[a, v], rows[a, nodes + v] = -1, 1
        rows[a, 2 * nodes + a] = -1
    bounds = [(0, None)] * nodes + [(0, SHORT)] * nodes + [(0, None)] * k
    best = linprog(value, A_ub=rows, b_ub=-worth, bounds=bounds) if k else None
    if best is None:
        return None
    sums = np.concatenate([np.ones(n), -np.ones(m), -np.ones(n), np.ones(m), np.zeros(k)])
    # Enterprises' prices are bounded above by what no price need exceed.
    top = 2 * np.abs(worth).max() + 2 * SHORT
    bounds[n:nodes] = [(0, top)] * m
    bounds[:n] = [(0, top)] * n
    least = linprog(sums, A_ub=np.vstack([rows, value]), b_ub=np.append(-worth, best.fun + 1e-9), bounds=bounds)
    return best.fun, least.fun


@settings(max_examples=150, deadline=None)
@given(problems())
def test_lowest_prices_are_optimal_lowest_and_do_not_depend_on_the_flow(problem):
    i, j, worth, limits = problem
    n, m = len(limits.officer_low), len(limits.enterprise_low)
    floor = np.full(n + m, -SHORT)
    found = []
    for start in (np.zeros(n), np.arange(n) % 3.0):
        flow = solve_transport(i, j, worth, limits, (start, np.zeros(m)), floor=floor)
        found.append(lowest_prices(i, j, worth, limits, flow, SHORT))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    expected = lowest_by_programme(i, j, worth, limits)
    if expected is None:
        return
    price, other = found[0]
    low, high = (np.concatenate(side) for side in limits.sides)
    every = np.concatenate([price, other])
    bound = np.maximum(every * low, every * high).sum() + np.maximum(worth - price[i] - other[j], 0).sum()
    assert abs(bound - expected[0]) < 1e-6
    assert price.sum() - other.sum() <= expected[1] + 1e-6
