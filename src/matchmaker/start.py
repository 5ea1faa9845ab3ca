"""Prices to begin a search from: those of an earlier result, for whoever is still there and still much the same."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Affinity, Dense, Factors, Sparse
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.program import Prices
from matchmaker.result import Result

logger = logging.getLogger(__name__)
LOOKED_AT = 32
"""Pairs by which it is told whether an officer or an enterprise has changed."""
CHANGED = 0.1
"""Who has changed by more than this share of what pairs differ by has no price to go by: beginning from the old one takes longer."""
CHUNK = 1 << 16


def prices_to_begin_from(start: Result | Prices | None, instance: Instance) -> Prices | None:
    """Prices over an instance's ids, NaN for who has none; None where `start` knows nobody or proves nothing.

    Raises
    ------
    ConfigError
        When it is neither a result nor prices, or prices of other shapes than the instance has.
    """
    if start is None:
        return None
    if not isinstance(start, Result | Prices):
        msg = (
            f"start is {type(start).__name__}; expected an earlier result, as solve or assign gave it, or None. "
            "| start 应为此前求解得到的结果（Result），或省略。"
        )
        raise ConfigError(msg)
    prices = start if isinstance(start, Prices) else start.prices
    if prices is None:
        logger.info("start is ignored: it has no prices, as nothing was proven.")
        return None
    if np.isinf(prices.officers).any() or np.isinf(prices.enterprises).any():
        logger.info("start is ignored: some of its prices are infinite.")
        return None
    known = _of_these(prices, instance) if isinstance(start, Prices) else _carried(prices, start.instance, instance)
    if np.isnan(known.officers).all() and np.isnan(known.enterprises).all():
        logger.info("start is ignored: it has a price for none of these %d officers and %d enterprises.", *instance.shape)
        return None
    return known


def pairs_to_begin_from(start: Result | Prices | None, instance: Instance) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The earlier plan's pairs of whoever is still there, officers and enterprises; None where there is none.

    The plan of a result is its own; with bare prices goes the instance's last round.
    """
    if isinstance(start, Result):
        plan, then = start.plan, start.instance
        return None if plan is None else _pairs(plan.officers, plan.enterprises, then, instance)
    previous = instance.previous
    return None if start is None or previous is None else (previous.officers, previous.enterprises)


def _pairs(
    officers: NDArray[np.int64], enterprises: NDArray[np.int64], then: Instance, now: Instance
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    place_i, place_j = np.full(then.shape[0], -1), np.full(then.shape[1], -1)
    for place, ids, others in ((place_i, then.officer_ids, now.officer_ids), (place_j, then.enterprise_ids, now.enterprise_ids)):
        matched = _Matched.of(ids, others)
        place[matched.then] = matched.now
    i, j = place_i[officers], place_j[enterprises]
    kept = (i >= 0) & (j >= 0)
    return i[kept], j[kept]


def _of_these(prices: Prices, instance: Instance) -> Prices:
    found = (np.shape(prices.officers), np.shape(prices.enterprises))
    expected = ((instance.shape[0],), (instance.shape[1],))
    if found != expected:
        msg = (
            f"start has prices of shapes {found[0]} and {found[1]}, expected {expected[0]} = (n_officers,) and {expected[1]} = "
            "(n_enterprises,). Give the earlier result itself where rows joined or left. | start 的价格数量与本轮不符，请直接传入上轮结果。"
        )
        raise ConfigError(msg)
    return prices


@dataclass(frozen=True, eq=False)
class _Matched:
    """Whoever stands in both of two lists of ids. Shapes (n_matched,), positions."""

    then: NDArray[np.int64]
    now: NDArray[np.int64]

    @classmethod
    def of(cls, then: NDArray[np.object_], now: NDArray[np.object_]) -> _Matched:
        """By id."""
        if np.array_equal(then, now):
            return cls(np.arange(len(now)), np.arange(len(now)))
        import pandas as pd

        place = pd.Index(then, dtype=object).get_indexer(pd.Index(now, dtype=object))
        kept = np.flatnonzero(place >= 0)
        return cls(place[kept].astype(np.int64), kept)

    def some(self) -> _Matched:
        """A few of them, evenly spread."""
        step = max(1, len(self.now) // LOOKED_AT)
        return _Matched(self.then[::step][:LOOKED_AT], self.now[::step][:LOOKED_AT])


def _carried(prices: Prices, then: Instance, now: Instance) -> Prices:
    """The same prices over another instance's ids, NaN for who is new or has changed much."""
    officers = _Matched.of(then.officer_ids, now.officer_ids)
    enterprises = _Matched.of(then.enterprise_ids, now.enterprise_ids)
    kept_i, kept_j = _unchanged(then.affinity, now.affinity, officers, enterprises)
    found = Prices(np.full(now.shape[0], np.nan), np.full(now.shape[1], np.nan))
    found.officers[officers.now[kept_i]] = prices.officers[officers.then[kept_i]]
    found.enterprises[enterprises.now[kept_j]] = prices.enterprises[enterprises.then[kept_j]]
    return found


def _unchanged(then: Affinity, now: Affinity, officers: _Matched, enterprises: _Matched) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which officers and which enterprises are worth about what they were, by a few pairs of each. Shapes (n_matched,) of the two."""
    some_i, some_j = officers.some(), enterprises.some()
    nobody = not len(some_i.now) or not len(some_j.now)
    if nobody or not all(isinstance(affinity, Factors | Dense | Sparse) for affinity in (then, now)):
        return np.ones(len(officers.now), dtype=bool), np.ones(len(enterprises.now), dtype=bool)
    corner = now.block(some_i.now, some_j.now)
    most = CHANGED * float(np.median(np.abs(corner - np.median(corner))))
    kept_i, kept_j = _alike(then, now, officers, enterprises)
    for a, b, part in _chunks(officers, ~kept_i):
        kept_i[part] = _difference(then.block(a, some_j.then), now.block(b, some_j.now), 1) <= most
    for a, b, part in _chunks(enterprises, ~kept_j):
        kept_j[part] = _difference(then.block(some_i.then, a), now.block(some_i.now, b), 0) <= most
    return _few(kept_i), _few(kept_j)


def _alike(then: Affinity, now: Affinity, officers: _Matched, enterprises: _Matched) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who has the very same factors as before, and so needs no look at any pair. Shapes (n_matched,) of the two.

    Of one side that is told only where the other side's factors mean what they did: where most of them are the same too.
    """
    nobody = np.zeros(len(officers.now), dtype=bool), np.zeros(len(enterprises.now), dtype=bool)
    if not (isinstance(then, Factors) and isinstance(now, Factors) and then.left.shape[1] == now.left.shape[1]):
        return nobody
    same_i = (then.left[officers.then] == now.left[officers.now]).all(axis=1)
    same_j = (then.right[enterprises.then] == now.right[enterprises.now]).all(axis=1)
    return (same_i, same_j) if min(same_i.mean(), same_j.mean()) > 0.5 else nobody


def _chunks(matched: _Matched, wanted: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Those wanted, some at a time: where each was, where it is now, and its number among the matched."""
    number = np.flatnonzero(wanted)
    for start in range(0, len(number), CHUNK):
        part = number[start : start + CHUNK]
        yield matched.then[part], matched.now[part], part


def _difference(then: NDArray[np.float64], now: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    difference: NDArray[np.float64] = np.median(np.abs(now - then), axis=axis)
    return difference


def _few(kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """As they are; all, where most have changed: then old prices are all there is to go by."""
    return kept if 2 * int(kept.sum()) >= len(kept) else np.ones(len(kept), dtype=bool)
