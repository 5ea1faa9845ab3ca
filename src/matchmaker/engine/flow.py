"""OR-Tools' min-cost flow, made safe: whole costs, checked status, loads between least and most.

Officers and enterprises are nodes, each pair on the shortlist an arc, and a hub takes up the slack between least and most::

    hub -> officer i       0 .. high_i - low_i        (officer i supplies low_i by itself)
    officer -> enterprise  0 .. most_per_pair         worth a_ij
    enterprise j -> hub    0 .. high_j - low_j        (enterprise j draws low_j by itself)
    officer i -> hub       0 .. low_i                 worth -penalty: an officer short of work
    hub -> enterprise j    0 .. low_j                 worth -penalty: an enterprise short of officers

so a flow always exists, and what runs over the last two arcs is what cannot be met.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from matchmaker.engine.space import Floats, Limits
from matchmaker.errors import SolverError


@dataclass(frozen=True, eq=False)
class Flow:
    """An optimal flow over a shortlist.

    Parameters
    ----------
    amount
        Shape (n_arcs,), units on each pair.
    officer_short, enterprise_short
        Units that officers must place and cannot, that enterprises must get and do not.
    """

    amount: NDArray[np.int64]
    officer_short: NDArray[np.int64]
    enterprise_short: NDArray[np.int64]

    @property
    def short(self) -> int:
        """Units that cannot be met in all."""
        return int(self.officer_short.sum() + self.enterprise_short.sum())


def largest_cost(n_nodes: int) -> int:
    """The largest whole cost that the scaling algorithm carries without overflow: about 2**63 / (2 n**2)."""
    return min(2**44, int(2**63 // (4 * (n_nodes + 2) ** 2)))


def solve_flow(
    officers: NDArray[np.int64],
    enterprises: NDArray[np.int64],
    worth: NDArray[np.float64],
    limits: Limits,
    penalty: float | None,
    *,
    load_worth: tuple[Floats, Floats] | None = None,
) -> Flow:
    """The flow of greatest worth.

    Parameters
    ----------
    officers, enterprises
        Shape (n_arcs,), the shortlist.
    worth
        Shape (n_arcs,), whole numbers held as float64, at most ``largest_cost`` in size.
    limits
        Least and most on each side.
    penalty
        Whole number: what one unit short costs. None when no unit may be short, and it is known that none need be.
    load_worth
        Whole numbers, shapes (n_officers,) and (n_enterprises,): what each unit of load is worth by itself.

    Raises
    ------
    SolverError
        When a cost is too large or not whole, or OR-Tools does not answer OPTIMAL (as when units must be short and may not be).
    """
    n, m = len(limits.officer_low), len(limits.enterprise_low)
    own = np.zeros(n + m) if load_worth is None else np.concatenate(load_worth)
    every = np.concatenate([worth, own, [penalty or 0.0]])
    size = np.abs(every).max()
    if not size <= largest_cost(n + m + 1) or (every != np.floor(every)).any():
        msg = f"A cost of {size} among {n + m + 1} nodes is over {largest_cost(n + m + 1)}, or is not whole: it would overflow."
        raise SolverError(msg)
    hub = n + m
    tails, heads, room, costs = _arcs(officers, enterprises, worth, limits, penalty, own)
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tails, heads, room, costs)
    supply = np.concatenate([limits.officer_low, -limits.enterprise_low])
    supply = np.append(supply, -supply.sum())
    solver.set_nodes_supplies(np.arange(hub + 1, dtype=np.int32), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        msg = f"The min-cost flow ended with {status} on {len(tails)} arcs; expected OPTIMAL."
        raise SolverError(msg)
    flows = solver.flows(arcs).astype(np.int64)
    k = len(officers)
    return Flow(amount=flows[:k], officer_short=flows[k + n + m : k + 2 * n + m], enterprise_short=flows[k + 2 * n + m :])


def _arcs(
    officers: NDArray[np.int64],
    enterprises: NDArray[np.int64],
    worth: NDArray[np.float64],
    limits: Limits,
    penalty: float | None,
    load_worth: Floats,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    n, m = len(limits.officer_low), len(limits.enterprise_low)
    hub = n + m
    officer_nodes, enterprise_nodes = np.arange(n), np.arange(n, n + m)
    tails = np.concatenate([officers, np.full(n, hub), enterprise_nodes, officer_nodes, np.full(m, hub)])
    heads = np.concatenate([enterprises + n, officer_nodes, np.full(m, hub), np.full(n, hub), enterprise_nodes])
    room = np.concatenate(
        [
            limits.room(officers, enterprises),
            limits.officer_high - limits.officer_low,
            limits.enterprise_high - limits.enterprise_low,
            limits.officer_low if penalty is not None else np.zeros(n),
            limits.enterprise_low if penalty is not None else np.zeros(m),
        ]
    )
    costs = np.concatenate([-worth, -load_worth, np.full(n + m, penalty or 0.0)])
    return tails.astype(np.int32), heads.astype(np.int32), room.astype(np.int64), costs.astype(np.int64)
