"""scipy's Jonker-Volgenant; an officer stands once for each place."""

import numpy as np
from scipy.optimize import linear_sum_assignment


def solve(left: np.ndarray, right: np.ndarray, capacity: np.ndarray) -> float:
    """The optimum of the rectangular assignment."""
    affinity = np.repeat(left.astype(float), capacity, axis=0) @ right.astype(float).T
    rows, columns = linear_sum_assignment(affinity, maximize=True)
    return float(affinity[rows, columns].sum())
