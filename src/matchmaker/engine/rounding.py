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
    for node in sorted(open_at):
        while open_at[node]:
            _shift(_walk(node, open_at, ends), left, units, open_at, ends, rng)
    whole: NDArray[np.bool_] = np.array(left) == units
    return whole


def _walk(start: int, open_at: dict[int, set[int]], ends: list[tuple[int, int]]) -> list[int]:
    """A cycle of open pairs, or a path that cannot be made longer at either end; pairs in order."""
    path: list[int] = []
    seen = {start: 0}
    node, turned = start, False
    while True:
        onward = [pair for pair in open_at[node] if not path or pair != path[-1]]
        if not onward:
            if turned:
                return path
            path.reverse()
            turned = True
            seen = _positions(path, node, ends)
            node = start
            continue
        pair = min(onward)
        node = ends[pair][0] if ends[pair][1] == node else ends[pair][1]
        path.append(pair)
        if node in seen:
            return path[seen[node] :]
        seen[node] = len(path)


def _positions(path: list[int], first: int, ends: list[tuple[int, int]]) -> dict[int, int]:
    """How many pairs of the path lie before each node."""
    seen, node = {first: 0}, first
    for count, pair in enumerate(path, start=1):
        node = ends[pair][0] if ends[pair][1] == node else ends[pair][1]
        seen[node] = count
    return seen


def _shift(
    path: list[int], left: list[int], units: int, open_at: dict[int, set[int]], ends: list[tuple[int, int]], rng: np.random.Generator
) -> None:
    up, down = path[::2], path[1::2]
    forward = min([units - left[p] for p in up] + [left[p] for p in down])
    backward = min([left[p] for p in up] + [units - left[p] for p in down])
    step = forward if rng.integers(forward + backward) < backward else -backward
    for sign, part in ((1, up), (-1, down)):
        for pair in part:
            left[pair] += sign * step
            if left[pair] in (0, units):
                for end in ends[pair]:
                    open_at[end].discard(pair)
