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

from collections.abc import Callable

import numpy as np

from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Floats, Ints, Limits
from matchmaker.engine.transport import Flow


class Grouped:
    """Arcs grouped by the node they leave."""

    def __init__(self, nodes: Ints, others: Ints, worth: Floats, n_nodes: int) -> None:
        order = np.argsort(nodes, kind="stable")
        self.others = others[order]
        self.worth = worth[order]
        self.counts = np.bincount(nodes, minlength=n_nodes)
        self.starts = np.cumsum(self.counts) - self.counts

    def leaving(self, nodes: Ints, prices: Floats) -> tuple[Ints, Floats]:
        """Where the arcs that leave these nodes end, and their ``worth - price of the node``. Shapes (n_arcs_left,)."""
        counts = self.counts[nodes]
        ends = np.cumsum(counts)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[nodes] - (ends - counts), counts)
        return self.others[places], self.worth[places] - np.repeat(prices[nodes], counts)


class Residual:
    """The residual graph of a flow: what complementary slackness says of the prices.

    Parameters
    ----------
    officers, enterprises, worth
        The shortlist, shapes (n_arcs,).
    limits, flow, penalty, load_worth
        As the flow was solved with.
    check
        Called before each sweep; what it raises ends them.
    """

    def __init__(
        self,
        officers: Ints,
        enterprises: Ints,
        worth: Floats,
        limits: Limits,
        flow: Flow,
        penalty: float | Floats,
        *,
        load_worth: tuple[Floats, Floats] | None = None,
        check: Callable[[], None] = unlimited,
    ) -> None:
        self.check = check
        n, m = len(limits.officer_low), len(limits.enterprise_low)
        self.top = 2 * float(np.abs(worth).max(initial=0.0)) + 2 * float(np.abs(penalty).max(initial=0.0))
        load_i = np.bincount(officers, flow.amount, n).astype(np.float64)
        load_j = np.bincount(enterprises, flow.amount, m).astype(np.float64)
        own_i, own_j = (np.zeros(n), np.zeros(m)) if load_worth is None else load_worth
        short_i, short_j = np.split(np.broadcast_to(np.asarray(penalty, dtype=np.float64), n + m), [n])
        self.floor_i, self.ceiling_i = _slackness(load_i, limits.officer_low, limits.officer_high, flow.officer_short, short_i, own_i)
        self.floor_j, self.ceiling_j = _slackness(
            load_j, limits.enterprise_low, limits.enterprise_high, flow.enterprise_short, short_j, own_j
        )
        used, room = flow.amount > 0, flow.amount < limits.room(officers, enterprises)
        self.i_room, self.i_used = (Grouped(officers[k], enterprises[k], worth[k], n) for k in (room, used))
        self.j_room, self.j_used = (Grouped(enterprises[k], officers[k], worth[k], m) for k in (room, used))

    def officers_raised(self, start: Floats, sweeps: int) -> tuple[Floats, Floats]:
        """The lowest optimal officers' prices at or above `start`, and the enterprises' prices that go with them."""
        return _raised(self.i_used, self.j_room, start, np.minimum(self.ceiling_j, self.top), sweeps, self.check)

    def enterprises_raised(self, start: Floats, sweeps: int) -> tuple[Floats, Floats]:
        """The lowest optimal enterprises' prices at or above `start`, and the officers' prices that go with them."""
        return _raised(self.j_used, self.i_room, start, np.minimum(self.ceiling_i, self.top), sweeps, self.check)

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


def _slackness(load: Floats, low: Ints, high: Ints, short: Ints, penalty: Floats, own: Floats) -> tuple[Floats, Floats]:
    floor = np.where(load > low, -own, -penalty)
    ceiling = np.where(short > 0, -penalty, np.where(load < high, -own, np.inf))
    return floor, ceiling


def _raised(used: Grouped, room: Grouped, start: Floats, ceiling: Floats, sweeps: int, check: Callable[[], None]) -> tuple[Floats, Floats]:
    """Sweeps from nodes whose price has just changed, until none does. `used` leaves the side that is raised, `room` comes back to it."""
    price, other = start.copy(), ceiling.copy()
    raised, lowered = np.arange(len(price)), np.arange(len(other))
    for sweep in range(sweeps):
        check()
        ends, worth = used.leaving(raised, price)
        lower = worth < other[ends]
        np.minimum.at(other, ends[lower], worth[lower])
        lowered = _once(ends[lower], len(other)) if sweep else lowered
        ends, worth = room.leaving(lowered, other)
        higher = worth > price[ends]
        np.maximum.at(price, ends[higher], worth[higher])
        raised = _once(ends[higher], len(price))
        if not len(raised):
            break
    return price, other


def _once(nodes: Ints, n_nodes: int) -> Ints:
    """Each of these nodes once, in order."""
    among = np.zeros(n_nodes, dtype=bool)
    among[nodes] = True
    return np.flatnonzero(among)
