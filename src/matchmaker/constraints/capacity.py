"""Least and most enterprises per officer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.constraints.limits import between, checked_limits
from matchmaker.instance import Instance
from matchmaker.program import Program


@dataclass(frozen=True, eq=False)
class Capacity:
    """An officer serves at least `least` and at most `most` enterprises.

    ``least_i <= sum_j x_ij <= most_i`` for every officer i.

    Parameters
    ----------
    least, most
        Numbers or shape (n_officers,), enterprises. By default what the instance says (``capacity_low``, ``capacity_high``).

    Raises
    ------
    DataError
        When a number is not a count, or a least is above its most.
    """

    least: ArrayLike | None = None
    most: ArrayLike | None = None

    def limits(self, instance: Instance) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The least and the most of each officer. Two shapes (n_officers,)."""
        usual = instance.capacity_low, instance.capacity_high
        return checked_limits((self.least, self.most), usual, instance.officer_ids)

    def impose(self, program: Program, instance: Instance) -> None:
        """Limit each officer's load."""
        program.limit_officers(*self.limits(instance))

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Officers with too many or too few enterprises."""
        low, high = self.limits(instance)
        loads = assignment.loads()
        return [
            Violation(
                rule="capacity",
                officer=instance.officer_ids[i],
                problem=f"serves {loads[i]} enterprises, may serve {between(low[i], high[i])[0]}",
                problem_zh=f"服务 {loads[i]} 家企业，应为 {between(low[i], high[i])[1]} 家",
            )
            for i in np.flatnonzero((loads < low) | (loads > high))
        ]
