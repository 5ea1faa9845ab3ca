"""The least by which members' limits of one kind would have to give way for every other rule to hold."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import scipy.sparse as sp

from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.scaled import most_worth
from matchmaker.engine.search import Search
from matchmaker.engine.space import Ints

Give = Literal["capacity", "load", "demand", "most"]
"""What gives way: officers' most or least, enterprises' least or most."""


def least_given(shortlist: Shortlist, kind: Give, search: Search) -> Ints | None:
    """By how much each officer's or enterprise's limit gives way, in all as little as can be, over the pairs of a shortlist.

    Shape (n_officers,) or (n_enterprises,); None where no such change is enough, or time is up.
    """
    (n, m), k, extra = shortlist.program.shape, len(shortlist.keys), shortlist.program.variables
    low_i, high_i, low_j, high_j = (side.astype(np.float64) for side in shortlist.limits)
    every, ones = np.arange(k), np.ones(k)
    members = sp.vstack(
        [
            sp.csr_array((ones, (shortlist.officers, every)), shape=(n, k)),
            sp.csr_array((ones, (shortlist.enterprises, every)), shape=(m, k)),
        ]
    )
    sign, first, size = {"capacity": (-1.0, 0, n), "load": (1.0, 0, n), "demand": (1.0, n, m), "most": (-1.0, n, m)}[kind]
    give = sp.csr_array((np.full(size, sign), (np.arange(first, first + size), np.arange(size))), shape=(n + m, size))
    table = sp.vstack(
        [
            sp.hstack([members, sp.csr_array((n + m, len(extra))), give]),
            sp.hstack([shortlist.matrix, shortlist.extra, sp.csr_array((len(shortlist.low), size))]),
        ]
    )
    least, most = np.concatenate([low_i, low_j]), np.concatenate([high_i, high_j])
    edge = 1e-9 * np.maximum(1.0, shortlist.usual)
    free = len(extra)
    options: Any = {"time_limit": max(search.left, 0.01)} if np.isfinite(search.left) else {}
    found = most_worth(
        np.concatenate([np.zeros(k + free), -np.ones(size)]),
        table.tocsr(),
        (np.concatenate([least, shortlist.low - edge]), np.concatenate([most, shortlist.high + edge])),
        (np.concatenate([np.zeros(k), extra.low, np.zeros(size)]), np.concatenate([np.ones(k), extra.high, np.full(size, np.inf)])),
        np.concatenate([np.ones(k, dtype=bool), extra.whole, np.ones(size, dtype=bool)]),
        options,
    )
    return None if found.x is None or found.status != 0 else np.rint(found.x[k + free :]).astype(np.int64)
