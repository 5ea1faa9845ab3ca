"""Every family, not one instance: the same table for inputs that are hard in different ways."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks import measure
from benchmarks.families import FAMILIES, Arguments, family

TITLE = "Families"
FULL, SMOKE = (1500, 2800), (40, 70)
SOLVERS = ("matchmaker", "pot", "ortools")


def prepare(name: str, solver: str, n_officers: str, n_enterprises: str) -> Callable[[], float]:
    """The family's input, made; the work is one solve."""
    given = family(name, int(n_officers), int(n_enterprises))
    return {"matchmaker": _ours, "pot": _pot, "ortools": _ortools}[solver](given)


def table(repeats: int, *, smoke: bool) -> list[str]:
    """Rows of a Markdown table. Raises when objectives differ by more than the peers' own units allow."""
    go = measure.run_here if smoke else measure.run
    size = list(map(str, SMOKE if smoke else FULL))
    rows = ["| family | ours, s | POT, times ours | OR-Tools flow on all arcs, times ours | objective |", "|---|---|---|---|---|"]
    for name in FAMILIES:
        fits = [solver for solver in SOLVERS if solver != "pot" or _fits_pot(name)]
        runs: dict[str, list[measure.Run]] = {solver: [] for solver in fits}
        for _ in range(repeats):
            for solver in fits:
                runs[solver].append(go(["families", name, solver, *size]))
        medians = {solver: measure.median(done) for solver, done in runs.items()}
        ours = medians["matchmaker"]
        _check_equal(name, medians)
        times = {solver: f"{one.seconds / ours.seconds:.1f}" for solver, one in medians.items()}
        rows.append(f"| {name} | {ours.seconds:.2f} | {times.get('pot', '')} | {times['ortools']} | {ours.objective:.4f} |")
    head = f"{size[0]} officers x {size[1]} enterprises, medians of {repeats}, run in turn, all proven to a relative 1e-9. POT has no least"
    return [f"{head} loads, no optional demand, and no limit on a pair, so it is left out where these matter.", "", *rows]


def _fits_pot(name: str) -> bool:
    given = family(name, 20, 30)
    return given["min_load"] == 0 and np.isscalar(given["demand"])


def _check_equal(name: str, medians: dict[str, measure.Run]) -> None:
    ours = medians["matchmaker"].objective
    for solver, one in medians.items():
        if abs(one.objective - ours) > 1e-5 * max(1.0, abs(ours)):
            msg = f"{name}: {solver} finds {one.objective}, ours is {ours}"
            raise RuntimeError(msg)


def _matrix(given: Arguments) -> np.ndarray:
    affinity = given["affinity"]
    return affinity if isinstance(affinity, np.ndarray) else affinity.left @ affinity.right.T


def _ours(given: Arguments) -> Callable[[], float]:
    import matchmaker as mm

    mm.assign([[1.0]], capacity=1)  # loads everything that is loaded when first used

    def work() -> float:
        result = mm.assign(**given)
        if result.gap > 1e-9:
            msg = f"{result.termination} with gap {result.gap}"
            raise RuntimeError(msg)
        return result.objective

    return work


def _pot(given: Arguments) -> Callable[[], float]:
    import ot

    def work() -> float:
        affinity = _matrix(given)
        n, m = affinity.shape
        capacity = np.broadcast_to(given["capacity"], (n,)).astype(float)
        demand = np.append(np.full(m, float(given["demand"])), capacity.sum() - m * given["demand"])
        plan = ot.lp.emd(capacity, demand, np.hstack([-affinity, np.zeros((n, 1))]), numItermax=10**8)
        return float((plan[:, :-1] * affinity).sum())

    return work


def _ortools(given: Arguments) -> Callable[[], float]:
    from ortools.graph.python import min_cost_flow

    def work() -> float:
        affinity = _matrix(given)
        n, m = affinity.shape
        low_j, high_j = given["demand"] if isinstance(given["demand"], tuple) else (given["demand"], given["demand"])
        low_j, high_j = np.broadcast_to(low_j, (m,)), np.broadcast_to(high_j, (m,))
        low_i, high_i = np.broadcast_to(given["min_load"], (n,)), np.broadcast_to(given["capacity"], (n,))
        officers, enterprises, hub = np.arange(n), np.arange(n, n + m), n + m
        flow = min_cost_flow.SimpleMinCostFlow()
        pairs = flow.add_arcs_with_capacity_and_unit_cost(
            np.repeat(officers, m).astype(np.int32),
            np.tile(enterprises, n).astype(np.int32),
            np.ones(n * m, np.int64),
            np.rint(-affinity * 1e6).astype(np.int64).ravel(),
        )
        flow.add_arcs_with_capacity_and_unit_cost(
            np.concatenate([np.full(n, hub), enterprises]).astype(np.int32),
            np.concatenate([officers, np.full(m, hub)]).astype(np.int32),
            np.concatenate([high_i - low_i, high_j - low_j]).astype(np.int64),
            np.zeros(n + m, np.int64),
        )
        supply = np.concatenate([low_i, -low_j]).astype(np.int64)
        flow.set_nodes_supplies(np.arange(hub + 1, dtype=np.int32), np.append(supply, -supply.sum()))
        if flow.solve() != flow.OPTIMAL:
            msg = "the flow has no optimum"
            raise RuntimeError(msg)
        return float(affinity.ravel()[flow.flows(pairs) > 0].sum())

    return work
