"""Officers' prices moved until what every enterprise shares out among the pairs near its best adds up.

Enterprises' and officers' factors are scaled in turn (Sinkhorn 1967, doi:10.2307/2314570), each a little too far: where many prices have to
move together, as those of a district whose officers are few, turns alone take thousands (successive over-relaxation; Thibault, Chizat,
Dossal and Papadakis 2021, doi:10.3390/a14050143).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from matchmaker.engine.compiled import compiled, grouped
from matchmaker.engine.rows import Floats, Ints
from matchmaker.engine.search import unlimited
from matchmaker.engine.space import Limits, Space

TEMPERATURES = ((0.25, 8), (0.12, 16))
"""Of a cycle: shares of the window's width, and how often prices are scaled at each."""
MOST_CYCLES = 10
LONG, LONGEST = 4_000, 4
"""Pairs of a pass for each member that are worth as many scalings again, and the most times as many."""
FEW = 100_000_000
"""Pairs of a space up to which scalings go no farther than they have to: few do there."""
LEAP = 1.65
"""The most by which a scaling may go too far, as a factor."""
BREATH = 5_000_000
"""Pairs scaled, about, between two looks at the clock: hundredths of a second."""
FAR = 2.0
"""Windows' widths by which an officer's price may fall or rise in one cycle; farther, and prices swing about."""


class Near(Protocol):
    """Pairs near the best of their enterprise."""

    @property
    def best(self) -> Floats:
        """The best of each enterprise. Shape (n_enterprises,)."""

    @property
    def officers(self) -> Ints:
        """Each pair's officer. Shape (n_pairs,)."""

    @property
    def enterprises(self) -> Ints:
        """Each pair's enterprise. Shape (n_pairs,)."""

    @property
    def worth(self) -> Floats:
        """What each pair is worth. Shape (n_pairs,)."""


@dataclass(frozen=True)
class Manner:
    """How prices are settled.

    Parameters
    ----------
    cycles
        At most so many.
    kept
        Pairs a member, roughly, within the last window.
    times
        As many times as often prices are scaled in a cycle, and then each scaling too far, however few pairs there are.
    """

    cycles: int
    kept: float
    times: int = 1


GUESSED = Manner(MOST_CYCLES, 8.0)
"""From prices that are off everywhere: the next pass soon sees farther than more scaling would lead."""
EARLIER = Manner(MOST_CYCLES, 5.0, 2)
"""From prices that were right before something changed: what is off now, such as where officers have become scarce, is so for many
alike, who can only move together, in many small steps. These cost less than another pass."""
RIGHT = Manner(0, 5.0)
"""At prices that are right for nearly everybody."""


class Effort(NamedTuple):
    """How many times as often as at the least prices are scaled, and how far too far a scaling may go: 1 for not at all."""

    times: int
    leap: float


LEAST = Effort(1, 1.0)


def effort(space: Space, manner: Manner = GUESSED) -> Effort:
    """Where a pass takes long, so may what saves one."""
    longer = int(np.clip(space.size / (LONG * space.members), 1, LONGEST))
    return Effort(manner.times * longer, 1.0 if space.size <= FEW and manner.times == 1 else LEAP)


def smoothed(
    found: Near, limits: Limits, officers: Floats, width: float, check: Callable[[], None] = unlimited, effort: Effort = LEAST
) -> Floats:
    """Officers' prices moved, no farther than the window lets see, until shares of pairs add up. Shape (n_officers,)."""
    asked = np.where(np.isfinite(found.best), found.best, 0.0)
    pairs = _by_enterprise(found, len(asked))
    low, high = (np.concatenate(side).astype(np.float64) for side in limits.sides)
    price = np.concatenate([officers, asked])
    least, most = officers - FAR * width, officers + FAR * width
    portion = max(1, BREATH // max(1, len(pairs.worth)))
    for share, often in TEMPERATURES:
        t = share * width
        free = np.exp(np.clip(price / t, -600, 600))
        floor, ceiling = np.exp((price[: len(officers)] - most) / t), np.exp((price[: len(officers)] - least) / t)
        scale = np.ones(len(price))
        shares = np.exp(np.minimum(pairs.worth - price[pairs.officers] - np.repeat(asked, np.diff(pairs.starts)), 50.0 * t) / t)
        for start in range(0, often * effort.times, portion):
            check()
            times = min(portion, often * effort.times - start)
            scaled(pairs.starts, pairs.officers, shares, low, high, free, floor, ceiling, scale, times, effort.leap)
        price -= t * np.log(np.maximum(scale, 1e-300))
        asked = price[len(officers) :]
    return np.where(np.bincount(pairs.officers, minlength=len(officers)) > 0, price[: len(officers)], officers)


class ByEnterprise(NamedTuple):
    """Pairs grouped by enterprise: where each one's begin, shape (n_enterprises + 1,); officers and worth, shapes (n_pairs,)."""

    starts: Ints
    officers: Ints
    worth: Floats


def _by_enterprise(found: Near, m: int) -> ByEnterprise:
    starts, order = grouped(found.enterprises, m)
    return ByEnterprise(starts, found.officers[order], found.worth[order])


@compiled
def _relaxed(before: float, after: float, leap: float) -> float:
    """Where a scaling goes, and nearly as far again, in logarithms, but for long steps; roots, unlike powers, are the same everywhere."""
    if leap == 1.0 or min(before, after) <= 0.0:
        return after
    step = after / before
    step /= np.sqrt(np.sqrt(np.sqrt(np.sqrt(step))))
    return float(after * min(max(step, 1 / leap), leap))


@compiled
def scaled(
    starts: Ints,
    officers: Ints,
    shares: Floats,
    low: Floats,
    high: Floats,
    free: Floats,
    floor: Floats,
    ceiling: Floats,
    scale: Floats,
    times: int,
    leap: float,
) -> None:
    """Scale enterprises, then officers, so many times, until their shares keep between least and most.

    `scale` (shape (n_nodes,), officers first) is what is changed; at `free` a price is zero, so whoever keeps within limits there stays.
    """
    n, m = len(floor), len(starts) - 1
    total = np.empty(n)
    for _ in range(times):
        total[:] = 0.0
        for j in range(m):
            asked = 0.0
            for a in range(starts[j], starts[j + 1]):
                asked += shares[a] * scale[officers[a]]
            asked = max(asked, 1e-300)
            mine = _relaxed(scale[n + j], min(max(free[n + j], low[n + j] / asked), high[n + j] / asked), leap)
            scale[n + j] = mine
            for a in range(starts[j], starts[j + 1]):
                total[officers[a]] += shares[a] * mine
        for i in range(n):
            held = max(total[i], 1e-300)
            mine = _relaxed(scale[i], min(max(free[i], low[i] / held), high[i] / held), leap)
            scale[i] = min(max(mine, floor[i]), ceiling[i])
