"""Least and most officers per enterprise."""

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
class Demand:
    """An enterprise has at least `least` and at most `most` officers.

    ``least_j <= sum_i x_ij <= most_j`` for every enterprise j.

    Parameters
    ----------
    least, most
        Numbers or shape (n_enterprises,), officers. By default what the instance says (``demand_low``, ``demand_high``).

    Raises
    ------
    DataError
        When a number is not a count, or a least is above its most.
    """

    least: ArrayLike | None = None
    most: ArrayLike | None = None

    def limits(self, instance: Instance) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The least and the most of each enterprise. Two shapes (n_enterprises,)."""
        usual = instance.demand_low, instance.demand_high
        return checked_limits((self.least, self.most), usual, instance.enterprise_ids)

    def impose(self, program: Program, instance: Instance) -> None:
        """Limit each enterprise's officers."""
        program.limit_enterprises(*self.limits(instance))

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Enterprises with too many or too few officers."""
        low, high = self.limits(instance)
        served = assignment.served()
        return [
            Violation(
                rule="demand",
                enterprise=instance.enterprise_ids[j],
                problem=f"has {served[j]} officers, asks for {between(low[j], high[j])[0]}",
                problem_zh=f"有 {served[j]} 名干部，应为 {between(low[j], high[j])[1]} 名",
            )
            for j in np.flatnonzero((served < low) | (served > high))
        ]
