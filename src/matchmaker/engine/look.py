"""How one piece is looked at: which of its pairs come above a level, and a sound word on the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.lots import lots
from matchmaker.engine.pieces import Block, Ground, Hidden, Piece, View, above, spread, tiles
from matchmaker.engine.rows import Floats, Ints


@dataclass(frozen=True, eq=False)
class Common:
    """What a pass asks of every piece alike.

    Parameters
    ----------
    officers, most, rough
        As in :class:`matchmaker.engine.pricing.Ask`.
    error, margin
        How far a reduced value may be from the real one in double, and how far below the level one in single precision may matter.
    """

    officers: Floats
    most: int
    rough: bool
    error: float
    margin: float


@dataclass(frozen=True, eq=False)
class Own:
    """What a pass asks of one piece.

    Parameters
    ----------
    enterprises, level
        Shape (n_columns,): prices, and what pairs must be above.
    known
        Pairs that are looked at in any case, and so not here.
    """

    enterprises: Floats
    level: Floats
    known: Hidden


class Seen(NamedTuple):
    """What was found in a piece.

    Parameters
    ----------
    keys
        The pairs.
    top
        Shape (n_columns,): a sound upper bound on what was not kept of each enterprise, where that may be above its level.
    """

    keys: Ints
    top: Floats


def look(ground: Ground, piece: Piece, common: Common, own: Own) -> Seen:
    """Every pair of a piece that is above its level, or so near that single precision cannot tell; of a crowd, the best."""
    sight = _Sight(ground, piece, common, own)
    seen = [sight.block(block, span) for block, span in sight.view]
    return Seen(*(np.concatenate(side) for side in zip(*seen, strict=True)))


class _Sight:
    """How one block is looked at."""

    def __init__(self, ground: Ground, piece: Piece, common: Common, own: Own) -> None:
        self.view = View(ground, piece, common, own.enterprises)
        self.ground, self.piece, self.common, self.own = ground, piece, common, own

    def block(self, block: Block, span: slice) -> Seen:
        """Keys found in a block, and a sound upper bound on what was not kept of each enterprise."""
        most, error = self.common.most, self.common.error
        rows, columns = self.view.rows(block), self.piece.columns[span]
        level = np.nextafter(self._level(span, self.common.margin).astype(np.float32), np.float32(-np.inf))
        places = self._above(block, span, level)
        top = np.full(len(columns), -np.inf)
        crowd = most * len(columns)
        if len(places) > crowd and self.common.rough:
            places, top = self._highest(self._reduced(block, span, np.float32, slice(0, len(rows))), level)
            crowd *= 2
        if len(places) > crowd:
            reduced = self._reduced(block, span, np.float64, slice(0, len(rows)))
            places = above(reduced, self._level(span, 3 * error))
            top = np.full(len(columns), -np.inf)
        if len(places) > crowd:
            places, top = self._crowded(reduced, rows, columns)
        j, i = np.divmod(places, len(rows))
        return Seen(self._keys(rows[i], columns[j]), top)

    def _above(self, block: Block, span: slice, level: NDArray[np.floating]) -> Ints:
        """Where the block's values in single precision are above a level, tile by tile; places counted row after row of the block."""
        size = len(self.view.rows(block))
        found = [spread(above(self._reduced(block, span, np.float32, tile), level), tile, size) for tile in tiles(size)]
        return np.concatenate(found)

    def _keys(self, officers: Ints, enterprises: Ints) -> Ints:
        return officers * self.ground.shape[1] + enterprises

    def _reduced(self, block: Block, span: slice, dtype: type, tile: slice) -> NDArray[np.floating]:
        """Reduced values of a tile, minus infinity where a pair is looked at by itself or not at all."""
        reduced = self.view.values(block, span, dtype, tile)
        for pairs in (self.own.known, self.piece.skipped):
            pairs.hide(reduced, span.start, span.stop, self.view.place(block), tile)
        return reduced

    def _level(self, span: slice, margin: float) -> Floats:
        """What a pair must be above to matter, given that its value may be off by so much. Shape (n_columns, 1)."""
        return self.own.level[span][:, None] - margin

    def _highest(self, reduced: NDArray[np.floating], level: NDArray[np.floating]) -> tuple[Ints, Floats]:
        """About the best `most` of each enterprise, found fast, and a loose word on the others."""
        level = np.maximum(level, np.nextafter(self._higher(reduced), np.float32(-np.inf)))
        places = above(reduced, level)
        return places, level.max(axis=1).astype(np.float64) + self.common.margin

    def _higher(self, reduced: NDArray[np.floating]) -> NDArray[np.floating]:
        """A level that about `most` of each enterprise's pairs are above, read off a part of them. Shape (n_columns, 1)."""
        part = reduced[:, ::8] if reduced.shape[1] >= 512 else reduced
        rank = max(1, self.common.most * part.shape[1] // reduced.shape[1])
        k = part.shape[1] - min(rank, part.shape[1])
        return np.partition(part, k, axis=1)[:, k : k + 1]

    def _crowded(self, reduced: NDArray[np.floating], rows: Ints, columns: Ints) -> tuple[Ints, Floats]:
        """The best `most` of each enterprise, in double; ties drawn by a lot that knows the pairs only."""
        error, most = self.common.error, min(self.common.most, len(rows))
        lot = lots(self._keys(rows[None, :], columns[:, None])) * (4 * error + 1e-9 * self.ground.reach)
        best = np.argpartition(reduced + lot, len(rows) - most, axis=1)[:, len(rows) - most :]
        np.put_along_axis(reduced, best, -np.inf, axis=1)
        top = reduced.max(axis=1) + error
        return (best + np.arange(len(columns))[:, None] * len(rows)).ravel(), top
