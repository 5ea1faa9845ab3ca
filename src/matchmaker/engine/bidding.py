"""Prices made nearly right by bidding, before the exact part.

Every enterprise takes its best officers at their prices, one after the other; an officer with too many keeps the best bids, and the price
is the least bid kept. Whoever is outbid goes elsewhere, and bids what the best is worth more than the second best, and a little more, so
that it ends (auction algorithm; Bertsekas 1981, doi:10.1007/BF01584237; Bertsekas and Castañon 1989, doi:10.1007/BF02186476).
"""

from __future__ import annotations

from matchmaker.engine.balancing import FAR, NEVER, Network, Whole, put, too_few, too_many
from matchmaker.engine.compiled import compiled


@compiled
def bid(network: Network, bids: Whole, queue: Whole, head: int, waiting: int, least: int, effort: int) -> tuple[int, int]:
    """Enterprises in the queue bid until it is empty, or so many pairs were looked at. How many still wait, and where in the queue.

    Parameters
    ----------
    network
        Every unit on a pair is one, or none.
    bids
        Shape (n_pairs,): the bid for each pair in use.
    queue
        Shape (at least as many as may wait,): enterprises, each as often as it lacks officers, in turn.
    head, waiting
        Where in the queue the next is, and how many wait.
    least
        A bid is so much more than what it takes.
    effort
        Pairs to look at.
    """
    start, pairs, used, price, load = network.start, network.pairs, network.used, network.price, network.load
    size = len(queue)
    while waiting and effort > 0:
        j = queue[head]
        head = head + 1 if head + 1 < size else 0
        waiting -= 1
        best, second, chosen = -FAR, network.floor[j] if load[j] < network.low[j] else network.free[j], -1
        for at in range(start[j] + used[j], start[j + 1]):
            a = pairs[at]
            value = network.worth[a] - price[network.officer[a]]
            if not network.room[a]:
                continue
            if value > best:
                if best > second:
                    second = best
                best, chosen = value, a
            elif value > second:
                second = value
        effort -= start[j + 1] - start[j]
        if chosen < 0 or best <= (network.floor[j] if load[j] < network.low[j] else network.free[j]):
            continue
        i = network.officer[chosen]
        bids[chosen] = price[i] + least + (best - second if second > NEVER else 0)
        put(network, chosen, 1)
        load[j] += 1
        load[i] += 1
        if load[i] < network.high[i]:
            continue
        lowest = pairs[start[i]]
        for at in range(start[i], start[i] + used[i]):
            if bids[pairs[at]] < bids[lowest]:
                lowest = pairs[at]
        effort -= used[i]
        price[i] = max(price[i], bids[lowest])
        if load[i] > network.high[i]:
            put(network, lowest, -1)
            load[i] -= 1
            k = network.enterprise[lowest]
            load[k] -= 1
            at = head + waiting
            queue[at if at < size else at - size] = k
            waiting += 1
    return waiting, head


@compiled
def choose(network: Network) -> None:
    """Every enterprise whose pairs do not agree with prices takes the best there are, and has the price that agrees with them."""
    start, pairs, price, load, amount = network.start, network.pairs, network.price, network.load, network.amount
    for j in range(network.n_officers, len(price)):
        if _agrees(network, j):
            continue
        while network.used[j]:
            a = pairs[start[j]]
            load[network.officer[a]] -= amount[a]
            put(network, a, -amount[a])
        load[j] = 0
        last = FAR
        while load[j] < network.high[j]:
            wanted = load[j] < network.low[j]
            best, chosen, spare = network.floor[j] if wanted else network.free[j], -1, True
            for at in range(start[j] + network.used[j], start[j + 1]):
                a = pairs[at]
                i = network.officer[a]
                value = network.worth[a] - price[i]
                if network.room[a] and (value > best or (value == best and not spare and load[i] < network.high[i])):
                    best, chosen, spare = value, a, load[i] < network.high[i]
            if chosen < 0:
                break
            last = best
            units = min(network.room[chosen], (network.high if best > network.free[j] else network.low)[j] - load[j])
            put(network, chosen, units)
            load[j] += units
            load[network.officer[chosen]] += units
        if load[j] == network.high[j]:
            price[j] = last if last < FAR else network.free[j]
        elif load[j] > network.low[j]:
            price[j] = network.free[j]
        elif load[j] == network.low[j]:
            price[j] = min(last, network.free[j])
        else:
            price[j] = network.floor[j]


@compiled
def _agrees(network: Network, j: int) -> bool:
    """Whether an enterprise's pairs and load agree with prices."""
    if too_many(network, j) or too_few(network, j):
        return False
    for at in range(network.start[j], network.start[j + 1]):
        a = network.pairs[at]
        reduced = network.worth[a] - network.price[network.officer[a]] - network.price[j]
        if (reduced > 0 and network.amount[a] < network.room[a]) or (reduced < 0 and network.amount[a] > 0):
            return False
    return True
