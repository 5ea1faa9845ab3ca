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
    depth
        Whole: no price need be lower than minus this. Where places may be short, it is what one costs.
    """

    size: float
    depth: float

    @classmethod
    def fine(cls, largest: float, n_nodes: int) -> Quantum:
        """As fine as the flow's arithmetic carries, a relative 1e-10 of the largest value at thousands of nodes; no place is short."""
        size = _power(largest / largest_cost(n_nodes))
        return cls(size=size, depth=float(np.ceil(largest / size)) * n_nodes)

    @classmethod
    def coarse(cls, largest: float, n_nodes: int, penalty: float = 0.25) -> Quantum:
        """Good enough to find prices to begin with; a place short costs so many times the largest value.

        It may cost little, so that prices stay sane where the shortlist is poor.
        """
        size = _power(largest * max(1.0, penalty) / min(2.0**20, float(largest_cost(n_nodes))))
        return cls(size=size, depth=float(np.ceil(penalty * largest / size)))

    def whole(self, values: Floats) -> Floats:
        """Values in units, rounded. Shape as given."""
        return np.rint(values / self.size)


def largest_of(values: Floats) -> float:
    """The largest size among them; 1 where all are 0."""
    return float(np.abs(values).max(initial=0.0)) or 1.0


def _power(least: float) -> float:
    """The least power of two at or a hair above a number."""
    return float(2.0 ** np.ceil(np.log2(1.01 * least)))
