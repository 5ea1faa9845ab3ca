"""Prices from an optimal flow, with no linear programme.

A flow over a shortlist is optimal exactly when prices exist with, for every pair on it, ::

    x_ij < most per pair   =>  a_ij <= p_i + u_j
    x_ij > 0               =>  a_ij >= p_i + u_j

and ``p_i >= 0`` where officer i carries more than the least, ``p_i <= 0`` where less than the most; the same for ``u_j``. They are longest
paths in the residual graph (Ahuja, Magnanti and Orlin, *Network Flows*, 1993, chapter 9; Bellman 1958, doi:10.1090/qam/102435): the least
fixed point, at or above where one starts, of ::

    u_j = min(ceiling_j, min over x_ij > 0    of a_ij - p_i)
    p_i = max(start_i,   max over x_ij < most of a_ij - u_j)

is reached by sweeps that only ever raise p. Sides may be exchanged.
"""

from __future__ import annotations

import numpy as np

from matchmaker.engine.flow import Flow
from matchmaker.engine.space import Floats, Ints, Limits


class Grouped:
    """Arcs grouped by node, for reductions by ``reduceat``."""

    def __init__(self, nodes: Ints, others: Ints, worth: Floats, n_nodes: int) -> None:
        order = np.argsort(nodes, kind="stable")
        self.others = others[order]
        self.worth = worth[order]
        counts = np.bincount(nodes, minlength=n_nodes)
        self.present = np.flatnonzero(counts)
        self.starts = (np.cumsum(counts) - counts)[self.present]
        self.rest = np.empty(len(order))

    def raise_to_best(self, prices: Floats, out: Floats) -> Floats:
        """Raise `out` to the best ``worth - price of the other end`` of each node that has arcs."""
        if len(self.starts):
            out[self.present] = np.maximum(out[self.present], np.maximum.reduceat(self._left(prices), self.starts))
        return out

    def lower_to_least(self, prices: Floats, out: Floats) -> Floats:
        """Lower `out` to the least ``worth - price of the other end`` of each node that has arcs."""
        if len(self.starts):
            out[self.present] = np.minimum(out[self.present], np.minimum.reduceat(self._left(prices), self.starts))
        return out

    def _left(self, prices: Floats) -> Floats:
        """``worth - price of the other end`` of each arc, in a buffer that is used again. Shape (n_arcs,)."""
        np.take(prices, self.others, out=self.rest, mode="clip")
        return np.subtract(self.worth, self.rest, out=self.rest)


class Residual:
    """The residual graph of a flow: what complementary slackness says of the prices.

    Parameters
    ----------
    officers, enterprises, worth
        The shortlist, shapes (n_arcs,).
    limits, flow, penalty, load_worth
        As the flow was solved with.
    """

    def __init__(
        self,
        officers: Ints,
        enterprises: Ints,
        worth: Floats,
        limits: Limits,
        flow: Flow,
        penalty: float,
        *,
        load_worth: tuple[Floats, Floats] | None = None,
    ) -> None:
        n, m = len(limits.officer_low), len(limits.enterprise_low)
        self.top = 2 * float(np.abs(worth).max(initial=0.0)) + 2 * penalty
        load_i = np.bincount(officers, flow.amount, n).astype(np.float64)
        load_j = np.bincount(enterprises, flow.amount, m).astype(np.float64)
        own_i, own_j = (np.zeros(n), np.zeros(m)) if load_worth is None else load_worth
        self.floor_i, self.ceiling_i = _slackness(load_i, limits.officer_low, limits.officer_high, flow.officer_short, penalty, own_i)
        self.floor_j, self.ceiling_j = _slackness(
            load_j, limits.enterprise_low, limits.enterprise_high, flow.enterprise_short, penalty, own_j
        )
        used, room = flow.amount > 0, flow.amount < limits.room(officers, enterprises)
        self.i_room, self.i_used = (Grouped(officers[k], enterprises[k], worth[k], n) for k in (room, used))
        self.j_room, self.j_used = (Grouped(enterprises[k], officers[k], worth[k], m) for k in (room, used))

    def officers_raised(self, start: Floats, sweeps: int) -> tuple[Floats, Floats]:
        """The lowest optimal officers' prices at or above `start`, and the enterprises' prices that go with them."""
        return _raised(self.i_room, self.j_used, start, self.ceiling_j, sweeps, self.top)

    def enterprises_raised(self, start: Floats, sweeps: int) -> tuple[Floats, Floats]:
        """The lowest optimal enterprises' prices at or above `start`, and the officers' prices that go with them."""
        return _raised(self.j_room, self.i_used, start, self.ceiling_i, sweeps, self.top)

    def lowest(self, sweeps: int = 20_000) -> tuple[Floats, Floats]:
        """Of all optimal prices the lowest of officers, the highest of enterprises. Shapes (n_officers,), (n_enterprises,)."""
        return self.officers_raised(self.floor_i, sweeps)

    def near(self, officers: Floats, enterprises: Floats, sweeps: int = 20_000) -> tuple[Floats, Floats]:
        """Optimal prices that stay near the given ones. Shapes (n_officers,), (n_enterprises,).

        Optimal prices form a lattice between two ends. From the given prices, clipped between the ends, sweeps raise officers' prices as
        little as optimality asks, then enterprises' prices as little; what lies midway is optimal too, and a better guide to the pairs
        that are not on the shortlist than either end. When the sweeps run out the prices are not optimal; any prices give a sound bound.
        """
        p_low, u_high = self.officers_raised(self.floor_i, sweeps)
        u_low, p_high = self.enterprises_raised(self.floor_j, sweeps)
        p_up, u_down = self.officers_raised(np.maximum(np.minimum(officers, p_high), p_low), sweeps)
        u_up, p_down = self.enterprises_raised(np.maximum(np.minimum(enterprises, u_high), u_low), sweeps)
        return (p_up + p_down) / 2, (u_up + u_down) / 2


def _slackness(load: Floats, low: Ints, high: Ints, short: Ints, penalty: float, own: Floats) -> tuple[Floats, Floats]:
    floor = np.where(load > low, -own, -penalty)
    ceiling = np.where(short > 0, -penalty, np.where(load < high, -own, np.inf))
    return floor, ceiling


def _raised(room: Grouped, used: Grouped, start: Floats, ceiling: Floats, sweeps: int, top: float) -> tuple[Floats, Floats]:
    price = start
    other = used.lower_to_least(price, np.minimum(ceiling, top))
    for _ in range(sweeps):
        higher = room.raise_to_best(other, price.copy())
        if (higher == price).all():
            break
        price = higher
        other = used.lower_to_least(price, np.minimum(ceiling, top))
    return price, other
