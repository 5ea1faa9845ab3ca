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
from numpy.typing import NDArray

from matchmaker.engine.compiled import compiled
from matchmaker.engine.lots import lots
from matchmaker.engine.passes import Passes
from matchmaker.engine.pieces import Block, Ground, Piece, View, above, spread, tiles
from matchmaker.engine.pricing import Known, Lens, block_values
from matchmaker.engine.rows import Floats, Ints
from matchmaker.engine.scaling import FEW, GUESSED, LEAST, Manner, effort, smoothed
from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Limits, Space
from matchmaker.engine.starting import best_of_officers, pairs_above
from matchmaker.engine.worth import HALF_ULP32
from matchmaker.program import among, sorted_once

WANTED = 16.0
"""Pairs a member, roughly, that a cycle looks at."""
SETTLED = 0.02
"""A cycle that lowers the bound by less than so many window's widths a member is the last."""
DEEP = 0.5
"""Windows' widths below tight at which there are few pairs, where worth does not take few values."""
CROWD = 32
"""Pairs a member above which a block's are thinned out: of each enterprise the nearest stay, of ties some by lot."""
SAMPLED = 192
"""Enterprises, about, that the width of the window is read off."""
FLATTEST = 2.0**-20
"""Windows are no narrower than this share of the largest value: narrower ones would only tell ties apart."""
TOLD, MARKS = 2_000, 50
"""Pairs, about, whose worth tells whether it takes few values, such as bids or marks; and how many are few."""


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
    """What stands in a piece's windows: the best of each enterprise, and the best left out; and pairs, with what they are worth."""

    best: NDArray[np.floating]
    out: NDArray[np.floating]
    officers: Ints
    enterprises: Ints
    worth: NDArray[np.floating]


def near_best(ground: Ground, piece: Piece, terms: Window, enterprises: Floats) -> Nearby:
    """The pairs of a piece that are less than the width behind the best of their enterprise; where there is a crowd, some by lot."""
    view = View(ground, piece, terms, enterprises)
    found = []
    for block, span in view:
        rows, columns = view.rows(block), piece.columns[span]
        best, places, values = _in_windows(view, block, span, terms.width)
        out = best - np.float32(terms.width)
        if len(places) > terms.crowd * len(columns):
            near = nearest(values, places // len(rows), lots(places), int(terms.crowd), out)
            places, values = places[near], values[near]
        j, i = np.divmod(places, len(rows))
        found.append(Nearby(best, out, rows[i], columns[j], values + terms.officers[rows[i]]))
    return Nearby(*(np.concatenate(side) for side in zip(*found, strict=True)))


def _in_windows(view: View, block: Block, span: slice, width: float) -> tuple[NDArray[np.floating], Ints, NDArray[np.floating]]:
    """The best of each enterprise of a block; where pairs less than the width behind it stand in the block, sorted; and their values.

    The best is not known before the last tile: what stands in a window that reaches too low is left out afterwards.
    """
    size = len(view.rows(block))
    best: NDArray[np.floating] = np.full(span.stop - span.start, -np.inf, np.float32)
    places, found = [], []
    for tile in tiles(size):
        values = view.values(block, span, np.float32, tile)
        best = np.maximum(best, values.max(axis=1))
        inside = above(values, (best - np.float32(width))[:, None])
        places.append(spread(inside, tile, size))
        found.append(values.ravel()[inside])
    if len(places) == 1:
        return best, places[0], found[0]
    place, value = np.concatenate(places), np.concatenate(found)
    near = value > (best - np.float32(width))[place // size]
    order = np.argsort(place[near])
    return best, place[near][order], value[near][order]


@compiled
def selected(values: NDArray[np.floating], rank: int) -> float:
    """What would stand at a place if the values were sorted; they are moved about (quickselect; Hoare 1961, doi:10.1145/366622.366647)."""
    first, last = 0, len(values) - 1
    while first < last:
        pivot = values[(first + last) >> 1]
        low, high = first, last
        while low <= high:
            while values[low] < pivot:
                low += 1
            while values[high] > pivot:
                high -= 1
            if low <= high:
                values[low], values[high] = values[high], values[low]
                low, high = low + 1, high - 1
        if rank <= high:
            last = high
        elif rank >= low:
            first = low
        else:
            break
    return float(values[rank])


@compiled
def nearest(values: NDArray[np.floating], rows: Ints, lot: Floats, most: int, out: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Of values by row about so many of each: the highest, of equal ones some by lot. `out` rises to what is left out."""
    kept = np.ones(len(values), np.bool_)
    start = 0
    while start < len(values):
        row = rows[start]
        stop = start
        while stop < len(values) and rows[stop] == row:
            stop += 1
        if stop - start > most:
            found = values[start:stop]
            last = selected(found.copy(), stop - start - most)
            above, equal = 0, 0
            for value in found:
                above += value > last
                equal += value == last
            for at in range(start, stop):
                kept[at] = values[at] > last or (values[at] == last and lot[at] * equal < most - above)
            out[row] = last
        start = stop
    return kept


@dataclass(frozen=True, eq=False)
class Close:
    """Pairs near the best of their enterprise at officers' prices.

    Parameters
    ----------
    best, out
        Shapes (n_enterprises,): the best ``a_ij - p_i`` of each, and of those of its pairs that are not here; in single precision.
    officers, enterprises, worth
        Shapes (n_pairs,): the pairs, and what they are worth, in single precision.
    """

    best: Floats
    out: Floats
    officers: Ints
    enterprises: Ints
    worth: Floats

    def reduced(self, officers: Floats, enterprises: Floats) -> Floats:
        """What is left of each pair's worth at these prices. Shape (n_pairs,)."""
        left: Floats = self.worth - officers[self.officers] - enterprises[self.enterprises]
        return left

    def best_at(self, officers: Floats) -> Floats:
        """The best of these pairs for each enterprise at other prices. Shape (n_enterprises,)."""
        best = np.full(len(self.best), -np.inf)
        np.maximum.at(best, self.enterprises, self.worth - officers[self.officers])
        return best

    def narrowed(self, officers: Floats, wanted: int) -> tuple[Close, float]:
        """About so many pairs, those nearest to the best of their enterprise at other prices; and how far the farthest is behind."""
        best = self.best_at(officers)
        behind = best[self.enterprises] - (self.worth - officers[self.officers])
        rank = min(wanted, len(behind) - 1)
        width = float(np.partition(behind, rank)[rank]) if len(behind) else 0.0
        near = behind <= width
        return Close(best, self.out, self.officers[near], self.enterprises[near], self.worth[near]), width

    def with_near(self, earlier: Close | None, officers: Floats, width: float) -> Close:
        """These, and those of an earlier pass that are outside the window now, but by less than its width again."""
        if earlier is None:
            return self
        reduced = earlier.reduced(officers, self.best)
        near = (reduced <= -width) & (reduced > -2 * width)
        return self.joined(earlier.officers[near], earlier.enterprises[near], earlier.worth[near])

    def joined(self, officers: Ints, enterprises: Ints, worth: Floats) -> Close:
        """These and some more."""
        return Close(
            self.best,
            self.out,
            np.concatenate([self.officers, officers]),
            np.concatenate([self.enterprises, enterprises]),
            np.concatenate([self.worth, worth]),
        )


class Settled(NamedTuple):
    """Prices near optimal ones, the pairs near tight at them as sorted keys, the width of the window, how many passes that took, what the
    last one says of all pairs, and how far below tight few pairs stand, 0 where that is not known."""

    prices: tuple[Floats, Floats]
    keys: Ints
    width: float
    passes: int
    known: Known
    deep: float


def settle(space: Space, officers: Floats, maker: Passes, check: Callable[[], None] = unlimited, manner: Manner = GUESSED) -> Settled:
    """From a guess at officers' prices to prices near optimal ones."""
    found: Close | None = None
    passes, still, at, step = 0, False, officers, step_of(space)
    apart = not _tells_ties(space, step)
    while passes < manner.cycles and not still:
        found, width, passes = *_look(space, officers, WANTED, step, found, maker), passes + 1
        at = officers
        officers, found = _brought_in(space, officers, found, width, check)
        before = _bound(space.limits, officers, found.best)
        officers = smoothed(found, space.limits, officers, width, check, effort(space, manner) if apart else LEAST)
        still = before - _bound(space.limits, officers, found.best_at(officers)) < SETTLED * space.members * width
    if found is None or not still:
        found, width, passes = *_look(space, officers, manner.kept, step, found, maker), passes + 1
        at = officers
        officers, found = _brought_in(space, officers, found, width, check)
        known = _known(space, found, at)
    else:
        known = _known(space, found, at)
        found, width = found.narrowed(officers, int(manner.kept * space.members))
    asked = np.where(np.isfinite(found.best), found.best, 0.0)
    return Settled(
        (officers, asked), _keys(space, found), max(width, step), passes, known, DEEP * width if apart and space.size > FEW else 0.0
    )


def _keys(space: Space, found: Close) -> Ints:
    keys = sorted_once(space.keys(found.officers, found.enterprises))
    return space.meeting(keys[~among(space.skipped, keys)])


def _known(space: Space, found: Close, officers: Floats) -> Known:
    """What a look in single precision says of every pair, in exact arithmetic; the best of an enterprise stands for its price."""
    asked = np.where(np.isfinite(found.best), found.best, 0.0)
    price = float(np.abs(officers).max(initial=0.0) + np.abs(asked).max(initial=0.0))
    return Known(_keys(space, found), found.out - asked + 4 * space.error(HALF_ULP32, price), officers, asked)


def _look(space: Space, officers: Floats, wanted: float, least: float, earlier: Close | None, maker: Passes) -> tuple[Close, float]:
    """A pass for about so many pairs a member, and the window's width."""
    width = width_of(space, officers, wanted, least)
    return closest(space, Window(officers, width, _crowd(space)), maker).with_near(earlier, officers, width), width


def _brought_in(space: Space, officers: Floats, found: Close, width: float, check: Callable[[], None]) -> tuple[Floats, Close]:
    """Prices lowered of officers whom nobody would have, until somebody would; and their pairs in the window then, besides those found."""
    alone = (np.bincount(found.officers, minlength=len(officers)) == 0) & (space.limits.officer_high > 0) & (officers > 0)
    if space.listed is not None or not alone.any():
        return officers, found
    top = best_of_officers(space, found.best, alone, check)
    officers = np.where(alone, np.minimum(np.maximum(top, 0.0), officers), officers)
    i, j = pairs_above(space, officers, found.best - width, alone, check)
    return officers, found.joined(i, j, space.values(space.keys(i, j)))


def _bound(limits: Limits, officers: Floats, best: Floats) -> float:
    """About the bound that officers' prices prove, when each enterprise has the best it can."""
    best = np.where(np.isfinite(best), best, 0.0)
    sides = ((officers, limits.officer_low, limits.officer_high), (best, limits.enterprise_low, limits.enterprise_high))
    return float(sum(np.maximum(price * low, price * high).sum() for price, low, high in sides))


def _crowd(space: Space) -> float:
    return CROWD * sum(space.shape) / space.shape[1]


def step_of(space: Space) -> float:
    """What worth differs by where it takes few values, as bids and marks do; else, too little to matter."""
    flattest = FLATTEST * (space.reach or 1.0)
    worth = space.values(space.drawn(TOLD))
    seen = np.unique(np.rint(worth / flattest))
    return flattest * float(np.diff(seen).min()) if 1 < len(seen) <= MARKS else flattest


def tied(space: Space) -> bool:
    """Whether worth takes few values, so that many pairs tie."""
    return _tells_ties(space, step_of(space))


def _tells_ties(space: Space, step: float) -> bool:
    return step > FLATTEST * (space.reach or 1.0)


def width_of(space: Space, officers: Floats, wanted: float, least: float) -> float:
    """How far behind the best of its enterprise a pair may be, if about so many pairs a member are to be found; no less than so far."""
    if space.listed is not None:
        behind, share = _listed(space, space.listed, officers)[1], 1.0
    else:
        lens = Lens.of(space, officers, np.zeros(space.shape[1]), np.float32)
        asking = sum(len(group.enterprises) for group in space.groups)
        step = max(1, asking // SAMPLED)
        blocks = [block_values(space, lens, group.officers, group.enterprises[::step]) for group in space.groups]
        behind = np.concatenate([np.empty(0), *(_behind(values) for values in blocks)])
        share = sum(len(values) for values in blocks) / asking
    rank = min(int(wanted * space.members * share), len(behind) - 1)
    return least if rank < 0 else max(float(np.partition(behind, rank)[rank]), least)


def _behind(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far the pairs of a block that may meet are behind the best of their enterprise. Shape (n_found,)."""
    best = np.broadcast_to(values.max(axis=1, keepdims=True), values.shape)
    return np.asarray((best - values)[values > -np.inf])


def closest(space: Space, window: Window, maker: Passes) -> Close:
    """One pass: of each enterprise the best value, and the pairs in its window."""
    if space.listed is not None:
        best, behind = _listed(space, space.listed, window.officers)
        near = behind < window.width
        return Close(best, best, *space.split(space.listed[near]), space.listed_worth[near])
    best, out = np.full(space.shape[1], -np.inf), np.full(space.shape[1], -np.inf)
    found = []
    for columns, nearby in maker.over(space, near_best, window, lambda columns: np.zeros(len(columns))):
        best[columns], out[columns] = nearby.best, nearby.out
        found.append(nearby[2:])
    officers, enterprises, worth = (np.concatenate(side) for side in zip(*found, strict=True))
    return Close(best, out, officers, enterprises, worth.astype(np.float64))


def _listed(space: Space, listed: Ints, officers: Floats) -> tuple[Floats, Floats]:
    """The best of each enterprise among listed pairs, and how far each pair is behind it. Shapes (n_enterprises,), (n_listed,)."""
    i, j = space.split(listed)
    values = space.listed_worth - officers[i]
    best = np.full(space.shape[1], -np.inf)
    np.maximum.at(best, j, values)
    return best, best[j] - values
