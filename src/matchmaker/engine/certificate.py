"""The proof: from prices alone, a value that no plan exceeds. No solver is needed to check it.

For any prices p, u at all (Lagrangean duality; Geoffrion 1974, doi:10.1007/BFb0120690)::

    value of any plan  <=  sum_i max(p_i low_i, p_i high_i) + sum_j max(u_j low_j, u_j high_j) + sum_j best_j

where ``best_j`` is the most that enterprise j's officers, at most ``high_j`` of them, can bring in reduced value ``a_ij - p_i - u_j``.
Every sum is rounded outward, and reduced values carry their rounding error, so the bound holds in exact arithmetic.
"""

from __future__ import annotations

import math

import numpy as np

from matchmaker.engine.passes import Threads, single_blas
from matchmaker.engine.pricing import Ask, Scan, scan
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.program import Prices, Program

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
    space = Space(program)
    with np.errstate(over="ignore"):
        p, u = (np.ldexp(side, -space.exponent) for side in (prices.officers, prices.enterprises))
    if not np.abs(np.concatenate([p, u])).max() < FAR:
        return math.inf
    with single_blas():
        found = scan(space, Ask(p, u, most=256), Threads(threads))
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
