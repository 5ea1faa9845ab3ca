"""Linear rules over pairs beyond limits on members: their coefficients, kept as classes and factors, never pair by pair.

A family of rows::

    low_r <= sum_ij g_r(i, j) x_ij + sum_v h_rv y_v <= high_r

A pair stands in at most one row of the family by its classes, ``row[officer_class[i], enterprise_class[j]]``, with the weight
``w_ij``; and in any row by being named. The price of such a family is again a factor: one-hot classes times prices, times the weight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Affinity, Dense, Factors, Sparse
from matchmaker.errors import ConfigError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Weights = tuple[tuple[Affinity | None, float], ...]
"""A pair's coefficient: affinities (None for 1) times numbers, added up."""
WIDE = 40
"""Factors that the prices of a family may take, before its pairs are listed one by one instead."""


def _nothing() -> Ints:
    return np.empty(0, np.int64)


def _no_values() -> Floats:
    return np.empty(0)


class Writable(Protocol):
    """What prices are written into: a programme."""

    def add(self, affinity: Affinity, weight: float = 1.0) -> None:
        """Every pair is worth `weight` times its affinity more."""

    def add_pairs(self, officers: ArrayLike, enterprises: ArrayLike, values: ArrayLike) -> None:
        """These pairs are worth so much more."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SideRows:
    """A family of linear rules over pairs.

    Parameters
    ----------
    rule
        Whose rows they are: the rule's name, for diagnoses.
    shape
        (n_officers, n_enterprises).
    low, high
        Shape (n_rows,), float64; minus or plus infinity where there is no such limit.
    officer_class, enterprise_class
        Shapes (n_officers,) and (n_enterprises,), int64: each member's class, negative for none.
    row
        Shape (n_officer_classes, n_enterprise_classes): the row in which pairs of these classes stand, negative for none.
    weights
        The coefficient of a pair in its row: affinities (None for 1) with numbers, added up.
    officers, enterprises, rows, values
        Shapes (n_named,): pairs that stand in a row by name, and their coefficients.
    variables, variable_rows, variable_values
        Shapes (n_entries,): variables of the programme that stand in rows, and their coefficients.
    label
        From a row to what it says, in English and Chinese; for diagnoses.

    Raises
    ------
    ConfigError
        When shapes disagree, a row is out of range, or a number is NaN.
    """

    rule: str
    shape: tuple[int, int]
    low: Floats
    high: Floats
    officer_class: Ints | None = None
    enterprise_class: Ints | None = None
    row: Ints | None = None
    weights: Weights = ((None, 1.0),)
    officers: Ints = field(default_factory=_nothing)
    enterprises: Ints = field(default_factory=_nothing)
    rows: Ints = field(default_factory=_nothing)
    values: Floats = field(default_factory=_no_values)
    variables: Ints = field(default_factory=_nothing)
    variable_rows: Ints = field(default_factory=_nothing)
    variable_values: Floats = field(default_factory=_no_values)
    label: Callable[[int], tuple[str, str]] | None = None

    def __post_init__(self) -> None:
        low, high = np.broadcast_arrays(np.asarray(self.low, dtype=np.float64), np.asarray(self.high, dtype=np.float64))
        object.__setattr__(self, "low", np.atleast_1d(low).copy())
        object.__setattr__(self, "high", np.atleast_1d(high).copy())
        for name in ("officers", "enterprises", "rows", "variables", "variable_rows"):
            object.__setattr__(self, name, np.atleast_1d(np.asarray(getattr(self, name), dtype=np.int64)))
        for name, like in (("values", "rows"), ("variable_values", "variable_rows")):
            values = np.broadcast_to(np.asarray(getattr(self, name), dtype=np.float64), getattr(self, like).shape)
            object.__setattr__(self, name, values)
        if (self.officer_class is None) != (self.enterprise_class is None) or (self.officer_class is None) != (self.row is None):
            raise self._amiss("officer_class, enterprise_class and row come together")
        if self.row is not None:
            for name, size in (("officer_class", self.shape[0]), ("enterprise_class", self.shape[1])):
                classes = np.asarray(getattr(self, name), dtype=np.int64)
                if classes.shape != (size,) or classes.max(initial=-1) >= np.shape(self.row)[name == "enterprise_class"]:
                    raise self._amiss(f"{name} has shape {classes.shape} or a class without a place in row {np.shape(self.row)}")
                object.__setattr__(self, name, classes)
            object.__setattr__(self, "row", np.asarray(self.row, dtype=np.int64))
        self._check()

    def _check(self) -> None:
        if np.isnan(self.low).any() or np.isnan(self.high).any() or (self.low > self.high).any():
            raise self._amiss("a least is NaN or above its most")
        held = [self.rows, self.variable_rows]
        above = [*held, _nothing() if self.row is None else self.row.ravel()]
        if any(part.max(initial=-1) >= len(self) for part in above) or any(part.min(initial=0) < 0 for part in held):
            raise self._amiss(f"a row is out of range; there are {len(self)}")
        if not (len(self.officers) == len(self.enterprises) == len(self.rows)) or len(self.variables) != len(self.variable_rows):
            raise self._amiss("named pairs or variables have several lengths")
        inside = (self.officers >= 0) & (self.officers < self.shape[0]) & (self.enterprises >= 0) & (self.enterprises < self.shape[1])
        if not inside.all() or not np.isfinite(self.values).all() or not np.isfinite(self.variable_values).all():
            raise self._amiss("a named pair is out of range, or a coefficient is no finite number")
        for affinity, weight in self.weights:
            if not np.isfinite(weight) or (affinity is not None and affinity.shape != self.shape):
                raise self._amiss(f"a weight is not finite or has not the shape {self.shape}")

    def _amiss(self, what: str) -> ConfigError:
        return ConfigError(f"The rows of {self.rule!r} cannot be used: {what}. | 规则 {self.rule!r} 的行数据有误：{what}。")

    def __len__(self) -> int:
        """How many rows."""
        return len(self.low)

    def said(self, row: int) -> tuple[str, str]:
        """What a row says, in English and Chinese."""
        return (self.rule, self.rule) if self.label is None else self.label(row)

    def of_pairs(self, officers: Ints, enterprises: Ints) -> sp.csr_array:
        """The coefficients of pairs. Sparse, shape (n_rows, n_pairs)."""
        at = [self._by_name(officers, enterprises)]
        if self.row is not None and self.officer_class is not None and self.enterprise_class is not None:
            a, b = self.officer_class[officers], self.enterprise_class[enterprises]
            row = np.where((a >= 0) & (b >= 0), self.row[a, b], -1)
            here = np.flatnonzero(row >= 0)
            at.append((row[here], here, self.weight_of(officers[here], enterprises[here])))
        rows, pairs, values = (np.concatenate(part) for part in zip(*at, strict=True))
        kept = values != 0
        return sp.csr_array((values[kept], (rows[kept], pairs[kept])), shape=(len(self), len(officers)))

    def weight_of(self, officers: Ints, enterprises: Ints) -> Floats:
        """The coefficient of each pair in the row it has by its classes. Shape (n_pairs,)."""
        total = np.zeros(len(officers))
        for affinity, weight in self.weights:
            total += weight if affinity is None else weight * np.nan_to_num(affinity.pairs(officers, enterprises))
        return total

    def _by_name(self, officers: Ints, enterprises: Ints) -> tuple[Ints, Ints, Floats]:
        named = self.officers * self.shape[1] + self.enterprises
        keys = officers * self.shape[1] + enterprises
        order = np.argsort(keys, kind="stable")
        first, last = (np.searchsorted(keys[order], named, side=side) for side in ("left", "right"))  # a pair may be asked for twice
        count = last - first
        which = np.repeat(np.arange(len(named)), count)
        place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[which]
        return self.rows[which], order[place], self.values[which]

    def activity(self, officers: Ints, enterprises: Ints) -> Floats:
        """What a plan's pairs come to in each row, variables at nothing. Shape (n_rows,)."""
        return np.asarray(self.of_pairs(officers, enterprises).sum(axis=1), dtype=np.float64).ravel()

    def charge(self, program: Writable, prices: Floats) -> None:
        """Take prices times coefficients off every pair's worth.

        Parameters
        ----------
        program
            Written into.
        prices
            Shape (n_rows,): what one more of each row's most, or one less of its least, would add to the best plan.
        """
        live = prices[self.rows] != 0
        if live.any():
            program.add_pairs(self.officers[live], self.enterprises[live], -prices[self.rows[live]] * self.values[live])
        if self.row is None or not prices.any():
            return
        price = np.where(self.row >= 0, np.append(prices, 0.0)[self.row], 0.0)
        rows, columns = np.flatnonzero(price.any(axis=1)), np.flatnonzero(price.any(axis=0))
        if not len(rows):
            return
        if min(len(rows), len(columns)) > WIDE and self._listed_size(price) <= 40 * sum(self.shape):
            self._charge_pairs(program, price)
            return
        left, right = self._factors(price, rows, columns)
        for affinity, weight in self.weights:
            if weight:
                _add_product(program, left, right, affinity, -weight)

    def _factors(self, price: Floats, rows: Ints, columns: Ints) -> tuple[Floats, Floats]:
        """Prices by classes as a product of two thin matrices, (n_officers, k) and (n_enterprises, k)."""
        a, b = self._classes()
        if len(rows) <= len(columns):
            left = (a[:, None] == rows[None, :]).astype(np.float64)
            right = np.where(b[:, None] >= 0, price[rows][:, b].T, 0.0)
        else:
            left = np.where(a[:, None] >= 0, price[:, columns][a], 0.0)
            right = (b[:, None] == columns[None, :]).astype(np.float64)
        return left, right

    def _classes(self) -> tuple[Ints, Ints]:
        if self.officer_class is None or self.enterprise_class is None:
            raise self._amiss("it has no classes")
        return self.officer_class, self.enterprise_class

    def _listed_size(self, price: Floats) -> int:
        a, b = self._classes()
        size_a, size_b = np.bincount(a[a >= 0], minlength=price.shape[0]), np.bincount(b[b >= 0], minlength=price.shape[1])
        return int(size_a @ (price != 0).astype(np.int64) @ size_b)

    def _charge_pairs(self, program: Writable, price: Floats) -> None:
        a, b = self._classes()
        members = [(np.argsort(c, kind="stable"), np.sort(c)) for c in (a, b)]
        (order_a, sorted_a), (order_b, sorted_b) = members
        found = []
        for x, y in np.argwhere(price != 0).tolist():
            one = order_a[np.searchsorted(sorted_a, x) : np.searchsorted(sorted_a, x, side="right")]
            two = order_b[np.searchsorted(sorted_b, y) : np.searchsorted(sorted_b, y, side="right")]
            found.append((np.repeat(one, len(two)), np.tile(two, len(one)), np.full(len(one) * len(two), price[x, y])))
        officers, enterprises, each = (np.concatenate(part) for part in zip(*found, strict=True))
        program.add_pairs(officers, enterprises, -each * self.weight_of(officers, enterprises))


def _add_product(program: Writable, left: Floats, right: Floats, affinity: Affinity | None, weight: float) -> None:
    """Every pair is worth `weight` times ``left @ right.T`` times its affinity more, elementwise."""
    if affinity is None:
        program.add(Factors(left, right), weight)
    elif isinstance(affinity, Factors):
        for one, two in zip(left.T, right.T, strict=True):
            scaled_left = affinity.left if (one == 1).all() else affinity.left * one[:, None]
            program.add(Factors(scaled_left, affinity.right * two[:, None]), weight)
    elif isinstance(affinity, Dense):
        program.add(Dense(affinity.matrix * (left @ right.T)), weight)
    elif isinstance(affinity, Sparse):
        officers, enterprises = affinity.listed()
        each = (left[officers] * right[enterprises]).sum(axis=1)
        program.add_pairs(officers, enterprises, weight * each * affinity.pairs(officers, enterprises))
    else:
        kind = type(affinity).__name__
        msg = f"A row's weight must be Factors, Dense or Sparse; {kind} is none of them. | 规则系数不支持 {kind} 类匹配度。"
        raise ConfigError(msg)


@dataclass(frozen=True, eq=False)
class Variables:
    """Variables of a programme besides its pairs.

    Parameters
    ----------
    low, high
        Shape (n_variables,), finite.
    value
        Shape (n_variables,): what one unit adds.
    whole
        Shape (n_variables,), bool: whether only whole numbers count.
    """

    low: Floats = field(default_factory=_no_values)
    high: Floats = field(default_factory=_no_values)
    value: Floats = field(default_factory=_no_values)
    whole: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))

    def __len__(self) -> int:
        """How many."""
        return len(self.low)

    def joined(self, low: ArrayLike, high: ArrayLike, value: ArrayLike, whole: ArrayLike) -> Variables:
        """These and some more."""
        given: Any = np.broadcast_arrays(*(np.atleast_1d(np.asarray(part)) for part in (low, high, value, whole)))
        more = [part.astype(np.float64) for part in given[:3]]
        if not all(np.isfinite(part).all() for part in more) or (more[0] > more[1]).any():
            msg = "A variable's limits and value must be finite, and its least not above its most. | 变量的上下限与取值有误。"
            raise ConfigError(msg)
        mine = (self.low, self.high, self.value)
        least, most, worth = (np.concatenate([one, two]) for one, two in zip(mine, more, strict=True))
        return Variables(least, most, worth, np.concatenate([self.whole, given[3].astype(bool)]))


def spans(families: list[SideRows]) -> Iterator[tuple[SideRows, slice]]:
    """Each family, and where its rows stand among all of them."""
    start = 0
    for family in families:
        yield family, slice(start, start + len(family))
        start += len(family)


def group_rows(measure: Affinity, groups: tuple[Ints, Floats], floor: Floats, rule: str = "leximin") -> SideRows:
    """A row for each group of enterprises: its total is at least its floor times what totals are divided by.

    Parameters
    ----------
    measure
        What enterprises are served with.
    groups
        Each enterprise's group, negative for none, shape (n_enterprises,); and what totals are divided by, shape (n_groups,).
    floor
        Shape (n_groups,), minus infinity for none.
    rule
        Whose rows they are.
    """
    group, size = groups
    return SideRows(
        rule=rule,
        shape=measure.shape,
        low=np.where(np.isfinite(floor), floor, 0.0) * size + np.where(np.isfinite(floor), 0.0, -np.inf),
        high=np.full(len(size), np.inf),
        officer_class=np.zeros(measure.shape[0], np.int64),
        enterprise_class=group,
        row=np.arange(len(size))[None, :],
        weights=((measure, 1.0),),
        label=lambda row: (f"group {row} has at least {floor[row]:g}", f"第 {row} 组不低于 {floor[row]:g}"),
    )
