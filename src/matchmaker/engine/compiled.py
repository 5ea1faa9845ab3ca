"""What NumPy has no word for, compiled to machine code: at first use on a machine, then read from a cache on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

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
