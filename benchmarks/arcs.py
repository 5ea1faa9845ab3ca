"""OR-Tools' min-cost flow on every eligible arc of a programme: the peer for whatever rules there are."""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from benchmarks.run import Found
from matchmaker.affinity import Dense, Factors
from matchmaker.program import Program, among

UNIT = 1e-6
"""Of the affinity's largest, at most; costs are whole multiples of it."""


def best_flow(program: Program) -> Found:
    """The optimum, added up in double; not a number where the flow says that no plan exists."""
    officers, enterprises, worth = eligible(program)
    n, m = program.shape
    low_i, high_i = program.officer_low, np.minimum(program.officer_high, m)
    low_j, high_j = program.enterprise_low, np.minimum(program.enterprise_high, n)
    hub, first, second = n + m, np.arange(n), np.arange(n, n + m)
    flow = min_cost_flow.SimpleMinCostFlow()
    unit = UNIT * min(1.0, float(np.abs(worth).max(initial=1.0)) or 1.0)
    pairs = flow.add_arcs_with_capacity_and_unit_cost(
        officers.astype(np.int32),
        (enterprises + n).astype(np.int32),
        np.ones(len(worth), np.int64),
        np.rint(-worth / unit).astype(np.int64),
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([np.full(n, hub), second]).astype(np.int32),
        np.concatenate([first, np.full(m, hub)]).astype(np.int32),
        np.concatenate([high_i - low_i, high_j - low_j]).astype(np.int64),
        np.zeros(n + m, np.int64),
    )
    supply = np.concatenate([low_i, -low_j])
    flow.set_nodes_supplies(np.arange(hub + 1, dtype=np.int32), np.append(supply, -supply.sum()).astype(np.int64))
    status = flow.solve()
    if status == flow.INFEASIBLE:
        return Found(float("nan"), then=lambda: {"infeasible": 1.0})
    if status != flow.OPTIMAL:
        msg = f"the flow ended with {status}"
        raise RuntimeError(msg)
    return Found(float(worth[flow.flows(pairs) > 0].sum()), then=lambda: {"infeasible": 0.0})


def eligible(program: Program) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every eligible pair and its worth. Three shapes (n_pairs,)."""
    if not all(isinstance(term, Factors | Dense) for term, _ in program.terms):
        officers, enterprises = _listed(program)
        return officers, enterprises, program.values(officers, enterprises)
    n, m = program.shape
    worth = sum(weight * whole(term) for term, weight in program.terms) + np.zeros((n, m))
    if not program.classes and not len(program.forbidden) and not len(program.valued[0]):
        return np.repeat(np.arange(n), m), np.tile(np.arange(m), n), worth.ravel()
    allowed = program.allowed(np.arange(n)[:, None], np.arange(m)[None, :])
    allowed.ravel()[program.forbidden] = False
    keys, extra = program.valued
    worth.ravel()[keys] += extra
    officers, enterprises = np.nonzero(allowed)
    return officers, enterprises, worth[officers, enterprises]


def whole(term: Factors | Dense) -> np.ndarray:
    """The whole matrix of an affinity; a matrix that was given is taken as it is."""
    if isinstance(term, Dense):
        return term.matrix
    return term.left.astype(float) @ term.right.astype(float).T


def _listed(program: Program) -> tuple[np.ndarray, np.ndarray]:
    keys = None
    for term, _ in program.terms:
        if hasattr(term, "listed"):
            found = program.keys(*term.listed())
            keys = found if keys is None else np.intersect1d(keys, found)
    if keys is None:
        msg = "No affinity lists its pairs."
        raise RuntimeError(msg)
    keys = keys[~among(program.forbidden, keys)]
    officers, enterprises = program.split(keys)
    allowed = program.allowed(officers, enterprises)
    return officers[allowed], enterprises[allowed]
