"""Even loads: an officer's later enterprises cost more and more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.objectives.weight import checked_weight
from matchmaker.program import Program
from matchmaker.siderows import SideRows


@dataclass(frozen=True)
class Balance:
    """An officer's k-th enterprise costs ``weight * (k - 1)``.

    ``-weight * sum_i load_i (load_i - 1) / 2``: of two plans with as many pairs, the more even one costs less.

    Parameters
    ----------
    weight
        In affinity's unit, at least 0.

    Raises
    ------
    ConfigError
        When the weight is negative or not finite.
    """

    weight: float = 0.01

    def __post_init__(self) -> None:
        checked_weight(self.weight, "Balance")

    def price(self, program: Program, instance: Instance) -> None:
        """A variable for each place after an officer's first, the next dearer than the one before; a row for each officer."""
        n, m = instance.shape
        high = np.minimum(program.officer_high, m)
        many = np.flatnonzero(high > 1)
        if not len(many):
            return
        of = np.repeat(np.arange(len(many)), high[many] - 1)
        step = np.arange(len(of)) - np.searchsorted(of, of) + 1
        places = program.add_variables(np.zeros(len(of)), np.ones(len(of)), -self.weight * step)
        row = np.full(n, -1, dtype=np.int64)
        row[many] = np.arange(len(many))
        program.add_rows(
            SideRows(
                rule="balance",
                shape=(n, m),
                low=np.full(len(many), -np.inf),
                high=np.ones(len(many)),
                officer_class=row,
                enterprise_class=np.zeros(m, np.int64),
                row=np.arange(len(many))[:, None],
                variables=places,
                variable_rows=of,
                variable_values=-np.ones(len(of)),
            )
        )

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """What the loads cost, as a negative number."""
        loads = assignment.loads().astype(np.float64)
        return -self.weight * float((loads * (loads - 1) / 2).sum())
