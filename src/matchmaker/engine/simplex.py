"""Every pair at once: the transportation problem on a whole matrix, by the network simplex method.

A basis is a tree that joins all officers and enterprises to a hub, which takes what stays free; it says what every price is and what is
on every pair. A pair that is worth more than its two prices closes a ring with the tree; as much as can goes round, and what is empty then
leaves (Dantzig 1951; Ahuja, Magnanti and Orlin, *Network Flows*, 1993, chapter 11). Where several could leave, the last on the way round
from the ring's top does, which keeps trees strongly feasible, so that no run of rings that move nothing comes back to where it began
(Cunningham 1976, doi:10.1007/BF01580379). Of some enterprises' pairs the best joins, then it is the next enterprises' turn (Király and
Kovács 2012, doi:10.48550/arXiv.1207.6381).

It needs no prices to begin from, and neither ties nor worth of very different size make it slow. But every pair is held, and looked at
often: it is for small problems. All of it is whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.compiled import compiled
from matchmaker.engine.search import unlimited

Whole = NDArray[np.int64]
SHORT = -(2**59)
"""What a place short is worth: less than anything that pairs can bring."""
NEVER = -(2**61)
"""Worth of a pair that may not meet: it never joins."""
PLENTY = 2**60
"""No limit."""
LOOK = 2_000
"""Pairs, about, of which the best joins."""
BREATH = 20_000_000
"""Pairs and members looked at, about, between two looks at the clock: hundredths of a second."""


class Tree(NamedTuple):
    """Officers, nodes 0 to n - 1, enterprises, the next m, and the hub, the last, hung up at it in a tree.

    Whatever goes from an officer to an enterprise, from an officer to the hub (a free place) or from the hub to an enterprise (a place that
    nobody fills) is units on an arc; only arcs of the tree have any.

    Parameters
    ----------
    n_officers
        n.
    worth
        Shape (m, n): what each pair is worth, one row an enterprise.
    free
        Shape (n + m,): what each member's arc with the hub is worth.
    parent, units, value
        Shapes (n + m + 1,): the next node on the way to the hub, units on the arc there, and what it is worth.
    depth
        Shape (n + m + 1,): how many arcs it is to the hub.
    child, after, before
        Shapes (n + m + 1,): a node below, and its neighbours among those below its parent; -1 for none.
    price
        Shape (n + m + 1,): arcs of the tree are worth their two prices together.
    stack
        Shape (n + m + 1,): to write on.
    """

    n_officers: int
    worth: Whole
    free: Whole
    parent: Whole
    units: Whole
    value: Whole
    depth: Whole
    child: Whole
    after: Whole
    before: Whole
    price: Whole
    stack: Whole


@compiled
def _hang(tree: Tree, v: int, parent: int, units: int, value: int) -> None:
    """Put a node, with all below it, below another one."""
    tree.parent[v], tree.units[v], tree.value[v] = parent, units, value
    first = tree.child[parent]
    tree.after[v], tree.before[v] = first, -1
    if first >= 0:
        tree.before[first] = v
    tree.child[parent] = v


@compiled
def _take_off(tree: Tree, v: int) -> None:
    """Take a node, with all below it, from its parent."""
    before, after = tree.before[v], tree.after[v]
    if before >= 0:
        tree.after[before] = after
    else:
        tree.child[tree.parent[v]] = after
    if after >= 0:
        tree.before[after] = before


@compiled
def _tell(tree: Tree, top: int) -> int:
    """Set depths and prices of a node and all below it from its parent's; how many that were."""
    size, met = 1, 0
    tree.stack[0] = top
    while size:
        size -= 1
        v = tree.stack[size]
        met += 1
        tree.depth[v] = tree.depth[tree.parent[v]] + 1
        tree.price[v] = tree.value[v] - tree.price[tree.parent[v]]
        below = tree.child[v]
        while below >= 0:
            tree.stack[size] = below
            size += 1
            below = tree.after[below]
    return met


@compiled
def grown(tree: Tree, high: Whole) -> None:
    """A first tree: enterprises that take one, those with most to lose first, have the best officer with a place left, if worth it."""
    n, m, hub = tree.n_officers, len(tree.worth), len(tree.parent) - 1
    left = high[:n].copy()
    best = np.empty(m, np.int64)
    for j in range(m):
        best[j] = tree.worth[j].max()
    for v in range(n):
        _hang(tree, v, hub, 0, tree.free[v])
    for j in np.argsort(-best, kind="mergesort"):
        v, chosen, most = n + j, -1, tree.free[n + j]
        if high[v] == 1:
            for i in range(n):
                if left[i] > 0 and tree.worth[j, i] > most:
                    chosen, most = i, tree.worth[j, i]
        if chosen >= 0:
            left[chosen] -= 1
            _hang(tree, v, chosen, 1, most)
        else:
            _hang(tree, v, hub, high[v], most)
    tree.units[:n] = left
    for v in range(hub):
        if tree.parent[v] == hub:
            _tell(tree, v)


@compiled
def _turn(tree: Tree, v: int, under: int, parent: int, units: int, value: int) -> int:
    """Hang what is below the arc over `under` up at another of its nodes, with so many units there; how many nodes that were."""
    turned = v
    while True:
        next_parent, next_units, next_value = tree.parent[v], tree.units[v], tree.value[v]
        _take_off(tree, v)
        _hang(tree, v, parent, units, value)
        if v == under:
            return _tell(tree, turned)
        v, parent, units, value = next_parent, v, next_units, next_value


@compiled
def _join(tree: Tree, first: int, second: int, value: int) -> int:
    """Send what can go round the ring that an arc from `first` to `second` closes; what is empty then leaves. How many nodes were met."""
    n, units = tree.n_officers, PLENTY
    under, ends_first, met = -1, True, 0
    v, w = first, second
    while v != w:
        met += 1
        if tree.depth[v] >= tree.depth[w]:
            if v < n and tree.units[v] < units:
                units, under, ends_first = tree.units[v], v, True
            v = tree.parent[v]
        else:
            if w >= n and tree.units[w] <= units:
                units, under, ends_first = tree.units[w], w, False
            w = tree.parent[w]
    top = v
    if units:
        v, w = first, second
        while v != top:
            tree.units[v] += -units if v < n else units
            v = tree.parent[v]
        while w != top:
            tree.units[w] += units if w < n else -units
            w = tree.parent[w]
    if ends_first:
        return met + _turn(tree, first, under, second, units, value)
    return met + _turn(tree, second, under, first, units, value)


@compiled
def improve(tree: Tree, rows: int, at: int, idle: int, effort: int) -> tuple[int, int]:
    """Let pairs that are worth more than their prices join, the best of so many enterprises', until none is or so much was looked at.

    Returns where to go on, and for how many in turn nothing can be better: m + 1 when the flow is optimal.
    """
    n, (m, _), hub = tree.n_officers, tree.worth.shape, len(tree.parent) - 1
    price = tree.price
    asked = price[:n]
    while idle <= m and effort > 0:
        best, tail, head, value = 0, -1, -1, 0
        looked = min(rows, m + 1 - idle)
        for _ in range(looked):
            if at < m:
                level = best + price[n + at]
                row = tree.worth[at]
                most = level
                for i in range(n):
                    most = max(most, row[i] - asked[i])
                if most > level:
                    for i in range(n):
                        if row[i] - asked[i] == most:
                            tail, head, value, best = i, n + at, row[i], most - price[n + at]
                            break
            else:
                for v in range(hub):
                    if tree.free[v] - price[v] > best:
                        best, value = tree.free[v] - price[v], tree.free[v]
                        tail, head = (v, hub) if v < n else (hub, v)
            at = at + 1 if at < m else 0
        effort -= looked * n
        idle += looked
        if tail >= 0:
            idle = 0
            effort -= 8 * _join(tree, tail, head, value)
    return at, idle


@compiled
def anchor(tree: Tree) -> None:
    """Give up prices that rest on a place short where none is: what hangs there moves until it ties with others, and joins them."""
    n, hub = tree.n_officers, len(tree.parent) - 1
    price, inside = tree.price, np.zeros(len(tree.parent), np.bool_)
    for top in range(hub):
        if tree.parent[top] != hub or tree.value[top] != SHORT or tree.units[top]:
            continue
        inside[:] = False
        for at in range(_listed(tree, top)):
            inside[tree.stack[at]] = True
        # Prices on the top's side rise, the others fall: of these the pairs outside, and their own arcs with the hub, come nearer.
        of_officers = top >= n
        falls = np.flatnonzero(inside[:n]) if of_officers else np.flatnonzero(inside[n:hub]) + n
        others = np.flatnonzero(~inside[n:hub]) + n if of_officers else np.flatnonzero(~inside[:n])
        least, near, far, value = PLENTY, top, hub, 0
        for v in falls:
            for w in others:
                worth = tree.worth[w - n, v] if of_officers else tree.worth[v - n, w]
                if worth != NEVER and price[v] + price[w] - worth < least:
                    least, near, far, value = int(price[v] + price[w] - worth), int(v), int(w), int(worth)
            if tree.free[v] != SHORT and price[v] - tree.free[v] < least:
                least, near, far, value = int(price[v] - tree.free[v]), int(v), hub, int(tree.free[v])
        _turn(tree, near, top, far, 0, value)


@compiled
def _listed(tree: Tree, top: int) -> int:
    """Write a node and all below it on the stack; how many they are."""
    tree.stack[0], size, at = top, 1, 0
    while at < size:
        below = tree.child[tree.stack[at]]
        while below >= 0:
            tree.stack[size] = below
            size += 1
            below = tree.after[below]
        at += 1
    return size


@compiled
def most_above(worth: Whole, officers: Whole, enterprises: Whole) -> Whole:
    """By how much each enterprise's pairs are worth more than their prices, at the most. Shape (n_enterprises,)."""
    most = np.empty(len(worth), np.int64)
    for j in range(len(worth)):
        row, best = worth[j], 2 * NEVER
        for i in range(len(officers)):
            best = max(best, row[i] - officers[i])
        most[j] = best - enterprises[j]
    return most


class Optimum(NamedTuple):
    """An optimal flow.

    Parameters
    ----------
    officers, enterprises, amount
        Every pair in use, and others that are worth their prices, with units on each. Shapes (n_pairs,).
    prices
        Shapes (n_officers,), (n_enterprises,).
    short
        Places that must be filled and are not, in all.
    """

    officers: Whole
    enterprises: Whole
    amount: Whole
    prices: tuple[Whole, Whole]
    short: int


def solve_whole(worth: Whole, low: Whole, high: Whole, check: Callable[[], None] = unlimited) -> Optimum:
    """The flow of greatest worth, where no pair needs a limit of its own.

    Parameters
    ----------
    worth
        Shape (n_enterprises, n_officers): whole, at most :func:`matchmaker.engine.transport.largest_cost` in size; `NEVER` where a pair
        may not meet.
    low, high
        Least and most load of officers, then of enterprises, shape (n_officers + n_enterprises,): the least is 0 or the most.
    check
        Called every few hundredths of a second; what it raises ends it.
    """
    m, n = worth.shape
    tree = _bare(worth, np.where(low > 0, SHORT, 0))
    grown(tree, high)
    at, idle, rows = 0, 0, max(1, LOOK // max(n, 1))
    while idle <= m:
        check()
        at, idle = improve(tree, rows, at, idle, BREATH)
    anchor(tree)
    parent, units, hub = tree.parent[:-1], tree.units[:-1], n + m
    node, pair = np.arange(n + m), parent != hub
    officer, enterprise = np.minimum(node, parent), np.maximum(node, parent)
    short = int(units[~pair & (low > 0)].sum())
    return Optimum(officer[pair], enterprise[pair] - n, units[pair], (tree.price[:n], tree.price[n:-1]), short)


def _bare(worth: Whole, free: Whole) -> Tree:
    """A tree of which nothing hangs yet."""
    m, n = worth.shape
    parent, units, value, depth, child, after, before, price, stack = (np.zeros(n + m + 1, np.int64) for _ in range(9))
    for part in (parent, child, after, before):
        part[:] = -1
    return Tree(n, worth, free, parent, units, value, depth, child, after, before, price, stack)
