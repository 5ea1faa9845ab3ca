"""From real values to the whole costs that a flow takes, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.engine.space import Floats
from matchmaker.engine.transport import largest_cost


@dataclass(frozen=True)
class Quantum:
    """One unit of whole cost.

    Parameters
    ----------
    size
        What one unit is worth, scaled; a power of two, so prices are exact multiples of it.
    """

    size: float

    @classmethod
    def fine(cls, largest: float, n_nodes: int) -> Quantum:
        """As fine as 64 bits carry, a relative 1e-13 of the largest value at thousands of nodes."""
        return cls(_power(largest / largest_cost(n_nodes)))

    def units(self, value: float) -> float:
        """One value in units, rounded."""
        return float(np.rint(value / self.size))

    def whole(self, values: Floats) -> Floats:
        """Values in units, rounded. Shape as given."""
        return np.rint(values / self.size)


def largest_of(values: Floats) -> float:
    """The largest size among them; 1 where all are 0."""
    return float(np.abs(values).max(initial=0.0)) or 1.0


def _power(least: float) -> float:
    """The least power of two at or a hair above a number."""
    return float(2.0 ** np.ceil(np.log2(1.01 * least)))
