"""Affinity as a product of two thin matrices: competence times need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity.base import Index, checked_numbers
from matchmaker.errors import DataError

CHUNK = 2048
"""Pairs whose products are looked at together: whole rows are read, and stay in a core's own cache until they are added up."""


@dataclass(frozen=True, eq=False)
class Factors:
    """Affinity ``left @ right.T``, kept as its factors.

    Parameters
    ----------
    left
        Shape (n_officers, rank). Officers' side: competence, one-hot place, ...
    right
        Shape (n_enterprises, rank). Enterprises' side: need, one-hot place, ...

    Raises
    ------
    DataError
        When the ranks disagree, or a cell is not a finite number.
    """

    left: NDArray[np.floating]
    right: NDArray[np.floating]

    def __post_init__(self) -> None:
        left, right = checked_numbers(self.left, "left"), checked_numbers(self.right, "right")
        if left.shape[1] != right.shape[1]:
            msg = (
                f"left has shape {left.shape} and right {right.shape}; expected (n_officers, rank) and "
                "(n_enterprises, rank) with the same rank. Is one transposed? | 两侧因子数不一致，是否转置了？"
            )
            raise DataError(msg)
        object.__setattr__(self, "left", left)
        object.__setattr__(self, "right", right)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_officers, n_enterprises)."""
        return len(self.left), len(self.right)

    def largest(self) -> NDArray[np.floating]:
        """The largest size in each of the enterprises' factors. Shape (rank,)."""
        sizes: NDArray[np.floating] = np.abs(self.right).max(0)
        return sizes

    def part(self, rows: Index, columns: Index) -> Factors:
        """The same of some officers and enterprises."""
        return Factors(self.left[rows], self.right[columns])

    def block(self, rows: Index, columns: Index) -> NDArray[np.float64]:
        """Affinities of some officers with some enterprises. Shape (len(rows), len(columns))."""
        return self.left[rows].astype(np.float64) @ self.right[columns].astype(np.float64).T

    def pairs(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Affinity of each pair, summed over the rank in one fixed order. Shape (n_pairs,)."""
        total = np.zeros(len(rows))
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            products = self.left[rows[part]].astype(np.float64) * self.right[columns[part]]
            for product in np.ascontiguousarray(products.T):
                total[part] += product
        return total
