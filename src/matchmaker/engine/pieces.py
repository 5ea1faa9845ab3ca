"""A space cut into pieces, each with all that it takes to price its pairs: here, in a thread, or on another machine.

A piece is a run of blocks, a block some enterprises with all the officers they may have. Blocks are the same wherever they are priced,
so what is found in them is too. A block of many officers is priced tile by tile, so that it stays in a core's own cache and the officers'
factors are read for many enterprises at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import local
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Affinity, Dense, Factors
from matchmaker.engine.compiled import grouped
from matchmaker.engine.rows import Floats, Ints, Rows
from matchmaker.errors import ConfigError

SMALL, LARGE = 1e-12, 1e12
"""Factors whose largest is between these are compared with a bar in single precision, to begin with."""
BLOCK = 400_000
"""Pairs in a tile: what fits a core's own cache, four bytes each."""
TILE = 5_000
"""Officers in a tile, at most: with more, a matrix product reads more factors than it makes values."""


class Block(NamedTuple):
    """Enterprises `start` to `stop` of a group, with all of its officers."""

    group: int
    start: int
    stop: int


class Groupish(Protocol):
    """A block of pairs that may all meet."""

    @property
    def officers(self) -> Ints:
        """Every one of these officers,"""

    @property
    def enterprises(self) -> Ints:
        """with every one of these enterprises."""


def blocks(groups: Sequence[Groupish]) -> Iterator[Block]:
    """Every block, in order."""
    for number, group in enumerate(groups):
        width, size = max(1, BLOCK // max(1, min(len(group.officers), TILE))), len(group.enterprises)
        for start in range(0, size, width):
            yield Block(number, start, min(start + width, size))


def tiles(n_officers: int) -> Iterator[slice]:
    """The officers of a block in even runs of at most so many."""
    count = -(-n_officers // TILE)
    for k in range(count):
        yield slice(n_officers * k // count, n_officers * (k + 1) // count)


def runs(groups: Sequence[Groupish], pairs: int) -> list[tuple[Block, ...]]:
    """The blocks in runs of about so many pairs."""
    found, run, held = [], list[Block](), 0
    for block in blocks(groups):
        run.append(block)
        held += (block.stop - block.start) * len(groups[block.group].officers)
        if held >= pairs:
            found.append(tuple(run))
            run, held = [], 0
    return [*found, tuple(run)] if run else found


@dataclass(frozen=True, eq=False)
class Hidden:
    """Pairs of some enterprises that are not to be found in their blocks.

    Parameters
    ----------
    officers
        Shape (n_pairs,), by enterprise.
    ends
        Shape (n_enterprises + 1,): where each enterprise's pairs begin and end.
    """

    officers: NDArray[np.int32]
    ends: Ints

    def hide(self, reduced: NDArray[np.floating], start: int, stop: int, place: Ints | None, tile: slice) -> None:
        """Set the values of these enterprises' pairs to minus infinity, each officer at its place (none where that is not in the tile)."""
        first, last = self.ends[start], self.ends[stop]
        if first == last:
            return
        i: Ints = self.officers[first:last].astype(np.int64)
        j = np.repeat(np.arange(stop - start), np.diff(self.ends[start : stop + 1]))
        if place is not None:
            i = place[i]
        inside = (i >= tile.start) & (i < tile.stop)
        reduced[j[inside], i[inside] - tile.start] = -np.inf


class ByEnterprise:
    """Pairs grouped by enterprise, to be hidden from blocks."""

    def __init__(self, shape: tuple[int, int], keys: Ints) -> None:
        officers, enterprises = keys // shape[1], keys % shape[1]
        self.ends, order = grouped(enterprises, shape[1])
        self.officers = officers[order].astype(np.int32)

    def of(self, columns: Ints) -> Hidden:
        """Those of some enterprises."""
        starts, counts = self.ends[columns], self.ends[columns + 1] - self.ends[columns]
        ends = np.concatenate([[0], np.cumsum(counts)])
        places = np.repeat(starts - ends[:-1], counts) + np.arange(ends[-1])
        return Hidden(self.officers[places], ends)


@dataclass(frozen=True, eq=False)
class Ground:
    """What every piece of a space is priced with, however often.

    Parameters
    ----------
    shape
        (n_officers, n_enterprises) of the space.
    left
        Shape (n_officers, rank), the officers' scaled factors.
    members
        The officers of each group; None for all of them.
    exponent
        Whole matrices are scaled by ``2**-exponent``.
    reach
        No value is larger, scaled.
    """

    shape: tuple[int, int]
    left: Floats
    members: tuple[Ints | None, ...]
    exponent: int
    reach: float


@dataclass(frozen=True, eq=False)
class Bar:
    """A measure in which pairs must come up to a level, or may not meet.

    Parameters
    ----------
    left
        Shape (n_officers, rank), where the measure is factored.
    right
        Shape (n_enterprises, rank) or that of a piece's enterprises, where it is factored.
    whole
        Shape (n_officers, n_enterprises) or a piece's part of it, where it is given in full; else None.
    level
        Shape (n_enterprises,) or that of a piece's enterprises: what pairs must come up to, less what rounding may take.
    """

    left: NDArray[np.floating]
    right: NDArray[np.floating]
    whole: NDArray[np.floating] | None
    level: NDArray[np.floating]

    @classmethod
    def of(cls, affinity: Affinity, level: Floats) -> Bar:
        """A threshold of a programme. Pairs so near it that this sum may err are kept, to be looked at one by one."""
        if isinstance(affinity, Factors):
            left, right = affinity.left.astype(np.float64), affinity.right.astype(np.float64)
            size = float(np.abs(left).max(axis=0) @ np.abs(right).max(axis=0))
            largest = [float(np.abs(side).max(initial=0.0)) for side in (left, right, level[np.isfinite(level)])]
            single = all(SMALL < one < LARGE for one in largest[:2]) and largest[2] < LARGE
            dtype, ulp = (np.float32, 2.0**-23) if single else (np.float64, 2.0**-50)
            lower = level - (size + np.abs(np.where(np.isfinite(level), level, 0.0))) * (left.shape[1] + 4) * ulp
            return cls(left.astype(dtype), right.astype(dtype), None, lower.astype(dtype))
        if isinstance(affinity, Dense):
            return cls(np.empty((affinity.shape[0], 0)), np.empty((affinity.shape[1], 0)), affinity.matrix, level)
        kind = type(affinity).__name__
        msg = f"A threshold's measure must be Factors or Dense; {kind} is neither. | 门槛不支持 {kind} 类匹配度。"
        raise ConfigError(msg)

    def part(self, columns: slice | Ints) -> Bar:
        """The same for some enterprises."""
        return Bar(self.left, self.right[columns], None if self.whole is None else self.whole[:, columns], self.level[columns])

    def hide(self, reduced: NDArray[np.floating], rows: slice | Ints, span: slice) -> None:
        """Set to minus infinity the values of pairs below the level. Shape (n_columns, n_rows)."""
        if self.whole is None:
            left = self.left[rows]
            measure = np.matmul(self.right[span], left.T, out=_scratch(("bar", self.left.dtype), self.left.dtype, reduced.shape))
        else:
            measure = self.whole[rows, span].T.astype(np.float64)
        np.copyto(reduced, -np.inf, where=measure < self.level[span][:, None])


class Terms(Protocol):
    """What a pass asks of every piece alike: officers' prices, at the least."""

    @property
    def officers(self) -> Floats:
        """Prices, shape (n_officers,)."""


_lenses: WeakKeyDictionary[Terms, dict[type, NDArray[np.floating]]] = WeakKeyDictionary()


def lens(ground: Ground, terms: Terms, dtype: type) -> NDArray[np.floating]:
    """The officers' factors with prices riding along, [left, 1, -p]: made once for all pieces. Shape (n_officers, rank + 2)."""
    kept = _lenses.setdefault(terms, {})
    if dtype not in kept:
        left = np.empty((len(ground.left), ground.left.shape[1] + 2), dtype)
        left[:, :-2], left[:, -2], left[:, -1] = ground.left, 1, -terms.officers
        kept[dtype] = left
    return kept[dtype]


@dataclass(frozen=True, eq=False)
class Piece:
    """A run of blocks, and what is known of their enterprises.

    Parameters
    ----------
    blocks
        The run; consecutive enterprises of the piece.
    columns
        Shape (n_columns,): the enterprises, block after block.
    right
        Shape (n_columns, rank): their scaled factors; empty until they are read.
    dense
        Whole matrices cut down to these enterprises, (n_officers, n_columns) each, with their weights.
    single
        The same in single precision, weighted and scaled, (n_columns, n_officers) each; none where they are not held.
    skipped
        Pairs that must not, or must, meet.
    bars
        Measures in which pairs must come up to a level.
    """

    blocks: tuple[Block, ...]
    columns: Ints
    right: Floats
    dense: tuple[tuple[NDArray[np.floating], float], ...]
    single: tuple[NDArray[np.float32], ...]
    skipped: Hidden
    bars: tuple[Bar, ...] = ()

    def read(self, rows: Rows) -> Piece:
        """The same with its factors read."""
        return replace(self, right=rows.take(self.columns))


_own = local()


def _scratch(use: object, dtype: type | np.dtype[Any], shape: tuple[int, int]) -> NDArray[Any]:
    """An array to write on, the thread's own. Memory that is asked for and given back with every block can cost as much as pricing it."""
    size = shape[0] * shape[1]
    kept: dict[Any, NDArray[Any]] = _own.__dict__
    if use not in kept or kept[use].size < size:
        kept[use] = np.empty(size, dtype)
    return kept[use][:size].reshape(shape)


def above(values: NDArray[np.floating], level: NDArray[np.floating]) -> Ints:
    """Where a block's values are above a level that broadcasts to them: places counted row after row."""
    places: Ints = np.flatnonzero(np.greater(values, level, out=_scratch(bool, bool, (values.shape[0], values.shape[1]))))
    return places


def spread(places: Ints, tile: slice, n_officers: int) -> Ints:
    """Places counted in a tile, counted in its whole block."""
    if tile.stop - tile.start == n_officers:
        return places
    j, i = np.divmod(places, tile.stop - tile.start)
    moved: Ints = j * n_officers + (i + tile.start)
    return moved


def scaled_part(part: NDArray[np.floating], weight: float, exponent: int, dtype: type) -> NDArray[np.floating]:
    """A part of a whole matrix, weighted and scaled by ``2**-exponent``. Shape as given."""
    if dtype is np.float32 and -10 <= exponent <= 100:  # so that single precision neither runs over nor loses small values on the way
        single: NDArray[np.floating] = part.astype(np.float32)
        single *= np.float32(np.ldexp(weight, -exponent))
        return single
    return (np.ldexp(part.astype(np.float64), -exponent) * weight).astype(dtype)


class View:
    """A piece seen at prices, block by block, in single or double precision.

    Parameters
    ----------
    ground, piece
        What is seen.
    terms
        Has the officers' prices.
    enterprises
        Prices, shape (n_columns,).
    """

    def __init__(self, ground: Ground, piece: Piece, terms: Terms, enterprises: Floats) -> None:
        self.ground, self.piece, self.terms, self.enterprises = ground, piece, terms, enterprises
        self._left: dict[tuple[type, int], NDArray[np.floating]] = {}
        self._right: dict[type, NDArray[np.floating]] = {}
        self._places: dict[int, Ints | None] = {}

    def __iter__(self) -> Iterator[tuple[Block, slice]]:
        """Blocks, and where their enterprises stand in the piece."""
        start = 0
        for block in self.piece.blocks:
            stop = start + block.stop - block.start
            yield block, slice(start, stop)
            start = stop

    @cached_property
    def _everybody(self) -> Ints:
        return np.arange(self.ground.shape[0])

    def rows(self, block: Block) -> Ints:
        """The officers of a block."""
        members = self.ground.members[block.group]
        return self._everybody if members is None else members

    def place(self, block: Block) -> Ints | None:
        """Where each officer stands in a block, negative where not at all; None where everybody stands at their own place."""
        if block.group not in self._places:
            members, place = self.ground.members[block.group], None
            if members is not None:
                place = np.full(self.ground.shape[0], -1, dtype=np.int64)
                place[members] = np.arange(len(members))
            self._places = {block.group: place}
        return self._places[block.group]

    def values(self, block: Block, span: slice, dtype: type, tile: slice) -> NDArray[np.floating]:
        """Reduced values of a tile before single pairs' own. Shape (n_columns, n_rows): one row an enterprise.

        They stand until the thread's next tile of this precision.
        """
        left, right = self._officers(block, dtype)[tile], self._enterprises(dtype)[span]
        reduced = np.matmul(right, left.T, out=_scratch(dtype, dtype, (len(right), len(left))))
        members = self.ground.members[block.group]
        rows = tile if members is None else members[tile]
        held = self.piece.single if dtype is np.float32 else ()
        for single in held:
            reduced += single[span][:, rows]
        for matrix, weight in self.piece.dense[len(held) :]:
            reduced += scaled_part(matrix[rows, span], weight, self.ground.exponent, dtype).T
        for bar in self.piece.bars:
            bar.hide(reduced, rows, span)
        return reduced

    def _officers(self, block: Block, dtype: type) -> NDArray[np.floating]:
        members, everybody = self.ground.members[block.group], lens(self.ground, self.terms, dtype)
        if members is None:
            return everybody
        if (dtype, block.group) not in self._left:
            self._left = {(dtype, block.group): everybody[members]}
        return self._left[dtype, block.group]

    def _enterprises(self, dtype: type) -> NDArray[np.floating]:
        if dtype not in self._right:
            right = np.empty((len(self.piece.columns), self.piece.right.shape[1] + 2), dtype)
            right[:, :-2], right[:, -2], right[:, -1] = self.piece.right, -self.enterprises, 1
            self._right[dtype] = right
        return self._right[dtype]
