"""Affinity as the whole matrix, as a user may already hold it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity.base import Index, checked_numbers


@dataclass(frozen=True, eq=False)
class Dense:
    """Affinity given in full.

    Parameters
    ----------
    matrix
        Shape (n_officers, n_enterprises), real and finite. float32 stays float32; a memory map stays on disk.

    Raises
    ------
    DataError
        When a cell is not a finite number, or the dtype is not real.
    """

    matrix: NDArray[np.floating]

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", checked_numbers(self.matrix, "affinity"))

    @property
    def shape(self) -> tuple[int, int]:
        """(n_officers, n_enterprises)."""
        rows, columns = self.matrix.shape
        return rows, columns

    def block(self, rows: Index, columns: Index) -> NDArray[np.float64]:
        """Affinities of some officers with some enterprises. Shape (len(rows), len(columns))."""
        if isinstance(rows, slice) or isinstance(columns, slice):
            return self.matrix[rows][:, columns].astype(np.float64)
        return self.matrix[np.ix_(rows, columns)].astype(np.float64)  # no whole rows on the way

    def pairs(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Affinity of each pair. Shape (n_pairs,)."""
        return self.matrix[rows, columns].astype(np.float64)
