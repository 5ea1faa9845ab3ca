"""Which part of a plan is chosen anew next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.columns import columns
from matchmaker.engine.integer import Draft
from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.lots import lots
from matchmaker.engine.space import Floats, Ints

Mask = NDArray[np.bool_]
SIZE, LEAST = 800, 40
"""Enterprises in a part: so many, or a quarter of all, but at least so many."""
WIDEST = 8
"""Times as wide as at first that parts may become."""
DEEP = 0.01
"""How far below tight a pair may be to be chosen, as a share of the largest value."""
CLOSE = 25_000
"""Pairs nearest to tight that are chosen all at once first."""


class Parts:
    """Parts of a shortlist, drawn by lot in an order that is always the same.

    Parameters
    ----------
    shortlist
        The pairs.
    reduced
        Shape (n_pairs,): reduced values at the final prices.
    """

    def __init__(self, shortlist: Shortlist, reduced: Floats) -> None:
        self.list, self.reduced = shortlist, reduced
        self.number = 0
        asking = len(np.unique(shortlist.enterprises))
        self.size = min(SIZE, max(LEAST, asking // 4))
        self.deep = DEEP
        self.near = reduced >= -self.deep * shortlist.scale
        count = min(CLOSE, len(reduced))
        self.close = reduced >= (np.partition(reduced, len(reduced) - count)[len(reduced) - count] if count else 0.0)
        self.rows = shortlist.matrix.tocsr()
        self.columns = columns(shortlist)

    def on(self) -> None:
        """On to the next part."""
        self.number += 1

    def widen(self) -> bool:
        """Larger parts from now on, with pairs farther from tight. Whether there are any."""
        self.size, self.deep = 2 * self.size, 2 * self.deep
        self.near = self.reduced >= -self.deep * self.list.scale
        return self.size <= WIDEST * SIZE and self.deep <= WIDEST * DEEP

    def broken(self, draft: Draft) -> Mask:
        """Pairs that may mend broken rows: those in such rows, and the enterprises around them."""
        bad = np.flatnonzero(draft.broken > 0)
        inside = np.unique(self.rows[bad].indices)
        seeds = np.unique(self.list.enterprises[inside])
        seeds = self._drawn(seeds, max(1, self.size // 4))
        part = self._grown(seeds, draft)
        mending = np.zeros(len(self.reduced), dtype=bool)
        mending[inside] = True
        return self.columns.touched((self.near | draft.chosen | mending) & part[self.list.enterprises])

    def next(self, draft: Draft) -> Mask:
        """Pairs of some enterprises that compete with each other; the first time, all that are nearest to tight."""
        if self.number == 0:
            return self.columns.touched(self.close | draft.chosen)
        return self.some(draft)

    def some(self, draft: Draft) -> Mask:
        """Pairs of some enterprises that compete with each other."""
        asking = np.unique(self.list.enterprises)
        part = self._grown(self._drawn(asking, max(1, self.size // 8)), draft)
        return self.columns.touched((self.near | draft.chosen) & part[self.list.enterprises])

    def _drawn(self, members: Ints, most: int) -> Ints:
        lot = lots(members + len(self.reduced) * (self.number + 1))
        return members[np.argsort(lot)[:most]]

    def _grown(self, seeds: Ints, draft: Draft) -> Mask:
        """Enterprises, and those that are served by officers whom they might have, and so on. Shape (n_enterprises,)."""
        n, m = self.list.program.shape
        part, open_to = np.zeros(m, dtype=bool), self.near | draft.chosen
        part[seeds] = True
        while (count := int(part.sum())) < self.size:
            officers = np.zeros(n, dtype=bool)
            officers[self.list.officers[open_to & part[self.list.enterprises]]] = True
            more = np.unique(self.list.enterprises[draft.chosen & officers[self.list.officers]])
            more = self._drawn(more[~part[more]], self.size - count)
            if not len(more):
                break
            part[more] = True
        return part
