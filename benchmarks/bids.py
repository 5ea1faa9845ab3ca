"""Bids: affinities 0, 1/4, 1/2 and 1, and so a great many ties."""

from __future__ import annotations

from pathlib import Path

import numpy as np

REAL = Path(__file__).parents[1] / ".." / "shared" / "data" / "bids" / "aamas2015.in"
"""A conference's real bids where that file lies beside the project: one row a paper, one column a reviewer."""


def made_up(rng: np.random.Generator, n: int, m: int) -> np.ndarray:
    """Every bid drawn by itself. Shape (n, m)."""
    return rng.choice([0, 0.25, 0.5, 1], (n, m), p=[0.1, 0.7, 0.1, 0.1])


def real(rng: np.random.Generator, n: int, m: int) -> np.ndarray:
    """Reviewers and papers of a real conference drawn again to this size; made-up ones where it is not there. Shape (n, m)."""
    if not REAL.exists():
        return made_up(rng, n, m)
    bids = np.loadtxt(REAL, skiprows=1).T
    return bids[np.ix_(rng.integers(0, bids.shape[0], n), rng.integers(0, bids.shape[1], m))]


def provenance() -> str:
    """Where :func:`real` takes them from."""
    return (
        "real bids (AAMAS 2015), reviewers and papers drawn again to size"
        if REAL.exists()
        else "made-up bids, as the real ones are not here"
    )
