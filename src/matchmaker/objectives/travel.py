"""Short ways: each kilometre costs something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Dense
from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.objectives.weight import checked_weight
from matchmaker.places import coordinates, distances
from matchmaker.program import Program


@dataclass(frozen=True, eq=False)
class Travel:
    """Each pair costs `weight` for every kilometre between its officer and its enterprise.

    ``-weight * sum_ij km_ij x_ij``, along great circles. The distances are kept in full: 8 bytes a pair.

    Parameters
    ----------
    weight
        In affinity's unit a kilometre, at least 0.
    officers, enterprises
        Latitude and longitude in degrees, shapes (n_officers, 2) and (n_enterprises, 2); by default the tables' columns "latitude" and
        "longitude".

    Raises
    ------
    ConfigError
        When the weight is negative or not finite.
    DataError
        Naming every place that is missing or out of range.
    """

    weight: float = 0.001
    officers: ArrayLike | None = None
    enterprises: ArrayLike | None = None

    def __post_init__(self) -> None:
        checked_weight(self.weight, "Travel")

    def kilometres(self, instance: Instance) -> NDArray[np.float64]:
        """Shape (n_officers, n_enterprises)."""
        sides = coordinates(instance, "officer", self.officers), coordinates(instance, "enterprise", self.enterprises)
        return distances(*sides)

    def price(self, program: Program, instance: Instance) -> None:
        """Each pair is worth less by its way."""
        program.add(Dense(self.kilometres(instance)), -self.weight)

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """What all ways cost, as a negative number."""
        ways = self.kilometres(instance)[assignment.officers, assignment.enterprises]
        return -self.weight * float(ways.sum())
