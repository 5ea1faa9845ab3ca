"""POT's network simplex; one more enterprise, worth nothing, takes up the capacity to spare."""

import numpy as np
import ot


def solve(left: np.ndarray, right: np.ndarray, capacity: np.ndarray) -> float:
    """The optimum of the transport problem."""
    affinity = left.astype(float) @ right.astype(float).T
    spare = capacity.sum() - affinity.shape[1]
    demand = np.append(np.ones(affinity.shape[1]), spare)
    plan = ot.lp.emd(capacity.astype(float), demand, np.hstack([-affinity, np.zeros((len(affinity), 1))]), numItermax=10**8)
    return float((plan[:, :-1] * affinity).sum())
