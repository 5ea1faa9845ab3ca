"""Where to begin: prices guessed from small samples solved exactly.

A sample of some officers and as many enterprises in proportion is a small city with about the same prices. Each sample's enterprise
prices u extend to every officer by ``p_i = max(0, max_j a_ij - u_j)``; the mean over several samples is roughly what an officer's place
is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.lots import lots
from matchmaker.engine.pieces import tiles
from matchmaker.engine.pricing import Lens, block_values
from matchmaker.engine.quantum import Quantum, largest_of
from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.engine.transport import solve_transport

SAMPLE = 40_000
"""Pairs in a sample: solved exactly in a few hundredths of a second."""
SAMPLES = 4
PLACES = 16
"""Places of an officer whose last taker sets the price, at most: of one with more it is a little high."""
SAMPLED = 0.125
"""All samples together hold at most about this share of the pairs: there is no guessing for long at what is soon known."""
SHORT = 0.25
"""What a place short costs in a sample, as a share of the largest value: little, so that prices stay sane where the sample is poor."""
EASE = 0.01
"""How exactly bidding makes a sample's prices first, as a share of the largest value."""


def starting_prices(space: Space, threads: int = 1) -> Floats:
    """A guess at officers' optimal prices, scaled; samples are solved side by side. Shape (n_officers,)."""
    n = space.shape[0]
    if space.listed is not None:
        return np.zeros(n)
    share = max(2, round((space.size / SAMPLE) ** 0.5))
    officers, enterprises = spread(space, 0), spread(space, 1)

    def guessed(start: int) -> Floats | None:
        rows, columns = np.sort(officers[start::share]), np.sort(enterprises[start::share])
        return extended(space, columns, _sample_prices(space, rows, columns)) if len(rows) and len(columns) else None

    samples = range(min(SAMPLES, share, max(1, int(SAMPLED * space.size / SAMPLE))))
    with ThreadPoolExecutor(threads) as pool:
        guesses = [guess for guess in pool.map(guessed, samples) if guess is not None]
    return np.mean(guesses, axis=0) if guesses else np.zeros(n)


def filled_prices(space: Space, officers: Floats, enterprises: Floats) -> Floats:
    """Officers' prices that are known of most, with what the others' places are worth against enterprises' prices. Shape (n_officers,).

    As many enterprises as such an officer has places shall want him: the price is what a pair is worth above the enterprise's price, not
    at the best of them but at the last who gets a place. It is read off the best of every block, so it may come out a little low.
    """
    new = ~np.isfinite(officers)
    price = np.where(new, 0.0, officers)
    if not new.any() or space.listed is not None:
        return price
    n, high = len(officers), space.limits.officer_high
    asked = np.where(np.isfinite(enterprises), enterprises, np.inf)
    best = np.full((n, int(np.clip(high[new].max(), 1, PLACES))), -np.inf)
    for rows, _, values in _against(space, np.zeros(n), asked, new, unlimited):
        top, least = values.max(axis=0), best[rows].argmin(axis=1)
        best[rows, least] = np.maximum(best[rows, least], top)
    best.sort(axis=1)
    last = best[np.arange(n), best.shape[1] - np.clip(np.minimum(high, np.isfinite(best).sum(axis=1)), 1, best.shape[1])]
    price[new] = np.maximum(np.where(np.isfinite(last), last, 0.0), np.where(space.limits.officer_low > 0, -space.reach, 0.0))[new]
    return price


def spread(space: Space, side: int) -> Ints:
    """One side's members with places, in an order in which every stretch holds each class in proportion, else by lot."""
    size = space.shape[side]
    limits = space.limits
    live = np.flatnonzero((limits.officer_high, limits.enterprise_high)[side] > 0)
    lot = lots(live + size * side)
    classes = [(part.of_officer, part.of_enterprise)[side][live] for part in space.program.classes]
    return live[np.lexsort([lot, *classes])]


def _sample_prices(space: Space, rows: Ints, columns: Ints) -> Floats:
    """The sample's enterprise prices when it is solved by itself; single pairs' own values do not matter to a guess. Shape (n_columns,)."""
    i, j, values = _sample(space, rows, columns)
    if not values.any():
        return np.zeros(len(columns))
    most = largest_of(values)
    quantum = Quantum.fine(most, len(rows) + len(columns))
    flow = solve_transport(
        i,
        j,
        quantum.whole(values),
        space.limits.of(rows, columns),
        (np.zeros(len(rows)), np.zeros(len(columns))),
        floor=np.full(len(rows) + len(columns), -quantum.units(SHORT * most)),
        least=quantum.units(EASE * most),
    )
    return flow.enterprises * quantum.size


def _sample(space: Space, rows: Ints, columns: Ints) -> tuple[Ints, Ints, Floats]:
    """The eligible pairs of some officers and enterprises, by their places among them, and what each is worth. Shapes (n_pairs,)."""
    row, column = _places(rows, space.shape[0]), _places(columns, space.shape[1])
    lens = Lens.of(space, np.zeros(space.shape[0]), np.zeros(space.shape[1]), np.float64)
    found = []
    for group in space.groups:
        officers, enterprises = (side[place[side] >= 0] for side, place in ((group.officers, row), (group.enterprises, column)))
        if len(officers) and len(enterprises):
            values = block_values(space, lens, officers, enterprises)
            i, j = np.broadcast_arrays(row[officers], column[enterprises][:, None])
            found.append((i.ravel(), j.ravel(), values.ravel()))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    i, j, worth = (np.concatenate(side) for side in zip(*found, strict=True))
    may = np.isfinite(worth)
    return i[may], j[may], worth[may]


def _places(members: Ints, size: int) -> Ints:
    """Where each member stands among some; -1 where it does not. Shape (size,)."""
    place = np.full(size, -1, dtype=np.int64)
    place[members] = np.arange(len(members))
    return place


def extended(space: Space, columns: Ints, price: Floats, check: Callable[[], None] = unlimited) -> Floats:
    """What each officer's place is worth against these enterprises' prices. Shape (n_officers,)."""
    n, m = space.shape
    asked = np.full(m, np.inf)
    asked[columns] = price
    best = best_of_officers(space, asked, np.ones(n, dtype=bool), check)
    floor = np.where(space.limits.officer_low > 0, -space.reach, 0.0)
    return np.maximum(np.where(np.isfinite(best), best, 0.0), floor)


def best_of_officers(space: Space, asked: Floats, wanted: NDArray[np.bool_], check: Callable[[], None] = unlimited) -> Floats:
    """The most that a pair of each officer that is wanted is worth above its enterprise's price; no pair of one whose price is infinite.

    Shape (n_officers,), minus infinity where there is none.
    """
    best = np.full(space.shape[0], -np.inf)
    for rows, _, values in _against(space, np.zeros(space.shape[0]), asked, wanted, check):
        best[rows] = np.maximum(best[rows], values.max(axis=0))
    return best


def pairs_above(
    space: Space, officers: Floats, asked: Floats, wanted: NDArray[np.bool_], check: Callable[[], None] = unlimited
) -> tuple[Ints, Ints]:
    """The pairs of wanted officers that are worth more than both prices, as single precision sees them; none where a price is infinite."""
    i, j = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for rows, columns, values in _against(space, officers, asked, wanted, check):
        at_j, at_i = np.nonzero(values > 0)
        i.append(rows[at_i])
        j.append(columns[at_j])
    return np.concatenate(i), np.concatenate(j)


def _against(
    space: Space, officers: Floats, asked: Floats, wanted: NDArray[np.bool_], check: Callable[[], None]
) -> Iterator[tuple[Ints, Ints, NDArray[np.floating]]]:
    """Reduced values of wanted officers, block by block: rows, columns and the values, shape (n_columns, n_rows)."""
    finite = np.isfinite(asked)
    lens = Lens.of(space, officers, np.where(finite, asked, 0.0), np.float32)
    for group in space.groups:
        part, among = group.enterprises[finite[group.enterprises]], group.officers[wanted[group.officers]]
        for tile in tiles(len(among)):
            rows = among[tile]
            for start in range(0, len(part), 128):
                check()
                yield rows, part[start : start + 128], block_values(space, lens, rows, part[start : start + 128])
