"""Scaled long enough, shares add up; overrelaxed they do so sooner where it is slow, at the same prices."""

from __future__ import annotations

import numpy as np
import pytest

from matchmaker.engine.scaling import Manner, smoothed
from matchmaker.engine.smoothing import Close
from matchmaker.engine.space import Limits

N, M = 20, 60


def close(seed: int) -> tuple[Close, Limits]:
    """All pairs of some officers, three places each, and enterprises that ask for one: as many places as are asked for."""
    worth = np.random.default_rng(seed).random((N, M))
    officers, enterprises = (side.ravel() for side in np.indices((N, M)))
    best = worth.max(axis=0)
    limits = Limits(np.full(N, 3), np.full(N, 3), np.ones(M, np.int64), np.ones(M, np.int64))
    return Close(best, best - 1, officers, enterprises, worth.ravel()), limits


def moved(seed: int, times: int, *, over: bool) -> np.ndarray:
    found, limits = close(seed)
    prices = smoothed(found, limits, np.zeros(N), 1.0, manner=Manner(1, 8.0, ((0.03, times, over),)))
    return prices - prices.mean()


@pytest.mark.parametrize("seed", range(5))
def test_overrelaxed_scalings_end_at_the_same_prices_sooner(seed: int) -> None:
    end = moved(seed, 2000, over=False)
    np.testing.assert_allclose(moved(seed, 2000, over=True), end, atol=1e-9)
    plain, over = (np.abs(moved(seed, 24, over=over) - end).max() for over in (False, True))
    assert over < 0.5 * plain
