"""The proof: from prices alone, a value that no plan exceeds. No solver is needed to check it.

For any prices p, u at all (Lagrangean duality; Geoffrion 1974, doi:10.1007/BFb0120690)::

    value of any plan  <=  sum_i max(p_i low_i, p_i high_i) + sum_j max(u_j low_j, u_j high_j) + sum_j best_j

where ``best_j`` is the most that enterprise j's officers, at most ``high_j`` of them, can bring in reduced value ``a_ij - p_i - u_j``.
Every sum is rounded outward, and reduced values carry their rounding error, so the bound holds in exact arithmetic.
"""

from __future__ import annotations

import math

import numpy as np

from matchmaker.affinity import Dense, Factors
from matchmaker.engine.passes import Passes, Threads, single_blas
from matchmaker.engine.pricing import Ask, Scan, scan
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.program import Prices, Program
from matchmaker.siderows import spans

FAR = 2.0**60
"""Prices this far beyond the largest value prove nothing worth having, and single precision could not hold them."""


def bound(program: Program, prices: Prices, *, threads: int = 2) -> float:
    """A value that no plan of the programme exceeds, proven by these prices over all eligible pairs.

    Parameters
    ----------
    program
        The programme.
    prices
        Any prices; the nearer to optimal, the tighter. Infinite, absurdly large or not numbers, they prove nothing: infinity.
    threads
        Threads that price blocks.
    """
    if program.returns:
        from matchmaker.engine.returns import bound_returns  # it stands on this module

        with single_blas():
            return bound_returns(program, prices, Threads(threads)) + program.constant
    if program.linear:
        return bound_with_rows(program, prices, Threads(threads)) + program.constant
    return _bound(program, prices, Threads(threads)) + program.constant


def bound_with_rows(program: Program, prices: Prices, passes: Passes) -> float:
    """The same, but for the programme's constant, where there are side rows and variables: their prices are paid in full.

    Pairs are worth what they are less what their rows charge; to that comes the most that every row may pay back within its limits and
    every variable may gain. What rounding may put on any pair's charge is allowed for at every place that a plan can have.
    """
    rows = prices.rows if len(prices.rows) else np.zeros(program.n_rows)
    if len(rows) != program.n_rows or not np.isfinite(rows).all():
        return math.inf
    priced = program.priced(rows)
    pairs = _bound(priced, prices, passes)
    terms = np.concatenate([*_rows_worth(program, rows), np.zeros(1)])
    if not math.isfinite(pairs) or not np.isfinite(terms).all():
        return math.inf
    total = math.fsum([pairs, *terms.tolist()])
    size = abs(pairs) + math.fsum(np.abs(terms).tolist())
    return total + (size * 2.0**-48 if size else 0.0) + _charged(program, priced)


def _rows_worth(program: Program, rows: Floats) -> tuple[Floats, Floats]:
    """What each row pays back at the most, shape (n_rows,), and what each variable gains at the most, shape (n_variables,)."""
    low, high = program.row_limits
    with np.errstate(invalid="ignore"):
        paid = np.where(rows > 0, rows * high, np.where(rows < 0, rows * low, 0.0))
    extra = program.variables
    gain = extra.value.copy()
    for family, span in spans(program.side_rows):
        np.subtract.at(gain, family.variables, rows[span][family.variable_rows] * family.variable_values)
    return paid, np.where(gain > 0, gain * extra.high, gain * extra.low)


def _charged(program: Program, priced: Program) -> float:
    """What rounding in the charges may come to over a whole plan: a few units in the last place of the largest sum of sizes, each place."""
    places = float(np.minimum(program.enterprise_high, program.shape[0]).sum())
    size = 0.0
    for affinity, weight in priced.terms:
        if isinstance(affinity, Factors):
            size += abs(weight) * float(np.abs(affinity.left).max(axis=0) @ np.abs(affinity.right).max(axis=0))
        elif isinstance(affinity, Dense):
            size += abs(weight) * float(np.abs(affinity.matrix).max())
    size += float(np.abs(priced.valued[1]).max(initial=0.0))
    return places * size * 2.0**-50 if program.n_rows else 0.0


def _bound(program: Program, prices: Prices, passes: Passes) -> float:
    space = Space(program)
    with np.errstate(over="ignore"):
        p, u = (np.ldexp(side, -space.exponent) for side in (prices.officers, prices.enterprises))
    if not np.abs(np.concatenate([p, u])).max() < FAR:
        return math.inf
    with single_blas():
        found = scan(space, Ask(p, u, most=256), passes)
    value = scaled_bound(space, p, u, found)[0]
    return math.ldexp(value, space.exponent) if value < 2.0 ** min(1000 - space.exponent, 1000) else math.inf


def scaled_bound(space: Space, officers: Floats, enterprises: Floats, found: Scan) -> tuple[float, float]:
    """The bound, scaled as the space is, from a pass made at these very prices; and what rounding put on it.

    Thresholds above 0 loosen it by as much for every place.

    Where a place is `space.units` units of flow, so is the bound.
    """
    limits, required = space.limits, space.program.required
    made = space.values(required)
    best, rounding = _best_of_each(space, found)
    terms = [
        _dearest(officers, limits.officer_low, limits.officer_high),
        _dearest(enterprises, limits.enterprise_low, limits.enterprise_high),
        best,
        (made + space.errors(required, made, np.zeros(len(made)))) * space.units,
    ]
    every = np.concatenate(terms)
    if not np.isfinite(every).all():
        return math.inf, math.inf
    outward = math.fsum(np.abs(every).tolist()) * 2.0**-51
    total = math.fsum(every.tolist()) + outward
    return (math.nextafter(total, math.inf) if outward else total), outward + rounding


def _dearest(price: Floats, low: Ints, high: Ints) -> Floats:
    """The most that places at these prices may cost, whatever the load. Shape (n_members,)."""
    return np.maximum(price * low, price * high)


def _best_of_each(space: Space, found: Scan) -> tuple[Floats, float]:
    """The most that each enterprise can gain in reduced value, shape (n_enterprises,), and what of it is rounding.

    Its best pairs come first, as far as it may have officers, then what the rest may be.
    """
    m, high = space.shape[1], space.limits.enterprise_high
    officers, columns = space.split(found.keys)
    gain = np.maximum(found.reduced + found.errors, 0.0)
    order = np.lexsort((-gain, columns))
    officers, columns, gain = officers[order], columns[order], gain[order]
    room = space.limits.room(officers, columns)
    before = np.cumsum(room) - room
    taken = before - before[np.searchsorted(columns, columns)]
    units = np.clip(high[columns] - taken, 0, room)
    rest = np.where(high > 0, np.maximum(found.rest, 0.0), 0.0)
    listed = np.bincount(columns, np.maximum(gain, rest[columns]) * units, m)
    left = high - np.bincount(columns, units, m)
    rounding = float((units * found.errors[order]).sum())
    return (listed + left * rest).astype(np.float64), rounding
