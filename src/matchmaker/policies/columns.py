"""A programme's pairs, read a few enterprises at a time: who may serve them, and what each pair is worth."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matchmaker.affinity import Affinity, Factors, Sparse
from matchmaker.program import Program


class Columns:
    """Reads columns of a programme, so that a method need never list all pairs.

    Parameters
    ----------
    program
        Rules and aims, written already.
    besides
        Shape (n_pairs,), keys of pairs that are not to be had although the rules allow them: those taken already.
    """

    def __init__(self, program: Program, besides: NDArray[np.int64] | None = None) -> None:
        self.shape = program.shape
        self._program = program
        barred = program.forbidden if besides is None else np.union1d(program.forbidden, besides)
        self._barred = self._by_column(barred, np.ones(len(barred)))
        self._extra = self._by_column(*program.valued)
        self._listed = [affinity.matrix.tocsc() for affinity, _ in program.terms if isinstance(affinity, Sparse)]

    def eligible(self, columns: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which officers may serve which of these enterprises, by the rules on pairs. Shape (n_officers, len(columns))."""
        may = self._program.allowed(np.arange(self.shape[0])[:, None], columns)
        for listed in self._listed:
            rows, place, _ = _entries(listed, columns)
            known = np.zeros_like(may)
            known[rows, place] = True
            may &= known
        rows, place, _ = _entries(self._barred, columns)
        may[rows, place] = False
        return may

    def values(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """What each pair is worth, to the bit as ``Program.values`` has it; minus infinity where it may not be.

        Shape (n_officers, len(columns)). A matrix product would be faster and might break ties another way on another machine.
        """
        total = np.zeros((self.shape[0], len(columns)))
        for affinity, weight in self._program.terms:
            total += weight * _exact(affinity, columns)
        rows, place, extra = _entries(self._extra, columns)
        total[rows, place] += extra
        return np.where(self.eligible(columns), total, -np.inf)

    def _by_column(self, keys: NDArray[np.int64], values: NDArray[np.float64]) -> sp.csc_array:
        return sp.csc_array((values, self._program.split(keys)), shape=self.shape)


def _entries(matrix: sp.csc_array, columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Row, place among `columns` and value of every stored entry of these columns."""
    starts, ends = matrix.indptr[columns].astype(np.int64), matrix.indptr[columns + 1].astype(np.int64)
    lengths = ends - starts
    place = np.repeat(np.arange(len(columns)), lengths)
    stored = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    return matrix.indices[stored].astype(np.int64), place, matrix.data[stored]


def _exact(affinity: Affinity, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """A block with the same bits as ``affinity.pairs``. Shape (n_officers, len(columns))."""
    n = affinity.shape[0]
    if isinstance(affinity, Factors):
        total = np.zeros((n, len(columns)))
        for left, right in zip(affinity.left.T, affinity.right.T, strict=True):
            total += left.astype(np.float64)[:, None] * right[columns]
        return total
    rows, place = np.divmod(np.arange(n * len(columns), dtype=np.int64), len(columns))
    block = affinity.pairs(rows, columns[place]).reshape(n, len(columns))
    return np.nan_to_num(block, nan=0.0) if isinstance(affinity, Sparse) else block
