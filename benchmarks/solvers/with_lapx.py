"""lapx's Jonker-Volgenant; an officer stands once for each place."""

import lap
import numpy as np


def solve(left: np.ndarray, right: np.ndarray, capacity: np.ndarray) -> float:
    """The optimum of the rectangular assignment."""
    affinity = np.repeat(left.astype(float), capacity, axis=0) @ right.astype(float).T
    officers = lap.lapjv(-affinity, extend_cost=True, return_cost=False)[1]
    return float(affinity[officers, np.arange(affinity.shape[1])].sum())
