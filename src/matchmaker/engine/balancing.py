"""The exact part of a transportation problem: members out of balance, brought into it one by one over shortest ways.

An amount on each pair and a price for each member are optimal when they agree: no pair with room is worth more than its prices, none in
use less, and every load is what its member's price asks for. Prices that are nearly right make nearly all of it agree at once; whoever
has too many or too few then passes one on, over pairs that lose little, to somebody who can take it: a shortest path in the residual
graph along reduced costs (Busacker and Gowen 1961; Tomizawa 1971, doi:10.1002/net.3230010206; Edmonds and Karp 1972,
doi:10.1145/321694.321699; Dijkstra 1959, doi:10.1007/BF01386390). Prices move along, so that what agrees goes on agreeing.

All of it is whole numbers: exact, and the same everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.compiled import compiled

Whole = NDArray[np.int64]

FAR = 2**62
"""No way there."""
NEVER = -(2**61)
"""A price at which nobody goes short, because nobody may."""


class Network(NamedTuple):
    """Pairs between officers, nodes 0 to n - 1, and enterprises, the nodes from n on.

    Parameters
    ----------
    n_officers
        n.
    officer, enterprise
        Shapes (n_pairs,): the nodes that each pair joins.
    worth, room
        Shapes (n_pairs,): what a unit is worth, and the most units.
    low, high
        Shapes (n_nodes,): least and most load.
    free, floor
        Shapes (n_nodes,): the price at which a node takes any load between least and most (0, but for offsets): above it the most, below
        it the least; at its floor it takes any load down to none, below it none.
    start
        Shape (n_nodes + 1,): where each node's pairs begin in `pairs`.
    pairs
        Shape (2 n_pairs,): the pairs of each node, those in use first.
    place
        Shape (2, n_pairs): where each pair stands there, among its officer's and among its enterprise's.
    used
        Shape (n_nodes,): how many of a node's pairs are in use.
    amount, price, load
        What is sought: units on each pair, and each node's price and load. Shapes (n_pairs,), (n_nodes,), (n_nodes,).
    """

    n_officers: int
    officer: Whole
    enterprise: Whole
    worth: Whole
    room: Whole
    low: Whole
    high: Whole
    free: Whole
    floor: Whole
    start: Whole
    pairs: Whole
    place: Whole
    used: Whole
    amount: Whole
    price: Whole
    load: Whole


class Scratch(NamedTuple):
    """What a search writes on. Shapes (n_nodes,), but for `seen`, (2 n_nodes,): a distance, the pair one came over, a place in the heap."""

    distance: Whole
    came: Whole
    place: Whole
    heap: Whole
    stack: Whole
    seen: Whole


@compiled
def index(network: Network) -> None:
    """Group the pairs by node, those in use first, and add up loads."""
    start, pairs, place, used = network.start, network.pairs, network.place, network.used
    start[:] = 0
    used[:] = 0
    network.load[:] = 0
    for a in range(len(network.worth)):
        for v in (network.officer[a], network.enterprise[a]):
            start[v + 1] += 1
            if network.amount[a] > 0:
                used[v] += 1
                network.load[v] += network.amount[a]
    for v in range(len(used)):
        start[v + 1] += start[v]
    first = start[:-1].copy()
    later = start[:-1] + used
    for a in range(len(network.worth)):
        for side, v in enumerate((network.officer[a], network.enterprise[a])):
            if network.amount[a] > 0:
                at = first[v]
                first[v] += 1
            else:
                at = later[v]
                later[v] += 1
            pairs[at] = a
            place[side, a] = at


@compiled
def put(network: Network, a: int, units: int) -> None:
    """Change what is on a pair; its loads are the caller's."""
    before = network.amount[a]
    network.amount[a] = before + units
    if (before > 0) == (before + units > 0):
        return
    pairs, place, used = network.pairs, network.place, network.used
    for side, v in enumerate((network.officer[a], network.enterprise[a])):
        if before == 0:
            other = network.start[v] + used[v]
            used[v] += 1
        else:
            used[v] -= 1
            other = network.start[v] + used[v]
        at, moved = place[side, a], pairs[other]
        pairs[at], place[side, moved] = moved, at
        pairs[other], place[side, a] = a, other


@compiled
def too_many(network: Network, v: int) -> int:
    """Units above what a node's price asks for."""
    load, price = int(network.load[v]), network.price[v]
    if load > network.high[v]:
        return load - int(network.high[v])
    if price < network.free[v] and load > network.low[v]:
        return load - int(network.low[v])
    return load if price < network.floor[v] else 0


@compiled
def too_few(network: Network, v: int) -> int:
    """Units below what a node's price asks for."""
    load, price = int(network.load[v]), network.price[v]
    if price > network.free[v] and load < network.high[v]:
        return int(network.high[v]) - load
    if price > network.floor[v] and load < network.low[v]:
        return int(network.low[v]) - load
    return 0


@compiled
def _one_more(network: Network, v: int) -> int:
    """How far a node's price is from where it takes one more."""
    load = network.load[v]
    if load >= network.high[v]:
        return FAR
    least = network.free[v] if load >= network.low[v] else network.floor[v]
    return max(int(least - network.price[v]), 0)


@compiled
def _one_less(network: Network, v: int) -> int:
    """How far a node's price is from where it makes do with one less."""
    load = network.load[v]
    if load > network.high[v]:
        return 0
    most = network.free[v] if load > network.low[v] else network.floor[v]
    return FAR if most == NEVER else max(int(network.price[v] - most), 0)


@compiled
def _by_itself(network: Network, v: int, many: bool) -> int:
    """How far a node's price is from where what it has too many, or too few of, is right."""
    load = network.load[v]
    if many:
        if load > network.high[v]:
            return FAR
        return int((network.free[v] if load > network.low[v] else network.floor[v]) - network.price[v])
    right = network.free[v] if load >= network.low[v] else network.floor[v]
    return FAR if right == NEVER else int(network.price[v] - right)


@compiled
def _rise(scratch: Scratch, at: int) -> None:
    """Move a node up the heap to where its distance belongs."""
    heap, place, distance = scratch.heap, scratch.place, scratch.distance
    v = heap[at]
    while at > 0 and distance[heap[(at - 1) >> 1]] > distance[v]:
        heap[at] = heap[(at - 1) >> 1]
        place[heap[at]] = at
        at = (at - 1) >> 1
    heap[at] = v
    place[v] = at


@compiled
def _sink(scratch: Scratch, size: int) -> None:
    """Move the node at the heap's top down to where its distance belongs."""
    heap, place, distance = scratch.heap, scratch.place, scratch.distance
    v, at = heap[0], 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and distance[heap[below + 1]] < distance[heap[below]]:
            below += 1
        if distance[heap[below]] >= distance[v]:
            break
        heap[at] = heap[below]
        place[heap[at]] = at
        at = below
    heap[at] = v
    place[v] = at


NEW, TAKEN = -1, -2
"""Places in the heap of a node that was not met yet, and of one that is no longer there."""


@compiled
def _shortest(network: Network, scratch: Scratch, source: int, giving: int) -> tuple[int, int, int, int]:
    """The nearest node that can take what the source has too many of, or give what it has too few of.

    On side `giving` (0 officers, 1 enterprises) nodes on the way give a pair up, on the other they take one on. Returns the node, how
    far it is, how many nodes were met, how many pairs were looked at.
    """
    n, price, worth, amount = network.n_officers, network.price, network.worth, network.amount
    distance, came, place, heap, stack, seen = scratch
    target, nearest = -1, FAR
    own = _by_itself(network, source, (source >= n) == (giving == 1))
    if own < nearest:
        target, nearest = source, own
    distance[source], came[source], place[source] = 0, -1, TAKEN
    stack[0], seen[0] = source, source
    size, stacked, met, looked, here = 0, 1, 1, 0, 0
    while stacked or size:
        if stacked:
            stacked -= 1
            v = stack[stacked]
        else:
            v = heap[0]
            here = distance[v]
            if here >= nearest:
                break
            size -= 1
            place[v] = TAKEN
            if size:
                heap[0] = heap[size]
                _sink(scratch, size)
        if here >= nearest:
            break
        gives = (v >= n) == (giving == 1)
        last = network.start[v] + network.used[v] if gives else network.start[v + 1]
        looked += last - network.start[v]
        for at in range(network.start[v], last):
            a = network.pairs[at]
            w = network.officer[a] if v >= n else network.enterprise[a]
            if place[w] == TAKEN:
                continue
            reduced = worth[a] - price[v] - price[w]
            there = here + reduced if gives else here - reduced
            if there >= nearest or there >= distance[w] or not (gives or amount[a] < network.room[a]):
                continue
            if place[w] == NEW:
                seen[met] = w
                met += 1
            distance[w], came[w] = there, a
            end = there + (_one_less(network, w) if gives else _one_more(network, w))
            if end < nearest:
                target, nearest = w, end
            if place[w] >= 0:
                _rise(scratch, place[w])
            elif there == here:
                place[w] = TAKEN
                stack[stacked] = w
                stacked += 1
            else:
                heap[size] = w
                size += 1
                _rise(scratch, size - 1)
    return target, nearest, met, looked


@compiled
def _send(network: Network, scratch: Scratch, source: int, target: int, giving: int) -> None:
    """As many units from the source to the target as the way takes."""
    n, came, load = network.n_officers, scratch.came, network.load
    units = too_many(network, source) if (source >= n) == (giving == 1) else too_few(network, source)
    if (target >= n) == (giving == 1):
        room = (network.low if load[target] < network.low[target] else network.high)[target] - load[target]
    elif load[target] > network.high[target]:
        room = load[target] - network.high[target]
    else:
        room = load[target] - (network.low[target] if load[target] > network.low[target] else 0)
    units = min(units, room)
    v = target
    while v != source:
        a = came[v]
        units = min(units, network.room[a] - network.amount[a] if (v >= n) == (giving == 1) else network.amount[a])
        v = network.officer[a] if v >= n else network.enterprise[a]
    load[target] += units if (target >= n) == (giving == 1) else -units
    load[source] -= units if (source >= n) == (giving == 1) else -units
    v = target
    while v != source:
        a = came[v]
        put(network, a, units if (v >= n) == (giving == 1) else -units)
        v = network.officer[a] if v >= n else network.enterprise[a]


@compiled
def balance(network: Network, scratch: Scratch, giving: int, first: int, effort: int) -> tuple[int, int]:
    """Bring into balance, from node `first` on, the giving side's nodes that have too many and the other's that have too few.

    Ends at the last node, or once so many pairs were looked at. Returns the node to go on from, and one that can never be brought into
    balance (-1 where there is none).
    """
    n, price, distance = network.n_officers, network.price, scratch.distance
    for v in range(first, len(price)):
        while (too_many(network, v) if (v >= n) == (giving == 1) else too_few(network, v)) > 0:
            if effort <= 0:
                return v, -1
            target, nearest, met, looked = _shortest(network, scratch, v, giving)
            effort -= looked
            for k in range(met):
                w = scratch.seen[k]
                step = nearest - distance[w]
                if step > 0 and target >= 0:
                    price[w] += step if (w >= n) == (giving == 1) else -step
            if target >= 0 and target != v:
                _send(network, scratch, v, target, giving)
            for k in range(met):
                w = scratch.seen[k]
                distance[w], scratch.place[w] = FAR, NEW
            if target < 0:
                return v, v
    return len(price), -1
