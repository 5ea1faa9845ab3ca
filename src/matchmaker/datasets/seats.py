"""A plan that keeps every area: it gives the made-up city its first round, and shows that a plan exists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shared_out(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """A total in whole numbers, in proportion, by the largest remainders. Shape of `weights`, which may be empty when the total is 0."""
    exact = total * weights / max(weights.sum(), 1e-300)
    parts: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def grown(asking: NDArray[np.int64], place: NDArray[np.int64], capacity: NDArray[np.int64], n_places: int) -> NDArray[np.int64]:
    """Capacities raised evenly wherever a place has officers and too few seats for those who ask there.

    Parameters
    ----------
    asking
        Shape (n_asking,), int64 place of each who asks.
    place
        Shape (n_officers,), int64 place of each officer.
    capacity
        Shape (n_officers,), int64 seats of each officer.
    n_places
        Places are 0..n_places - 1.
    """
    lacking = np.maximum(0, np.bincount(asking, minlength=n_places) - np.bincount(place, capacity, n_places).astype(np.int64))
    staff = np.bincount(place, minlength=n_places)
    more: NDArray[np.int64] = -(-lacking // np.maximum(staff, 1))
    return capacity + more[place]


def seated(asking: NDArray[np.int64], place: NDArray[np.int64], capacity: NDArray[np.int64], n_places: int) -> NDArray[np.int64]:
    """The officer of each who asks, every officer of a place taken in turn; -1 when a place has no seat left. Shape (n_asking,)."""
    officer = np.repeat(np.arange(len(capacity)), capacity)
    turn = np.arange(len(officer)) - np.repeat(np.cumsum(capacity) - capacity, capacity)
    seats = officer[np.lexsort((officer, turn, place[officer]))]
    count = np.bincount(place[seats], minlength=n_places)
    first = np.cumsum(count) - count
    rank = rank_within(asking)
    found = np.full(len(asking), -1, np.int64)
    free = rank < count[asking]
    found[free] = seats[(first[asking] + rank)[free]]
    return found


def rank_within(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2, ... within each group, in the order they stand. Shape (n,)."""
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    starts = np.flatnonzero(np.diff(sorted_groups, prepend=-1))
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(groups)) - np.repeat(starts, np.diff(starts, append=len(groups)))
    return ranks
