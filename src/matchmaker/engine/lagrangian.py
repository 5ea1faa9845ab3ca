"""Prices for side rows: the smoothed dual of the pairs on a shortlist, minimised.

With prices on officers and side rows, every enterprise chooses for itself: its best pair in reduced value. That is the Lagrangean dual
(Geoffrion 1974, doi:10.1007/BFb0120690). Its kinks are rounded off (Nesterov 2005, doi:10.1007/s10107-004-0552-5): an enterprise spreads
itself over pairs in the proportions ``exp(reduced value / temperature)``, the dual is smooth then, and a quasi-Newton method with bounds
(Byrd, Lu, Nocedal and Zhu 1995, doi:10.1137/0916069) follows it down as the temperature falls. The shares are nearly a fractional plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from matchmaker.engine.compiled import compiled
from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Floats, Ints
from matchmaker.program import Prices, Program
from matchmaker.siderows import Variables

Mask = NDArray[np.bool_]

COOLING = (0.02, 0.01, 0.005, 0.002, 0.001, 0.0005)
"""Temperatures, as shares of the largest value on the shortlist."""
STEPS = 400
"""Quasi-Newton steps at each temperature, at most."""
MEMORY = 20
"""Steps that the method remembers."""
FLAT, FLATTEST, SPAN = 1e-5, 1e-6, 10
"""A relative gain in so many steps below which a temperature is done, while pairs are still looked for and in the end. The first steps at
a temperature are short, whatever is to gain, so that one step says nothing."""
DEAR = 8.0
"""The most that a unit of a side row may cost, in largest values on the shortlist a unit of its usual coefficient."""


@dataclass(frozen=True, eq=False)
class Shortlist:
    """Some pairs of a programme, with what each is worth and does to every row.

    Parameters
    ----------
    program
        Whose they are.
    keys
        Sorted pairs; those that are required are not among them.
    officers, enterprises, values
        Shape (n_pairs,): the same pairs by position, and what they are worth.
    matrix
        Sparse, shape (n_rows, n_pairs): coefficients in the programme's side rows.
    extra
        Sparse, shape (n_rows, n_variables): the variables' coefficients.
    low, high
        Shape (n_rows,): what the rows still ask of these pairs, the required ones being made.
    limits
        Least and most of officers and of enterprises once required pairs are made: four arrays.
    made
        What the required pairs are worth.
    """

    program: Program
    keys: Ints
    officers: Ints
    enterprises: Ints
    values: Floats
    matrix: sp.csr_array
    extra: sp.csr_array
    low: Floats
    high: Floats
    limits: tuple[Ints, Ints, Ints, Ints]
    made: float

    @classmethod
    def of(cls, program: Program, keys: Ints) -> Shortlist:
        """The pairs of these keys, each once, by enterprise and then officer."""
        i, j = program.split(keys)
        order = np.lexsort((i, j))
        keys, i, j = keys[order], i[order], j[order]
        required = program.split(program.required)
        rows = program.side_rows
        low, high = program.row_limits
        done = np.concatenate([np.empty(0), *(family.activity(*required) for family in rows)])
        n, m = program.shape
        made_i, made_j = np.bincount(required[0], minlength=n), np.bincount(required[1], minlength=m)
        limits = (
            np.maximum(program.officer_low - made_i, 0),
            np.minimum(program.officer_high, m) - made_i,
            np.maximum(program.enterprise_low - made_j, 0),
            np.minimum(program.enterprise_high, n) - made_j,
        )
        matrix = sp.vstack([sp.csr_array((0, len(keys))), *(family.of_pairs(i, j) for family in rows)]).tocsr()
        return cls(program, keys, i, j, program.values(i, j), matrix, _extra(program), low - done, high - done, limits, _made(program))

    @property
    def usual(self) -> Floats:
        """The largest coefficient of a pair in each row; 1 where there is none. Shape (n_rows,)."""
        size = np.zeros(len(self.low))
        table = self.matrix.tocoo()
        np.maximum.at(size, table.coords[0], np.abs(table.data))
        return np.where(size > 0, size, 1.0)

    @property
    def scale(self) -> float:
        """The largest value in size; 1 where all are nothing."""
        every = np.concatenate([self.values, np.zeros(1)])
        return float(np.abs(every).max()) or 1.0

    @property
    def dear(self) -> Floats:
        """What a unit of a broken row costs in a draft, to begin with: more than it gains by itself. Shape (n_rows,)."""
        return 2.0 * self.scale / self.usual


def _made(program: Program) -> float:
    return math.fsum(program.values(*program.split(program.required)).tolist())


def _extra(program: Program) -> sp.csr_array:
    """The variables' coefficients in every side row. Sparse, shape (n_rows, n_variables)."""
    parts = [sp.csr_array((0, len(program.variables)))]
    for family in program.side_rows:
        entries = (family.variable_values, (family.variable_rows, family.variables))
        parts.append(sp.csr_array(entries, shape=(len(family), len(program.variables))))
    return sp.vstack(parts).tocsr()


@dataclass(frozen=True, eq=False)
class Dual:
    """Prices, and the fractional plan that goes with them.

    Parameters
    ----------
    officers, enterprises, rows
        Prices, as in :class:`matchmaker.program.Prices`.
    shares
        Shape (n_pairs,), 0 to 1: how much of each pair of the shortlist is in the smoothed plan.
    value
        The dual's value on the shortlist: about what the best fractional plan of its pairs is worth.
    temperature
        At the end.
    """

    officers: Floats
    enterprises: Floats
    rows: Floats
    shares: Floats
    value: float
    temperature: float


class Smoothed:
    """The smoothed dual of a shortlist, as a function of the prices that do not go without saying.

    Prices stand for a row's most and for its least separately, so that each is at least 0 and the function has no kink at 0; those of
    enterprises that have exactly one officer, or at most one, go without saying.
    """

    def __init__(self, shortlist: Shortlist) -> None:
        self.list = shortlist
        n, m = shortlist.program.shape
        officer_low, officer_high, enterprise_low, enterprise_high = shortlist.limits
        own = (enterprise_high > 1) | (enterprise_low > enterprise_high) | (enterprise_high <= 0)
        self.kind = np.where(own, 2, np.where(enterprise_low == 1, 0, 1)).astype(np.int64)
        own_at = np.flatnonzero(own)
        count = len(shortlist.keys)
        ones, every = np.ones(count), np.arange(count)
        by_officer = sp.csr_array((ones, (shortlist.officers, every)), shape=(n, count))
        place = np.full(m, -1)
        place[own_at] = np.arange(len(own_at))
        at = place[shortlist.enterprises]
        by_own = sp.csr_array((ones[at >= 0], (at[at >= 0], every[at >= 0])), shape=(len(own_at), count))
        pairs = sp.vstack([by_officer, by_own, shortlist.matrix]).tocsr()
        extra = sp.vstack([sp.csr_array((n + len(own_at), shortlist.extra.shape[1])), shortlist.extra]).tocsr()
        low = np.concatenate([officer_low, enterprise_low[own_at], shortlist.low]).astype(np.float64)
        high = np.concatenate([officer_high, enterprise_high[own_at], shortlist.high]).astype(np.float64)
        low[: n + len(own_at)][low[: n + len(own_at)] <= 0] = -np.inf
        self.n_own, self.own_at = len(own_at), own_at
        same = low == high
        under, over = _breakable(pairs, extra, shortlist.program.variables, low, high)
        self.most = np.flatnonzero(np.isfinite(high) & (over | (same & under)))
        self.least = np.flatnonzero(np.isfinite(low) & ~same & under)
        self.matrix = sp.vstack([pairs[self.most], -pairs[self.least]]).tocsr()
        self.transposed = self.matrix.T.tocsr()
        self.extra = sp.vstack([extra[self.most], -extra[self.least]]).tocsr()
        self.extra_transposed = self.extra.T.tocsr()
        self.sides = np.concatenate([high[self.most], -low[self.least]])
        self.free = np.concatenate([same[self.most], np.zeros(len(self.least), dtype=bool)])
        self.starts = np.searchsorted(shortlist.enterprises, np.arange(m + 1))
        self.unit, self.usual = _units(self.matrix, self.extra, self.sides)
        self.shares = np.empty(count)

    def at(self, scaled: Floats, temperature: float) -> tuple[float, Floats]:
        """The dual's value and its slope."""
        prices, variables = scaled * self.unit, self.list.program.variables
        reduced = self.list.values - self.transposed @ prices
        total = _chosen(reduced, self.starts, self.kind, temperature, self.shares)
        slope = self.sides - self.matrix @ self.shares
        if len(variables):
            gain = variables.value - self.extra_transposed @ prices
            width, heat = variables.high - variables.low, temperature
            share = 1 / (1 + np.exp(np.clip(-gain / heat, -500, 500)))
            total += float((variables.low * gain + width * heat * np.logaddexp(0, gain / heat)).sum())
            slope -= self.extra @ (variables.low + width * share)
        return total + float(self.sides @ prices), slope * self.unit

    def packed(self, officers: Floats, enterprises: Floats, rows: Floats) -> Floats:
        """Prices of members and rows as the function takes them."""
        every = np.concatenate([officers, enterprises[self.own_at], rows])
        most = every[self.most]
        scaled = np.concatenate([np.where(self.free[: len(most)], most, np.maximum(most, 0)), np.maximum(-every[self.least], 0)])
        limits = self.limits()
        return np.clip(scaled / self.unit, limits[:, 0], limits[:, 1])

    def unpacked(self, scaled: Floats, temperature: float) -> Dual:
        """Prices of members and rows from what the function takes."""
        value = self.at(scaled, temperature)[0]
        prices, n = scaled * self.unit, self.list.program.shape[0]
        every = np.zeros(n + self.n_own + len(self.list.low))
        np.add.at(every, self.most, prices[: len(self.most)])
        np.add.at(every, self.least, -prices[len(self.most) :])
        reduced = self.list.values - self.transposed @ prices
        m = self.list.program.shape[1]
        enterprises = np.zeros(m)
        filled = np.flatnonzero(np.diff(self.starts) > 0)
        enterprises[filled] = np.maximum.reduceat(reduced, self.starts[filled]) if len(filled) else 0.0
        enterprises = np.where(self.kind == 1, np.maximum(enterprises, 0), np.where(self.kind == 2, 0, enterprises))
        enterprises[self.own_at] = every[n : n + self.n_own]
        return Dual(every[:n], enterprises, every[n + self.n_own :], self.shares.copy(), value + self.list.made, temperature)

    def limits(self) -> Floats:
        """Least and most of what the function takes. Shape (n_prices, 2)."""
        dear = DEAR * self.list.scale / self.usual / self.unit
        return np.stack([np.where(self.free, -dear, 0.0), dear], axis=1)


def _breakable(pairs: sp.csr_array, extra: sp.csr_array, variables: Variables, low: Floats, high: Floats) -> tuple[Mask, Mask]:
    """Which rows some choice could leave under their least, and which over their most; others need no price. Shapes (n_rows,)."""
    up, down = (np.asarray(side.sum(axis=1)).ravel() for side in (pairs.maximum(0), pairs.minimum(0)))
    up = up + extra.maximum(0) @ variables.high + extra.minimum(0) @ variables.low
    down = down + extra.maximum(0) @ variables.low + extra.minimum(0) @ variables.high
    return down < low, up > high


def _units(pairs: sp.csr_array, extra: sp.csr_array, sides: Floats) -> tuple[Floats, Floats]:
    """Units in which prices are comparable, and each row's usual coefficient. Two shapes (n_prices,)."""
    both = sp.hstack([pairs, extra]).tocsr()
    squares = np.asarray(both.multiply(both).sum(axis=1)).ravel()
    count = np.maximum(np.diff(both.indptr), 1)
    usual = np.sqrt(squares / count)
    usual = np.where(usual > 0, usual, 1.0)
    return 1 / (usual * np.sqrt(np.maximum(np.abs(sides) / usual, 1.0))), usual


def _never() -> bool:
    return False


def _until(flat: float, enough: Callable[[], bool]) -> Callable[[Any], None]:
    """A callback that ends a descent when it has become flat, or when there is no time for more."""
    values: list[float] = []

    def seen(intermediate_result: Any) -> None:
        values.append(float(intermediate_result.fun))
        if enough() or (len(values) > SPAN and values[-1 - SPAN] - values[-1] <= flat * abs(values[-1])):
            raise StopIteration

    return seen


def price_rows(
    shortlist: Shortlist,
    start: Prices,
    *,
    cooling: tuple[float, ...] = COOLING,
    flat: float = FLAT,
    check: Callable[[], None] = unlimited,
    enough: Callable[[], bool] = _never,
) -> Dual:
    """Prices that are nearly optimal on a shortlist.

    Parameters
    ----------
    shortlist
        Pairs and rows.
    start
        Prices of officers, enterprises and rows to begin from.
    cooling
        Temperatures, as shares of the largest value.
    flat
        The gain below which a temperature is done.
    check
        Called at every step; what it raises ends it.
    enough
        Asked after every step; where it is so, prices are left as they are.
    """
    smoothed = Smoothed(shortlist)
    scaled, limits = smoothed.packed(start.officers, start.enterprises, start.rows), smoothed.limits()
    scale = shortlist.scale

    def at(prices: Floats, temperature: float) -> tuple[float, Floats]:
        check()
        value, slope = smoothed.at(prices, temperature)
        return value / scale, slope / scale

    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "maxcor": MEMORY, "ftol": 0.0, "gtol": 1e-9}
    for share in cooling:
        found: Any = minimize(  # type: ignore[call-overload]
            at, scaled, args=(share * scale,), jac=True, method="L-BFGS-B", bounds=limits, options=options, callback=_until(flat, enough)
        )
        scaled = np.clip(found.x, limits[:, 0], limits[:, 1])
    return smoothed.unpacked(scaled, cooling[-1] * scale)


def make_prices_ready() -> None:
    """Have the machine code that is used here; as :func:`matchmaker.engine.ready.make_ready`."""
    _chosen(np.zeros(1), np.arange(2), np.zeros(1, np.int64), 1.0, np.zeros(1))


@compiled
def _chosen(reduced: Floats, starts: Ints, kind: Ints, temperature: float, shares: Floats) -> float:
    """What every enterprise gains at a temperature; its shares are written down.

    Kind 0 has exactly one officer, kind 1 at most one, kind 2 has prices of its own, so that its pairs choose for themselves.
    """
    total = 0.0
    for j in range(len(starts) - 1):
        first, last = starts[j], starts[j + 1]
        if kind[j] == 2:
            for k in range(first, last):
                t = reduced[k] / temperature
                if t > 0:
                    e = math.exp(-t)
                    shares[k] = 1 / (1 + e)
                    total += reduced[k] + temperature * math.log1p(e)
                else:
                    e = math.exp(t)
                    shares[k] = e / (1 + e)
                    total += temperature * math.log1p(e)
        elif first < last:
            top = reduced[first]
            for k in range(first + 1, last):
                top = max(top, reduced[k])
            if kind[j] == 1:
                top = max(top, 0.0)
            mass = math.exp(-top / temperature) if kind[j] == 1 else 0.0
            for k in range(first, last):
                shares[k] = math.exp((reduced[k] - top) / temperature)
                mass += shares[k]
            for k in range(first, last):
                shares[k] /= mass
            total += top + temperature * math.log(mass)
    return total
