"""The network simplex method on a whole matrix finds what the other solver finds, and small problems are solved by it to the same end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matchmaker as mm
from matchmaker.affinity import Dense, Factors
from matchmaker.engine import column_generation, simplex
from matchmaker.engine.at_once import at_once, whole_worth
from matchmaker.engine.quantum import Quantum
from matchmaker.engine.search import Search, TimeUp, unlimited
from matchmaker.engine.simplex import NEVER, SHORT, most_above, solve_whole
from matchmaker.engine.space import Limits, Space
from matchmaker.engine.transport import solve_transport
from matchmaker.program import Program

SEEDS = st.integers(0, 2**32 - 1)


def _bids(rng, n, m):
    return rng.choice([0, 0.25, 0.5, 1], (n, m), p=[0.1, 0.7, 0.1, 0.1])


def _wide(rng, n, m):
    return mm.Factors(10.0 ** rng.uniform(-6, 0, (n, 3)), 10.0 ** rng.uniform(-6, 0, (m, 3)))


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_it_finds_what_shortest_ways_find(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 8, 2)
    eligible, worth = rng.random((m, n)) < rng.uniform(0.4, 1), rng.integers(-4, rng.choice([3, 1000]), (m, n))
    sides = rng.integers(0, 4, n), rng.integers(0, 2, m)
    if rng.random() < 0.5:
        sides = np.minimum(sides[0], 1), rng.integers(0, 4, m)
    low = [np.where(rng.random(len(high)) < 0.4, high, 0) for high in sides]
    best = solve_whole(np.where(eligible, worth, NEVER), np.concatenate(low), np.concatenate(sides))
    j, i = np.nonzero(eligible & (sides[0] > 0) & (sides[1] > 0)[:, None])
    limits, floor = Limits(low[0], sides[0], low[1], sides[1]), np.full(n + m, -(2.0**40))
    flow = solve_transport(i, j, worth[j, i].astype(float), limits, (np.zeros(n), np.zeros(m)), floor=floor)
    assert best.short == flow.short
    assert (worth[best.enterprises, best.officers] * best.amount).sum() == (worth[j, i] * flow.amount).sum()
    assert best.amount.min(initial=0) >= 0
    assert len(set(zip(best.officers, best.enterprises, strict=True))) == len(best.officers)
    if not best.short:
        _assert_proven(best, np.where(eligible, worth, NEVER), np.concatenate(low), sides)


def _assert_proven(best, worth, low, sides):
    """Prices prove the flow: nothing is worth more, what is used is worth its prices, loads are what prices ask for."""
    (officers, enterprises), n = best.prices, len(sides[0])
    reduced = worth - officers[None, :] - enterprises[:, None]
    assert np.array_equal(most_above(worth, officers, enterprises), reduced.max(axis=1))
    assert (reduced[np.ix_(sides[1] > 0, sides[0] > 0)] <= 0).all()
    used = best.amount > 0
    assert (reduced[best.enterprises[used], best.officers[used]] == 0).all()
    loads = np.bincount(best.officers, best.amount, n), np.bincount(best.enterprises, best.amount, len(worth))
    load, price, high = (np.concatenate(two) for two in (loads, best.prices, sides))
    assert ((low <= load) & (load <= high)).all()
    assert (np.abs(price) < 2**20).all()  # no price is left that only a place short could have
    assert (load[price > 0] == high[price > 0]).all()
    assert (load[price < 0] == low[price < 0]).all()


def test_nobody_is_served_where_nobody_may_be():
    best = solve_whole(np.full((2, 3), NEVER), np.array([0, 0, 0, 1, 0]), np.ones(5, np.int64))
    assert best.short == 1
    assert not best.amount.any()
    assert best.prices[1][0] == SHORT


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.sampled_from([_bids, _wide]))
def test_a_search_ends_with_the_same_worth_and_a_proof(seed, kind):
    rng = np.random.default_rng(seed)
    n, m = 50, 90
    given = {
        "capacity": rng.integers(2, 4, n),
        "demand": (0, 1) if seed % 2 else 1,
        "forbidden": np.column_stack([rng.integers(0, n, 40), rng.integers(0, m, 40)]),
    }
    if seed % 3 == 0:  # every place needed
        places = np.diff(np.linspace(0, m, n + 1).astype(int))
        given = {"capacity": places, "min_load": places, "demand": 1}
    affinity = kind(rng, n, m)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_generation, "SMALL", 0)
        at = mm.assign(affinity, **given)
        patch.setattr(column_generation, "at_once", lambda space: False)
        other = mm.assign(affinity, **given)
    assert at.objective == pytest.approx(other.objective, rel=1e-12)
    assert at.termination == other.termination == "OPTIMAL"
    assert at.objective <= at.bound <= at.objective * (1 + 1e-9)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_the_whole_matrix_is_worth_what_its_pairs_are(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(2, 90, 2)
    program = Program(n, m)
    program.add(Factors(rng.normal(size=(n, 6)), rng.normal(size=(m, 6))), 0.3)
    program.add(Dense(rng.normal(size=(n, m)) * 10.0 ** rng.integers(-300, 300)), 0.7)
    program.add_pairs(rng.integers(0, n, 5), rng.integers(0, m, 5), rng.normal(size=5))
    program.forbid(rng.integers(0, n, 5), rng.integers(0, m, 5))
    program.allow(np.arange(n) % 2, np.arange(m) % 3, np.array([[1, 0, 1], [1, 1, 1]]))
    space = Space(program)
    quantum = Quantum.fine(space.reach, n + m)
    worth, keys = whole_worth(space, quantum, unlimited), space.every_key()
    officers, enterprises = space.split(keys)
    assert np.array_equal(worth[enterprises, officers], quantum.whole(space.values(keys)))
    assert (worth != NEVER).sum() == len(keys)


@pytest.mark.parametrize("kind", [_bids, _wide])
def test_plans_are_the_same_for_any_threads_and_clock(kind, monkeypatch):
    rng = np.random.default_rng(3)
    affinity = kind(rng, 300, 2000)
    one = mm.assign(affinity, capacity=8, threads=1)
    monkeypatch.setattr(simplex, "BREATH", 10_000)
    two = mm.assign(affinity, capacity=8, threads=2)
    assert len(one.rounds) == 1
    assert one.rounds[-1].pairs < 2300 + 1
    for side in ("officers", "enterprises"):
        assert np.array_equal(getattr(one, side), getattr(two, side))
        assert np.array_equal(getattr(one.prices, side), getattr(two.prices, side))


def test_the_clock_ends_it():
    with pytest.raises(TimeUp):
        solve_whole(np.zeros((2, 2), np.int64), np.zeros(4, np.int64), np.ones(4, np.int64), Search(time_limit=1e-9).check)


def _space(affinity, high=1, low=1, capacity=3):
    program = Program(*affinity.shape)
    program.limit_officers(0, capacity)
    program.limit_enterprises(low, high)
    program.add(affinity)
    return Space(program)


def test_what_is_solved_at_once():
    rng = np.random.default_rng(0)
    n, m = 60, 90
    bids, wide, plain = Dense(_bids(rng, n, m)), _wide(rng, n, m), Dense(rng.random((n, m)))
    assert at_once(_space(bids))
    assert at_once(_space(wide))
    assert not at_once(_space(plain))
    assert not at_once(_space(Dense(np.where(rng.random((n, m)) < 0.9, 0, rng.random((n, m))))))  # nothing is not little
    assert at_once(_space(bids, high=2, low=0, capacity=1))
    assert not at_once(_space(bids, high=2, low=2))  # an officer must not come twice
    assert not at_once(_space(bids, high=2, low=1, capacity=1))
    assert not at_once(_space(mm.Factors(np.ones((3000, 1)), np.ones((3000, 1)))))
