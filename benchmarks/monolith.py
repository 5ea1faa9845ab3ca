"""A city with rules as one mixed-integer programme over a shortlist, for solvers from elsewhere. Their gaps are over the shortlist."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse as sp

import matchmaker as mm
from benchmarks.run import Found, Work
from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import Threads
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.search import Search
from matchmaker.engine.space import Space
from matchmaker.policies import Policy

PEERS = {"highs": "HiGHS", "scip": "SCIP", "sat": "CP-SAT"}
"""Solvers by the name of their work, and as tables call them."""
NEAR, EACH = 0.05, 18
"""Pairs on the shortlist: so near to tight, as a share of the largest value, and so many an enterprise; about 150,000 in a city."""


def shortlist(instance: mm.Instance, kept: mm.Assignment, policy: Policy) -> Shortlist:
    """Pairs near tight at the prices without side rows, and those of a plan that keeps every rule."""
    program = policy.program(instance)
    space = Space(program.without_rows())
    plain = optimise(space, Search())
    sides = [np.ldexp(side, -space.exponent) for side in (plain.prices.officers, plain.prices.enterprises)]  # type: ignore[union-attr]
    near = scan(space, Ask(*sides, above=-NEAR * space.reach, most=EACH), Threads()).keys
    keys = np.union1d(near, np.concatenate([program.keys(one.officers, one.enterprises) for one in (plain, kept)]))  # type: ignore[arg-type]
    return Shortlist.of(program, keys[~np.isin(keys, program.required)])


def rows_of(some: Shortlist) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """Members' limits and side rows: coefficients, least, most."""
    n, m, k = *some.program.shape, len(some.keys)
    every, ones = np.arange(k), np.ones(k)
    members = [sp.csr_array((ones, (some.officers, every)), shape=(n, k)), sp.csr_array((ones, (some.enterprises, every)), shape=(m, k))]
    low_i, high_i, low_j, high_j = some.limits
    table = sp.csr_matrix(sp.vstack([*members, some.matrix]))
    return table, np.concatenate([low_i, low_j, some.low]), np.concatenate([high_i, high_j, some.high])


def work(solver: str, some: Shortlist, seconds: float) -> Work:
    """The clock runs over building the solver's own model too."""
    rows = rows_of(some)
    solve = _highs if solver == "highs" else _through_ortools

    def run() -> Found:
        value, bound = solve(solver, some.values, *rows, seconds)
        gap = (bound - value) / abs(value) if math.isfinite(value) else math.inf
        return Found(value + some.made, max(gap, 0.0), then=lambda: {"pairs": float(len(some.keys))})

    return run


def _highs(_: str, worth: Any, table: Any, least: Any, most: Any, seconds: float) -> tuple[float, float]:
    from scipy.optimize import Bounds, LinearConstraint, milp

    rules = LinearConstraint(table.tocsc(), least, most)
    found = milp(-worth, constraints=rules, bounds=Bounds(0, 1), integrality=np.ones(len(worth)), options={"time_limit": seconds})
    return (math.nan, math.inf) if found.x is None else (-float(found.fun), -float(found.mip_dual_bound))


def _through_ortools(solver: str, worth: Any, table: Any, least: Any, most: Any, seconds: float) -> tuple[float, float]:
    from ortools.linear_solver.python.model_builder_helper import ModelBuilderHelper, ModelSolverHelper

    model, k = ModelBuilderHelper(), len(worth)
    model.fill_model_from_sparse_data(np.zeros(k), np.ones(k), worth, least.astype(float), most.astype(float), table)
    for pair in range(k):
        model.set_var_integrality(pair, True)
    model.set_maximize(True)
    found = ModelSolverHelper(solver)
    found.set_time_limit_in_seconds(seconds)
    if solver == "sat":
        found.set_solver_specific_parameters("num_workers: 2")
    found.solve(model)
    return (found.objective_value(), found.best_objective_bound()) if found.has_solution() else (math.nan, math.inf)
