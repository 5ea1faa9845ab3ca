"""Prices of a large space, settled on a part of it first.

Small samples do not tell how scarce officers are here and there: that is only known of many. A quarter of the officers with a quarter of
the enterprises is a city about as scarce in everything, and its prices settle at a sixteenth of the cost.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matchmaker.engine.passes import Threads
from matchmaker.engine.smoothing import settle
from matchmaker.engine.space import Floats, Space
from matchmaker.engine.starting import extended, spread, starting_prices

LARGE = 400_000_000
"""Pairs from which on a rehearsal saves more passes than it costs."""
SHARE = 4
"""One in so many members is in the part; or in so many more that the part has no more than so many pairs."""
PART = 200_000_000


def rehearsed_prices(space: Space, maker: Threads, check: Callable[[], None]) -> Floats:
    """A guess at officers' optimal prices, scaled; a better one where the space is large. Shape (n_officers,)."""
    guess = starting_prices(space, maker.threads)
    if space.listed is not None or space.size < LARGE:
        return guess
    share = max(SHARE, round((space.size / PART) ** 0.5))
    inside = [np.zeros(size, dtype=bool) for size in space.shape]
    for side in (0, 1):
        inside[side][spread(space, side)[::share]] = True
    part = space.part(*inside)
    if not part.groups:
        return guess
    settled = settle(part, guess, maker, check)
    columns = np.flatnonzero(inside[1])
    return extended(space, columns, settled.prices[1][columns], check=check)
