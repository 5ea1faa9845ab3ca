"""Where to begin: prices guessed from small samples solved exactly, and the first shortlist they give.

A sample of some officers and as many enterprises in proportion is a small city with about the same prices. Each sample's enterprise
prices u extend to every officer by ``p_i = max(0, max_j a_ij - u_j)``; the mean over several samples is roughly what an officer's place
is worth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Dense, Factors, ParquetFactors
from matchmaker.engine.duals import Residual
from matchmaker.engine.flow import solve_flow
from matchmaker.engine.look import lots
from matchmaker.engine.passes import Threads
from matchmaker.engine.pricing import Ask, Lens, block_values, scan
from matchmaker.engine.quantum import Quantum, largest_of
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.program import Program

SAMPLE = 40_000
"""Pairs in a sample: solved exactly in a few hundredths of a second."""
SAMPLES = 2
LOOKED_AT = 8
"""Thresholds are read off one officer (or enterprise) in so many."""


def starting_prices(space: Space) -> tuple[Floats, Floats]:
    """A guess at optimal prices, scaled: of officers alone unless pairs are listed. Shapes (n_officers,), (n_enterprises,)."""
    n = space.shape[0]
    if space.listed is not None:
        return np.zeros(n), _best_of_enterprises(space, np.zeros(n))
    share = max(2, round((space.size / SAMPLE) ** 0.5))
    officers, enterprises = spread(space, 0), spread(space, 1)
    guesses = []
    for start in range(min(SAMPLES, share)):
        rows, columns = np.sort(officers[start::share]), np.sort(enterprises[start::share])
        if len(rows) and len(columns):
            guesses.append(_extended(space, columns, _sample_prices(space, rows, columns)))
    price = np.mean(guesses, axis=0) if guesses else np.zeros(n)
    return price, np.zeros(space.shape[1])


def filled_prices(space: Space, officers: Floats, enterprises: Floats) -> tuple[Floats, Floats]:
    """Prices that are known of most, with what the others' places are worth against them. Shapes (n_officers,), (n_enterprises,)."""
    known = np.flatnonzero(np.isfinite(enterprises))
    new = ~np.isfinite(officers)
    price = np.where(new, 0.0, officers)
    if new.any() and space.listed is None:
        price[new] = _extended(space, known, enterprises[known], new)[new]
    return price, np.where(np.isfinite(enterprises), enterprises, 0.0)


def first_shortlist(space: Space, officers: Floats, enterprises: Floats, *, threads: int = 2) -> Ints:
    """The best pairs of each enterprise and of each officer by reduced value, about a dozen and about four. Sorted keys."""
    limits = space.limits
    typical = limits.typical_room
    per_enterprise = int(12 + min(2 * limits.enterprise_high.mean() // typical, 60))
    per_officer = int(min(4 + limits.officer_high.mean() // typical, 12))
    if space.listed is not None:
        return _best_listed(space, officers, enterprises, per_enterprise, per_officer)
    level_j, level_i = thresholds(space, officers, enterprises, per_enterprise, per_officer)
    found = scan(
        space,
        Ask(officers, enterprises, above=level_j, officer_above=level_i, most=2 * per_enterprise, rough=True),
        Threads(threads),
    )
    return found.keys


def thresholds(space: Space, officers: Floats, enterprises: Floats, per_enterprise: int, per_officer: int) -> tuple[Floats, Floats]:
    """Reduced values above which each enterprise, and each officer, has about so many pairs. Shapes (n_enterprises,), (n_officers,)."""
    n, m = space.shape
    best = np.full((n, per_officer), -np.inf)
    level_j = np.full(m, np.inf)
    lens = Lens.of(space, officers, enterprises, np.float32)
    for group in space.groups:
        rows, share_i = _part(group.officers)
        columns, share_j = _part(group.enterprises)
        for start in range(0, len(group.enterprises), 512):
            block = group.enterprises[start : start + 512]
            level_j[block] = _highest(block_values(space, lens, rows, block), per_enterprise * share_i)[:, 0]
        for start in range(0, len(group.officers), 2048):
            block = group.officers[start : start + 2048]
            found = _highest(block_values(space, lens, block, columns).T, per_officer * share_j)
            best[block] = _highest(np.hstack([best[block], found]), per_officer)
    level_i = np.min(best, axis=1, initial=np.inf, where=np.isfinite(best))
    return _a_hair_lower(level_j), _a_hair_lower(level_i)


def _part(members: Ints) -> tuple[Ints, float]:
    """An even part of a group, and what share of it that is."""
    if len(members) <= 512:
        return members, 1.0
    part = members[::LOOKED_AT]
    return part, len(part) / len(members)


def _highest(values: NDArray[np.floating], rank: float) -> NDArray[np.floating]:
    """About so many of the greatest values of each row, the least of them first."""
    width = values.shape[1]
    k = width - min(width, max(1, round(rank)))
    return np.partition(values, k, axis=1)[:, k:]


def _a_hair_lower(level: Floats) -> Floats:
    """So that equals are above; infinite where there is nobody."""
    return np.where(np.isfinite(level), level - 1e-6 * np.abs(np.nan_to_num(level)) - 1e-9, level)


def spread(space: Space, side: int) -> Ints:
    """One side's members with places, in an order in which every stretch holds each class in proportion, else by lot."""
    size = space.shape[side]
    limits = space.limits
    live = np.flatnonzero((limits.officer_high, limits.enterprise_high)[side] > 0)
    lot = lots(live + size * side)
    classes = [(part.of_officer, part.of_enterprise)[side][live] for part in space.program.classes]
    return live[np.lexsort([lot, *classes])]


def _sample_prices(space: Space, rows: Ints, columns: Ints) -> Floats:
    """The sample's enterprise prices when it is solved by itself. Shape (n_columns,), scaled as the whole space."""
    part = Space(_sample(space.program, rows, columns), limits=space.limits.of(rows, columns))
    keys = part.every_key()
    if not len(keys):
        return np.zeros(len(columns))
    values = part.values(keys)
    quantum = Quantum.coarse(largest_of(values), sum(part.shape) + 1)
    worth = quantum.whole(values)
    i, j = part.split(keys)
    flow = solve_flow(i, j, worth, part.limits, quantum.depth)
    _, price = Residual(i, j, worth, part.limits, flow, quantum.depth).lowest()
    return np.ldexp(price * quantum.size, part.exponent - space.exponent)


def _sample(program: Program, rows: Ints, columns: Ints) -> Program:
    """The programme of some officers and enterprises alone; single pairs' own values do not matter to a guess."""
    part = Program(len(rows), len(columns))
    for classes in program.classes:
        part.allow(classes.of_officer[rows], classes.of_enterprise[columns], classes.allowed)
    for term, weight in program.terms:
        if isinstance(term, Factors | ParquetFactors):
            part.add(term.part(rows, columns), weight)
        elif isinstance(term, Dense):
            part.add(Dense(term.matrix[rows][:, columns]), weight)
    return part


def _extended(space: Space, columns: Ints, price: Floats, wanted: NDArray[np.bool_] | None = None) -> Floats:
    """What each officer's place is worth against these enterprises' prices; 0 for who is not wanted. Shape (n_officers,)."""
    n, m = space.shape
    asked = np.zeros(m)
    asked[columns] = price
    chosen = np.zeros(m, dtype=bool)
    chosen[columns] = True
    lens = Lens.of(space, np.zeros(n), asked, np.float32)
    best = np.full(n, -np.inf)
    for group in space.groups:
        part = group.enterprises[chosen[group.enterprises]]
        rows = group.officers if wanted is None else group.officers[wanted[group.officers]]
        for start in range(0, len(part) if len(rows) else 0, 128):
            values = block_values(space, lens, rows, part[start : start + 128])
            best[rows] = np.maximum(best[rows], values.max(axis=0))
    floor = np.where(space.limits.officer_low > 0, -space.reach, 0.0)
    return np.maximum(np.where(np.isfinite(best), best, 0.0), floor)


def _best_of_enterprises(space: Space, price: Floats) -> Floats:
    """What each enterprise gains at most at these officers' prices. Shape (n_enterprises,)."""
    m = space.shape[1]
    best = np.full(m, -np.inf)
    if space.listed is not None:
        i, j = space.split(space.listed)
        np.maximum.at(best, j, space.values(space.listed) - price[i])
    else:
        lens = Lens.of(space, price, np.zeros(m), np.float32)
        for group in space.groups:
            for start in range(0, len(group.enterprises), 128):
                block = group.enterprises[start : start + 128]
                best[block] = block_values(space, lens, group.officers, block).max(axis=1)
    return np.where(np.isfinite(best), best, 0.0)


def _best_listed(space: Space, officers: Floats, enterprises: Floats, per_enterprise: int, per_officer: int) -> Ints:
    listed = space.listed if space.listed is not None else space.every_key()
    i, j = space.split(listed)
    reduced = space.values(listed) - officers[i] - enterprises[j]
    keep = _rank(j, reduced) < per_enterprise
    keep |= _rank(i, reduced) < per_officer
    return listed[keep]


def _rank(node: Ints, value: Floats) -> Ints:
    """How many of the same node have a greater value (equals by lot). Shape (n_pairs,)."""
    order = np.lexsort((lots(np.arange(len(node))), -value, node))
    sorted_node = node[order]
    first = np.searchsorted(sorted_node, sorted_node)
    rank = np.empty(len(node), dtype=np.int64)
    rank[order] = np.arange(len(node)) - first
    return rank
