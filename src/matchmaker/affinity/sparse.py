"""Affinity where only the listed pairs may meet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matchmaker.affinity.base import Index, check_form, checked_numbers


@dataclass(frozen=True, eq=False)
class Sparse:
    """Affinity of the listed pairs; a pair that is not listed is not eligible (a listed zero is).

    Parameters
    ----------
    matrix
        Sparse, shape (n_officers, n_enterprises), any scipy format. Entries that stand twice are summed, as scipy does.

    Raises
    ------
    DataError
        When a listed value is not a finite number, or the dtype is not real.
    """

    matrix: sp.csr_array[Any, tuple[int, int]]

    def __post_init__(self) -> None:
        check_form(self.matrix.shape, self.matrix.dtype, "affinity")
        listed = sp.csr_array(self.matrix.astype(np.float64))  # which copies
        listed.sum_duplicates()
        if listed.nnz:
            checked_numbers(listed.data, "affinity (listed values)", ndim=1)
        object.__setattr__(self, "matrix", listed)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_officers, n_enterprises)."""
        rows, columns = self.matrix.shape
        return int(rows), int(columns)

    def listed(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every eligible pair, by officer then enterprise. Two arrays of shape (n_listed,)."""
        rows = np.repeat(np.arange(self.shape[0], dtype=np.int64), np.diff(self.matrix.indptr))
        return rows, self.matrix.indices.astype(np.int64)

    def block(self, rows: Index, columns: Index) -> NDArray[np.float64]:
        """Affinities of some officers with some enterprises, 0 where none is listed. Shape (len(rows), len(columns))."""
        matrix: Any = self.matrix
        return np.asarray(matrix[rows][:, columns].toarray(), dtype=np.float64)

    def pairs(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Affinity of each pair, NaN for a pair that is not listed. Shape (n_pairs,)."""
        keys, wanted = self._keys, rows * self.shape[1] + columns
        if not len(keys):
            return np.full(len(wanted), np.nan)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, self.matrix.data[place], np.nan)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """Every listed pair as one integer, sorted. Shape (n_listed,)."""
        rows, columns = self.listed()
        return rows * self.shape[1] + columns
