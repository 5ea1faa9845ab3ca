"""OR-Tools' min-cost flow on every pair as an arc, affinities in units of 1e-6."""

import numpy as np
from ortools.graph.python import min_cost_flow


def solve(left: np.ndarray, right: np.ndarray, capacity: np.ndarray) -> float:
    """The optimum of the flow, added up in double."""
    affinity = left.astype(float) @ right.astype(float).T
    n, m = affinity.shape
    flow = min_cost_flow.SimpleMinCostFlow()
    officers = np.repeat(np.arange(n, dtype=np.int32), m)
    enterprises = np.tile(np.arange(n, n + m, dtype=np.int32), n)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        officers, enterprises, np.ones(n * m, np.int64), np.rint(-affinity * 1e6).astype(np.int64).ravel()
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        np.arange(n, dtype=np.int32), np.full(n, n + m, np.int32), capacity.astype(np.int64), np.zeros(n, np.int64)
    )
    flow.set_nodes_supplies(np.arange(n + m + 1, dtype=np.int32), np.concatenate([capacity, -np.ones(m, np.int64), [m - capacity.sum()]]))
    if flow.solve() != flow.OPTIMAL:
        msg = "the flow has no optimum"
        raise RuntimeError(msg)
    return float(affinity.ravel()[flow.flows(arcs) > 0].sum())
