"""What an earlier result leaves to a search: pairs that still agree with prices, and whether they are nearly a plan."""

from __future__ import annotations

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.engine import column_generation, starting
from matchmaker.engine.column_generation import ColumnGeneration
from matchmaker.engine.earlier import Earlier, mostly_right
from matchmaker.engine.search import Search
from matchmaker.engine.space import Ints, Space
from matchmaker.engine.starting import filled_prices
from matchmaker.program import Program


def space_of(left: np.ndarray, right: np.ndarray, capacity: int = 2) -> Space:
    program = Program(len(left), len(right))
    program.add(mm.Factors(left, right))
    program.limit_officers(0, capacity)
    program.limit_enterprises(1, 1)
    return Space(program)


def factors(n: int, m: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random((n, 6)), rng.random((m, 6))


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> ColumnGeneration:
    monkeypatch.setattr(column_generation, "SMALL", 0)
    found = ColumnGeneration(space_of(*factors(120, 200)), Search())
    found.run()
    return found


def earlier_of(state: ColumnGeneration) -> Earlier:
    assert state.plan is not None
    return Earlier(*state.prices, state.plan[0])


def test_pairs_of_an_optimal_plan_all_agree_with_its_prices_and_are_enough(state: ColumnGeneration) -> None:
    earlier = earlier_of(state)
    kept = earlier.kept(state.space)
    assert (kept == earlier.held).all()
    assert mostly_right(state.space, earlier.officers, earlier.enterprises, kept)
    assert not mostly_right(state.space, earlier.officers, earlier.enterprises, kept[: len(kept) * 9 // 10])


def test_pairs_of_who_has_no_price_or_is_worth_less_are_not_kept(state: ColumnGeneration) -> None:
    earlier = earlier_of(state)
    i, j = state.space.split(earlier.held)
    unknown = earlier._replace(officers=np.where(np.arange(120) == i[0], np.nan, earlier.officers))
    dearer = earlier._replace(enterprises=np.where(np.arange(200) == j[0], earlier.enterprises + 0.1, earlier.enterprises))
    assert (unknown.kept(state.space) == earlier.held[i != i[0]]).all()
    assert (dearer.kept(state.space) == earlier.held[j != j[0]]).all()


def test_an_earlier_plan_is_mended_not_made_anew(state: ColumnGeneration, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row changes: the first flow begins from all pairs but its own."""
    left, right = factors(120, 200)
    right[7] = factors(120, 200, seed=1)[1][7]
    space = space_of(left, right)
    begun = []
    solve = column_generation.solve_transport

    def watched(i: Ints, j: Ints, *others: object, **given: object) -> object:
        begun.append(given["amount"])
        return solve(i, j, *others, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(column_generation, "solve_transport", watched)
    enterprises = np.where(np.arange(200) == 7, np.nan, state.prices[1])
    again = ColumnGeneration(space, Search(), None, earlier_of(state)._replace(enterprises=enterprises))
    again.run()
    cold = ColumnGeneration(space, Search())
    cold.run()
    assert begun[0].sum() == 199
    assert again.plan is not None
    assert cold.plan is not None
    assert again.plan[0].tobytes() == cold.plan[0].tobytes()


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_an_unknown_price_is_what_the_last_taker_of_a_place_would_give(monkeypatch: pytest.MonkeyPatch, capacity: int) -> None:
    left, right = factors(30, 2000)
    space = space_of(left, right, capacity)
    u = np.random.default_rng(1).random(2000)
    u[::9] = np.nan
    p = np.where(np.arange(30) % 3 == 0, np.nan, 0.5)
    found = filled_prices(space, p, u)
    worth = space.values(space.every_key()).reshape(30, 2000) - np.where(np.isnan(u), np.inf, u)
    ranked = np.sort(worth, axis=1)
    exact, lower = np.maximum(ranked[:, -capacity], 0), np.maximum(ranked[:, -2 * capacity], 0)
    new = np.isnan(p)
    assert (found[~new] == 0.5).all()
    assert (found[new] <= exact[new] + 1e-5).all()
    assert (found[new] >= lower[new] - 1e-5).all()
    assert (np.abs(found - exact)[new] < 1e-5).mean() >= 0.5
    few = filled_prices(space, p, np.where(np.arange(2000) < 3, u, np.nan))
    assert np.isfinite(few).all()
    assert starting.PLACES >= 3
