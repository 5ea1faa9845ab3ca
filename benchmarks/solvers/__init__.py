"""One solver a file, each a function ``solve(left, right, capacity)`` that gives the objective: one officer for every enterprise."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from benchmarks.run import Found

Solver = Callable[[np.ndarray, np.ndarray, np.ndarray], Found | float]

NAMES = {
    "matchmaker": "matchmaker",
    "pot": "POT ot.lp.emd",
    "ortools": "OR-Tools min-cost flow, all arcs",
    "lapx": "lapx lapjv",
    "scipy": "scipy linear_sum_assignment",
}


def solver(name: str) -> Solver:
    """The named solver's function, its library imported."""
    solve: Solver = import_module(f"benchmarks.solvers.with_{name}").solve
    return solve
