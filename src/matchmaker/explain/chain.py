"""The chain of moves that a forced pair sets off: who gives up whom, who takes over, until everybody has room again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.affinity import Sparse
from matchmaker.explain.case import Case, Floats, Ints
from matchmaker.program import look_up

STEP = 1e-9
"""What a step is charged, in units of the largest value: of chains that lose the same, the shortest is told."""


@dataclass(frozen=True)
class Chain:
    """What changes in the plan when a pair is forced.

    Parameters
    ----------
    loses
        What the plan loses, in the policy's aims.
    given_up, gained
        Pairs (officer, enterprise) that end and that begin, in the order of the moves; the forced pair is the first to begin.
    """

    loses: float
    given_up: list[tuple[int, int]]
    gained: list[tuple[int, int]]


def chain(case: Case, officer: int, enterprise: int, worth: float) -> Chain | None:
    """The cheapest chain of moves after which the plan holds the pair, or None when there is none.

    A shortest path in the residual network of the plan: from the enterprise, which now has an officer too many, to the officer, who
    now has an enterprise too many. The plan's prices are the potentials that make every step lose at least 0 [1]_, so Dijkstra's
    algorithm finds it, reading one officer's pairs at a time.

    Parameters
    ----------
    case
        An optimal plan with its prices.
    officer, enterprise
        The pair; the plan does not hold it and the rules allow it.
    worth
        The largest value in question, for what counts as rounding.

    References
    ----------
    .. [1] J. Edmonds, R. M. Karp (1972). Theoretical improvements in algorithmic efficiency for network flow problems. Journal of the
       ACM 19(2), 248-264. doi:10.1145/321694.321699
    """
    network = _Network(case, STEP * worth)
    came_from = network.shortest(network.n + enterprise, officer)
    if came_from is None:
        return None
    given_up, gained = [], [(officer, enterprise)]
    node = officer
    while node != network.n + enterprise:
        before = int(came_from[node])
        if network.is_enterprise(before) and node < network.n:
            given_up.append((node, before - network.n))
        elif before < network.n and network.is_enterprise(node):
            gained.append((before, node - network.n))
        node = before
    lost, won = (case.program.values(*np.array(pairs, dtype=np.int64).reshape(-1, 2).T) for pairs in (given_up, gained))
    return Chain(float(lost.sum() - won.sum()), given_up[::-1], [gained[0], *gained[:0:-1]])


class _Network:
    """Officers are nodes 0 to n - 1, enterprises n to n + m - 1; the last node is where spare places come from and go to."""

    def __init__(self, case: Case, step: float) -> None:
        prices = case.result.prices
        if prices is None:
            msg = "A chain needs the plan's prices. | 查找调换链需要方案的价格。"
            raise ValueError(msg)
        plan, program = case.result.assignment, case.program
        self.n, self.m = program.shape
        self.hub = self.n + self.m
        self._step, self._program = step, program
        self._p, self._u = prices.officers, prices.enterprises
        loads, served = plan.loads(), plan.served()
        self._more = np.flatnonzero(loads < program.officer_high)
        self._fewer = loads > program.officer_low
        self._open = served < program.enterprise_high
        self._spare = np.flatnonzero(served > program.enterprise_low)
        self._forbidden, self._valued = program.forbidden, program.valued
        loose = ~np.isin(program.keys(plan.officers, plan.enterprises), program.required)
        by_enterprise = np.lexsort((plan.officers, plan.enterprises))
        by_enterprise = by_enterprise[loose[by_enterprise]]
        self._holders = plan.officers[by_enterprise]
        self._starts = np.searchsorted(plan.enterprises[by_enterprise], np.arange(self.m + 1))
        self._held = plan

    def is_enterprise(self, node: int) -> bool:
        """Whether a node is an enterprise's."""
        return self.n <= node < self.hub

    def shortest(self, start: int, goal: int) -> Ints | None:
        """Which node each node is reached from on the cheapest path; None when the goal cannot be reached."""
        distance = np.full(self.hub + 1, np.inf)
        unsettled = distance.copy()
        came_from = np.full(self.hub + 1, -1, dtype=np.int64)
        distance[start] = unsettled[start] = 0.0
        while np.isfinite(unsettled[node := int(np.argmin(unsettled))]):
            if node == goal:
                return came_from
            unsettled[node] = np.inf
            nodes, losses = self._steps(node)
            reached = distance[node] + np.maximum(losses, 0.0) + self._step
            nearer = reached < distance[nodes]
            nodes, reached = nodes[nearer], reached[nearer]
            distance[nodes] = unsettled[nodes] = reached
            came_from[nodes] = node
        return None

    def _steps(self, node: int) -> tuple[Ints, Floats]:
        """Where one can go from a node, and what each step loses in reduced value."""
        if node == self.hub:
            return np.concatenate([self._more, self.n + self._spare]), np.concatenate([-self._p[self._more], self._u[self._spare]])
        if node < self.n:
            values = self._row(node)
            columns = np.flatnonzero(np.isfinite(values))
            return self._or_hub(self.n + columns, self._p[node] + self._u[columns] - values[columns], self._fewer[node], self._p[node])
        column = node - self.n
        officers = self._holders[self._starts[column] : self._starts[column + 1]]
        values = self._program.values(officers, np.full(len(officers), column, dtype=np.int64))
        return self._or_hub(officers, values - self._p[officers] - self._u[column], self._open[column], -self._u[column])

    def _or_hub(self, nodes: Ints, losses: Floats, may: bool, loss: float) -> tuple[Ints, Floats]:
        return (np.append(nodes, self.hub), np.append(losses, loss)) if may else (nodes, losses)

    def _row(self, officer: int) -> Floats:
        """What each enterprise that the officer does not serve would be worth; minus infinity where it may not be. Shape (m,)."""
        every, row = np.arange(self.m, dtype=np.int64), np.array([officer], dtype=np.int64)
        values = np.zeros(self.m)
        for affinity, weight in self._program.terms:
            exact = isinstance(affinity, Sparse)
            values += weight * (affinity.pairs(np.repeat(row, self.m), every) if exact else affinity.block(row, slice(None))[0])
        values += look_up(*self._valued, officer * self.m + every)
        may = np.isfinite(values) & self._program.allowed(officer, every)
        may[self._of_row(self._forbidden, officer)] = False
        may[self._held.enterprises[self._held.officers == officer]] = False
        return np.where(may, values, -np.inf)

    def _of_row(self, keys: Ints, officer: int) -> Ints:
        first, last = np.searchsorted(keys, [officer * self.m, (officer + 1) * self.m])
        return keys[first:last] - officer * self.m
