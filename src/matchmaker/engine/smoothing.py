"""Prices that are nearly right, found without solving anything.

Let every pair near the best of its enterprise take a share of it, the more the nearer, ``x_ij ~ exp((a_ij - p_i - u_j) / t)``, and scale
prices in turn until the shares add up to what officers have and enterprises ask (Sinkhorn 1967, doi:10.2307/2314570; Cuturi 2013,
doi:10.48550/arXiv.1306.0895). As the temperature t falls, prices tend to optimal ones. The pairs near the best are enough as long as
prices do not move farther than they reach; then another pass finds those that are near at the new prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matchmaker.engine.pricing import Lens, _over_blocks, block_values, lots
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats, Group, Ints, Limits, Space
from matchmaker.engine.starting import spread
from matchmaker.program import among, sorted_once

CYCLES = ((4, 20.0), (4, 20.0), (2, 20.0), (1, 12.0), (1, 12.0), (1, 8.0))
"""One enterprise in how many a cycle looks at, and about how many pairs a member it wants."""
KEPT = 4.0
"""Pairs a member, roughly, that are the shortlist in the end."""
CROWD = 100
"""Pairs a member above which a block's are thinned out by lot."""
SAMPLED = 192
"""Enterprises, about, that the width of the window is read off."""
FLATTEST = 2.0**-12
"""Windows are no narrower than this share of the largest value: narrower ones would only tell ties apart."""
TEMPERATURES = ((0.25, 8), (0.12, 16))
"""Of a cycle: shares of the window's width, and how often prices are scaled at each."""
FALL, RISE = 2.0, 1.0
"""Window's widths by which an officer's price may fall and rise in one cycle."""


@dataclass(frozen=True, eq=False)
class Close:
    """Pairs near the best of their enterprise at officers' prices.

    Parameters
    ----------
    best
        Shape (n_enterprises,): the best ``a_ij - p_i`` of each.
    officers, enterprises, worth
        Shapes (n_pairs,): the pairs, and what they are worth, in single precision.
    """

    best: Floats
    officers: Ints
    enterprises: Ints
    worth: Floats

    def reduced(self, officers: Floats, enterprises: Floats) -> Floats:
        """What is left of each pair's worth at these prices. Shape (n_pairs,)."""
        left: Floats = self.worth - officers[self.officers] - enterprises[self.enterprises]
        return left

    def with_near(self, earlier: Close | None, officers: Floats, width: float) -> Close:
        """These, and those of an earlier pass that are outside the window now, but by less than its width again."""
        if earlier is None:
            return self
        reduced = earlier.reduced(officers, self.best)
        near = (reduced <= -width) & (reduced > -2 * width)
        return Close(
            self.best,
            np.concatenate([self.officers, earlier.officers[near]]),
            np.concatenate([self.enterprises, earlier.enterprises[near]]),
            np.concatenate([self.worth, earlier.worth[near]]),
        )


def settle(space: Space, officers: Floats, search: Search) -> tuple[Floats, Floats, Ints]:
    """Prices near optimal ones, from a guess at officers' prices, and the pairs that are near tight at them.

    Shapes (n_officers,), (n_enterprises,), and sorted keys.
    """
    earlier: Close | None = None
    order = spread(space, 1)
    last = 0
    for share, wanted in CYCLES:
        search.check()
        market = Market.of(space, order, share)
        width = window(space, market, officers, wanted)
        earlier = earlier if share == last else None
        found = closest(space, market, officers, width, search.threads).with_near(earlier, officers, width)
        officers, earlier, last = smoothed(found, market.limits, officers, width), found, share
    market = Market.of(space, order, 1)
    width = window(space, market, officers, KEPT)
    found = closest(space, market, officers, width, search.threads).with_near(earlier, officers, width)
    keys = sorted_once(space.keys(found.officers, found.enterprises))
    return officers, found.best, keys[~among(space.skipped, keys)]


@dataclass(frozen=True, eq=False)
class Market:
    """All officers, and one enterprise in so many with as large a part of the places."""

    groups: list[Group]
    limits: Limits

    @classmethod
    def of(cls, space: Space, order: Ints, share: int) -> Market:
        """Every so manieth enterprise of an order."""
        if share == 1:
            return cls(space.groups, space.limits)
        chosen = np.zeros(space.shape[1], dtype=bool)
        chosen[order[::share]] = True
        groups = [Group(group.officers, group.enterprises[chosen[group.enterprises]]) for group in space.groups]
        limits = space.limits
        part = Limits(
            officer_low=limits.officer_low / share,
            officer_high=limits.officer_high / share,
            enterprise_low=np.where(chosen, limits.enterprise_low, 0),
            enterprise_high=np.where(chosen, limits.enterprise_high, 0),
        )
        return cls([group for group in groups if len(group.enterprises)], part)

    @property
    def asking(self) -> int:
        """How many enterprises."""
        return sum(len(group.enterprises) for group in self.groups)


def window(space: Space, market: Market, officers: Floats, wanted: float) -> float:
    """How far behind the best of its enterprise a pair may be, if about so many pairs a member are to be found."""
    lens = Lens.of(space, officers, np.zeros(space.shape[1]), np.float32)
    asking = market.asking
    step = max(1, asking // SAMPLED)
    parts = [(group.officers, group.enterprises[::step]) for group in market.groups]
    values = [block_values(space, lens, *part) for part in parts]
    behind = np.concatenate([(best_of(block)[:, None] - block).ravel() for block in values])
    members = sum(space.shape) * asking / space.shape[1]
    rank = min(int(wanted * members * sum(len(part[1]) for part in parts) / asking), len(behind) - 1)
    return max(float(np.partition(behind, rank)[rank]), FLATTEST * space.reach)


def best_of(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The greatest of each row. Shape (n_rows,)."""
    best: NDArray[np.floating] = values.max(axis=1)
    return best


def closest(space: Space, market: Market, officers: Floats, width: float, threads: int) -> Close:
    """One pass: of each enterprise the best value, and the pairs less than the width behind it (where many are, some by lot)."""
    lens = Lens.of(space, officers, np.zeros(space.shape[1]), np.float32)
    crowd = CROWD * sum(space.shape) / space.shape[1]

    def look(rows: Ints, columns: Ints) -> tuple[Ints, Floats, Ints, Ints, Floats]:
        values = block_values(space, lens, rows, columns)
        best = best_of(values)
        places = np.flatnonzero((values > (best - np.float32(width))[:, None]).ravel())
        if len(places) > crowd * len(columns):
            places = places[lots(places) < crowd * len(columns) / len(places)]
        j, i = np.divmod(places, len(rows))
        return columns, best.astype(np.float64), rows[i], columns[j], values.ravel()[places] + officers[rows[i]]

    best = np.zeros(space.shape[1])
    parts: list[tuple[Ints, Ints, Floats]] = []
    for columns, top, *pairs in _over_blocks(market.groups, look, threads):
        best[columns] = top
        parts.append((pairs[0], pairs[1], pairs[2]))
    return Close(best, *(np.concatenate(side) for side in zip(*parts, strict=True)))


def smoothed(found: Close, limits: Limits, officers: Floats, width: float) -> Floats:
    """Officers' prices moved, no farther than the window lets see, until shares of pairs add up. Shape (n_officers,)."""
    n, m = len(officers), len(found.best)
    pattern = sp.coo_array((np.arange(1, len(found.worth) + 1), (found.enterprises, found.officers)), shape=(m, n)).tocsr()
    order = pattern.data - 1
    price, asked = officers, found.best
    least, most = officers - FALL * width, officers + RISE * width
    for share, times in TEMPERATURES:
        t = share * width
        shares = np.exp(np.minimum(found.reduced(price, asked)[order] / t, 50.0))
        kernel = sp.csr_array((shares, pattern.indices, pattern.indptr), shape=(m, n))
        across = kernel.T
        floor, ceiling = np.exp((price - most) / t), np.exp((price - least) / t)
        free_i, free_j = (np.exp(np.clip(side / t, -600, 600)) for side in (price, asked))
        a, b = np.ones(n), np.ones(m)
        for _ in range(times):
            b = _scale(kernel @ a, limits.enterprise_low, limits.enterprise_high, free_j)
            a = np.clip(_scale(across @ b, limits.officer_low, limits.officer_high, free_i), floor, ceiling)
        price, asked = price - t * np.log(a), asked - t * np.log(np.maximum(b, 1e-300))
    return price


def _scale(total: Floats, low: Ints, high: Ints, free: Floats) -> Floats:
    """The factor at which a total keeps between least and most: that of a price of zero, where it does so."""
    total = np.maximum(total, 1e-300)
    scale: Floats = np.minimum(np.maximum(free, low / total), high / total)
    return scale
