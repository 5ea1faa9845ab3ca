"""What large spaces are given, on small ones: tiles, a rehearsal on a part, scalings that go too far, and looks that reach deep."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.engine import pieces, rehearsal, scaling
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import Threads
from matchmaker.engine.pricing import Ask, Known, rescan, scan
from matchmaker.engine.search import Search
from matchmaker.engine.smoothing import Window, closest, settle
from matchmaker.engine.space import Space
from matchmaker.engine.starting import starting_prices
from matchmaker.program import Program


def city(seed: int, size: tuple[int, int] = (300, 560), *, whole: bool = False) -> Program:
    """A random city; with `whole`, one whose worth is whole and ties, so that sums are exact in any order."""
    rng = np.random.default_rng(seed)
    left, right, capacity = mm.datasets.random_city(*size, seed=seed)
    if whole:
        left, right = rng.integers(0, 4, (size[0], 3)).astype(float), rng.integers(0, 4, (size[1], 3)).astype(float)
    program = Program(*size)
    program.limit_officers(0, capacity)
    program.limit_enterprises(1, 1)
    program.add(mm.Factors(left, right))
    program.allow(rng.integers(0, 3, size[0]), rng.integers(0, 2, size[1]), np.array([[True, False], [True, True], [False, True]]))
    program.forbid(rng.integers(0, size[0], 40), rng.integers(0, size[1], 40))
    return program


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("tile", [7, 37, 250])
def test_tiles_change_nothing_that_is_found(seed: int, tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    space = Space(city(seed, whole=True))
    officers, enterprises = np.round(np.random.default_rng(seed).random(300) * 4), np.full(560, 12.0)

    def seen() -> tuple[list[np.ndarray], list[np.ndarray]]:
        near = closest(space, Window(officers, 2.5, 6.0), Threads(1))
        found = scan(space, Ask(officers, enterprises, above=1.0, most=3), Threads(1))
        return [near.best, near.out, near.officers, near.enterprises, near.worth], [found.keys, found.reduced, found.rest]

    least = min(len(group.officers) for group in space.groups)
    monkeypatch.setattr(pieces, "TILE", least)  # as many enterprises a block, whatever the tile
    monkeypatch.setattr(pieces, "BLOCK", 20 * least)
    monkeypatch.setattr(pieces, "tiles", lambda size: iter([slice(0, size)]))
    for module in ("smoothing", "look"):
        monkeypatch.setattr(f"matchmaker.engine.{module}.tiles", lambda size: iter([slice(0, size)]))
    whole = seen()
    for module in ("smoothing", "look"):
        monkeypatch.setattr(
            f"matchmaker.engine.{module}.tiles", lambda size: iter([slice(k, min(k + tile, size)) for k in range(0, size, tile)])
        )
    tiled = seen()
    for before, after in zip([*whole[0], *whole[1]], [*tiled[0], *tiled[1]], strict=True):
        assert (before == after).all()


def test_tiles_are_even_and_hold_every_officer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "TILE", 7)
    for size in range(1, 50):
        cut = list(pieces.tiles(size))
        assert [i for tile in cut for i in range(tile.start, tile.stop)] == list(range(size))
        lengths = [tile.stop - tile.start for tile in cut]
        assert max(lengths) <= 7
        assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("seed", range(3))
def test_a_rehearsal_ends_with_the_same_plan(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = optimise(Space(city(seed, (600, 1100))), Search())
    rehearsals = []

    def rehearsed(space: Space, *others: Any) -> np.ndarray:
        rehearsals.append(rehearsal.rehearsed_prices(space, *others))
        return rehearsals[-1]

    monkeypatch.setattr(rehearsal, "LARGE", 0)
    monkeypatch.setattr("matchmaker.engine.column_generation.rehearsed_prices", rehearsed)
    again = optimise(Space(city(seed, (600, 1100))), Search())
    assert rehearsals
    assert (rehearsals[0] != starting_prices(Space(city(seed, (600, 1100))))).any()
    assert again.termination == plain.termination == "OPTIMAL"
    assert (plain.officers == again.officers).all()
    assert (plain.enterprises == again.enterprises).all()


def test_a_part_of_a_space_has_no_place_for_anybody_else() -> None:
    space = Space(city(0))
    rng = np.random.default_rng(0)
    officers, enterprises = rng.random(300) < 0.3, rng.random(560) < 0.3
    part = space.part(officers, enterprises)
    i, j = space.split(space.every_key())
    assert part.every_key().tolist() == space.every_key()[officers[i] & enterprises[j]].tolist()
    assert part.size == sum(len(group.officers) * len(group.enterprises) for group in part.groups) < space.size
    assert (part.limits.officer_high == np.where(officers, space.limits.officer_high, 0)).all()
    assert (part.limits.enterprise_low == np.where(enterprises, space.limits.enterprise_low, 0)).all()
    assert part.members == np.count_nonzero(officers) + np.count_nonzero(enterprises)


@pytest.mark.parametrize("seed", range(5))
def test_scalings_that_go_too_far_move_districts_together_sooner(seed: int) -> None:
    """Two districts hang together by little; the one has a few places less than enterprises, so all its prices must rise together."""
    rng = np.random.default_rng(seed)
    n, m = 20, 40
    officers = np.tile(np.arange(n), m)
    same = (officers < n // 2) == (np.repeat(np.arange(m), n) < 20)
    shares = rng.random(n * m) * np.where(same, 1.0, 1e-4)
    starts = np.arange(0, n * m + 1, n)
    high = np.concatenate([np.full(n // 2, 1.99), np.full(n // 2, 2.01), np.ones(m)])
    off = []
    for leap in (1.0, scaling.LEAP):
        scale = np.ones(n + m)
        scaling.scaled(starts, officers, shares, high, high, np.full(n + m, 1e300), np.full(n, 1e-300), np.full(n, 1e300), scale, 96, leap)
        totals = np.add.reduceat(shares * scale[officers] * np.repeat(scale[n:], n), starts[:-1])
        off.append(float(np.abs(totals - 1).max()))
    assert off[1] < off[0] / 3


@pytest.mark.parametrize("seed", range(5))
def test_a_second_look_finds_all_that_is_needed_and_says_nothing_false_of_the_rest(seed: int) -> None:
    space = Space(city(seed))
    rng = np.random.default_rng(seed)
    settled = settle(space, starting_prices(space), Threads(1))
    first = scan(space, Ask(*settled.prices, above=-0.02), Threads(1))
    known = Known(first.keys, first.rest, *settled.prices)
    p, u = (side + rng.normal(0, 0.004, len(side)) * (rng.random(len(side)) < 0.3) for side in settled.prices)
    every = space.every_key()
    i, j = space.split(every)
    reduced = space.values(every) - p[i] - u[j]
    found = rescan(space, Ask(p, u, above=-0.02), known, Threads(1), 0.0)
    assert np.isin(every[reduced > 0], found.keys).all()
    left = ~np.isin(every, found.keys)
    assert (reduced[left] <= found.rest[j[left]] + 1e-12).all()
