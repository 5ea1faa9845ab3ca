"""Is the optimum the only one? Then every route to it ends at the same plan, wherever it began.

Take the plan's residual graph: an arc officer -> enterprise for each pair that has room, one back for each pair that is used, and the hub
that takes up the slack between least and most loads. At the plan's prices every arc has a loss ::

    officer i -> enterprise j    p_i + u_j - a_ij     while the pair has room
    enterprise j -> officer i    a_ij - p_i - u_j     while it is used
    hub -> officer i            -p_i                  while its load is below the most
    officer i -> hub             p_i                  while its load is above the least
    enterprise j -> hub         -u_j, and back u_j    likewise

Any other plan differs from this one by cycles of that graph, each through a node at most once and never over an arc both ways (Ahuja,
Magnanti and Orlin, *Network Flows*, 1993, theorem 3.7), and is worth less by the losses along them: prices cancel on the way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order, connected_components

from matchmaker.engine.pricing import Scan
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.program import sorted_once

TICKS = 2
"""Two searches, each of which may round a pair's worth by one tick."""


def reach(space: Space, tick: float) -> float:
    """How far from tight a pair must be to stand on no cycle that matters: passes whose findings go to :func:`only_one` look so deep."""
    return TICKS * tick * (sum(space.shape) + 1)


def only_one(space: Space, keys: Ints, amount: Ints, prices: tuple[Floats, Floats], found: Scan, tick: float) -> bool:
    """Whether a plan is the only one that a search exact to a tick can end with.

    True is proven: any other plan loses more than a tick for each arc on which it differs, in each cycle of changes. So no other is
    optimal, nor is it for values that are rounded by a tick or less a pair, which is what a search makes of them. False says that
    another such plan may exist.

    A plan that loses no more, one cycle of it: the losses of its C arcs add up to at most C ticks, and none is below minus a tick, so
    that each is at most 2 C ticks. No cycle of such arcs, no such plan. As C is at most the number of nodes of the strongly connected
    part that holds the cycle, arcs are taken off part by part until nothing changes; True when none is left. An arc that is open both
    ways, such as a load strictly between least and most, has no loss to speak of and is no cycle by itself: what such arcs join counts as
    one node, unless they alone close a cycle.

    Parameters
    ----------
    space
        The eligible pairs.
    keys, amount
        The plan: sorted pairs of at least one unit, and their units. Shapes (n_used,).
    prices
        Shapes (n_officers,) and (n_enterprises,), scaled. When the plan is not optimal at these, to a tick, the answer is False.
    found
        A pass at these very prices, for pairs above minus :func:`reach` or deeper. Where it left pairs out for being too many, the
        answer is False.
    tick
        How far the worth of a pair may be off in a search, scaled: the quantum of the flow; or what rounding put on the bound, where
        that is more.
    """
    deep = reach(space, tick)
    if float(found.rest.max(initial=-np.inf)) > -deep:
        return False
    arcs = _Arcs.of(space, keys, amount, prices, found.keys)
    if float(arcs.loss.min(initial=0.0)) < -tick:
        return False
    arcs = arcs.those(arcs.loss <= deep)
    both, joined, sizes = _joined(arcs, sum(space.shape) + 1)
    if both is None:
        return False
    return not _cycle(joined[arcs.tails[~both]], joined[arcs.heads[~both]], arcs.loss[~both], sizes, TICKS * tick)


@dataclass(frozen=True, eq=False)
class _Arcs:
    """Residual arcs between officers 0.., enterprises n.., and the hub, the last node. Shapes (n_arcs,)."""

    tails: Ints
    heads: Ints
    loss: Floats
    edge: Ints
    """What it is a direction of: arcs with the same number are one there and back."""

    @classmethod
    def of(cls, space: Space, keys: Ints, amount: Ints, prices: tuple[Floats, Floats], near: Ints) -> _Arcs:
        """Every arc over a used pair, a near pair, or the hub."""
        limits, (n, m), (p, u) = space.limits, space.shape, prices
        every = sorted_once(np.concatenate([keys, near]))
        units = np.zeros(len(every), np.int64)
        units[np.searchsorted(every, keys)] = amount
        i, j = space.split(every)
        load_i = np.bincount(i, units, n).astype(np.int64)
        load_j = np.bincount(j, units, m).astype(np.int64)
        officers, enterprises, hub = np.arange(n), np.arange(n, n + m), np.full(n + m, n + m)
        # Forward: more on the pair, more for the officer, more for the enterprise.
        tails = np.concatenate([i, hub[:n], enterprises])
        heads = np.concatenate([j + n, officers, hub[:m]])
        loss = np.concatenate([p[i] + u[j] - space.values(every), -p, -u])
        more = np.concatenate([units < limits.room(i, j), load_i < limits.officer_high, load_j < limits.enterprise_high])
        less = np.concatenate([units > 0, load_i > limits.officer_low, load_j > limits.enterprise_low])
        edge = np.arange(len(loss))
        return cls(
            tails=np.concatenate([tails[more], heads[less]]),
            heads=np.concatenate([heads[more], tails[less]]),
            loss=np.concatenate([loss[more], -loss[less]]),
            edge=np.concatenate([edge[more], edge[less]]),
        )

    def those(self, kept: NDArray[np.bool_]) -> _Arcs:
        """Some of the arcs."""
        return _Arcs(self.tails[kept], self.heads[kept], self.loss[kept], self.edge[kept])


def _joined(arcs: _Arcs, n_nodes: int) -> tuple[NDArray[np.bool_] | None, Ints, Ints]:
    """Which arcs are open both ways (None when these close a cycle), the part each node is joined to by them, and how many nodes
    a way through each part can visit."""
    counts = np.bincount(arcs.edge)
    both = counts[arcs.edge] == 2
    once = both & (arcs.tails < arcs.heads)
    graph = _graph(arcs.tails[once], arcs.heads[once], n_nodes)
    n_parts, found = connected_components(graph, directed=False)
    part: Ints = found.astype(np.int64)
    if int(once.sum()) > n_nodes - n_parts:
        return None, part, np.empty(0, np.int64)
    sizes = np.bincount(part, minlength=n_parts).astype(np.int64)
    hub = n_nodes - 1
    sizes[part[hub]] = min(sizes[part[hub]], 2 * _depth(graph, hub, int(sizes[part[hub]])) + 1)
    return both, part, sizes


def _depth(tree: sp.csr_array, root: int, most: int) -> int:
    """Steps from the root of a tree to its farthest node; `most` when it is more than half of that."""
    if most == 1:
        return 0
    order, before = breadth_first_order(tree, root, directed=False)
    at, depth = order, 0
    while True:
        at = before[at[at != root]]
        if not len(at):
            return depth
        depth += 1
        if 2 * depth >= most:
            return most


def _cycle(tails: Ints, heads: Ints, loss: Floats, sizes: Ints, each: float) -> bool:
    """Whether arcs between parts may hold a cycle with a loss of at most `each` for every node that it visits."""
    length = np.full(len(tails), sizes.sum())
    while len(tails):
        _, strong = connected_components(_graph(tails, heads, len(sizes)), directed=True, connection="strong")
        longest = np.bincount(strong, sizes).astype(np.int64)[strong[tails]]
        kept = (strong[tails] == strong[heads]) & (loss <= each * longest)
        if kept.all() and (longest == length).all():
            return True
        tails, heads, loss, length = tails[kept], heads[kept], loss[kept], longest[kept]
    return False


def _graph(tails: Ints, heads: Ints, n_nodes: int) -> sp.csr_array:
    return sp.csr_array((np.ones(len(tails), np.int32), (tails, heads)), shape=(n_nodes, n_nodes))
