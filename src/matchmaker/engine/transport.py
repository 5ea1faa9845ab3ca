"""The pairs on a shortlist as a transportation problem: solved exactly from prices that are nearly right.

Bidding makes prices better, every enterprise takes its best, and whoever is out of balance then is brought into it. The better the prices
are to begin with, the less there is to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matchmaker.engine.balancing import FAR, NEVER, NEW, Network, Scratch, balance, index
from matchmaker.engine.bidding import bid, choose
from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Floats, Ints, Limits
from matchmaker.errors import SolverError

BREATH = 3_000_000
"""Pairs looked at, about, between two looks at the clock: hundredths of a second."""
PATIENCE = 60
"""Times its pairs that bidding may look at, before it is left to the exact part."""


def largest_cost(n_nodes: int) -> int:
    """The largest whole worth with which no sum along a way leaves 64 bits."""
    return min(2**46, 2**59 // (4 * (n_nodes + 2)))


@dataclass(frozen=True, eq=False)
class Flow:
    """An optimal flow over a shortlist, and the prices that prove it.

    Parameters
    ----------
    amount
        Shape (n_arcs,), units on each pair.
    officers, enterprises
        Whole prices, shapes (n_officers,) and (n_enterprises,).
    officer_short, enterprise_short
        Units that officers must place and do not, that enterprises must get and do not.
    """

    amount: Ints
    officers: Floats
    enterprises: Floats
    officer_short: Ints
    enterprise_short: Ints

    @property
    def short(self) -> int:
        """Units short in all."""
        return int(self.officer_short.sum() + self.enterprise_short.sum())


def solve_transport(
    officers: Ints,
    enterprises: Ints,
    worth: Floats,
    limits: Limits,
    prices: tuple[Floats, Floats],
    *,
    floor: Floats | None = None,
    free: Floats | None = None,
    amount: Ints | None = None,
    least: float = 0.0,
    check: Callable[[], None] = unlimited,
) -> Flow:
    """The flow of greatest worth.

    Parameters
    ----------
    officers, enterprises
        Shape (n_arcs,), the shortlist.
    worth
        Shape (n_arcs,), whole numbers held as float64, at most ``largest_cost`` in size.
    limits
        Least and most on each side.
    prices
        To begin from, whole. Shapes (n_officers,), (n_enterprises,). Any will do.
    floor
        Whole, at most `free`, shape (n_officers + n_enterprises,): the price at which a place rather stays short. None where none may.
    free
        Whole, the same shape: the price of a place that need not be taken. None for 0.
    amount
        Shape (n_arcs,), units to begin from; with these, only what disagrees with the prices is chosen again.
    least
        Whole: how exactly prices are to be made by bidding first; 0 for no bidding.
    check
        Called every few hundredths of a second; what it raises ends it.

    Raises
    ------
    SolverError
        When a worth is too large or not whole, or when places must be short and may not be.
    """
    network = _network(officers, enterprises, worth, limits, prices, floor, free, amount)
    index(network)
    if least and amount is None:
        _bid(network, max(int(least), 1), check)
    choose(network)
    _balance(network, check)
    n = network.n_officers
    short = np.maximum(network.low - network.load, 0)
    if floor is None and short.any():
        msg = f"{int(short.sum())} places must stay short on {len(worth)} pairs, and none may."
        raise SolverError(msg)
    price = network.price.astype(np.float64)
    return Flow(network.amount, price[:n], price[n:], short[:n], short[n:])


def _network(
    officers: Ints,
    enterprises: Ints,
    worth: Floats,
    limits: Limits,
    prices: tuple[Floats, Floats],
    floor: Floats | None,
    free: Floats | None,
    amount: Ints | None,
) -> Network:
    n, m, k = len(limits.officer_low), len(limits.enterprise_low), len(worth)
    most = largest_cost(n + m)
    price = np.concatenate(prices)
    free = np.zeros(n + m) if free is None else free
    for given in (worth, free) if floor is None else (worth, free, floor):
        _check_whole(given, most)
    low, high = (np.concatenate(side).astype(np.int64) for side in limits.sides)
    floor = np.full(n + m, float(NEVER)) if floor is None else np.where(low == high, floor, np.minimum(floor, free))
    free = np.maximum(free, floor)  # whoever takes so many and no other number only stays short or does not
    room = limits.room(officers, enterprises)
    room[(limits.officer_high[officers] == 0) | (limits.enterprise_high[enterprises] == 0)] = 0
    return Network(
        n_officers=n,
        officer=officers.astype(np.int64),
        enterprise=enterprises + n,
        worth=worth.astype(np.int64),
        room=room,
        low=low,
        high=high,
        free=free.astype(np.int64),
        floor=floor.astype(np.int64),
        start=np.empty(n + m + 1, np.int64),
        pairs=np.empty(2 * k, np.int64),
        place=np.empty((2, k), np.int64),
        used=np.empty(n + m, np.int64),
        amount=np.zeros(k, np.int64) if amount is None else amount.astype(np.int64),
        price=np.clip(price, -4.0 * most, 4.0 * most).astype(np.int64),
        load=np.empty(n + m, np.int64),
    )


def _check_whole(values: Floats, most: int) -> None:
    fine = np.isfinite(values) & (np.rint(values) == values) & (np.abs(values) <= most)
    if not fine.all():
        msg = f"Worth must be whole and at most {most} in size; found {values[~fine][0]!r}."
        raise SolverError(msg)


def _bid(network: Network, least: int, check: Callable[[], None]) -> None:
    """Let those who lack officers bid for them, as long as it leads somewhere."""
    if network.room.max(initial=0) > 1:
        return
    n = network.n_officers
    queue = np.repeat(np.arange(n, len(network.price)), np.minimum(network.high, np.diff(network.start))[n:])
    bids = np.zeros(len(network.worth), np.int64)
    head, waiting = 0, len(queue)
    for _ in range(PATIENCE):
        check()
        waiting, head = bid(network, bids, queue, head, waiting, least, len(network.worth))
        if not waiting:
            break


def _balance(network: Network, check: Callable[[], None]) -> None:
    n_nodes = len(network.price)
    scratch = Scratch(
        distance=np.full(n_nodes, FAR),
        came=np.empty(n_nodes, np.int64),
        place=np.full(n_nodes, NEW),
        heap=np.empty(n_nodes, np.int64),
        stack=np.empty(n_nodes, np.int64),
        seen=np.empty(n_nodes, np.int64),
    )
    for giving in (0, 1):
        first = 0
        while first < n_nodes:
            check()
            first, stuck = balance(network, scratch, giving, first, BREATH)
            if stuck >= 0:
                msg = f"Node {stuck} of {n_nodes} must stay short on {len(network.worth)} pairs, and none may."
                raise SolverError(msg)
