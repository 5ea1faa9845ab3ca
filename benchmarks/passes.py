"""What one pass over all pairs takes: the floor that solves are measured against."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

import matchmaker as mm
from matchmaker.engine.certificate import bound

BLOCK = 400_000
"""Pairs in a block: what fits a core's own cache."""
TILE = 5_000
"""Officers in a block, at most: with more, a matrix product reads more factors than it makes values."""
NEAR = 1e-3
"""Pairs so near the best of their enterprise are near-best."""


def pass_seconds(result: mm.Result, repeats: int = 5) -> dict[str, float]:
    """Median seconds of a plain pass at a result's prices, and of the engine's own as it proves the bound; and how many pairs there are."""
    left, right = result.instance.affinity.left, result.instance.affinity.right
    officers, enterprises = result.prices.officers, result.prices.enterprises
    program = result.recipe.program(result.instance)
    with threadpool_limits(1, user_api="blas"):
        plain = [_seconds(lambda: plain_pass(left, right, officers, enterprises)) for _ in range(repeats)]
    own = [_seconds(lambda: bound(program, result.prices)) for _ in range(repeats)]
    return {"pass": statistics.median(plain), "engine_pass": statistics.median(own), "pairs": float(len(left) * len(right))}


def plain_pass(left: np.ndarray, right: np.ndarray, officers: np.ndarray, enterprises: np.ndarray, threads: int = 2) -> tuple[float, int]:
    """Reduced values ``a_ij - p_i - u_j`` of all pairs by matrix products in single precision, block by block on threads.

    Each enterprise's best, and the pairs near it: what any method must look at that looks at every pair once.

    Returns
    -------
    tuple
        The sum of the enterprises' bests, and how many pairs are near the best until then.
    """
    supply = np.ascontiguousarray(np.column_stack([left, np.ones(len(left)), -officers]).astype(np.float32).T)
    demand = np.column_stack([right, -enterprises, np.ones(len(right))]).astype(np.float32)
    width = max(1, BLOCK // min(len(left), TILE))

    def block(start: int) -> tuple[float, int]:
        rows, near = demand[start : start + width], 0
        best = np.full(len(rows), -np.inf, np.float32)
        for tile in range(0, len(left), TILE):
            reduced = rows @ supply[:, tile : tile + TILE]
            best = np.maximum(best, reduced.max(axis=1))
            near += len(np.flatnonzero((reduced > best[:, None] - np.float32(NEAR)).ravel()))
        return float(best.sum()), near

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(block, range(0, len(right), width)))
    return sum(best for best, _ in found), sum(near for _, near in found)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
