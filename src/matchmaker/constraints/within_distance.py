"""Nobody is sent too far: a limit on the great-circle distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.constraints.amounts import Floats, amounts
from matchmaker.constraints.base import Violation
from matchmaker.errors import DataError
from matchmaker.instance import Instance
from matchmaker.places import EARTH, coordinates, on_sphere
from matchmaker.program import Program


@dataclass(frozen=True, eq=False)
class WithinDistance:
    """Officer and enterprise are at most so many kilometres apart, along a great circle.

    ``x_ij = 0`` where ``v_i . v_j < cos(km / R)``, with unit vectors v of the two places and the Earth's mean radius R = 6371.0088 km.

    Parameters
    ----------
    km
        At least 0: a number or shape (n_enterprises,).
    officers, enterprises
        Latitude and longitude in degrees, shapes (n_officers, 2) and (n_enterprises, 2); by default the tables' columns "latitude" and
        "longitude".

    Raises
    ------
    DataError
        Naming every place that is missing or out of range, or when a shape disagrees.
    """

    km: ArrayLike
    officers: ArrayLike | None = None
    enterprises: ArrayLike | None = None

    def measure(self, instance: Instance) -> tuple[Factors, Floats]:
        """The cosines of the angles between places, and the least that each enterprise takes, shape (n_enterprises,)."""
        far = amounts(self.km, "km")
        if far.shape not in ((), (instance.shape[1],)):
            msg = f"km has shape {far.shape}; expected a number or ({instance.shape[1]},). | km 应为一个数，或每家企业一个数。"
            raise DataError(msg)
        left = on_sphere(coordinates(instance, "officer", self.officers))
        right = on_sphere(coordinates(instance, "enterprise", self.enterprises))
        level = np.cos(np.minimum(np.broadcast_to(far, (instance.shape[1],)) / EARTH, np.pi)) - 4 * 2.0**-53
        return Factors(left, right), level

    def impose(self, program: Program, instance: Instance) -> None:
        """A bar for pairs."""
        program.at_least(*self.measure(instance))

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Pairs that are farther apart."""
        measure, level = self.measure(instance)
        i, j = assignment.officers, assignment.enterprises
        cosine: NDArray[np.float64] = measure.pairs(i, j)
        apart = EARTH * np.arccos(np.clip(cosine, -1, 1))
        most = EARTH * np.arccos(np.clip(level, -1, 1))
        return [
            Violation(
                rule="within_distance",
                officer=instance.officer_ids[i[p]],
                enterprise=instance.enterprise_ids[j[p]],
                problem=f"{apart[p]:.1f} km apart, at most {most[j[p]]:.1f}",
                problem_zh=f"相距 {apart[p]:.1f} 公里，上限 {most[j[p]]:.1f} 公里",
            )
            for p in np.flatnonzero(cosine < level[j])
        ]
