"""POT's network simplex on a programme, where its transport problem can say what is asked."""

from __future__ import annotations

import numpy as np
import ot

from benchmarks.arcs import whole
from matchmaker.affinity import Dense, Factors, Sparse
from matchmaker.program import Program


def best_transport(program: Program) -> float:
    """The optimum of the transport problem.

    One more enterprise takes up officers' places to spare; where nobody needs to be served, one more officer, worth nothing, serves those
    whom nobody does.
    """
    affinity = sum(weight * _whole(term) for term, weight in program.terms)
    n, m = program.shape
    optional = not program.enterprise_low.any()
    supply = np.append(np.minimum(program.officer_high, m).astype(float), float(m) if optional else 0.0)
    demand = np.append(np.ones(m), supply.sum() - m)
    cost = np.zeros((n + optional, m + 1))
    cost[:n, :m] = -affinity
    plan = ot.lp.emd(supply[: n + optional], demand, cost, numItermax=10**8)
    return float((plan[:n, :m] * affinity).sum())


def fits(program: Program) -> bool:
    """Whether it can be said: no least loads, no pair kept apart that somebody might need, one officer at most for each enterprise."""
    low, high = program.enterprise_low, program.enterprise_high
    alike = bool((low == 1).all() or not low.any())
    listed = any(isinstance(term, Sparse) for term, _ in program.terms)
    plain = not program.classes and not len(program.forbidden) and not len(program.valued[0]) and not program.officer_low.any()
    return plain and alike and bool((high == 1).all()) and not (listed and low.any())


def _whole(term: Factors | Dense | Sparse) -> np.ndarray:
    """The whole matrix; pairs that are not eligible are worth less than nothing, and nobody needs them."""
    if not isinstance(term, Sparse):
        return whole(term)
    matrix = np.full(term.shape, -1.0 - np.abs(term.matrix.data).max(initial=0.0))
    matrix[term.listed()] = term.matrix.data
    return matrix
