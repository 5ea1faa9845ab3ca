"""Pairs near tight at some prices: what joins the shortlist of a programme with side rows."""

from __future__ import annotations

import numpy as np

from matchmaker.engine.passes import passes_of
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.search import Search
from matchmaker.engine.space import Ints, Space
from matchmaker.program import Prices, Program, among

MOST = 16
"""Pairs of one enterprise that a look adds, about."""
ABOVE = 1e-3
"""How far above tight a pair must be to count as one that could improve, as a share of the largest value."""


def near_tight(program: Program, prices: Prices, known: Ints, window: float, size: float, search: Search) -> tuple[Ints, int]:
    """Pairs near tight that are not known yet, and how many of them are above.

    Parameters
    ----------
    program
        With side rows, which are paid for at their prices.
    prices
        Of officers, enterprises and rows.
    known
        Sorted pairs.
    window
        How far below tight a pair may be, as a share of `size`.
    size
        How large a pair's value is, about.
    search
        Time and threads.
    """
    search.check()
    space = Space(program.priced(prices.rows))
    officers, enterprises = (np.ldexp(side, -space.exponent) for side in (prices.officers, prices.enterprises))
    scaled = size * 2.0**-space.exponent
    found = scan(space, Ask(officers, enterprises, above=-window * scaled, known=known, most=MOST), passes_of(search))
    new = ~among(known, found.keys)
    return found.keys[new], int((found.reduced[new] > ABOVE * scaled).sum())
