"""Pairs that stand or fall together: where rules ask two pairs to be alike, both are one column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.space import Ints
from matchmaker.program import Program, among, sorted_once
from matchmaker.siderows import spans

MATES = 64
"""Pairs that may stand in a row whose others are looked for: a few, or the row is of another kind."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The pairs of a shortlist in columns, each chosen whole or not at all.

    Parameters
    ----------
    of_pair
        Shape (n_pairs,): the column of each pair.
    possible
        Shape (n_columns,), bool: whether it can be chosen; not where a pair has to be like one that is not on the list.
    """

    of_pair: Ints
    possible: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many."""
        return len(self.possible)

    def whole(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The columns all of whose pairs are chosen. Shapes (n_pairs,) and (n_columns,), bool."""
        size = np.bincount(self.of_pair, minlength=len(self))
        found: NDArray[np.bool_] = (np.bincount(self.of_pair, chosen, len(self)) == size) & self.possible
        return found

    def touched(self, some: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The pairs that share a column with any of these. Shape (n_pairs,), bool."""
        found: NDArray[np.bool_] = (np.bincount(self.of_pair, some, len(self)) > 0)[self.of_pair]
        return found


def columns(shortlist: Shortlist) -> Columns:
    """The columns of a shortlist: rows ``x_k - x_l = 0`` join pairs, and ``x_k = 0`` rules one out."""
    table, k = shortlist.matrix, len(shortlist.keys)
    count, level = np.diff(table.indptr), _levels(shortlist)
    two = table.indptr[np.flatnonzero(level & (count == 2))]
    two = two[table.data[two] == -table.data[two + 1]]
    one = table.indptr[np.flatnonzero(level & (count == 1))]
    links = sp.csr_array((np.ones(len(two)), (table.indices[two], table.indices[two + 1])), shape=(k, k))
    size, label = connected_components(links, directed=False)
    possible = np.ones(size, dtype=bool)
    possible[label[table.indices[one]]] = False
    return Columns(label.astype(np.int64), possible)


def _levels(shortlist: Shortlist) -> NDArray[np.bool_]:
    """Rows that come to nothing, whatever else. Shape (n_rows,)."""
    found: NDArray[np.bool_] = (shortlist.low == 0) & (shortlist.high == 0) & (np.diff(shortlist.extra.indptr) == 0)
    return found


def with_mates(program: Program, keys: Ints) -> Shortlist:
    """The shortlist of these pairs and of those they have to be like: a rule that two pairs be alike forbids one without the other."""
    shortlist = Shortlist.of(program, keys)
    while True:
        alone = np.flatnonzero(_levels(shortlist) & (np.diff(shortlist.matrix.indptr) == 1))
        mates = _in_rows(program, alone) if len(alone) else np.empty(0, np.int64)
        mates = mates[~among(np.sort(shortlist.keys), mates)]
        if not len(mates):
            return shortlist
        shortlist = Shortlist.of(program, sorted_once(np.concatenate([shortlist.keys, mates])))


def _in_rows(program: Program, rows: Ints) -> Ints:
    """Eligible pairs that stand in rows by their classes, where these are few."""
    found = [np.empty(0, np.int64)]
    for family, span in spans(program.side_rows):
        mine = rows[(rows >= span.start) & (rows < span.stop)] - span.start
        if family.row is None or family.officer_class is None or family.enterprise_class is None or not len(mine):
            continue
        cell = np.argwhere(np.isin(family.row, mine))
        (who, first), (whom, start) = (
            _members(side, size) for side, size in zip((family.officer_class, family.enterprise_class), family.row.shape, strict=True)
        )
        sizes = np.diff(first)[cell[:, 0]], np.diff(start)[cell[:, 1]]
        cell = cell[(sizes[0] * sizes[1] > 0) & (sizes[0] * sizes[1] <= MATES)]
        for a, b in cell.tolist():
            officers, enterprises = who[first[a] : first[a + 1]], whom[start[b] : start[b + 1]]
            found.append(program.keys(np.repeat(officers, len(enterprises)), np.tile(enterprises, len(officers))))
    keys = sorted_once(np.concatenate(found))
    keys = keys[~among(program.forbidden, keys) & ~among(program.required, keys)]
    officers, enterprises = program.split(keys)
    return keys[program.allowed(officers, enterprises) & np.isfinite(program.values(officers, enterprises))]


def _members(side: Ints, size: int) -> tuple[Ints, Ints]:
    """Members by class, and where each class begins among them. Shapes (n_with_class,) and (n_classes + 1,)."""
    order = np.argsort(side, kind="stable")
    order = order[side[order] >= 0]
    return order, np.searchsorted(side[order], np.arange(size + 1))
