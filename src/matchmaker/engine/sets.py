"""Sets of officers for one enterprise, and what each is worth when returns diminish."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from matchmaker.engine.space import Floats, Ints
from matchmaker.program import Program


def together(program: Program, officers: Ints, enterprises: Ints) -> Floats:
    """What sets are worth in diminishing returns. `officers` has shape (n_sets, size), negative for nobody; shape (n_sets,)."""
    total = np.zeros(len(officers))
    for returns in program.returns:
        for k in range(returns.need.shape[1]):
            able = np.where(officers >= 0, returns.competence[officers, k], 0.0)
            total += returns.weight * returns.need[enterprises, k] * (1 - np.prod(1 - able, axis=1))
    return total


def choices(ranked: Ints, low: int, high: int) -> Ints:
    """Every set of `low` to `high` places out of so many ranked ones. Shape (n_sets, high), negative for nobody."""
    found = [
        [*places, *[-1] * (high - size)]
        for size in range(low, min(high, len(ranked)) + 1)
        for places in combinations(ranked.tolist(), size)
    ]
    return np.array(found, dtype=np.int64).reshape(len(found), high)
