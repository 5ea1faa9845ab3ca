"""The enterprises' scaled factors, held in memory or read where they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import FactorFile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEP = 65_536
"""Enterprises read at a time when all of them are gone through."""


EXACT = 1000
"""Powers of two up to this one, up and down, are numbers by themselves."""


def scaled(values: Floats, exponents: Ints) -> Floats:
    """``values * 2**exponents``, rounded once where it is too small to be exact. Shapes (n, k) and (k,)."""
    if np.abs(exponents).max(initial=0) > EXACT:
        return np.ldexp(values, exponents)
    found: Floats = values * np.ldexp(1.0, exponents)
    return found


class Rows(Protocol):
    """Scaled factors of the enterprises, (n_enterprises, rank), read some enterprises at a time."""

    def take(self, columns: Ints | slice) -> Floats:
        """The factors of these enterprises. Shape (len(columns), rank)."""

    @property
    def largest(self) -> Floats:
        """The largest size in each column. Shape (rank,)."""

    @property
    def longest(self) -> float:
        """The greatest squared length of a row."""


@dataclass(frozen=True, eq=False)
class Held:
    """Factors in memory.

    Parameters
    ----------
    array
        Shape (n_enterprises, rank).
    """

    array: Floats

    def take(self, columns: Ints | slice) -> Floats:
        """The factors of these enterprises. Shape (len(columns), rank)."""
        return self.array[columns]

    @cached_property
    def largest(self) -> Floats:
        """The largest size in each column. Shape (rank,)."""
        sizes: Floats = np.abs(self.array).max(0, initial=0.0)
        return sizes

    @cached_property
    def longest(self) -> float:
        """The greatest squared length of a row."""
        return float((self.array**2).sum(1).max(initial=0.0))


@dataclass(frozen=True, eq=False)
class Columns:
    """One term's factors and how they are scaled: exact powers of two, but for the weight.

    Parameters
    ----------
    source
        Shape (n_enterprises, n_factors): an array or a file.
    kept
        The factors that matter.
    down, up
        Shape (n_kept,): powers of two put on before and after the weight.
    weight
        The term's weight.
    """

    source: NDArray[np.floating] | FactorFile
    kept: Ints
    down: Ints
    up: Ints
    weight: float

    def take(self, columns: Ints | slice) -> Floats:
        """The scaled factors of these enterprises. Shape (len(columns), n_kept)."""
        read = self.source[columns] if isinstance(self.source, np.ndarray) else self.source.take(columns)
        kept = read if len(self.kept) == read.shape[1] else read[:, self.kept]
        return scaled(scaled(kept.astype(np.float64), self.down) * self.weight, self.up)


@dataclass(frozen=True, eq=False)
class Stored:
    """Factors side by side, scaled as they are read; some of them on disk.

    Parameters
    ----------
    size
        How many enterprises.
    parts
        The terms' factors.
    """

    size: int
    parts: tuple[Columns, ...]

    @property
    def on_disk(self) -> bool:
        """Whether any of them is on disk."""
        return any(not isinstance(part.source, np.ndarray) for part in self.parts)

    def take(self, columns: Ints | slice) -> Floats:
        """The factors of these enterprises. Shape (len(columns), rank)."""
        n = len(range(*columns.indices(self.size))) if isinstance(columns, slice) else len(columns)
        return np.hstack([np.empty((n, 0)), *(part.take(columns) for part in self.parts)])

    def whole(self) -> Floats:
        """All of them. Shape (n_enterprises, rank)."""
        rank = sum(len(part.kept) for part in self.parts)
        found = np.empty((self.size, rank))
        for start in range(0, self.size, STEP):
            found[start : start + STEP] = self.take(slice(start, start + STEP))
        return found

    def survey(self, each: Callable[[Callable[[slice], tuple[Floats, float]], Sequence[slice]], Iterable[tuple[Floats, float]]]) -> None:
        """Look at every row once, for the sizes below; `each` is what does it side by side."""
        steps = [slice(start, min(start + STEP, self.size)) for start in range(0, self.size, STEP)]
        seen = list(each(self.look, steps))
        self.__dict__["largest"] = np.max([largest for largest, _ in seen], axis=0)
        self.__dict__["longest"] = max(longest for _, longest in seen)

    def look(self, rows: slice) -> tuple[Floats, float]:
        """The sizes of some rows: the largest in each column, and the greatest squared length."""
        part = self.take(rows)
        return np.abs(part).max(0, initial=0.0), float((part**2).sum(1).max(initial=0.0))

    @cached_property
    def largest(self) -> Floats:
        """The largest size in each column. Shape (rank,)."""
        self.survey(map)
        return self.largest

    @cached_property
    def longest(self) -> float:
        """The greatest squared length of a row."""
        self.survey(map)
        return self.longest
