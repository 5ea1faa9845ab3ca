"""Deferred acceptance on short lists: enterprises propose from the best officer down, officers keep the best who came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine import Search
from matchmaker.policies.columns import Columns
from matchmaker.policies.stages import Counts

LIST = 32
"""Officers on an enterprise's list before it is written anew."""
BLOCK = 128
"""Enterprises whose lists are written at once."""


@dataclass(frozen=True, eq=False)
class Held:
    """Pairs that officers hold for now, with their values. Shapes (n_held,)."""

    officers: NDArray[np.int64]
    enterprises: NDArray[np.int64]
    values: NDArray[np.float64]

    def and_(self, other: Held) -> Held:
        """These and those."""
        return Held(
            np.concatenate([self.officers, other.officers]),
            np.concatenate([self.enterprises, other.enterprises]),
            np.concatenate([self.values, other.values]),
        )

    def best(self, room: Counts) -> Held:
        """Each officer keeps as many as there is room for, by value, ties by enterprise; sorted by officer, best first."""
        order = np.lexsort((self.enterprises, -self.values, self.officers))
        officers = self.officers[order]
        rank = np.arange(len(order)) - np.searchsorted(officers, officers)
        kept = order[rank < room[officers]]
        return Held(self.officers[kept], self.enterprises[kept], self.values[kept])


class Lists:
    """Each enterprise's next officers, best first, ties by officer; written anew when they run out.

    Parameters
    ----------
    columns
        What each pair is worth.
    """

    def __init__(self, columns: Columns) -> None:
        m = columns.shape[1]
        self._columns = columns
        self._officers = np.full((m, LIST), -1, dtype=np.int64)
        self._values = np.full((m, LIST), np.inf)
        self._next = np.full(m, LIST)
        self._last = np.full(m, -1, dtype=np.int64), np.full(m, np.inf)

    def take(self, enterprises: NDArray[np.int64], officer_room: Counts, held: Held) -> Held:
        """The next officer of each enterprise. Those who have nobody left to propose to are not in the answer."""
        dry = enterprises[self._next[enterprises] == LIST]
        if len(dry):
            worst = _worst(officer_room, held)
            for start in range(0, len(dry), BLOCK):
                self._write(dry[start : start + BLOCK], worst)
        place = self._next[enterprises]
        officers, values = self._officers[enterprises, place], self._values[enterprises, place]
        some = officers >= 0
        self._next[enterprises[some]] += 1
        self._last[0][enterprises[some]], self._last[1][enterprises[some]] = officers[some], values[some]
        return Held(officers[some], enterprises[some], values[some])

    def _write(self, enterprises: NDArray[np.int64], worst: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
        """The next officers after the last proposal, without those who hold only better pairs."""
        values = self._columns.values(enterprises)
        last_officer, last_value = self._last[0][enterprises], self._last[1][enterprises]
        after = (values < last_value) | ((values == last_value) & (np.arange(len(values))[:, None] > last_officer))
        least, rival = worst[0][:, None], worst[1][:, None]
        welcome = (values > least) | ((values == least) & (enterprises < rival))
        values[~(after & welcome)] = -np.inf
        self._officers[enterprises], self._values[enterprises] = top(values, LIST)
        self._next[enterprises] = 0


def propose(columns: Columns, officer_room: Counts, enterprise_room: Counts, search: Search) -> NDArray[np.int64]:
    """Keys of the pairs that a list of all pairs by value, ties by officer then enterprise, would give from the top down.

    Officers hold a plan that keeps every limit at any time, so when the time is up, what they hold is the answer.
    """
    held = Held(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    lists, hopeful = Lists(columns), np.ones(columns.shape[1], dtype=bool)
    asking = np.flatnonzero(enterprise_room)
    while len(asking) and not search.over:
        proposed = lists.take(asking, officer_room, held)
        hopeful[np.setdiff1d(asking, proposed.enterprises, assume_unique=True)] = False
        held = held.and_(proposed).best(officer_room)
        asking = np.flatnonzero(hopeful & (np.bincount(held.enterprises, minlength=columns.shape[1]) < enterprise_room))
    return held.officers * columns.shape[1] + held.enterprises


def top(values: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The best rows of each column, best first, ties by row; -1 and minus infinity where a column has fewer.

    Parameters
    ----------
    values
        Shape (n_rows, n_columns); minus infinity where there is nothing.

    Returns
    -------
    rows, values
        Two shapes (n_columns, count).
    """
    across = np.ascontiguousarray(values.T)
    width, n = across.shape
    chosen = np.isfinite(across)
    if n > count:
        cut = np.partition(across, n - count, axis=1)[:, n - count, None]
        above, level = across > cut, (across == cut) & chosen
        spare = count - above.sum(axis=1, keepdims=True)
        chosen = above | (level & (np.cumsum(level, axis=1) <= spare))
    column, row = np.nonzero(chosen)
    order = np.lexsort((row, -across[column, row], column))
    column, row = column[order], row[order]
    place = np.arange(len(column)) - np.searchsorted(column, column)
    rows, best = np.full((width, count), -1, dtype=np.int64), np.full((width, count), -np.inf)
    rows[column, place], best[column, place] = row, across[column, row]
    return rows, best


def _worst(officer_room: Counts, held: Held) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What a new pair must beat with each officer: value and enterprise of the least held, where there is no room left.

    Shapes (n_officers,). Minus infinity where there is room, infinity where there never was.
    """
    value = np.where(officer_room > 0, -np.inf, np.inf)
    enterprise = np.full(len(officer_room), -1, dtype=np.int64)
    loads = np.bincount(held.officers, minlength=len(officer_room))
    full = np.flatnonzero((loads >= officer_room) & (officer_room > 0))
    last = np.searchsorted(held.officers, full, side="right") - 1
    value[full], enterprise[full] = held.values[last], held.enterprises[last]
    return value, enterprise
