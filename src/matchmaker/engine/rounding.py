"""A whole plan drawn from a fractional one, each pair with exactly its probability.

Dependent rounding (Gandhi, Khuller, Parthasarathy and Srinivasan 2006, doi:10.1145/1147954.1147956): along a cycle or a longest path of
fractional pairs, amounts are shifted up and down in turn, by one of two steps drawn so that every expectation stays. Each step makes a
pair whole. Every load ends at its expectation rounded down or up, so capacities and demands hold in every draw.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.space import Ints


def draw(officers: Ints, enterprises: Ints, amount: Ints, units: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which pairs are drawn. Shape (n_pairs,), bool.

    Parameters
    ----------
    officers, enterprises
        Shape (n_pairs,).
    amount
        Shape (n_pairs,), 0 to `units`: the pair's probability in units.
    units
        Units that make one.
    rng
        Where the lots come from.
    """
    left = amount.tolist()
    ends = list(zip(officers.tolist(), (-1 - enterprises).tolist(), strict=True))
    open_at: dict[int, set[int]] = {}
    for pair, (i, j) in enumerate(ends):
        if 0 < left[pair] < units:
            open_at.setdefault(i, set()).add(pair)
            open_at.setdefault(j, set()).add(pair)
    shift = _Shift(left, units, open_at, ends, rng)
    for node in sorted(open_at):
        while open_at[node]:
            _walk(node, open_at, ends, shift)
    whole: NDArray[np.bool_] = np.array(left) == units
    return whole


def _walk(start: int, open_at: dict[int, set[int]], ends: list[tuple[int, int]], shift: _Shift) -> None:
    """Follow open pairs from a node; shift along each cycle met, and along the path where it cannot be made longer at either end.

    What stands before the first pair that became whole is walked on from, so nothing is walked twice without need.
    """
    path: list[int] = []
    nodes, seen, turned = [start], {start: 0}, False
    while True:
        node = nodes[-1]
        onward = [pair for pair in open_at[node] if not path or pair != path[-1]]
        if onward:
            pair = min(onward)
            path.append(pair)
            other = ends[pair][0] if ends[pair][1] == node else ends[pair][1]
            if other not in seen:
                seen[other] = len(path)
                nodes.append(other)
                continue
            first = seen[other]
        elif path and not turned:
            path.reverse()
            nodes.reverse()
            seen, turned = {node: place for place, node in enumerate(nodes)}, True
            continue
        else:
            first = 0
        if not path:
            return
        kept = first + shift.along(path[first:])
        del path[kept:]
        for dropped in nodes[kept + 1 :]:
            del seen[dropped]
        del nodes[kept + 1 :]


class _Shift:
    """Moves amounts along open pairs, up and down in turn, by one of two steps drawn so that every expectation stays."""

    def __init__(
        self, left: list[int], units: int, open_at: dict[int, set[int]], ends: list[tuple[int, int]], rng: np.random.Generator
    ) -> None:
        self.left, self.units, self.open_at, self.ends, self.rng = left, units, open_at, ends, rng

    def along(self, path: list[int]) -> int:
        """Shift, and close the pairs that became whole. How many pairs stand before the first of them."""
        left, units = self.left, self.units
        up, down = path[::2], path[1::2]
        forward = min([units - left[p] for p in up] + [left[p] for p in down])
        backward = min([left[p] for p in up] + [units - left[p] for p in down])
        step = forward if self.rng.integers(forward + backward) < backward else -backward
        closed = len(path)
        for place, pair in enumerate(path):
            left[pair] += step if place % 2 == 0 else -step
            if left[pair] in (0, units):
                closed = min(closed, place)
                for end in self.ends[pair]:
                    self.open_at[end].discard(pair)
        return closed
