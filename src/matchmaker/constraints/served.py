"""What holds of an enterprise only when somebody serves it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.constraints.amounts import Floats
from matchmaker.instance import Instance


def one_at_least(able: Floats, instance: Instance) -> Factors:
    """Coefficients that add up to 0 or more for an enterprise exactly where one of its officers is able, or it has none.

    ``D_j able_i - 1`` for a pair, with D_j the most officers of the enterprise: each officer costs 1, and one who is able pays for all.
    `able` has shape (n_officers,), 0 or 1.
    """
    n, m = instance.shape
    return Factors(np.column_stack([able, np.ones(n)]), np.column_stack([instance.demand_high, np.full(m, -1)]).astype(np.float64))


def lacking(able: Floats, instance: Instance, assignment: Assignment) -> NDArray[np.bool_]:
    """Who has officers, and too few able ones among them to pay for all. `able` counts them; shapes (n_enterprises,)."""
    served = np.bincount(assignment.enterprises, minlength=instance.shape[1])
    short: NDArray[np.bool_] = able * instance.demand_high < served
    return short
