"""Which programmes are of loads, and how they are written as knapsacks.

Every side row is what one officer carries, at most: ``sum_j w_ijr x_ij <= c_ir``. Knapsacks have whole weights, so loads that are no
whole numbers are rounded down to a grid; and one weight a pair, so several resources of an officer are added up at their prices. Both only
loosen the rule: the bound holds, and whether a plan keeps the loads themselves is always looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.compiled import grouped
from matchmaker.engine.integer import tolerance
from matchmaker.engine.knapsacks import Sacks
from matchmaker.engine.lagrangian import Dual, Shortlist
from matchmaker.engine.space import Floats, Ints
from matchmaker.program import Program

Mask = NDArray[np.bool_]
CELLS = 2_000_000
"""Cells of all knapsacks' tables: weights are rounded down to a coarser grid where whole ones take four times as many."""
FINE, COARSE = 1024, 32
"""Steps in an officer's room where weights are no whole numbers; and the fewest that are worth while."""


class Packing(NamedTuple):
    """A programme of loads as knapsacks.

    Parameters
    ----------
    shortlist
        All eligible pairs.
    order
        Shape (n_pairs,): the pairs by officer, as they stand in `sacks`.
    sacks
        Nothing settled.
    prices
        Shape (n_enterprises,): prices to begin from.
    unit
        What plans differ by at least when they differ in value: all values are whole multiples of it; 0 where they are not.
    tight
        Whether knapsacks say about all that loads say: each officer has one resource that may run out, or none.
    """

    shortlist: Shortlist
    order: Ints
    sacks: Sacks
    prices: Floats
    unit: float
    tight: bool


def packing(shortlist: Shortlist, dual: Dual) -> Packing | None:
    """A programme as knapsacks; None where its rows are not all what single officers carry, or its tables would be too large.

    Parameters
    ----------
    shortlist
        All eligible pairs.
    dual
        Prices of enterprises to begin from, and of rows: where an officer has several resources, the knapsack is of all of them, each
        counting by its price.
    """
    program = shortlist.program
    if len(program.variables) or program.returns or (shortlist.limits[0] > 0).any() or not len(shortlist.keys):
        return None
    rows = _resources(shortlist)
    if rows is None:
        return None
    order = np.lexsort((shortlist.enterprises, shortlist.officers))
    takes, most, dear = rows[0][order], rows[1], rows[2](dual)
    weighed = _weighed(shortlist.officers[order], takes, most, dear)
    if weighed is None or (np.bincount(shortlist.officers).max() + 1) * (weighed[1].max() + 1) > 4 * CELLS:
        return None
    sacks = _sacks(shortlist, order, *weighed, takes, most)
    tight = bool((_binding(sacks.officer, takes, most).sum(axis=1) <= 1).all())
    return Packing(shortlist, order, sacks, _prices(shortlist, dual), _unit(shortlist.values), tight)


def _prices(shortlist: Shortlist, dual: Dual) -> Floats:
    """Prices of enterprises at which the bound is no worse than the priced rows': what the best officer is worth, where one is had."""
    reduced = shortlist.values - dual.officers[shortlist.officers] - shortlist.matrix.T @ dual.rows
    best = np.full(len(dual.enterprises), -np.inf)
    np.maximum.at(best, shortlist.enterprises, reduced)
    best = np.where(shortlist.limits[2] > 0, best, np.maximum(best, 0.0))
    prices: Floats = np.where((shortlist.limits[3] == 1) & np.isfinite(best), best, dual.enterprises)
    return prices


def _resources(shortlist: Shortlist) -> tuple[Floats, Floats, Callable[[Dual], Floats]] | None:
    """What pairs take, shape (n_pairs, n_resources), of what officers have, shape (n_officers, n_resources); and each one's price.

    None where a row is no such limit. The number of enterprises is the first resource. Limits are a little looser, though less so than
    drafts are checked.
    """
    program, matrix = shortlist.program, shortlist.matrix
    n, k = program.shape[0], len(shortlist.keys)
    filled = np.flatnonzero((np.diff(matrix.indptr) > 0) & np.isfinite(shortlist.high))
    if (shortlist.low > 0).any() or (matrix.data < 0).any() or (shortlist.high < 0).any():
        return None
    if not len(filled):
        return None
    owner = shortlist.officers[matrix.indices]
    whose, last = (ends.reduceat(owner, matrix.indptr[filled]) for ends in (np.minimum, np.maximum))
    if (whose != last).any():
        return None
    by_owner = np.argsort(whose, kind="stable")
    rank = np.empty(len(filled), np.int64)
    rank[by_owner] = np.arange(len(filled)) - np.searchsorted(whose[by_owner], whose[by_owner]) + 1
    width = int(rank.max()) + 1
    takes, most = np.zeros((k, width)), np.full((n, width), np.inf)
    takes[:, 0], most[:, 0] = 1.0, shortlist.limits[1]
    most[whose, rank] = (shortlist.high + tolerance(shortlist) / 2)[filled]
    for row, place in zip(filled, rank, strict=True):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        takes[matrix.indices[part], place] = matrix.data[part]

    def dear(dual: Dual) -> Floats:
        price = np.zeros((n, width))
        price[:, 0] = np.maximum(dual.officers, 0)
        price[whose, rank] = np.maximum(dual.rows[filled], 0)
        return price

    return takes, most, dear


def _binding(officers: Ints, takes: Floats, most: Floats) -> Mask:
    """Which of each officer's resources may run out. Shape (n_officers, n_resources)."""
    carried = np.zeros(most.shape)
    np.add.at(carried, officers, takes)
    return carried > most


def _weighed(officers: Ints, takes: Floats, most: Floats, dear: Floats) -> tuple[Ints, Ints] | None:
    """Whole weights of pairs and rooms of officers: a rule that every plan keeps; None where tables would be too large to be fine.

    Of several resources the sum at their prices, which are at least 0. Whole numbers stay as they are; others are rounded down to a grid.
    """
    n, binding = len(most), _binding(officers, takes, most)
    dear = np.where(binding, np.maximum(dear, 1e-9 * dear.max(initial=0.0)), 0.0)
    alone = binding.sum(axis=1) <= 1
    dear[alone] = binding[alone]
    idle = binding.any(axis=1) & (dear <= 0).all(axis=1)
    dear[idle] = np.where(binding[idle], 1 / np.maximum(most[idle], 1e-300), 0.0)
    weight = (takes * dear[officers]).sum(axis=1)
    room = np.where(binding, most, 0.0)
    limit = (room * dear).sum(axis=1)
    count = np.bincount(officers, minlength=n)
    whole = np.ones(n, dtype=bool)
    np.logical_and.at(whole, officers, weight == np.rint(weight))
    fits = whole & (count * limit <= 4.0 * CELLS)
    steps = max(min(FINE, CELLS // max(len(officers), 1)), 1)
    if int((count[fits] * (np.floor(limit[fits]) + 1)).sum()) > 4 * CELLS:
        fits[:] = False
    if steps < COARSE and not fits.all():
        return None
    grid = np.where(fits, 1.0, np.maximum(limit, 1e-300) / steps)
    rooms = np.where(fits, np.floor(limit), steps).astype(np.int64)
    down = np.floor(weight / grid[officers] * (1 - 1e-12))
    return np.minimum(np.where(fits[officers], weight, down), rooms[officers] + 1).astype(np.int64), rooms


def _sacks(shortlist: Shortlist, order: Ints, weight: Ints, room: Ints, takes: Floats, most: Floats) -> Sacks:
    n, m = shortlist.program.shape
    officer, enterprise = shortlist.officers[order], shortlist.enterprises[order]
    k = len(order)
    start = np.searchsorted(officer, np.arange(n + 1)).astype(np.int64)
    first, pairs = grouped(enterprise, m)
    widest = int(np.diff(start).max())
    table = np.zeros((widest + 1, int(room.max()) + 1))
    return Sacks(
        start=start,
        officer=officer,
        enterprise=enterprise,
        weight=weight,
        worth=shortlist.values[order],
        first=first,
        pairs=pairs,
        takes=takes,
        most=most,
        left=most.copy(),
        settled=np.zeros(k, np.int8),
        room=room.copy(),
        low=shortlist.limits[2].copy(),
        high=np.minimum(shortlist.limits[3], np.diff(first)).copy(),
        open=np.diff(first).copy(),
        trail=np.zeros(k + 1, np.int64),
        taken=np.zeros(k, np.int8),
        mean=np.zeros(k),
        within=np.zeros(k),
        without=np.zeros(k),
        table=table,
        back=np.zeros_like(table),
        item=np.zeros(widest + 1, np.int64),
        work=np.zeros(1, np.int64),
    )


def _unit(values: Floats) -> float:
    """The largest number of which all values are whole multiples, where they are whole and their sums exact; else 0."""
    if not np.array_equal(values, np.rint(values)) or math.fsum(np.abs(values).tolist()) >= 2.0**53:
        return 0.0
    return float(np.gcd.reduce(values.astype(np.int64)))


def may_pack(program: Program) -> bool:
    """Whether a programme may be one of loads, as far as can be seen without listing its pairs."""
    return bool(program.side_rows) and not len(program.variables) and not program.returns and not (program.officer_low > 0).any()
