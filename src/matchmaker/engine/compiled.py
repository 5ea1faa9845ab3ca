"""What NumPy has no word for, compiled to machine code: at first use on a machine, then read from a cache on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A function on arrays and numbers, compiled by Numba. Other threads run meanwhile; Ctrl-C waits until it returns.

    Where nothing can be written beside the package nor in the user's own cache, it is compiled anew in each process.
    """
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        made = njit(nogil=True)(function)
    return cast("Callable[P, R]", made)


def was_cached(function: Callable[..., object]) -> bool:
    """Whether what a compiled function has run so far was all read from the cache."""
    return not cast("Any", function).stats.cache_misses


@compiled
def grouped(nodes: NDArray[np.int64], n_nodes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each node's pairs begin, shape (n_nodes + 1,), and the pairs in that order, else as they were; shape (n_pairs,)."""
    starts = np.zeros(n_nodes + 1, np.int64)
    for v in nodes:
        starts[v + 1] += 1
    for v in range(n_nodes):
        starts[v + 1] += starts[v]
    order, at = np.arange(len(nodes)), starts.copy()
    if (nodes[1:] >= nodes[:-1]).all():
        return starts, order
    for a in range(len(nodes)):
        order[at[nodes[a]]] = a
        at[nodes[a]] += 1
    return starts, order
