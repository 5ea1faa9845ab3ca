"""Small problems for which prices settle badly are solved on all their pairs at once.

Where worth takes few values, no price tells ties apart; where it spans many orders of magnitude, no window shows large and small
alike. Then a method that needs neither is faster (:mod:`matchmaker.engine.simplex`), as long as all pairs are few enough to be held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from matchmaker.engine.pricing import Scan
from matchmaker.engine.quantum import Quantum
from matchmaker.engine.rows import Held
from matchmaker.engine.simplex import NEVER, Whole, most_above, solve_whole
from matchmaker.engine.smoothing import TOLD, tied
from matchmaker.engine.space import WHOLE, Floats, Ints, Space
from matchmaker.engine.worth import HALF_ULP64

DENSE = 0.25
"""The least share of the pairs of a matrix that may meet, for all of it to be held."""
WIDE = 2.0**-10
"""Worth spans orders of magnitude where half of the pairs that are worth anything are worth less than this share of the largest."""
RANK = 64
"""Factors up to which every pair's worth is soon added up."""
CHUNK = 64
"""Enterprises whose pairs are read at a time."""


def at_once(space: Space) -> bool:
    """Whether a space is to be solved on all its pairs: few, none with a limit of its own, and of a kind for which prices settle badly."""
    return _holds(space) and _simple(space) and (tied(space) or wide(space))


def wide(space: Space) -> bool:
    """Whether worth spans many orders of magnitude, so that most of it is next to nothing beside the largest."""
    worth = np.abs(space.values(space.drawn(TOLD)))
    seen = worth[worth > 0]
    return len(seen) > 0 and float(np.median(seen)) < WIDE * space.reach


def _holds(space: Space) -> bool:
    """Whether the whole matrix may be held, and is not mostly of pairs that may not meet."""
    every = space.shape[0] * space.shape[1]
    listed = space.listed is not None or bool(space.program.thresholds)
    return not listed and DENSE * every <= space.size and every <= WHOLE and space.worth.rank <= RANK and isinstance(space.rows, Held)


def _simple(space: Space) -> bool:
    """Whether limits are those of members alone, and each takes any number up to the most, or that number and no other."""
    limits = space.limits
    (low_i, low_j), (high_i, high_j) = limits.sides
    apart = min(high_i.max(initial=0), high_j.max(initial=0)) <= limits.per_pair and limits.officer_count is None
    return bool(apart and all(((low == 0) | (low == high)).all() for low, high in ((low_i, high_i), (low_j, high_j))))


class Best(NamedTuple):
    """A plan of greatest worth in whole units, and prices that prove it so.

    Parameters
    ----------
    keys, amount
        Sorted pairs, every one in use among them, with their units. Shapes (n_pairs,).
    prices
        Scaled as the space is, shapes (n_officers,), (n_enterprises,).
    found
        A look at every pair at these prices, in whole units.
    """

    keys: Ints
    amount: Ints
    prices: tuple[Floats, Floats]
    found: Scan


def best_at_once(space: Space, quantum: Quantum, check: Callable[[], None]) -> Best | None:
    """The best plan; None where no plan keeps every rule."""
    low, high = (np.concatenate(side).astype(np.int64) for side in space.limits.sides)
    worth = whole_worth(space, quantum, check)
    best = solve_whole(worth, low, high, check)
    if best.short:
        return None
    keys = space.keys(best.officers, best.enterprises)
    order = np.argsort(keys)
    officers, enterprises = (price.astype(np.float64) * quantum.size for price in best.prices)
    none, nothing = np.empty(0, np.int64), np.empty(0)
    rest = (most_above(worth, *best.prices).astype(np.float64) + 0.5) * quantum.size + space.error(HALF_ULP64, 0.0)
    return Best(keys[order], best.amount[order], (officers, enterprises), Scan(none, nothing, nothing, rest, nothing))


def whole_worth(space: Space, quantum: Quantum, check: Callable[[], None]) -> Whole:
    """What each pair is worth in whole units, as :meth:`Space.values` says it. Shape (n_enterprises, n_officers)."""
    n, m = space.shape
    worth = np.empty((m, n), np.int64)
    for start in range(0, m, CHUNK):
        check()
        part = slice(start, start + CHUNK)
        worth[part] = quantum.whole(space.worth.block(part))
    own = space.live_valued
    officers, enterprises = space.split(own)
    worth[enterprises, officers] = quantum.whole(space.values(own))
    if space.size < n * m:
        apart = np.ones((m, n), dtype=bool)
        for group in space.groups:
            apart[np.ix_(group.enterprises, group.officers)] = False
        worth[apart] = NEVER
    officers, enterprises = space.split(space.skipped)
    worth[enterprises, officers] = NEVER
    return worth
