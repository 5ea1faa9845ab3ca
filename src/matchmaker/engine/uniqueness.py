"""Is the optimum the only one? Then every route to it ends at the same plan, wherever it began.

It is asked of the whole-number problem (:mod:`matchmaker.engine.whole`), in which every search that runs to its end ends optimal. There
nothing is rounded and a tie is a tie.

Take the plan's residual graph: an arc officer -> enterprise for each pair that has room, one back for each pair that is used, and the hub
that takes up the slack between least and most loads. At whole prices every arc has a whole loss ::

    officer i -> enterprise j    P_i + U_j - w_ij     while the pair has room
    enterprise j -> officer i    w_ij - P_i - U_j     while it is used
    hub -> officer i            -P_i                  while its load is below the most
    officer i -> hub             P_i                  while its load is above the least
    enterprise j -> hub         -U_j, and back U_j    likewise

No loss is below 0 exactly when plan and prices are optimal. Any other plan differs from this one by cycles of that graph, each through a
node at most once and never over an arc both ways (Ahuja, Magnanti and Orlin, *Network Flows*, 1993, theorem 3.7), and is worth less by the
losses along them: prices cancel on the way round. So the plan is the only optimum exactly when arcs without loss close no cycle.

Arcs open both ways are no cycle by themselves. Where they close one among themselves, there is one; else they join nodes to trees, and one
can go from any node of a tree to any other. An arc open one way between two nodes of a tree then closes a cycle, and so do such arcs that
lead from tree to tree round in a circle; without either, trees can be put in an order that all arcs keep, and there is no cycle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.compiled import compiled
from matchmaker.engine.space import Ints, Space
from matchmaker.engine.whole import Whole
from matchmaker.program import sorted_once

Bools = NDArray[np.bool_]


def only_one(space: Space, keys: Ints, amount: Ints, prices: Whole, near: Ints) -> bool:
    """Whether a plan is optimal in whole units, and no other is.

    Parameters
    ----------
    space
        The eligible pairs.
    keys, amount
        The plan: sorted pairs of at least one unit, and their units. Shapes (n_used,).
    prices
        When the plan is not optimal at these, the answer is False.
    near
        Every pair that is not in the plan and tight at these prices, and any others. Shape (n_near,).
    """
    limits, (n, m) = space.limits, space.shape
    every = sorted_once(np.concatenate([keys, near]))
    units = np.zeros(len(every), np.int64)
    units[np.searchsorted(every, keys)] = amount
    i, j = space.split(every)
    load = np.concatenate([np.bincount(i, units, n), np.bincount(j, units, m)]).astype(np.int64)
    low, high = (np.concatenate(side) for side in limits.sides)
    # Forward: more on the pair, more for the officer, more for the enterprise.
    officers, enterprises, hub = np.arange(n), np.arange(n, n + m), np.full(n + m, n + m)
    tails, heads = np.concatenate([i, hub[:n], enterprises]), np.concatenate([j + n, officers, hub[:m]])
    price = np.concatenate([prices.officers, prices.enterprises])
    loss = np.concatenate([-prices.reduced(every, space.values(every)), -price])
    more = np.concatenate([units < limits.room(i, j), load < high])
    less = np.concatenate([units > 0, load > low])
    if ((load < low) | (load > high)).any() or (more & (loss < 0)).any() or (less & (loss > 0)).any():
        return False
    tight = (loss == 0) & (more | less)
    return not closes_cycle(tails[tight], heads[tight], more[tight], less[tight], n + m + 1)


@compiled
def closes_cycle(tails: Ints, heads: Ints, more: Bools, less: Bools, n_nodes: int) -> bool:
    """Whether arcs open forward, back or both ways close a cycle that goes over none of them both ways."""
    parent = np.arange(n_nodes)
    for a in range(len(tails)):
        if more[a] and less[a]:
            v, w = _root(parent, tails[a]), _root(parent, heads[a])
            if v == w:
                return True
            parent[v] = w
    start = np.zeros(n_nodes + 1, np.int64)
    coming = np.zeros(n_nodes, np.int64)
    for a in range(len(tails)):
        if more[a] != less[a]:
            v, w = _root(parent, tails[a]), _root(parent, heads[a])
            if v == w:
                return True
            start[(v if more[a] else w) + 1] += 1
            coming[w if more[a] else v] += 1
    return not _ordered(parent, tails, heads, more, less, np.cumsum(start), coming)


@compiled
def _root(parent: Ints, v: int) -> int:
    """The node that stands for a node's tree; the way there is halved."""
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v


@compiled
def _ordered(parent: Ints, tails: Ints, heads: Ints, more: Bools, less: Bools, start: Ints, coming: Ints) -> bool:
    """Whether trees can be put in an order that all arcs between them keep (Kahn 1962, doi:10.1145/368996.369025)."""
    to = np.empty(start[-1], np.int64)
    at = start.copy()
    for a in range(len(tails)):
        if more[a] != less[a]:
            v, w = _root(parent, tails[a]), _root(parent, heads[a])
            if less[a]:
                v, w = w, v
            to[at[v]] = w
            at[v] += 1
    order = np.empty(len(parent), np.int64)
    put = 0
    for v in range(len(parent)):
        if not coming[v]:
            order[put] = v
            put += 1
    head = 0
    while head < put:
        v = order[head]
        head += 1
        for k in range(start[v], start[v + 1]):
            coming[to[k]] -= 1
            if not coming[to[k]]:
                order[put] = to[k]
                put += 1
    return put == len(parent)
