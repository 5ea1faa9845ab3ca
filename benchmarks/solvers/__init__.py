"""One solver a file, each a function ``solve(left, right, capacity) -> objective``: one officer for every enterprise."""

from __future__ import annotations

from importlib import import_module

NAMES = {
    "matchmaker": "matchmaker",
    "pot": "POT ot.lp.emd",
    "ortools": "OR-Tools min-cost flow, all arcs",
    "lapx": "lapx lapjv",
    "scipy": "scipy linear_sum_assignment",
}


def solver(name: str):
    """The named solver's function, its library imported."""
    return import_module(f"benchmarks.solvers.with_{name}").solve
