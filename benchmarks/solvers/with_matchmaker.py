"""Ours: factors in, nothing listed."""

import matchmaker as mm
import matchmaker.engine.column_generation  # what a second solve in the same process has loaded already


def solve(left, right, capacity):
    """The proven optimum."""
    result = mm.assign(mm.Factors(left, right), capacity=capacity, demand=1)
    if result.termination != mm.Termination.OPTIMAL or result.gap > 1e-9:
        msg = f"{result.termination} with gap {result.gap}"
        raise RuntimeError(msg)
    return result.objective
