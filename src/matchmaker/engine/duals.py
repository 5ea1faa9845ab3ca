"""The lowest prices of an optimal flow, with no linear programme.

A flow over a shortlist is optimal exactly when prices exist with, for every pair on it, ::

    x_ij < most per pair   =>  a_ij <= p_i + u_j
    x_ij > 0               =>  a_ij >= p_i + u_j

and each member's price between the floor and the ceiling that its load allows. Of all such prices the lowest of officers, with the
highest of enterprises, are longest paths in the residual graph (Ahuja, Magnanti and Orlin, *Network Flows*, 1993, chapter 9; Bellman
1958, doi:10.1090/qam/102435): the least fixed point of ::

    u_j = min(ceiling_j, min over x_ij > 0    of a_ij - p_i)
    p_i = max(floor_i,   max over x_ij < most of a_ij - u_j)

They do not depend on which optimal flow was found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.compiled import compiled, grouped
from matchmaker.engine.space import Floats, Ints, Limits
from matchmaker.engine.transport import Flow


def lowest_prices(officers: Ints, enterprises: Ints, worth: Floats, limits: Limits, flow: Flow, short: float) -> tuple[Floats, Floats]:
    """Of all optimal prices the lowest of officers, the highest of enterprises.

    Parameters
    ----------
    officers, enterprises, worth
        The shortlist, shapes (n_arcs,); worth is whole.
    limits, flow
        What was solved, and the optimal flow.
    short
        What a place short cost.
    """
    n, m = len(limits.officer_low), len(limits.enterprise_low)
    load_i, load_j = np.bincount(officers, flow.amount, n), np.bincount(enterprises, flow.amount, m)
    price = np.where(load_i > limits.officer_low, 0.0, -short)
    top = 2 * float(np.abs(worth).max(initial=0.0)) + 2 * short
    other = np.where(flow.enterprise_short > 0, -short, np.where(load_j < limits.enterprise_high, 0.0, top))
    by_officer, by_enterprise = grouped(officers, n), grouped(enterprises, m)
    room = flow.amount < limits.room(officers, enterprises)
    _settle(*by_officer, *by_enterprise, officers, enterprises, worth, flow.amount > 0, room, price, other)
    return price, other


@compiled
def _settle(
    i_starts: Ints,
    i_pairs: Ints,
    j_starts: Ints,
    j_pairs: Ints,
    officers: Ints,
    enterprises: Ints,
    worth: Floats,
    used: NDArray[np.bool_],
    room: NDArray[np.bool_],
    price: Floats,
    other: Floats,
) -> None:
    """Raise officers' prices and lower enterprises' until none has to change; whoever has changed waits in a queue, once."""
    n, size = len(price), len(price) + len(other)
    queue, waits = np.arange(size), np.ones(size, np.bool_)
    head, waiting = 0, size
    while waiting:
        v = queue[head]
        head = head + 1 if head + 1 < size else 0
        waiting -= 1
        waits[v] = False
        first, last = (i_starts[v], i_starts[v + 1]) if v < n else (j_starts[v - n], j_starts[v - n + 1])
        for at in range(first, last):
            a = i_pairs[at] if v < n else j_pairs[at]
            i, j = officers[a], enterprises[a]
            if v < n and used[a] and worth[a] - price[i] < other[j]:
                other[j] = worth[a] - price[i]
                w = n + j
            elif v >= n and room[a] and worth[a] - other[j] > price[i]:
                price[i] = worth[a] - other[j]
                w = i
            else:
                continue
            if not waits[w]:
                waits[w] = True
                queue[(head + waiting) % size] = w
                waiting += 1
