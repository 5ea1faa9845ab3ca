"""The random cities that solvers are compared on: officers' factors, enterprises' factors, capacities; one officer each."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "city.py"
OPTIMUM = 8369.2079
"""Of the shared city at full size, seed 0."""

City = tuple[np.ndarray, np.ndarray, np.ndarray]


def city(n_officers: int, n_enterprises: int, seed: int = 0) -> City:
    """The shared generator's city where that lies beside the project, else one of our own in the same spirit."""
    if SHARED.exists():
        spec = importlib.util.spec_from_file_location("shared_city", SHARED)
        if spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            made: City = module.city(n_officers, n_enterprises, seed=seed)
            return made
    from matchmaker.datasets import random_city

    return random_city(n_officers, n_enterprises, seed=seed)


def known_optimum(n_officers: int, n_enterprises: int, seed: int) -> float | None:
    """The published optimum of a city, where there is one."""
    return OPTIMUM if SHARED.exists() and (n_officers, n_enterprises, seed) == (4407, 8226, 0) else None
