"""From real values to the whole costs that a flow takes, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.engine.flow import largest_cost
from matchmaker.engine.space import Floats


@dataclass(frozen=True)
class Quantum:
    """One unit of whole cost.

    Parameters
    ----------
    size
        What one unit is worth, scaled; a power of two, so prices are exact multiples of it.
    penalty
        Whole: what one place short costs.
    """

    size: float
    penalty: float

    @classmethod
    def fine(cls, values: Floats, n_nodes: int) -> Quantum:
        """As fine as the flow's arithmetic carries: a relative 1e-10 of the largest value at thousands of nodes."""
        largest = float(np.abs(values).max(initial=0.0)) or 1.0
        return cls._of(largest, 4 * largest, float(largest_cost(n_nodes)))

    @classmethod
    def coarse(cls, values: Floats, n_nodes: int, penalty: float = 0.25) -> Quantum:
        """Good enough to find prices to begin with; a place short may cost little, so prices stay sane where the shortlist is poor."""
        largest = float(np.abs(values).max(initial=0.0)) or 1.0
        return cls._of(largest, penalty * largest, min(2.0**20, float(largest_cost(n_nodes))))

    @classmethod
    def within(cls, window: float, n_nodes: int) -> Quantum:
        """As fine as can be for values within a window of prices that are nearly right."""
        return cls._of(window, 4 * window, float(largest_cost(n_nodes)))

    @classmethod
    def _of(cls, largest: float, penalty: float, room: float) -> Quantum:
        size = 2.0 ** np.ceil(np.log2(max(largest, penalty) / (0.99 * room)))
        return cls(size=float(size), penalty=float(np.ceil(penalty / size)))

    def whole(self, values: Floats) -> Floats:
        """Values in units, rounded. Shape as given."""
        return np.rint(values / self.size)
