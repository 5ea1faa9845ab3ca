"""Prices from an optimal flow, with no linear programme.

A flow over a shortlist is optimal exactly when prices exist with, for every pair on it, ::

    x_ij < most per pair   =>  a_ij <= p_i + u_j
    x_ij > 0               =>  a_ij >= p_i + u_j

and ``p_i >= 0`` where officer i carries more than the least, ``p_i <= 0`` where less than the most; the same for ``u_j``. They are longest
paths in the residual graph (Ahuja, Magnanti and Orlin, *Network Flows*, 1993, chapter 9; Bellman 1958, doi:10.1090/qam/102435). The
lowest officers' prices are the least fixed point of ::

    u_j = min(ceiling_j, min over x_ij > 0 of a_ij - p_i)
    p_i = max(floor_i,   max over x_ij < most of a_ij - u_j)

reached by sweeps that only ever raise p; the lowest enterprises' prices are the same with sides exchanged, and what lies midway is a
better guide to the pairs not on the shortlist than either end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.flow import Flow, Limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Side:
    """One side's arcs, grouped by node, and what its prices may be.

    Parameters
    ----------
    floor, ceiling
        Shape (n_nodes,): least and most the price may be by complementary slackness with the loads.
    """

    floor: Floats
    ceiling: Floats


def side_of(load: Ints, low: Ints, high: Ints, short: Ints, penalty: float) -> Side:
    """What complementary slackness says of the prices on one side. Shapes (n_nodes,)."""
    floor = np.where(load > low, 0.0, -penalty)
    ceiling = np.where(short > 0, -penalty, np.where(load < high, 0.0, np.inf))
    return Side(floor, ceiling)


class Grouped:
    """Arcs grouped by node, for reductions by ``reduceat``."""

    def __init__(self, nodes: Ints, others: Ints, worth: Floats, n_nodes: int) -> None:
        order = np.argsort(nodes, kind="stable")
        self.others = others[order]
        self.worth = worth[order]
        counts = np.bincount(nodes, minlength=n_nodes)
        self.present = np.flatnonzero(counts)
        self.starts = (np.cumsum(counts) - counts)[self.present]
        self.n_nodes = n_nodes

    def best(self, prices: Floats, out: Floats) -> Floats:
        """Raise ``out`` to the best ``worth - price of the other end`` of each node that has arcs."""
        if len(self.starts):
            rest = self.worth - prices[self.others]
            out[self.present] = np.maximum(out[self.present], np.maximum.reduceat(rest, self.starts))
        return out

    def least(self, prices: Floats, out: Floats) -> Floats:
        """Lower ``out`` to the least ``worth - price of the other end`` of each node that has arcs."""
        if len(self.starts):
            rest = self.worth - prices[self.others]
            out[self.present] = np.minimum(out[self.present], np.minimum.reduceat(rest, self.starts))
        return out


def prices_of(
    officers: Ints, enterprises: Ints, worth: Floats, limits: Limits, flow: Flow, penalty: float, *, sweeps: int = 20_000
) -> tuple[Floats, Floats]:
    """Officers' and enterprises' prices, midway between the two ends of the optimal ones. Shapes (n_officers,), (n_enterprises,).

    When the sweeps run out the prices are not optimal for the shortlist; any prices at all still give a sound bound.
    """
    n, m = len(limits.officer_low), len(limits.enterprise_low)
    amount = flow.amount
    load_i = np.bincount(officers, amount, n).astype(np.int64)
    load_j = np.bincount(enterprises, amount, m).astype(np.int64)
    side_i = side_of(load_i, limits.officer_low, limits.officer_high, flow.officer_short, penalty)
    side_j = side_of(load_j, limits.enterprise_low, limits.enterprise_high, flow.enterprise_short, penalty)
    used, room = amount > 0, amount < limits.per_pair
    p_low, u_high = _lowest(
        Grouped(officers[room], enterprises[room], worth[room], n),
        Grouped(enterprises[used], officers[used], worth[used], m),
        side_i,
        side_j,
        sweeps,
    )
    u_low, p_high = _lowest(
        Grouped(enterprises[room], officers[room], worth[room], m),
        Grouped(officers[used], enterprises[used], worth[used], n),
        side_j,
        side_i,
        sweeps,
    )
    return (p_low + p_high) / 2, (u_low + u_high) / 2


def _lowest(room: Grouped, used: Grouped, raised: Side, lowered: Side, sweeps: int) -> tuple[Floats, Floats]:
    """The lowest prices of the side whose arcs with room are given, and the other side's that go with them."""
    top = np.abs(room.worth).max(initial=0.0) + np.abs(used.worth).max(initial=0.0) + np.abs(raised.floor).max(initial=0.0)
    price = raised.floor.copy()
    other = _other(used, price, lowered, top)
    for _ in range(sweeps):
        higher = room.best(other, price.copy())
        if (higher == price).all():
            break
        price = higher
        other = _other(used, price, lowered, top)
    return price, other


def _other(used: Grouped, price: Floats, lowered: Side, top: float) -> Floats:
    other = used.least(price, lowered.ceiling.copy())
    return np.where(np.isinf(other), top, other)
