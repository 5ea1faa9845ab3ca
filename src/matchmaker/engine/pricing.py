"""The pass: one look at every eligible pair, for those that prices do not keep out.

The reduced value of a pair is ``a_ij - p_i - u_j``. Blocks are priced in single precision by one matrix product, prices riding along as two
more columns; whatever comes within the rounding error of mattering is looked at again in double. So what is found, and what is said of
all the rest, is true of the double-precision values, whatever the blocks and threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from matchmaker.engine.space import HALF_ULP32, HALF_ULP64, ByEnterprise, Floats, Group, Ints, Space
from matchmaker.program import among, sorted_once

T = TypeVar("T")
BLOCK = 400_000
"""Pairs in a block: what fits a core's own cache, four bytes each."""


@dataclass(frozen=True, eq=False)
class Scan:
    """What a pass found.

    Parameters
    ----------
    keys
        Sorted pairs whose reduced value is above what was asked for.
    values, reduced
        Shape (n_found,), what they are worth and their reduced values, in double, scaled.
    rest
        Shape (n_enterprises,): no eligible pair of enterprise j outside `keys` has a reduced value above this, in exact arithmetic.
    errors
        Shape (n_found,): how far each of `reduced` may be from exact arithmetic.
    """

    keys: Ints
    values: Floats
    reduced: Floats
    rest: Floats
    errors: Floats


@dataclass(frozen=True, eq=False)
class Lens:
    """Factors with prices riding along, in one precision."""

    left: NDArray[np.floating]
    right: NDArray[np.floating]

    @classmethod
    def of(cls, space: Space, officers: Floats, enterprises: Floats, dtype: type) -> Lens:
        """Factors whose product is the reduced value: [left, 1, -p] times [right, -u, 1]."""
        n, m = space.shape
        left = np.empty((n, space.left.shape[1] + 2), dtype)
        right = np.empty((m, space.left.shape[1] + 2), dtype)
        left[:, :-2], left[:, -2], left[:, -1] = space.left, 1, -officers
        right[:, :-2], right[:, -2], right[:, -1] = space.right, -enterprises, 1
        return cls(left, right)


def scan(
    space: Space,
    officers: Floats,
    enterprises: Floats,
    *,
    above: float | Floats = 0.0,
    officer_above: Floats | None = None,
    known: Ints | None = None,
    most: int = 64,
    rough: bool = False,
    threads: int = 2,
) -> Scan:
    """Every eligible pair whose reduced value is above a threshold, and a sound word on all the others.

    Parameters
    ----------
    space
        The eligible pairs.
    officers, enterprises
        Prices, shapes (n_officers,) and (n_enterprises,), scaled as the space is.
    above
        Threshold, or one for each enterprise, shape (n_enterprises,).
    officer_above
        Threshold for each officer, shape (n_officers,): a pair is found when it is above either.
    known
        Sorted keys that are looked at one by one in any case, such as a shortlist: they do not count towards `most`.
    most
        About how many pairs of one enterprise are kept where a block has more: those of greatest reduced value, ties drawn by lot.
    rough
        Whether, where a block has more, a quicker look and a looser bound will do.
    threads
        Threads that price blocks. Around a pass or a whole search, hold the matrix products to one thread each (:func:`single_blas`).
    """
    level = np.broadcast_to(np.asarray(above, dtype=np.float64), (space.shape[1],))
    price = float(np.abs(officers).max(initial=0.0) + np.abs(enterprises).max(initial=0.0))
    error = space.error(HALF_ULP64, price)
    if space.listed is not None:
        return _kept(space, space.listed, officers, enterprises, level - 2 * error, officer_above, level - error)
    known = np.empty(0, np.int64) if known is None else known
    look = _Look(space, officers, enterprises, level, officer_above, known, most, rough, price)
    found = list(_over_blocks(space.groups, look.block, threads))
    rest = level - error
    for group, _, top in found:
        rest[group] = np.maximum(rest[group], top)
    keys = np.concatenate([known, space.live_valued, *(part for _, part, _ in found)])
    keys = sorted_once(keys)
    keys = keys[~among(space.skipped, keys)]
    return _kept(space, keys, officers, enterprises, level - 2 * error, officer_above, rest)


def _kept(
    space: Space,
    keys: Ints,
    officers: Floats,
    enterprises: Floats,
    level: Floats,
    officer_above: Floats | None,
    rest: Floats,
) -> Scan:
    """Those of the candidates that are above, or so near that double precision alone cannot tell."""
    i, j = space.split(keys)
    values = space.values(keys)
    reduced = values - officers[i] - enterprises[j]
    wanted = level[j] if officer_above is None else np.minimum(level[j], officer_above[i])
    keep = reduced > wanted
    i, j, keys, values = i[keep], j[keep], keys[keep], values[keep]
    return Scan(keys, values, reduced[keep], rest, space.errors(keys, values, np.abs(officers[i]) + np.abs(enterprises[j])))


class _Look:
    """How one block is looked at."""

    def __init__(
        self,
        space: Space,
        officers: Floats,
        enterprises: Floats,
        level: Floats,
        officer_above: Floats | None,
        known: Ints,
        most: int,
        rough: bool,
        price: float,
    ) -> None:
        self.hidden = (ByEnterprise(space.shape, known), space.skipped_by_enterprise)
        self.space, self.level, self.officer_above, self.most, self.rough = space, level, officer_above, most, rough
        self.single = Lens.of(space, officers, enterprises, np.float32)
        self.double = Lens.of(space, officers, enterprises, np.float64)
        self.error = space.error(HALF_ULP64, price)
        self.margin = space.error(HALF_ULP32, price) + 3 * self.error

    def block(self, rows: Ints, columns: Ints) -> tuple[Ints, Ints, Floats]:
        """Enterprises of the block, keys found, and a sound upper bound on what was not kept of each enterprise."""
        reduced = self._reduced(self.single, rows, columns)
        level = np.nextafter(self._level(rows, columns, self.margin).astype(np.float32), np.float32(-np.inf))
        places = np.flatnonzero((reduced > level).ravel())
        top = np.full(len(columns), -np.inf)
        crowd = self.most * len(columns)
        if len(places) > crowd and self.rough:
            places, top = self._highest(reduced, level)
            crowd *= 2
        if len(places) > crowd:
            reduced = self._reduced(self.double, rows, columns)
            places = np.flatnonzero((reduced > self._level(rows, columns, 3 * self.error)).ravel())
            top = np.full(len(columns), -np.inf)
        if len(places) > crowd:
            places, top = self._crowded(reduced, rows, columns)
        j, i = np.divmod(places, len(rows))
        return columns, self.space.keys(rows[i], columns[j]), top

    def _reduced(self, lens: Lens, rows: Ints, columns: Ints) -> NDArray[np.floating]:
        """Reduced values of the block, minus infinity where a pair is looked at by itself or not at all."""
        reduced = block_values(self.space, lens, rows, columns)
        for pairs in self.hidden:
            pairs.hide(reduced, rows, columns)
        return reduced

    def _level(self, rows: Ints, columns: Ints, margin: float) -> Floats:
        """What a pair must be above to matter, given that its value may be off by so much. Broadcasts to (n_columns, n_rows)."""
        level = self.level[columns][:, None] - margin
        return level if self.officer_above is None else np.minimum(level, self.officer_above[rows][None, :] - margin)

    def _highest(self, reduced: NDArray[np.floating], level: NDArray[np.floating]) -> tuple[Ints, Floats]:
        """About the best `most` of each enterprise, found fast, and a loose word on the others."""
        level = np.maximum(level, np.nextafter(self._higher(reduced), np.float32(-np.inf)))
        places = np.flatnonzero((reduced > level).ravel())
        return places, level.max(axis=1).astype(np.float64) + self.margin

    def _higher(self, reduced: NDArray[np.floating]) -> NDArray[np.floating]:
        """A level that about `most` of each enterprise's pairs are above, read off a part of them. Shape (n_columns, 1)."""
        part = reduced[:, ::8] if reduced.shape[1] >= 512 else reduced
        rank = max(1, self.most * part.shape[1] // reduced.shape[1])
        k = part.shape[1] - min(rank, part.shape[1])
        return np.partition(part, k, axis=1)[:, k : k + 1]

    def _crowded(self, reduced: NDArray[np.floating], rows: Ints, columns: Ints) -> tuple[Ints, Floats]:
        """The best `most` of each enterprise, in double; ties drawn by a lot that knows the pairs only."""
        most = min(self.most, len(rows))
        lot = lots(self.space.keys(rows[None, :], columns[:, None])) * (4 * self.error + 1e-9 * self.space.reach)
        best = np.argpartition(reduced + lot, len(rows) - most, axis=1)[:, len(rows) - most :]
        np.put_along_axis(reduced, best, -np.inf, axis=1)
        top = reduced.max(axis=1) + self.error
        return (best + np.arange(len(columns))[:, None] * len(rows)).ravel(), top


_limiting = Lock()


@contextmanager
def single_blas() -> Iterator[None]:
    """Matrix products on one thread each, as the blocks are what runs side by side; put back afterwards.

    The setting is the process's, so of searches side by side the first one makes it and puts it back; the others let it be.
    """
    if not _limiting.acquire(blocking=False):
        yield
        return
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        _limiting.release()


def block_values(space: Space, lens: Lens, rows: Ints, columns: Ints) -> NDArray[np.floating]:
    """Reduced values of a block before single pairs' own values. Shape (n_columns, n_rows): one row an enterprise."""
    left = lens.left if len(rows) == len(lens.left) else lens.left[rows]
    reduced: NDArray[np.floating] = lens.right[columns] @ left.T
    for term, weight in space.dense:
        matrix = term.matrix if len(rows) == space.shape[0] else term.matrix[rows]
        part = np.ldexp(matrix[:, columns].T.astype(np.float64), -space.exponent) * weight
        reduced += part.astype(reduced.dtype)
    return reduced


def _over_blocks(groups: list[Group], work: Callable[[Ints, Ints], T], threads: int) -> Iterator[T]:
    """The work done on every block, in order."""
    blocks = list(_blocks(groups))
    if threads == 1 or len(blocks) <= 1:
        yield from (work(*block) for block in blocks)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(lambda block: work(*block), blocks)


def _blocks(groups: list[Group]) -> Iterator[tuple[Ints, Ints]]:
    for group in groups:
        width = max(1, BLOCK // max(1, len(group.officers)))
        for start in range(0, len(group.enterprises), width):
            yield group.officers, group.enterprises[start : start + width]


def lots(keys: Ints) -> Floats:
    """A number in [0, 1) for each pair that looks random and is always the same (splitmix64's finaliser)."""
    x = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
