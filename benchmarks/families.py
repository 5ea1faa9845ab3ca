"""Shapes of input that differ in what makes them hard: arguments of ``mm.assign`` for a size and a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import matchmaker as mm

Arguments = dict[str, Any]


def _factors(rng: np.random.Generator, n: int, m: int, rank: int = 16) -> mm.Factors:
    return mm.Factors(rng.gamma(0.6, 0.3, (n, rank)), rng.dirichlet(np.full(rank, 0.25), m))


def _dominant(rng: np.random.Generator, n: int, m: int) -> mm.Factors:
    left = rng.random((n, 4))
    left[0] = 9
    return mm.Factors(left, rng.random((m, 4)))


def _bids(rng: np.random.Generator, n: int, m: int) -> np.ndarray:
    return rng.choice([0, 0.25, 0.5, 1], (n, m), p=[0.1, 0.7, 0.1, 0.1])


def _each(n: int, m: int) -> int:
    """Places an officer needs for all enterprises to be served."""
    return -(-m // n)


FAMILIES: dict[str, Callable[[np.random.Generator, int, int], Arguments]] = {
    "random factors": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": _each(n, m) + rng.integers(0, 2, n)},
    "64 factors": lambda rng, n, m: {"affinity": _factors(rng, n, m, 64), "capacity": _each(n, m) + 1},
    "256 factors": lambda rng, n, m: {"affinity": _factors(rng, n, m, 256), "capacity": _each(n, m) + 1},
    "identical officers": lambda rng, n, m: {"affinity": mm.Factors(np.full((n, 4), 0.3), rng.random((m, 4))), "capacity": _each(n, m)},
    "all equal": lambda rng, n, m: {"affinity": mm.Factors(np.ones((n, 1)), np.ones((m, 1))), "capacity": _each(n, m)},
    "one wanted by all": lambda rng, n, m: {"affinity": _dominant(rng, n, m), "capacity": _each(n, m)},
    "capacities of a dozen": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": 12},
    "every place needed": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": np.diff(np.linspace(0, m, n + 1).astype(int))},
    "five times the places": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": 5 * _each(n, m)},
    "many equal bids": lambda rng, n, m: {"affinity": _bids(rng, n, m), "capacity": _each(n, m) + 1},
    "a dense matrix": lambda rng, n, m: {"affinity": rng.random((n, m)), "capacity": _each(n, m)},
    "three to five officers each": lambda rng, n, m: {
        "affinity": _factors(rng, n, m),
        "capacity": 4 * _each(n, m),
        "demand": rng.integers(3, 6, m),
    },
    "least loads": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": _each(n, m) + 1, "min_load": 1},
    "negative, optional": lambda rng, n, m: {
        "affinity": mm.Factors(rng.normal(size=(n, 6)), rng.normal(size=(m, 6))),
        "capacity": _each(n, m),
        "demand": (0, 1),
    },
}


def family(name: str, n: int, m: int, seed: int = 0) -> Arguments:
    """Arguments of ``mm.assign``, demand 1 unless the family says otherwise."""
    return {"demand": 1, "min_load": 0, **FAMILIES[name](np.random.default_rng(seed), n, m)}
