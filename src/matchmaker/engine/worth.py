"""What each pair is worth, scaled, read pair by pair; and how far single and double precision may be from it.

Values are scaled by a power of two so that the largest is about 1: exact, and nothing overflows on the way, be affinities times
1e300 or times 1e-300.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Affinity, Dense, Factors, ParquetFactors, Sparse
from matchmaker.affinity.parquet import stretches
from matchmaker.engine.compiled import compiled
from matchmaker.engine.rows import Columns, Floats, Held, Ints, Rows, Stored, scaled
from matchmaker.errors import ConfigError, DataError
from matchmaker.program import Program, look_up

CHUNK = 8192
"""Pairs read at a time when they are read one by one: what fits a core's own cache."""
Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Like ``map``, only that it may use threads or other machines."""
HALF_ULP32, HALF_ULP64 = 2.0**-24, 2.0**-53


class Worth:
    """What each pair of a programme is worth.

    Parameters
    ----------
    program
        Read, not changed.
    each
        What reads files through.

    Attributes
    ----------
    exponent
        Worth here is worth there times ``2**-exponent``.
    left
        Shape (n_officers, rank), float64: the officers' scaled factors.
    rows
        The enterprises' scaled factors, (n_enterprises, rank), wherever they are.
    dense
        Whole matrices, with their weights.
    valued_keys, valued_extra
        Pairs with a value of their own: sorted keys, and the values, scaled.
    """

    def __init__(self, program: Program, each: Each = map) -> None:
        self.program = program
        self.exponent, self.left, self.rows = _scaled(program, each)
        self.dense = [(term, weight) for term, weight in program.terms if isinstance(term, Dense)]
        self.others = [(term, weight) for term, weight in program.terms if isinstance(term, Dense | Sparse)]
        keys, extra = program.valued
        self.valued_keys, self.valued_extra = keys, np.ldexp(extra, -self.exponent)
        self._known = (np.empty(0, np.int64), np.empty((2, 0)))

    def values(self, keys: Ints) -> Floats:
        """What each pair is worth, scaled, in double and in one fixed order of summation. Shape (n_pairs,)."""
        if not len(keys):
            return np.empty(0)
        officers, enterprises = self.program.split(keys)
        held = isinstance(self.rows, Held)
        total = dots(self.left, self.rows.take(slice(None)), officers, enterprises) if held else self._looked_up(keys)[0]
        for term, weight in self.others:
            total += np.ldexp(term.pairs(officers, enterprises), -self.exponent) * weight
        return total + look_up(self.valued_keys, self.valued_extra, keys)

    def block(self, enterprises: slice) -> Floats:
        """The same of every pair of some enterprises, but for pairs' own values, where factors are held. Shape (n_chosen, n_officers)."""
        total = every_dot(self.left, self.rows.take(enterprises))
        for term, weight in self.others:
            part = term.block(slice(None), enterprises).T
            # A product with a power of two is what np.ldexp gives, and sooner.
            total += (part * 2.0**-self.exponent if abs(self.exponent) < 1000 else np.ldexp(part, -self.exponent)) * weight
        return total

    def errors(self, keys: Ints, values: Floats, prices: Floats) -> Floats:
        """How far each pair's reduced value, computed in double by itself, may be from the real one. Shape (n_pairs,).

        `values` are the pairs' worth, `prices` the sizes of the two prices taken off each, added up.
        """
        if not len(keys):
            return np.empty(0)
        officers, enterprises = self.program.split(keys)
        if isinstance(self.rows, Held):
            sizes = dots(np.abs(self.left), np.abs(self.rows.array), officers, enterprises)
        else:
            sizes = self._looked_up(keys)[1]
        for term, weight in self.others:
            sizes += np.abs(np.ldexp(term.pairs(officers, enterprises), -self.exponent) * weight)
        sizes += np.abs(look_up(self.valued_keys, self.valued_extra, keys))
        terms = self.rank + len(self.program.terms) + 4
        errors: Floats = (terms * sizes + 4 * (np.abs(values) + prices)) * 1.01 * HALF_ULP64
        return errors

    @property
    def rank(self) -> int:
        """How many factors a pair's worth is summed over."""
        return int(self.left.shape[1])

    @cached_property
    def reach(self) -> float:
        """No partial sum of any pair's worth is larger than this, scaled."""
        by_column = float(np.dot(np.abs(self.left).max(0, initial=0.0), self.rows.largest))
        by_norm = float(np.sqrt((self.left**2).sum(1).max(initial=0.0)) * np.sqrt(self.rows.longest))
        factors: float = min(by_column, by_norm * (1 + 1e-12)) if self.rank else 0.0
        others: float = sum(abs(weight) * _largest(term, self.exponent) for term, weight in self.others)
        own = float(np.abs(self.valued_extra).max(initial=0.0))
        reach: float = factors + others + own
        return reach

    def error(self, half_ulp: float, price: float) -> float:
        """How far a reduced value, computed with this rounding and prices up to `price`, may be from the real one."""
        terms = self.rank + len(self.program.terms) + 8
        underflow = 2.0**-140 if half_ulp == HALF_ULP32 else 0.0
        return float((self.reach + price) * 1.01 * terms * half_ulp + underflow)

    def _looked_up(self, keys: Ints) -> Floats:
        """The products of factors that are not held, and of their sizes. Shape (2, n_pairs).

        The pairs asked for last are remembered: a shortlist is read again and again, and each reading is one way through the file.
        """
        known, found = self._known
        place = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
        missing = np.unique(keys if not len(known) else keys[known[place] != keys])
        if len(missing):
            kept = np.isin(known, keys) if len(known) > 4 * len(keys) + CHUNK else np.ones(len(known), dtype=bool)
            every = np.concatenate([known[kept], missing])
            order = np.argsort(every)
            found = np.hstack([found[:, kept], self._read(missing)])[:, order]
            known = every[order]
            self._known = (known, found)
            place = np.searchsorted(known, keys)
        products: Floats = found[:, place]
        return products

    def _read(self, keys: Ints) -> Floats:
        officers, enterprises = self.program.split(keys)
        found = np.empty((2, len(keys)))
        for part, columns, place in stretches(enterprises):
            right = self.rows.take(columns)
            found[0, part] = dots(self.left, right, officers[part], place)
            found[1, part] = dots(np.abs(self.left), np.abs(right), officers[part], place)
        return found


def dots(left: Floats, right: Floats, officers: Ints, enterprises: Ints) -> Floats:
    """The product of each pair's factors, in one fixed order of summation. Shape (n_pairs,)."""
    if not left.shape[1]:
        return np.zeros(len(officers))
    total = np.empty(len(officers))
    _dots(np.require(left, requirements=("C", "W")), np.require(right, requirements=("C", "W")), officers, enterprises, total)
    return total


def every_dot(left: Floats, right: Floats) -> Floats:
    """The same of every pair of these members. Shape (len(right), len(left))."""
    total = np.zeros((len(right), len(left)))
    if left.shape[1]:
        _every_dot(np.require(left, requirements=("C", "W")), np.require(right, requirements=("C", "W")), total)
    return total


@compiled
def _dot(left: Floats, right: Floats, i: int, j: int) -> float:
    rank = left.shape[1]
    whole = rank - rank % 4
    first = second = third = fourth = 0.0
    for k in range(0, whole, 4):
        first += left[i, k] * right[j, k]
        second += left[i, k + 1] * right[j, k + 1]
        third += left[i, k + 2] * right[j, k + 2]
        fourth += left[i, k + 3] * right[j, k + 3]
    for k in range(whole, rank):
        first += left[i, k] * right[j, k]
    return (first + second) + (third + fourth)


@compiled
def _dots(left: Floats, right: Floats, officers: Ints, enterprises: Ints, total: Floats) -> None:
    for p in range(len(officers)):
        total[p] = _dot(left, right, officers[p], enterprises[p])


@compiled
def _every_dot(left: Floats, right: Floats, total: Floats) -> None:
    for j in range(len(right)):
        for i in range(len(left)):
            total[j, i] = _dot(left, right, i, j)


def _scaled(program: Program, each: Each) -> tuple[int, Floats, Rows]:
    """The common exponent, and the factors of every factored term side by side, scaled by it."""
    lefts: list[Floats] = []
    parts: list[tuple[Factors | ParquetFactors, Ints, Ints, Ints, float]] = []
    exponents = []
    for term, weight in program.terms:
        if isinstance(term, Factors | ParquetFactors):
            size_l = np.abs(term.left).max(0, initial=0.0)
            size_r = term.largest() if isinstance(term, Factors) else term.file.largest(each)
            kept: Ints = np.flatnonzero((weight != 0) & (size_l > 0) & (size_r > 0))
            high_l, high_r = (np.frexp(size[kept].astype(np.float64))[1].astype(np.int64) for size in (size_l, size_r))
            left = term.left if len(kept) == term.left.shape[1] else term.left[:, kept]
            lefts.append(scaled(left.astype(np.float64), -high_l))
            exponents += (high_l + high_r + int(np.frexp(weight)[1])).tolist()
            parts.append((term, kept, -high_r, high_l + high_r, weight))
        elif isinstance(term, Dense | Sparse):
            high = _exponent(np.array([_largest(term, 0)]))
            if weight and high is not None:
                exponents.append(high + int(np.frexp(weight)[1]))
        else:
            kind = type(term).__name__
            msg = f"The engine prices Factors, Dense and Sparse affinities; {kind} is none of them. | 求解引擎不支持 {kind} 类匹配度。"
            raise ConfigError(msg)
    high = _exponent(program.valued[1])
    exponents += [] if high is None else [high]
    exponent = max(exponents, default=0)
    places = int(np.minimum(program.enterprise_high, program.shape[0]).sum())
    if exponent + places.bit_length() > 1020:
        msg = (
            f"Affinities reach about 2**{exponent}, beyond double precision once {places} are added up. Divide them by 1e10 or more. "
            f"| 匹配度约达 2**{exponent}，{places} 个相加将超出双精度范围，请除以 1e10 或更大的数。"
        )
        raise DataError(msg)
    factors = np.hstack([np.empty((program.shape[0], 0)), *lefts])
    columns = [
        Columns(term.right if isinstance(term, Factors) else term.file, kept, down, up - exponent, weight)
        for term, kept, down, up, weight in parts
    ]
    stored = Stored(program.shape[1], tuple(columns))
    if not stored.on_disk:
        return exponent, factors, Held(stored.whole())
    stored.survey(each)
    return exponent, factors, stored


def _exponent(values: NDArray[np.floating]) -> int | None:
    largest = float(np.abs(values).max(initial=0.0))
    return int(np.frexp(largest)[1]) if largest > 0 else None


def _largest(term: Affinity, exponent: int) -> float:
    """The largest size of a listed or whole matrix, scaled."""
    if isinstance(term, Dense):
        largest = max(float(np.abs(part).max(initial=0.0)) for part in np.array_split(term.matrix, max(1, term.matrix.size // 4_000_000)))
    elif isinstance(term, Sparse):
        largest = float(np.abs(term.matrix.data).max(initial=0.0))
    else:
        largest = 0.0
    return float(np.ldexp(largest, -exponent))
