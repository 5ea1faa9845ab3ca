"""Beginning from an earlier result: who is known by id keeps the price, and the plan is the same to the byte as without."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.datasets import hangzhou, small_instance
from matchmaker.engine import Search, Solution, column_generation
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.policies import Policy, optimal
from matchmaker.program import Prices, Program
from matchmaker.result import Result
from matchmaker.start import pairs_to_begin_from, prices_to_begin_from


def factors(n: int, m: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random((n, 9)), rng.random((m, 9))


def same_plan(one: Result, other: Result) -> bool:
    return one.officers.tobytes() == other.officers.tobytes() and one.enterprises.tobytes() == other.enterprises.tobytes()


def renamed(instance: Instance, officers: np.ndarray, enterprises: np.ndarray) -> Instance:
    """A bare instance of some officers and enterprises, in another order, with ids of their own."""
    measure = mm.Factors(instance.affinity.left[officers], instance.affinity.right[enterprises])
    return Instance(
        officer_ids=instance.officer_ids[officers],
        enterprise_ids=instance.enterprise_ids[enterprises],
        affinity=measure,
        capacity_low=instance.capacity_low[officers],
        capacity_high=instance.capacity_high[officers],
        demand_low=instance.demand_low[enterprises],
        demand_high=instance.demand_high[enterprises],
    )


@pytest.fixture(scope="module")
def earlier() -> Result:
    return mm.assign(mm.Factors(*factors(260, 480)), capacity=2)


def test_prices_go_with_ids_whatever_the_order(earlier: Result) -> None:
    rng = np.random.default_rng(1)
    officers, enterprises = rng.permutation(260)[:250], rng.permutation(480)[:400]
    found = prices_to_begin_from(earlier, renamed(earlier.instance, officers, enterprises))
    np.testing.assert_array_equal(found.officers, earlier.prices.officers[officers])
    np.testing.assert_array_equal(found.enterprises, earlier.prices.enterprises[enterprises])


def test_pairs_go_with_ids_whatever_the_order(earlier: Result) -> None:
    rng = np.random.default_rng(1)
    officers, enterprises = rng.permutation(260)[:250], rng.permutation(480)[:400]
    now = renamed(earlier.instance, officers, enterprises)
    i, j = pairs_to_begin_from(earlier, now)
    before = set(zip(earlier.instance.officer_ids[earlier.officers], earlier.instance.enterprise_ids[earlier.enterprises], strict=True))
    still = {pair for pair in before if pair[0] in now.officer_ids and pair[1] in now.enterprise_ids}
    assert {(now.officer_ids[a], now.enterprise_ids[b]) for a, b in zip(i, j, strict=True)} == still
    assert len(still) == len(i)


def test_bare_prices_come_with_the_last_round() -> None:
    instance = small_instance()
    first = mm.solve(instance)
    assert pairs_to_begin_from(first.prices, instance.replace(previous=None)) is None
    i, j = pairs_to_begin_from(first.prices, instance.replace(previous=first.assignment))
    assert (i.tobytes(), j.tobytes()) == (first.officers.tobytes(), first.enterprises.tobytes())
    assert pairs_to_begin_from(None, instance) is None
    assert pairs_to_begin_from(replace(first, plan=None), instance) is None


def test_who_is_new_has_no_price(earlier: Result) -> None:
    left, right = factors(300, 500, seed=2)
    left[:260], right[:480] = earlier.instance.affinity.left, earlier.instance.affinity.right
    found = prices_to_begin_from(earlier, mm.assign(mm.Factors(left, right), capacity=2).instance)
    assert np.isnan(found.officers[260:]).all()
    assert np.isnan(found.enterprises[480:]).all()
    np.testing.assert_array_equal(found.officers[:260], earlier.prices.officers)
    np.testing.assert_array_equal(found.enterprises[:480], earlier.prices.enterprises)


def changed(kind: str, share: float) -> tuple[Any, np.ndarray, np.ndarray]:
    """The earlier affinity with a share of rows and columns drawn anew, and which."""
    rng = np.random.default_rng(3)
    left, right = factors(260, 480)
    new_i, new_j = rng.random(260) < share, rng.random(480) < share
    left[new_i], right[new_j] = rng.random((new_i.sum(), 9)), rng.random((new_j.sum(), 9))
    return (mm.Factors(left, right) if kind == "factors" else left @ right.T), new_i, new_j


@pytest.mark.parametrize("kind", ["factors", "dense"])
@pytest.mark.parametrize("share", [0.01, 0.2])
def test_who_has_changed_much_has_no_price(earlier: Result, kind: str, share: float) -> None:
    affinity, new_i, new_j = changed(kind, share)
    found = prices_to_begin_from(earlier, earlier.instance.replace(affinity=mm.assign(affinity, capacity=2).instance.affinity))
    assert (np.isnan(found.officers) == new_i).mean() > 0.99
    assert (np.isnan(found.enterprises) == new_j).mean() > 0.99


def test_where_all_change_a_little_or_all_change_much_the_old_prices_stay(earlier: Result) -> None:
    left, right = factors(260, 480)
    for affinity in (mm.Factors(left * 1.001, right), mm.Factors(*factors(260, 480, seed=9))):
        found = prices_to_begin_from(earlier, earlier.instance.replace(affinity=affinity))
        np.testing.assert_array_equal(found.officers, earlier.prices.officers)
        np.testing.assert_array_equal(found.enterprises, earlier.prices.enterprises)


class Spy:
    """A method that finds nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Search] = []

    def find(self, instance: Instance, program: Program, search: Search) -> Solution:
        self.asked.append(search)
        return Solution(termination="NOT_FOUND")


def test_the_search_is_given_the_prices() -> None:
    spy, instance = Spy(), small_instance()
    first = mm.solve(instance)
    policy = Policy(name="spy", constraints=optimal().constraints, objectives=optimal().objectives, method=spy)
    mm.solve(instance, policy, start=first)
    mm.solve(instance, policy)
    given, none = spy.asked
    assert given.start is not None
    assert given.start.officers.tobytes() == first.prices.officers.tobytes()
    assert none.start is None


def without(result: Result) -> list[tuple[Result, str]]:
    """Results that cannot be begun from, and what the log says."""
    endless = replace(result, prices=Prices(np.full(6, np.inf), np.zeros(9)))
    strangers = replace(
        result,
        instance=result.instance.replace(
            officer_ids=np.arange(6).astype(object), enterprise_ids=np.arange(9).astype(object), previous=None
        ),
    )
    return [(replace(result, prices=None), "no prices"), (endless, "infinite"), (strangers, "none of these 6 officers and 9 enterprises")]


@pytest.mark.parametrize("case", [0, 1, 2])
def test_what_proves_nothing_is_ignored_and_logged(case: int, caplog: pytest.LogCaptureFixture) -> None:
    instance = small_instance()
    cold = mm.solve(instance)
    start, said = without(cold)[case]
    with caplog.at_level(logging.INFO, "matchmaker"):
        warm = mm.solve(instance, start=start)
    assert same_plan(cold, warm)
    assert warm.prices.officers.tobytes() == cold.prices.officers.tobytes()
    assert [record.levelname for record in caplog.records if said in record.getMessage()] == ["INFO"]


def test_an_infeasible_round_has_nothing_to_begin_from(caplog: pytest.LogCaptureFixture) -> None:
    nothing = mm.assign(np.ones((3, 5)), capacity=1)
    assert nothing.termination == "INFEASIBLE"
    with caplog.at_level(logging.INFO, "matchmaker"):
        assert mm.assign(np.ones((3, 5)), capacity=2, start=nothing).termination == "OPTIMAL"
    assert "no prices" in caplog.text


@pytest.mark.parametrize("wrong", ["result.json", 3, np.zeros(6), (np.zeros(6), np.zeros(9)), mm.Assignment])
def test_what_is_no_result_is_refused_in_both_languages(wrong: object) -> None:
    with pytest.raises(ConfigError, match=r"start is \w+; expected an earlier result.*start 应为此前求解得到的结果"):
        mm.solve(small_instance(), start=wrong)
    with pytest.raises(ConfigError, match="start is"):
        mm.assign(np.ones((2, 2)), start=wrong)


def test_bare_prices_must_have_the_rounds_shape() -> None:
    instance = small_instance()
    with pytest.raises(ConfigError, match=r"shapes \(9,\) and \(6,\), expected \(6,\) = \(n_officers,\).*价格数量与本轮不符"):
        mm.solve(instance, start=Prices(np.zeros(9), np.zeros(6)))
    unknown = Prices(np.full(6, math.nan), np.zeros(9))
    assert same_plan(mm.solve(instance), mm.solve(instance, start=unknown))


CHANGES = [0.0, 0.01, 0.05, 0.2, 1.0]


@pytest.mark.parametrize("share", CHANGES)
@pytest.mark.parametrize("kind", ["factors", "dense"])
def test_same_plan_after_rows_changed(earlier: Result, kind: str, share: float) -> None:
    affinity, _, _ = changed(kind, share)
    cold, warm = mm.assign(affinity, capacity=2), mm.assign(affinity, capacity=2, start=earlier)
    assert warm.termination == "OPTIMAL"
    assert same_plan(cold, warm)
    assert warm.objective == cold.objective
    assert warm.bound == pytest.approx(cold.bound, rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(240, 440), (300, 520), (260, 520), (300, 480)])
@pytest.mark.parametrize("demand", [1, (0, 2)])
def test_same_plan_after_rows_joined_and_left(earlier: Result, n: int, m: int, demand: Any) -> None:
    left, right = factors(300, 520, seed=5)
    left[:240], right[:440] = earlier.instance.affinity.left[:240], earlier.instance.affinity.right[:440]
    affinity = mm.Factors(left[:n], right[:m] - 0.3)
    cold, warm = (mm.assign(affinity, capacity=3, demand=demand, start=start) for start in (None, earlier))
    assert warm.termination == "OPTIMAL"
    assert same_plan(cold, warm)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("shares", "capacity", "demand"), [([0.97, 0.01, 0.01, 0.01], 2, 1), ([0.25] * 4, 4, 2)])
def test_same_plan_where_many_are_optimal(seed: int, shares: list[float], capacity: int, demand: int) -> None:
    """Bids of 0, 1/4, 1/2 and 1: without a second look, three starts in four lead to another optimum."""
    rng = np.random.default_rng(seed)
    bids = rng.choice([0.0, 0.25, 0.5, 1.0], p=shares, size=(300, 400))
    cold = mm.assign(bids, capacity=capacity, demand=demand)
    for start in (cold, Prices(rng.random(300), rng.random(400)), Prices(0.3 * rng.random(300), np.full(400, 0.5))):
        warm = mm.assign(bids, capacity=capacity, demand=demand, start=start)
        assert warm.termination == "OPTIMAL"
        assert same_plan(cold, warm)


def affinities(kind: str, n: int, m: int, rng: np.random.Generator) -> Any:
    """Affinities of a kind with ties of its own, or none."""
    if kind == "alike":
        found = rng.random((n, m))
        found[rng.integers(n, size=n // 4)], found[:, rng.integers(m, size=m // 6)] = found[0], found[:, [1]]
        return found
    drawn = {
        "real": lambda shape: rng.random(shape),
        "integers": lambda shape: rng.integers(-5, 60, shape).astype(float),
        "halves": lambda shape: rng.integers(0, 3, shape) / 2,
        "few": lambda shape: rng.choice([0.0, 0.1, 0.3, 0.7], shape),
    }
    if kind in drawn:
        return drawn[kind]((n, m))
    return mm.Factors(drawn["real" if kind == "factors" else "few"]((n, 5)), drawn["real"]((m, 5)))


KINDS = ["real", "integers", "halves", "few", "alike", "factors", "mixed"]


@pytest.mark.parametrize("kind", KINDS)
def test_same_plan_whatever_the_ties(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dozens of spaces of each kind, from three starts: by itself, the plan is told to be the only one just where it is."""
    monkeypatch.setattr(column_generation, "SMALL", 0)
    monkeypatch.setattr(column_generation, "tied", lambda space: False)
    monkeypatch.setattr(column_generation, "at_once", lambda space: False)
    told, look = [], column_generation.ColumnGeneration.only_one
    monkeypatch.setattr(column_generation.ColumnGeneration, "only_one", lambda self: told.append(look(self)) or told[-1])
    rng = np.random.default_rng(KINDS.index(kind))
    for number in range(25):
        n, m = int(rng.integers(6, 40)), int(rng.integers(10, 60))
        monkeypatch.setattr(column_generation, "MOST", 1 + 15 * (number % 2))
        given = {"affinity": affinities(kind, n, m, rng), "capacity": -(-m // n) + number % 3, "demand": (1, (0, 1))[number % 4 == 3]}
        cold = mm.assign(**given)
        p, u = cold.prices.officers, cold.prices.enterprises
        for start in (cold, Prices(rng.random(n), rng.random(m)), Prices(p * (1 + 0.1 * rng.random(n)), u)):
            warm = mm.assign(**given, start=start)
            assert warm.termination == "OPTIMAL"
            assert same_plan(cold, warm)
    assert len(told) == 75
    if kind in ("real", "factors"):
        assert all(told)
    elif kind in ("halves", "alike"):
        assert not all(told)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_the_only_optimum_is_not_searched_for_twice(share: float, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_generation, "SMALL", 0)
    rng = np.random.default_rng(seed)
    left, right = factors(150, 280, seed)
    last = mm.assign(mm.Factors(left, right), capacity=2)
    new_i, new_j = rng.random(150) < share, rng.random(280) < share
    left[new_i], right[new_j] = rng.random((new_i.sum(), 9)), rng.random((new_j.sum(), 9))
    runs, run = [], column_generation.ColumnGeneration.run
    monkeypatch.setattr(column_generation.ColumnGeneration, "run", lambda self: runs.append(self.start) or run(self))
    warm = mm.assign(mm.Factors(left, right), capacity=2, start=last)
    assert len(runs) == 1
    assert same_plan(mm.assign(mm.Factors(left, right), capacity=2), warm)


@pytest.mark.parametrize("gap", [0.2, 0.01, 1e-6])
def test_same_plan_short_of_the_optimum(earlier: Result, gap: float) -> None:
    """Any plan within the gap will do, and which it is depends on the way there: such searches begin from nothing."""
    affinity, _, _ = changed("factors", 0.05)
    cold, warm = (mm.assign(affinity, capacity=2, gap=gap, start=start) for start in (None, earlier))
    assert same_plan(cold, warm)


def test_same_plan_where_officers_are_alike() -> None:
    rng = np.random.default_rng(0)
    affinity = mm.Factors(np.repeat(rng.random((65, 3)), 4, axis=0), rng.random((900, 3)))
    cold = mm.assign(affinity, capacity=4)
    for start in (cold, Prices(rng.random(260), rng.random(900))):
        assert same_plan(cold, mm.assign(affinity, capacity=4, start=start))


@pytest.fixture(scope="module")
def city() -> Instance:
    return mm.build(hangzhou(seed=1, n_officers=260, n_enterprises=480))


def test_same_plan_for_a_city_under_every_rule(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_generation, "SMALL", 0)
    cold = mm.solve(city)
    pair = cold.assignment.to_frame().iloc[7]
    changed = city.veto(pair["officer_id"], pair["enterprise_id"], actor="planner", reason="asked for another")
    changed = changed.replace(previous=cold.assignment)
    again = mm.solve(changed, start=cold)
    assert again.termination == "OPTIMAL"
    assert same_plan(mm.solve(changed), again)
    assert not same_plan(cold, again)


@pytest.mark.parametrize("wild", [1e300, -1e300, 1e-300, 5.0])
def test_absurd_prices_do_no_harm(earlier: Result, wild: float) -> None:
    affinity = mm.Factors(*factors(260, 480))
    warm = mm.assign(affinity, capacity=2, start=Prices(np.full(260, wild), np.full(480, -wild)))
    assert warm.termination == "OPTIMAL"
    assert same_plan(earlier, warm)


def test_an_unchanged_round_is_not_guessed_at_again(earlier: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    def guessed(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(column_generation, "rehearsed_prices", guessed)
    warm = mm.assign(mm.Factors(*factors(260, 480)), capacity=2, start=earlier)
    assert same_plan(earlier, warm)
    assert warm.rounds[-1].passes <= earlier.rounds[-1].passes


def test_a_tie_is_solved_again_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    guesses = []
    guess = column_generation.rehearsed_prices
    monkeypatch.setattr(column_generation, "rehearsed_prices", lambda *a, **k: guesses.append(1) or guess(*a, **k))
    bids = np.random.default_rng(0).choice([0.0, 0.25, 0.5, 1.0], size=(260, 330))
    cold = mm.assign(bids, capacity=4, demand=2)
    mm.assign(bids, capacity=4, demand=2, start=cold)
    assert len(guesses) == 2


def test_a_search_again_that_is_cut_short_does_not_lose_what_was_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    from matchmaker.engine.column_generation import ColumnGeneration

    left, right, capacity = mm.datasets.random_city(300, 500, seed=1)
    given = {"affinity": mm.Factors(left, right), "capacity": capacity}
    first = mm.assign(**given)
    runs = []
    run = ColumnGeneration.run

    def cut_short(self: ColumnGeneration) -> None:
        runs.append(self)
        if len(runs) == 1:
            run(self)

    monkeypatch.setattr(ColumnGeneration, "run", cut_short)
    monkeypatch.setattr(ColumnGeneration, "only_one", lambda self: False)
    again = mm.assign(**given, start=first)
    assert len(runs) == 2
    assert again.termination == "OPTIMAL"
    assert again.objective == pytest.approx(first.objective, abs=1e-6)
