"""Ours: factors in, nothing listed."""

import numpy as np

import matchmaker as mm

mm.assign([[1.0]], capacity=1)
"""Everything that is loaded when first used is loaded now, as the peers' libraries are."""


def solve(left: np.ndarray, right: np.ndarray, capacity: np.ndarray) -> float:
    """The proven optimum."""
    result = mm.assign(mm.Factors(left, right), capacity=capacity, demand=1)
    if result.termination != mm.Termination.OPTIMAL or result.gap > 1e-9:
        msg = f"{result.termination} with gap {result.gap}"
        raise RuntimeError(msg)
    return result.objective
