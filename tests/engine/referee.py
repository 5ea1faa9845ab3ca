"""An independent solver for mid-size programmes: HiGHS on the whole matrix, which shares nothing with the engine."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp


def best_total(affinity, eligible, capacity, demand, required=()):
    """The greatest total, or None when no plan exists. `capacity` and `demand` are (low, high) pairs of arrays."""
    n, m = affinity.shape
    by_officer = sp.kron(sp.eye(n), np.ones((1, m)), format="csr")
    by_enterprise = sp.kron(np.ones((1, n)), sp.eye(m), format="csr")
    low = np.zeros(n * m)
    for i, j in required:
        low[i * m + j] = 1
    high = eligible.ravel().astype(float)
    if (low > high).any():
        return None
    answer = milp(
        -affinity.ravel(),
        constraints=[LinearConstraint(by_officer, *capacity), LinearConstraint(by_enterprise, *demand)],
        bounds=Bounds(low, high),
        integrality=np.ones(n * m),
        options={"mip_rel_gap": 0},
    )
    return -answer.fun if answer.status == 0 else None


def plan_total(affinity, result):
    """The plan's total, added up from the matrix."""
    return float(affinity[result.officers, result.enterprises].sum())
