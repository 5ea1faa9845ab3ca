"""Prices that are nearly right, found without solving anything.

Let every pair near the best of its enterprise take a share of it, the more the nearer, ``x_ij ~ exp((a_ij - p_i - u_j) / t)``, and scale
prices in turn until the shares add up to what officers have and enterprises ask (Sinkhorn 1967, doi:10.2307/2314570; Cuturi 2013,
doi:10.48550/arXiv.1306.0895). As the temperature t falls, prices tend to optimal ones. The pairs near the best are enough as long as
prices do not move farther than they reach; then another pass finds those that are near at the new prices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from matchmaker.engine.look import lots
from matchmaker.engine.passes import Passes
from matchmaker.engine.pieces import Ground, Piece, View, above
from matchmaker.engine.pricing import Lens, block_values
from matchmaker.engine.rows import Floats, Ints
from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Limits, Space
from matchmaker.engine.starting import best_of_officers
from matchmaker.program import among, sorted_once

WANTED = 16.0
"""Pairs a member, roughly, that a cycle looks at."""
MOST_CYCLES, WARM_CYCLES = 10, 1
SETTLED = 0.02
"""A cycle that lowers the bound by less than so many window's widths a member is the last."""
KEPT = 4.0
"""Pairs a member, roughly, within the last window."""
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
class Window:
    """What a pass asks of every piece: pairs less than a width behind the best of their enterprise.

    Parameters
    ----------
    officers
        Prices, shape (n_officers,).
    width
        How far behind.
    crowd
        Pairs an enterprise above which a block's are thinned out.
    """

    officers: Floats
    width: float
    crowd: float


class Nearby(NamedTuple):
    """What stands in a piece's windows: the best of each enterprise; and pairs, with what they are worth."""

    best: Floats
    officers: Ints
    enterprises: Ints
    worth: Floats


def near_best(ground: Ground, piece: Piece, terms: Window, enterprises: Floats) -> Nearby:
    """The pairs of a piece that are less than the width behind the best of their enterprise; where there is a crowd, some by lot."""
    view = View(ground, piece, terms, enterprises)
    found = []
    for block, span in view:
        rows, columns = view.rows(block), piece.columns[span]
        values = view.values(block, span, np.float32)
        best = values.max(axis=1)
        places = above(values, (best - np.float32(terms.width))[:, None])
        if len(places) > terms.crowd * len(columns):
            places = places[lots(places) < terms.crowd * len(columns) / len(places)]
        j, i = np.divmod(places, len(rows))
        found.append(Nearby(best, rows[i], columns[j], values.ravel()[places] + terms.officers[rows[i]]))
    return Nearby(*(np.concatenate(side) for side in zip(*found, strict=True)))


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


class Settled(NamedTuple):
    """Prices near optimal ones, the pairs near tight at them as sorted keys, the width of the window, and how many passes that took."""

    prices: tuple[Floats, Floats]
    keys: Ints
    width: float
    passes: int


def settle(space: Space, officers: Floats, maker: Passes, check: Callable[[], None] = unlimited, *, cycles: int = MOST_CYCLES) -> Settled:
    """From a guess at officers' prices to prices near optimal ones."""
    earlier: Close | None = None
    bound, passes = np.inf, 0
    for _ in range(cycles):
        found, width, passes = *_look(space, officers, WANTED, earlier, maker), passes + 1
        before, bound = bound, _bound(space.limits, officers, found.best)
        officers = smoothed(found, space.limits, _brought_in(space, officers, found, check), width, check)
        earlier = found
        if before - bound < SETTLED * sum(space.shape) * width:
            break
    found, width, passes = *_look(space, officers, KEPT, earlier, maker), passes + 1
    lowered = _brought_in(space, officers, found, check)
    if (lowered < officers).any():
        officers = lowered
        found, width, passes = *_look(space, officers, KEPT, earlier, maker), passes + 1
    keys = sorted_once(space.keys(found.officers, found.enterprises))
    return Settled((officers, np.where(np.isfinite(found.best), found.best, 0.0)), keys[~among(space.skipped, keys)], width, passes)


def _look(space: Space, officers: Floats, wanted: float, earlier: Close | None, maker: Passes) -> tuple[Close, float]:
    """A pass for about so many pairs a member, and the window's width."""
    width = width_of(space, officers, wanted)
    return closest(space, Window(officers, width, _crowd(space)), maker).with_near(earlier, officers, width), width


def _brought_in(space: Space, officers: Floats, found: Close, check: Callable[[], None]) -> Floats:
    """Prices lowered of officers whom nobody would have, until somebody would. Shape (n_officers,)."""
    alone = (np.bincount(found.officers, minlength=len(officers)) == 0) & (space.limits.officer_high > 0) & (officers > 0)
    if space.listed is not None or not alone.any():
        return officers
    top = best_of_officers(space, found.best, alone, check)
    return np.where(alone, np.minimum(np.maximum(top, 0.0), officers), officers)


def _bound(limits: Limits, officers: Floats, best: Floats) -> float:
    """About the bound that officers' prices prove, when each enterprise has the best it can."""
    best = np.where(np.isfinite(best), best, 0.0)
    sides = ((officers, limits.officer_low, limits.officer_high), (best, limits.enterprise_low, limits.enterprise_high))
    return float(sum(np.maximum(price * low, price * high).sum() for price, low, high in sides))


def _crowd(space: Space) -> float:
    return CROWD * sum(space.shape) / space.shape[1]


def width_of(space: Space, officers: Floats, wanted: float) -> float:
    """How far behind the best of its enterprise a pair may be, if about so many pairs a member are to be found."""
    if space.listed is not None:
        behind, share = _listed(space, space.listed, officers)[1], 1.0
    else:
        lens = Lens.of(space, officers, np.zeros(space.shape[1]), np.float32)
        asking = sum(len(group.enterprises) for group in space.groups)
        step = max(1, asking // SAMPLED)
        blocks = [block_values(space, lens, group.officers, group.enterprises[::step]) for group in space.groups]
        behind = np.concatenate([(values.max(axis=1, keepdims=True) - values).ravel() for values in blocks])
        share = sum(len(values) for values in blocks) / asking
    rank = min(int(wanted * sum(space.shape) * share), len(behind) - 1)
    return max(float(np.partition(behind, rank)[rank]), FLATTEST * (space.reach or 1.0))


def closest(space: Space, window: Window, maker: Passes) -> Close:
    """One pass: of each enterprise the best value, and the pairs in its window."""
    if space.listed is not None:
        best, behind = _listed(space, space.listed, window.officers)
        near = behind < window.width
        return Close(best, *space.split(space.listed[near]), space.listed_worth[near])
    best = np.full(space.shape[1], -np.inf)
    found = []
    for columns, nearby in maker.over(space, near_best, window, lambda columns: np.zeros(len(columns))):
        best[columns] = nearby.best
        found.append(nearby[1:])
    officers, enterprises, worth = (np.concatenate(side) for side in zip(*found, strict=True))
    return Close(best, officers, enterprises, worth.astype(np.float64))


def _listed(space: Space, listed: Ints, officers: Floats) -> tuple[Floats, Floats]:
    """The best of each enterprise among listed pairs, and how far each pair is behind it. Shapes (n_enterprises,), (n_listed,)."""
    i, j = space.split(listed)
    values = space.listed_worth - officers[i]
    best = np.full(space.shape[1], -np.inf)
    np.maximum.at(best, j, values)
    return best, best[j] - values


def smoothed(found: Close, limits: Limits, officers: Floats, width: float, check: Callable[[], None] = unlimited) -> Floats:
    """Officers' prices moved, no farther than the window lets see, until shares of pairs add up. Shape (n_officers,)."""
    n, m = len(officers), len(found.best)
    order = np.argsort(found.enterprises, kind="stable")
    columns, ends = found.officers[order], np.concatenate([[0], np.cumsum(np.bincount(found.enterprises, minlength=m))])
    price, asked = officers, np.where(np.isfinite(found.best), found.best, 0.0)
    least, most = officers - FALL * width, officers + RISE * width
    for share, times in TEMPERATURES:
        t = share * width
        shares = np.exp(np.minimum(found.reduced(price, asked)[order] / t, 50.0))
        kernel = sp.csr_array((shares, columns, ends), shape=(m, n))
        across = kernel.T
        floor, ceiling = np.exp((price - most) / t), np.exp((price - least) / t)
        free_i, free_j = (np.exp(np.clip(side / t, -600, 600)) for side in (price, asked))
        a, b = np.ones(n), np.ones(m)
        for _ in range(times):
            check()
            b = _scale(kernel @ a, limits.enterprise_low, limits.enterprise_high, free_j)
            a = np.clip(_scale(across @ b, limits.officer_low, limits.officer_high, free_i), floor, ceiling)
        price, asked = price - t * np.log(a), asked - t * np.log(np.maximum(b, 1e-300))
    return np.where(np.bincount(columns, minlength=n) > 0, price, officers)


def _scale(total: Floats, low: Ints, high: Ints, free: Floats) -> Floats:
    """The factor at which a total keeps between least and most: that of a price of zero, where it does so."""
    total = np.maximum(total, 1e-300)
    scale: Floats = np.minimum(np.maximum(free, low / total), high / total)
    return scale
