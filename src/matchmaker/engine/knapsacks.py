"""A bound from knapsacks: enterprises are priced, and every officer fills his or her hours with what is worth most.

Where each side row is what one officer carries, only the enterprises' demands bind officers together. At prices ``u_j`` on them, whatever
plan there is, officer i's part of it is one filling of a knapsack (Fisher, Jaikumar and Van Wassenhove 1986, doi:10.1287/mnsc.32.9.1095)::

    value  <=  sum_j max(u_j low_j, u_j high_j) + sum_i max { sum_j (a_ij - u_j) x_ij : sum_j w_ij x_ij <= c_i, x_ij whole }

It is as tight as a set partitioning model's linear relaxation (Savelsbergh 1997, doi:10.1287/opre.45.6.831), well below the bound of the
priced rows. Knapsacks are filled by dynamic programming over whole weights; what each would lose by one pair more or less says
which pairs can be in no better plan. Some pairs may be settled already: what follows is always about the rest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.compiled import compiled
from matchmaker.engine.space import Floats, Ints

Flags = NDArray[np.int8]
FADING = 0.9
"""What of the mean filling is kept at each step."""
HEAVY = 0.7
"""What of a step's direction is kept in the next."""
ROUNDING = 1e-9
"""Resources left are off by less than this share of all."""


class Sacks(NamedTuple):
    """Pairs as things that officers may pack, and what is settled about them so far.

    Parameters
    ----------
    start
        Shape (n_officers + 1,): where each officer's pairs begin; pairs stand by officer.
    officer, enterprise, weight, worth
        Shapes (n_pairs,): whose pair it is, what it takes, at most, of the officer's `room`, and what it is worth.
    first, pairs
        Shapes (n_enterprises + 1,) and (n_pairs,): the pairs of each enterprise.
    takes, most, left
        Shapes (n_pairs, n_resources) and (n_officers, n_resources) twice: what a plan must keep, `weight` and `room` may be a looser rule;
        and what is left of it, but for rounding.
    settled
        Shape (n_pairs,): 1 in the plan, -1 not in it, 0 open.
    room, low, high, open
        Shapes (n_officers,), (n_enterprises,) three times: what is left of each officer, what each enterprise still asks, at least and at
        most, and how many of its pairs are open.
    trail
        Shape (n_pairs + 1,): the settled pairs in the order in which they were.
    taken, mean
        Shapes (n_pairs,): whether it is in its knapsack at the last prices, and how often lately.
    within, without
        Shapes (n_pairs,): what the bound loses when the pair must be in the plan, and when it must not.
    table, back
        Shapes (most pairs of an officer + 1, most room + 1): the best of the first, or last, so many pairs in so much room.
    item
        Shape (most pairs of an officer,): the pairs in the table.
    work
        Shape (1,): cells filled so far.
    """

    start: Ints
    officer: Ints
    enterprise: Ints
    weight: Ints
    worth: Floats
    first: Ints
    pairs: Ints
    takes: Floats
    most: Floats
    left: Floats
    settled: Flags
    room: Ints
    low: Ints
    high: Ints
    open: Ints
    trail: Ints
    taken: Flags
    mean: Floats
    within: Floats
    without: Floats
    table: Floats
    back: Floats
    item: Ints
    work: Ints


@compiled
def put(sacks: Sacks, pair: int, trail: int) -> int:
    """Settle a pair as in the plan. How long the trail is now; -1 less that where this cannot be."""
    if sacks.settled[pair] == 1:
        return trail
    if sacks.settled[pair] == -1:
        return -1 - trail
    i, j = sacks.officer[pair], sacks.enterprise[pair]
    sacks.settled[pair] = 1
    sacks.trail[trail] = pair
    trail += 1
    sacks.room[i] -= sacks.weight[pair]
    sacks.low[j] -= 1
    sacks.high[j] -= 1
    sacks.open[j] -= 1
    for r in range(sacks.left.shape[1]):
        sacks.left[i, r] -= sacks.takes[pair, r]
    if sacks.room[i] < 0 or sacks.high[j] < 0:
        return -1 - trail
    if sacks.high[j] == 0:
        for at in range(sacks.first[j], sacks.first[j + 1]):
            other = sacks.pairs[at]
            if sacks.settled[other] == 0:
                sacks.settled[other] = -1
                sacks.open[j] -= 1
                sacks.trail[trail] = other
                trail += 1
    return trail


@compiled
def bar(sacks: Sacks, pair: int, trail: int) -> int:
    """Settle a pair as not in the plan; where its enterprise needs all that are left, they are in it. As in :func:`put`."""
    if sacks.settled[pair] == -1:
        return trail
    if sacks.settled[pair] == 1:
        return -1 - trail
    j = sacks.enterprise[pair]
    sacks.settled[pair] = -1
    sacks.open[j] -= 1
    sacks.trail[trail] = pair
    trail += 1
    if sacks.open[j] < sacks.low[j]:
        return -1 - trail
    if sacks.low[j] > 0 and sacks.open[j] == sacks.low[j]:
        for at in range(sacks.first[j], sacks.first[j + 1]):
            other = sacks.pairs[at]
            if sacks.settled[other] == 0:
                trail = put(sacks, other, trail)
                if trail < 0:
                    return trail
    return trail


@compiled
def undo(sacks: Sacks, trail: int, back_to: int) -> int:
    """Open what was settled since the trail was so long."""
    while trail > back_to:
        trail -= 1
        pair = sacks.trail[trail]
        j = sacks.enterprise[pair]
        if sacks.settled[pair] == 1:
            i = sacks.officer[pair]
            sacks.room[i] += sacks.weight[pair]
            for r in range(sacks.left.shape[1]):
                sacks.left[i, r] += sacks.takes[pair, r]
            sacks.low[j] += 1
            sacks.high[j] += 1
        sacks.open[j] += 1
        sacks.settled[pair] = 0
    return trail


@compiled
def settled_worth(sacks: Sacks) -> float:
    """What the pairs settled as in the plan are worth."""
    total = 0.0
    for pair in range(len(sacks.settled)):
        if sacks.settled[pair] == 1:
            total += sacks.worth[pair]
    return total


@compiled
def keeps(sacks: Sacks) -> bool:
    """Whether the pairs settled as in the plan keep every demand and every resource."""
    for j in range(len(sacks.low)):
        if sacks.low[j] > 0 or sacks.high[j] < 0:
            return False
    carried = np.zeros(sacks.most.shape)
    for pair in range(len(sacks.settled)):
        if sacks.settled[pair] == 1:
            for r in range(sacks.most.shape[1]):
                carried[sacks.officer[pair], r] += sacks.takes[pair, r]
    for i in range(sacks.most.shape[0]):
        for r in range(sacks.most.shape[1]):
            if carried[i, r] > sacks.most[i, r]:
                return False
    return True


@compiled
def _fill(sacks: Sacks, i: int, prices: Floats) -> int:
    """The table of one officer's open pairs that are worth more than their price. How many there are."""
    table, room, count = sacks.table, sacks.room[i], 0
    for c in range(room + 1):
        table[0, c] = 0.0
    for pair in range(sacks.start[i], sacks.start[i + 1]):
        sacks.taken[pair] = 0
        gain, weight = sacks.worth[pair] - prices[sacks.enterprise[pair]], sacks.weight[pair]
        if sacks.settled[pair] != 0 or gain <= 0 or weight > room:
            continue
        sacks.item[count] = pair
        for c in range(weight):
            table[count + 1, c] = table[count, c]
        for c in range(weight, room + 1):
            table[count + 1, c] = max(table[count, c], table[count, c - weight] + gain)
        count += 1
    sacks.work[0] += (count + 1) * (room + 1)
    return count


@compiled
def demands_worth(sacks: Sacks, prices: Floats) -> float:
    """The most that enterprises' prices may cost, whatever they have."""
    total = 0.0
    for j in range(len(prices)):
        total += prices[j] * (sacks.high[j] if prices[j] > 0 else sacks.low[j])
    return total


@compiled
def evaluate(sacks: Sacks, prices: Floats, slope: Floats) -> float:
    """The bound on the open part at prices; its slope is written down. Shapes (n_enterprises,)."""
    total = demands_worth(sacks, prices)
    for j in range(len(prices)):
        slope[j] = sacks.high[j] if prices[j] > 0 else sacks.low[j]
    for i in range(len(sacks.room)):
        count, room = _fill(sacks, i, prices), sacks.room[i]
        total += sacks.table[count, room]
        for at in range(count - 1, -1, -1):
            if sacks.table[at + 1, room] != sacks.table[at, room]:
                pair = sacks.item[at]
                sacks.taken[pair] = 1
                slope[sacks.enterprise[pair]] -= 1
                room -= sacks.weight[pair]
    return total


@compiled
def condition(sacks: Sacks, prices: Floats) -> float:
    """The same bound; and what it loses when each open pair must be in the plan, and when it must not."""
    total, forward, back = demands_worth(sacks, prices), sacks.table, sacks.back
    for i in range(len(sacks.room)):
        count, room = _fill(sacks, i, prices), sacks.room[i]
        best = forward[count, room]
        total += best
        for c in range(room + 1):
            back[count, c] = 0.0
        for at in range(count - 1, -1, -1):
            weight = sacks.weight[sacks.item[at]]
            gain = sacks.worth[sacks.item[at]] - prices[sacks.enterprise[sacks.item[at]]]
            for c in range(weight):
                back[at, c] = back[at + 1, c]
            for c in range(weight, room + 1):
                back[at, c] = max(back[at + 1, c], back[at + 1, c - weight] + gain)
        for pair in range(sacks.start[i], sacks.start[i + 1]):
            weight = sacks.weight[pair]
            fits = weight <= room
            sacks.without[pair] = 0.0
            sacks.within[pair] = best - forward[count, room - weight] if fits else np.inf
            sacks.within[pair] -= sacks.worth[pair] - prices[sacks.enterprise[pair]]
        for at in range(count):
            pair = sacks.item[at]
            weight, one, other = sacks.weight[pair], -np.inf, -np.inf
            for c in range(room + 1):
                other = max(other, forward[at, c] + back[at + 1, room - c])
            for c in range(room - weight + 1):
                one = max(one, forward[at, c] + back[at + 1, room - weight - c])
            sacks.without[pair] = best - other
            sacks.within[pair] = best - one - (sacks.worth[pair] - prices[sacks.enterprise[pair]])
        sacks.work[0] += 3 * (count + 1) * (room + 1)
    return total


@compiled
def fits(sacks: Sacks, pair: int) -> bool:
    """Whether a pair fits into what is left of its officer's resources, rounding allowed for."""
    i = sacks.officer[pair]
    if sacks.weight[pair] > sacks.room[i]:
        return False
    for r in range(sacks.left.shape[1]):
        if sacks.takes[pair, r] > sacks.left[i, r] and sacks.takes[pair, r] > sacks.left[i, r] + ROUNDING * sacks.most[i, r]:
            return False
    return True


@compiled
def settle(sacks: Sacks, prices: Floats, least: float, trail: int) -> int:
    """Settle what no plan worth `least` leaves open, by the bound at prices. As in :func:`put`."""
    total = settled_worth(sacks) + condition(sacks, prices)
    if total < least:
        return -1 - trail
    for pair in range(len(sacks.settled)):
        if sacks.settled[pair] == 0:
            if total - sacks.within[pair] < least or not fits(sacks, pair):
                trail = bar(sacks, pair, trail)
            elif total - sacks.without[pair] < least:
                trail = put(sacks, pair, trail)
            if trail < 0:
                return trail
    return trail


@compiled
def descend(sacks: Sacks, prices: Floats, target: float, steps: int, length: float, patience: int) -> float:
    """Prices that bound the open part, and what is settled, better: by the slope of the last fillings and those before, towards a target.

    Steps are so long as would reach the target where the bound is linear (Polyak 1969, doi:10.1016/0041-5553(69)90061-5), times
    `length`, which shrinks when `patience` of them in a row gain nothing. The best prices are written down; returned is their bound.
    """
    m, made = len(prices), settled_worth(sacks)
    at, slope, way = prices.copy(), np.zeros(m), np.zeros(m)
    best, idle = np.inf, 0
    for pair in range(len(sacks.mean)):
        sacks.mean[pair] = 0.0
    for _ in range(steps):
        value = made + evaluate(sacks, at, slope)
        for pair in range(len(sacks.mean)):
            sacks.mean[pair] = FADING * sacks.mean[pair] + (1 - FADING) * sacks.taken[pair]
        if value < best:
            best, idle = value, 0
            prices[:] = at
            if best < target:
                break
        else:
            idle += 1
        if idle >= patience:
            length, idle = 0.6 * length, 0
            at[:] = prices
            way[:] = 0.0
            if length < 0.01:
                break
        size = 0.0
        for j in range(m):
            way[j] = HEAVY * way[j] + (1 - HEAVY) * slope[j]
            size += way[j] * way[j]
        if size < 1e-12:
            break
        for j in range(m):
            at[j] -= length * (value - target) / size * way[j]
    return best
