"""Plans from knapsacks' prices: a dive, which settles many pairs at a time, and a complete search, which settles one at a time.

At every step prices are bettered a little and what no better plan leaves open is settled (Posta, Ferland and Michelon 2012,
doi:10.1007/s10589-011-9432-0). A search branches on the pair by which the bound loses most either way; depth first, without recursion, so
that it can be left at any point and taken up again.
"""

from __future__ import annotations

from typing import NamedTuple

from matchmaker.engine.compiled import compiled
from matchmaker.engine.knapsacks import Flags, Sacks, bar, descend, fits, keeps, put, settle, settled_worth, undo
from matchmaker.engine.space import Floats, Ints

STEPS, PATIENCE, LENGTH = 30, 5, 0.5
"""Steps at each node, those without a gain after which they shrink, and how long they are at first."""
SURE, LIKELY = 0.97, 0.3
"""A pair this often in its knapsack is settled in a dive whatever the number; one less often than the second is not."""
UNMARKED = -(2**62)
ASK, BACK, ENDED, TOO_DEEP = 0, 1, 2, 3
"""What a search does next."""


class Branches(NamedTuple):
    """Where a search stands.

    Parameters
    ----------
    prices
        Shape (n_levels, n_enterprises): enterprises' prices on the way down.
    mark, other
        Shapes (n_levels,): how long the trail was at each level, and the pair tried there; -1 less the pair where it was tried without.
    at
        Shape (4,): level, length of the trail, nodes so far, what comes next.
    best
        Shape (2,): the value of the best plan so far, and how much more another one must be worth.
    plan
        Shape (n_pairs,): 1 where a pair is in the best plan found; all 0 before any.
    """

    prices: Floats
    mark: Ints
    other: Ints
    at: Ints
    best: Floats
    plan: Flags


@compiled
def tighten(sacks: Sacks, prices: Floats, least: float, steps: int, trail: int) -> int:
    """Better the prices by some steps, and settle what no plan worth `least` leaves open. The trail, as in :func:`put`."""
    if descend(sacks, prices, least, steps, LENGTH, PATIENCE) < least:
        return -1 - trail
    return settle(sacks, prices, least, trail)


@compiled
def plunge(sacks: Sacks, likely: Ints, share: float, left: int, trail: int) -> tuple[int, bool]:
    """Settle the likeliest pairs of a share of the open enterprises. The trail, as in :func:`put`, and whether the dive ends here.

    Parameters
    ----------
    likely
        Shape (n_pairs,): the pairs, those first that were in their knapsacks most often.
    share
        Of the open enterprises, how many are settled.
    left
        Open enterprises at which a dive ends.
    trail
        How long the trail is.
    """
    count = 0
    for j in range(len(sacks.open)):
        count += sacks.open[j] > 0
    if count <= left:
        return trail, True
    wanted, done = max(1, int(share * count)), 0
    for pair in likely:
        often = sacks.mean[pair]
        if often <= LIKELY or (done >= wanted and often < SURE) or done >= 3 * wanted:
            break
        if sacks.settled[pair] == 0 and fits(sacks, pair):
            trail = put(sacks, pair, trail)
            if trail < 0:
                return trail, True
            done += 1
    return trail, done == 0


@compiled
def search(sacks: Sacks, branches: Branches, work: int) -> None:
    """Go on with a complete search for so much work, or until it ends."""
    at, stop = branches.at, sacks.work[0] + work
    while at[3] < ENDED and sacks.work[0] < stop:
        if at[3] == ASK:
            _ask(sacks, branches)
        else:
            _go_back(sacks, branches)


@compiled
def _ask(sacks: Sacks, branches: Branches) -> None:
    """Look at a node: settle what can be; then branch, or keep what is a plan, or go back."""
    at, prices = branches.at, branches.prices[branches.at[0]]
    at[2] += 1
    least = branches.best[0] + branches.best[1]
    while True:
        before = at[1]
        if descend(sacks, prices, least, STEPS, LENGTH, PATIENCE) < least:
            at[3] = BACK
            return
        at[1] = settle(sacks, prices, least, at[1])
        if at[1] < 0:
            at[1], at[3] = -1 - at[1], BACK
            return
        if at[1] - before < PATIENCE:
            break
    pair = _undecided(sacks)
    if pair >= 0:
        _try(sacks, branches, pair, sacks.mean[pair] >= 0.5)
        return
    at[3] = BACK
    value = settled_worth(sacks)
    if value >= least and keeps(sacks):
        branches.best[0] = value
        for k in range(len(branches.plan)):
            branches.plan[k] = sacks.settled[k] == 1


@compiled
def _undecided(sacks: Sacks) -> int:
    """The open pair by which the bound loses most either way; among equals, the one that is in its knapsack every other time."""
    chosen, top = -1, -1.0
    scale = 0.0
    for pair in range(len(sacks.settled)):
        if sacks.settled[pair] == 0:
            scale = max(scale, abs(sacks.worth[pair]))
    for pair in range(len(sacks.settled)):
        if sacks.settled[pair] == 0:
            either = min(sacks.within[pair], sacks.without[pair]) + 5e-4 * scale * (0.5 - abs(sacks.mean[pair] - 0.5))
            if either > top:
                chosen, top = pair, either
    return chosen


@compiled
def _try(sacks: Sacks, branches: Branches, pair: int, within: bool) -> None:
    """One level down, with a pair in the plan or without it."""
    at = branches.at
    level = at[0]
    if level + 1 >= len(branches.mark):
        at[3] = TOO_DEEP
        return
    branches.mark[level], branches.other[level] = at[1], pair if within else -1 - pair
    branches.prices[level + 1] = branches.prices[level]
    at[0] = level + 1
    trail = put(sacks, pair, at[1]) if within else bar(sacks, pair, at[1])
    at[1], at[3] = (trail, ASK) if trail >= 0 else (-1 - trail, BACK)


@compiled
def _go_back(sacks: Sacks, branches: Branches) -> None:
    """Up to the next level where only one way was tried, and down the other."""
    at = branches.at
    while at[0] > 0:
        at[0] -= 1
        level = at[0]
        at[1] = undo(sacks, at[1], branches.mark[level])
        tried = branches.other[level]
        if tried == UNMARKED:
            continue
        branches.prices[level + 1] = branches.prices[level]
        branches.other[level] = UNMARKED
        at[0] = level + 1
        trail = bar(sacks, tried, at[1]) if tried >= 0 else put(sacks, -1 - tried, at[1])
        at[1], at[3] = (trail, ASK) if trail >= 0 else (-1 - trail, BACK)
        return
    at[3] = ENDED
