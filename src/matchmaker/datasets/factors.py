"""A generic random city as bare factors, for measuring speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def random_city(
    n: int = 4407, m: int = 8226, rank: int = 12, districts: int = 13, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Factors of a city's affinities, and capacities that suffice for one officer each.

    ``affinity = left @ right.T``: the first `rank` columns are competence times need, the others say who is of the same district, which is
    worth up to a quarter.

    Parameters
    ----------
    n, m
        Officers and enterprises.
    rank
        Needs.
    districts
        Districts; 0 leaves places out.
    seed
        The same seed and sizes give the same arrays.

    Returns
    -------
    tuple
        left, shape (n, rank + districts), in [0, 1]; right, shape (m, rank + districts), at least 0, needs sum to 1; capacity, shape (n,),
        with a tenth more places than enterprises.
    """
    rng = np.random.default_rng(seed)
    competence = rng.beta(1.2, 4.0, (n, rank))
    strong = rng.integers(0, rank, (n, 2))
    competence[np.arange(n)[:, None], strong] = rng.uniform(0.55, 0.98, (n, 2))
    need = rng.gamma(0.3, 1.0, (m, rank)) + 1e-3
    need /= need.sum(axis=1, keepdims=True)
    if districts:
        share = rng.dirichlet(np.full(districts, 4.0))
        at_home = np.eye(districts)[rng.choice(districts, n, p=share)] * rng.uniform(0.05, 0.25, (n, 1))
        competence = np.hstack([competence, at_home])
        need = np.hstack([need, np.eye(districts)[rng.choice(districts, m, p=share)]])
    places = max(n, -(-11 * m // 10))
    capacity = np.full(n, places // n, np.int64)
    capacity[rng.permutation(n)[: places % n]] += 1
    return competence.astype(np.float32), need.astype(np.float32), capacity
