"""OR-Tools' min-cost flow, made safe: whole costs, checked status, loads between least and most.

Officers and enterprises are nodes, each pair on the shortlist an arc, and a hub takes up the slack between least and most::

    hub -> officer i       0 .. high_i - low_i        (officer i supplies low_i by itself)
    officer -> enterprise  0 .. most_per_pair         worth a_ij
    enterprise j -> hub    0 .. high_j - low_j        (enterprise j draws low_j by itself)
    officer i -> hub       0 .. low_i                 worth -penalty: an officer short of work
    hub -> enterprise j    0 .. low_j                 worth -penalty: an enterprise short of officers

so a flow always exists, and what runs over the last two arcs is what cannot be met.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.flow_child import least_cost, status_name
from matchmaker.engine.flow_process import CannotStartError, keeper
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats, Limits
from matchmaker.errors import SolverError

PER_NODE, PER_ARC = 7e-6, 0.45e-6
"""Seconds, measured on two families of full size."""
SLOW = 5
"""How many times as long as expected a flow may take."""
QUICK = 0.2
"""Seconds: flows expected to take longer go to a process of their own; starting one takes about a tenth of a second."""
LATE = 0.5
"""Seconds after the time limit in which a small flow may still end."""
ARCS_PER_NODE = 12
"""About the size of a first shortlist."""


@dataclass(frozen=True, eq=False)
class Flow:
    """An optimal flow over a shortlist.

    Parameters
    ----------
    amount
        Shape (n_arcs,), units on each pair.
    officer_short, enterprise_short
        Units that officers must place and cannot, that enterprises must get and do not.
    """

    amount: NDArray[np.int64]
    officer_short: NDArray[np.int64]
    enterprise_short: NDArray[np.int64]

    @property
    def short(self) -> int:
        """Units that cannot be met in all."""
        return int(self.officer_short.sum() + self.enterprise_short.sum())


def largest_cost(n_nodes: int) -> int:
    """The largest whole cost that the scaling algorithm carries without overflow: about 2**63 / (2 n**2)."""
    return min(2**44, int(2**63 // (4 * (n_nodes + 2) ** 2)))


def solve_flow(
    officers: NDArray[np.int64],
    enterprises: NDArray[np.int64],
    worth: NDArray[np.float64],
    limits: Limits,
    penalty: float | Floats | None,
    *,
    load_worth: tuple[Floats, Floats] | None = None,
    search: Search | None = None,
) -> Flow:
    """The flow of greatest worth.

    A large flow is solved in a process of its own and stops within a tenth of a second of the limit or of Ctrl-C; a small one here.
    The flow is the same either way.

    Parameters
    ----------
    officers, enterprises
        Shape (n_arcs,), the shortlist.
    worth
        Shape (n_arcs,), whole numbers held as float64, at most ``largest_cost`` in size.
    limits
        Least and most on each side.
    penalty
        Whole number: what one unit short costs, for all or for each officer and enterprise, shape (n_officers + n_enterprises,). None when
        no unit may be short, and it is known that none need be.
    load_worth
        Whole numbers, shapes (n_officers,) and (n_enterprises,): what each unit of load is worth by itself.
    search
        Whose time limit holds; None for none.

    Raises
    ------
    TimeUp
        When the search's time is up before the flow is found.
    SolverError
        When a cost is too large or not whole, or OR-Tools does not answer OPTIMAL (as when units must be short and may not be), or the
        process that solves it dies.
    """
    if search is not None:
        search.check()
    n, m = len(limits.officer_low), len(limits.enterprise_low)
    own = np.zeros(n + m) if load_worth is None else np.concatenate(load_worth)
    _check_whole(n + m + 1, worth, own, np.atleast_1d(0.0 if penalty is None else penalty))
    slack = _Slack.of(limits, penalty, own)
    n_arcs = len(worth) + len(slack.tails)
    status, flows = _answer(_network(officers, enterprises, worth, limits, slack), search)
    if flows is None:
        msg = f"The min-cost flow ended with {status_name(status)} on {n_arcs} arcs; expected OPTIMAL."
        raise SolverError(msg)
    k = len(officers)
    short = np.zeros(n + m, np.int64)
    short[slack.short] = flows[n_arcs - len(slack.short) :]
    return Flow(amount=flows[:k], officer_short=short[:n], enterprise_short=short[n:])


def expected_seconds(n_arcs: int, n_nodes: int) -> float:
    """About how long a flow takes; with many ties, or where places are tight, up to ``SLOW`` times as long."""
    return PER_NODE * n_nodes + PER_ARC * n_arcs


@contextmanager
def large_flows(n_nodes: int) -> Iterator[None]:
    """Keep what solves large flows from one flow to the next; begin to start it, where so many nodes will want it."""
    with keeper:
        if expected_seconds(ARCS_PER_NODE * n_nodes, n_nodes) > QUICK:
            keeper.prepare()
        yield


def _answer(network: list[NDArray[np.signedinteger]], search: Search | None) -> tuple[int, NDArray[np.int64] | None]:
    seconds = expected_seconds(len(network[0]), len(network[4]))
    left = math.inf if search is None else search.left
    if seconds > QUICK or SLOW * seconds > left + LATE:
        with suppress(CannotStartError):
            return keeper.solve(network, search)
    return least_cost(network)


def _check_whole(n_nodes: int, *costs: Floats) -> None:
    size = np.max([np.max([-part.min(initial=0.0), part.max(initial=0.0)]) for part in costs])
    if not size <= largest_cost(n_nodes) or any((part != np.floor(part)).any() for part in costs):
        msg = f"A cost of {size} among {n_nodes} nodes is over {largest_cost(n_nodes)}, or is not whole: it would overflow."
        raise SolverError(msg)


@dataclass(frozen=True, eq=False)
class _Slack:
    """The arcs to and from the hub that have room: empty ones would make a flow a tenth slower.

    `short` names whose shortage the last arcs are: officers, then enterprises counted on from there.
    """

    tails: NDArray[np.int64]
    heads: NDArray[np.int64]
    room: NDArray[np.int64]
    costs: NDArray[np.float64]
    short: NDArray[np.int64]

    @staticmethod
    def of(limits: Limits, penalty: float | Floats | None, own: Floats) -> _Slack:
        n, m = len(limits.officer_low), len(limits.enterprise_low)
        hub = n + m
        low = np.concatenate([limits.officer_low, limits.enterprise_low])
        between = np.concatenate([limits.officer_high, limits.enterprise_high]) - low
        loose = np.flatnonzero(between > 0)
        short = np.flatnonzero(low > 0) if penalty is not None else np.empty(0, np.int64)
        nodes = np.concatenate([loose, short])
        # An officer's slack and an enterprise's shortage come from the hub, the other two go there.
        from_hub = np.concatenate([loose < n, short >= n])
        return _Slack(
            tails=np.where(from_hub, hub, nodes),
            heads=np.where(from_hub, nodes, hub),
            room=np.concatenate([between[loose], low[short]]),
            costs=np.concatenate([-own[loose], np.broadcast_to(0.0 if penalty is None else penalty, n + m)[short]]),
            short=short,
        )


def _network(
    officers: NDArray[np.int64], enterprises: NDArray[np.int64], worth: NDArray[np.float64], limits: Limits, slack: _Slack
) -> list[NDArray[np.signedinteger]]:
    """Tails, heads, room and costs of the arcs, pairs first; supplies of officers, enterprises and the hub."""
    k = len(officers)
    n_arcs = k + len(slack.tails)
    tails, heads = np.empty(n_arcs, np.int32), np.empty(n_arcs, np.int32)
    room, costs = np.empty(n_arcs, np.int64), np.empty(n_arcs, np.int64)
    tails[:k], tails[k:] = officers, slack.tails
    np.add(enterprises, len(limits.officer_low), out=heads[:k], casting="unsafe")
    heads[k:] = slack.heads
    room[:k], room[k:] = limits.room(officers, enterprises), slack.room
    np.negative(worth, out=costs[:k], casting="unsafe")
    costs[k:] = slack.costs
    supply = np.concatenate([limits.officer_low, -limits.enterprise_low])
    return [tails, heads, room, costs, np.append(supply, -supply.sum()).astype(np.int64)]
