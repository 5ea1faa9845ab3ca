"""Machine code made before the clock starts: once on a machine it takes some seconds, then it is read from a cache on disk."""

from __future__ import annotations

import logging
import time

import numpy as np

from matchmaker.engine.compiled import grouped, was_cached
from matchmaker.engine.duals import lowest_prices
from matchmaker.engine.scaling import smoothed
from matchmaker.engine.simplex import most_above, solve_whole
from matchmaker.engine.smoothing import Close, nearest
from matchmaker.engine.space import Limits
from matchmaker.engine.transport import solve_transport
from matchmaker.engine.uniqueness import closes_cycle
from matchmaker.engine.worth import dots, every_dot

logger = logging.getLogger(__name__)
_done: list[float] = []


def make_ready() -> float:
    """Have all machine code, by using all of it on next to nothing. Seconds it took; 0 from the second call in a process on."""
    if _done:
        return 0.0
    start = time.perf_counter()
    one, two = np.zeros(2, np.int64), np.arange(2)
    grouped(one, 1)
    if not was_cached(grouped):
        logger.info("Machine code is being made; it is kept, so that this happens once. | 首次运行需编译，以后不再需要。")
    half = np.full(2, 0.5)
    dots(half[:, None], half[:, None], one, two)
    limits = Limits(np.ones(1, np.int64), np.ones(1, np.int64), np.zeros(2, np.int64), np.ones(2, np.int64))
    flow = solve_transport(one, two, np.arange(2.0), limits, (np.zeros(1), np.zeros(2)), floor=np.full(3, -9.0), least=1)
    lowest_prices(one, two, np.zeros(2), limits, flow, 1.0)
    smoothed(Close(half, half, one, two, half), limits, half[:1], 1.0)
    closes_cycle(one, two, one == 0, two == 0, 2)
    best = solve_whole(np.zeros((2, 1), np.int64), np.zeros(3, np.int64), np.ones(3, np.int64))
    most_above(np.zeros((2, 1), np.int64), *best.prices)
    every_dot(half[:, None], half[:, None])
    nearest(np.ones(4, np.float32), np.zeros(4, np.int64), np.arange(4.0), 2, np.zeros(1, np.float32))
    _done.append(time.perf_counter() - start)
    return _done[0]
