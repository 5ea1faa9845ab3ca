"""Lots that are always the same: what ties are broken by, and samples drawn by."""

from __future__ import annotations

import numpy as np

from matchmaker.engine.rows import Floats, Ints


def lots(keys: Ints) -> Floats:
    """A number in [0, 1) for each pair that looks random and is always the same (splitmix64's finaliser)."""
    x = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
