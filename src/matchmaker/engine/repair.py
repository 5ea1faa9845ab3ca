"""The last few pairs that could still improve a plan, taken in one by one instead of solving again.

A flow with its prices is optimal but for a few pairs whose reduced value is r > 0. To send a unit over such a pair, from officer i to
enterprise j, frees a unit at j, which must find its way back to i over pairs that lose little: a shortest path from j in the residual
graph, shorter than r, along reduced costs that prices keep at or above zero (Dijkstra 1959, doi:10.1007/BF01386390; Edmonds and Karp 1972,
doi:10.1145/321694.321699). Found, the unit goes round; found or not, prices within reach move, and every pair but those still to come is
optimal again. When r is small, so is the part of the graph within its reach.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from matchmaker.engine.flow import Flow
from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Floats, Ints, Limits


class Repair:
    """A flow and its prices, open to pairs that come late.

    Nodes are officers, then enterprises, then the hub; the potential of a node is an officer's price, minus an enterprise's price, or zero.

    Parameters
    ----------
    officers, enterprises, worth
        The shortlist, shapes (n_arcs,); whole worth, as the flow was solved with.
    limits, flow
        As solved; nothing may be short.
    prices
        Optimal on the shortlist but for the pairs to be taken in. Shapes (n_officers,), (n_enterprises,), in units of worth.
    effort
        Arcs that may be looked at in all.
    """

    def __init__(
        self, officers: Ints, enterprises: Ints, worth: Floats, limits: Limits, flow: Flow, prices: tuple[Floats, Floats], effort: int
    ) -> None:
        n, m = len(limits.officer_low), len(limits.enterprise_low)
        self.n, self.hub, self.effort = n, n + m, effort
        self.tail: list[int] = officers.tolist()
        self.head: list[int] = (enterprises + n).tolist()
        self.cost: list[float] = (-worth).tolist()
        self.sent: list[int] = flow.amount.tolist()
        self.room: list[int] = limits.room(officers, enterprises).tolist()
        self.potential: list[float] = np.concatenate([prices[0], -prices[1], [0.0]]).tolist()
        loads = [np.bincount(officers, flow.amount, n), np.bincount(enterprises, flow.amount, m)]
        self.load: list[int] = np.concatenate(loads).astype(np.int64).tolist()
        self.low: list[int] = np.concatenate([limits.officer_low, limits.enterprise_low]).tolist()
        self.high: list[int] = np.concatenate([limits.officer_high, limits.enterprise_high]).tolist()
        self.arcs_of = _lists(officers, n) + _lists(enterprises, m)

    def take_in(self, arcs: list[int], check: Callable[[], None] = unlimited) -> bool:
        """Make flow and prices optimal with these arcs too. False when it takes more effort than allowed; then nothing is to be used."""
        for arc in arcs:
            while self.sent[arc] < self.room[arc] and self._slack(arc) < 0:
                check()
                if self.effort <= 0:
                    return False
                self._round_trip(arc)
        return True

    @property
    def amount(self) -> Ints:
        """Units on each arc. Shape (n_arcs,)."""
        return np.array(self.sent, dtype=np.int64)

    @property
    def prices(self) -> tuple[Floats, Floats]:
        """Officers' and enterprises' prices. Shapes (n_officers,), (n_enterprises,)."""
        potential = np.array(self.potential[:-1]) - self.potential[-1]
        return potential[: self.n], -potential[self.n :]

    def _slack(self, arc: int) -> float:
        """Reduced cost of sending one unit more over the arc."""
        return self.cost[arc] + self.potential[self.tail[arc]] - self.potential[self.head[arc]]

    def _round_trip(self, arc: int) -> None:
        """One shortest path from the arc's head back to its tail, if it is worth its while; prices moved either way."""
        start, goal, reach = self.head[arc], self.tail[arc], -self._slack(arc)
        distance, came = {start: 0.0}, {start: (start, arc)}
        heap, done, found = [(0.0, start)], list[int](), False
        while heap and not found:
            far, node = heappop(heap)
            if far > distance[node]:
                continue
            if node == goal:
                reach, found = far, True
                continue
            done.append(node)
            for other, via, slack in self._leaving(node):
                there = far + max(slack, 0.0)
                if there < reach and there < distance.get(other, reach):
                    distance[other], came[other] = there, (node, via)
                    heappush(heap, (there, other))
        for node in done:
            self.potential[node] -= max(reach - distance[node], 0.0)
        if found:
            self._send(arc, goal, came)

    def _leaving(self, node: int) -> list[tuple[int, int, float]]:
        """Residual arcs that leave a node: where to, over which pair (-1 for the hub's), and at what reduced cost."""
        potential, own, hub = self.potential, self.potential[node], self.hub
        if node == hub:
            self.effort -= hub
            found = [(i, -1, own - potential[i]) for i in range(self.n) if self.load[i] < self.high[i]]
            return found + [(j, -1, own - potential[j]) for j in range(self.n, hub) if self.load[j] > self.low[j]]
        arcs = self.arcs_of[node]
        self.effort -= len(arcs)
        if node < self.n:
            found = [
                (self.head[arc], arc, self.cost[arc] + own - potential[self.head[arc]]) for arc in arcs if self.sent[arc] < self.room[arc]
            ]
            idle = self.load[node] > self.low[node]
        else:
            found = [(self.tail[arc], arc, own - potential[self.tail[arc]] - self.cost[arc]) for arc in arcs if self.sent[arc] > 0]
            idle = self.load[node] < self.high[node]
        if idle:
            found.append((hub, -1, own - potential[hub]))
        return found

    def _send(self, arc: int, goal: int, came: dict[int, tuple[int, int]]) -> None:
        """As many units round as every pair and load on the way can take."""
        steps, node = [], goal
        while node != self.head[arc]:
            before, via = came[node]
            steps.append((before, node, via))
            node = before
        units = min([self.room[arc] - self.sent[arc], *(self._spare(*step) for step in steps)])
        self.sent[arc] += units
        for before, node, via in steps:
            if via >= 0:
                self.sent[via] += units if before < self.n else -units
            elif before == self.hub:
                self.load[node] += units if node < self.n else -units
            else:
                self.load[before] += -units if before < self.n else units

    def _spare(self, before: int, node: int, via: int) -> int:
        if via >= 0:
            return self.room[via] - self.sent[via] if before < self.n else self.sent[via]
        if before == self.hub:
            return self.high[node] - self.load[node] if node < self.n else self.load[node] - self.low[node]
        return self.load[before] - self.low[before] if before < self.n else self.high[before] - self.load[before]


def _lists(nodes: Ints, n_nodes: int) -> list[list[int]]:
    """The arcs of each node."""
    order = np.argsort(nodes, kind="stable")
    ends = np.cumsum(np.bincount(nodes, minlength=n_nodes)).tolist()
    arcs = order.tolist()
    return [arcs[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
