"""Told to be the only optimum, a plan is: against every plan of tiny spaces, each arc of the graph, and prices that are no proof."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.affinity import Dense
from matchmaker.engine import uniqueness
from matchmaker.engine.passes import Threads
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.space import Space
from matchmaker.engine.transport import solve_transport
from matchmaker.engine.uniqueness import only_one, reach
from matchmaker.program import Program

TICK = 2.0**-30


def space_of(affinity, officers, enterprises, *, per_pair=1, forbidden=()):
    program = Program(*affinity.shape)
    program.add(Dense(affinity))
    program.limit_officers(*officers)
    program.limit_enterprises(*enterprises)
    program.forbid([i for i, _ in forbidden], [j for _, j in forbidden])
    return Space(program, units=per_pair, per_pair=per_pair)


def seen(space, prices, above, most=1000):
    return scan(space, Ask(*prices, above=above, most=most), Threads(1))


def every_plan(space):
    """Units on every eligible pair, for every plan that keeps the limits. Shape (n_plans, n_pairs)."""
    keys = space.every_key()
    i, j = space.split(keys)
    limits = space.limits
    plans = np.array(list(product(*(range(limits.per_pair + 1) for _ in keys))), dtype=np.int64).reshape(-1 if len(keys) else 1, len(keys))
    rows = plans @ (i[:, None] == np.arange(space.shape[0]))
    columns = plans @ (j[:, None] == np.arange(space.shape[1]))
    kept = (rows >= limits.officer_low).all(1) & (rows <= limits.officer_high).all(1)
    kept &= (columns >= limits.enterprise_low).all(1) & (columns <= limits.enterprise_high).all(1)
    return plans[kept]


def solved(space, start=0.0):
    """An optimal plan with its prices, and a pass at them."""
    keys = space.every_key()
    i, j = space.split(keys)
    worth = np.rint(space.values(keys) / TICK)
    flow = solve_transport(i, j, worth, space.limits, (np.full(space.shape[0], start / TICK), np.zeros(space.shape[1])))
    prices = flow.officers * TICK, flow.enterprises * TICK
    used = flow.amount > 0
    return keys[used], flow.amount[used], prices, seen(space, prices, -reach(space, TICK))


@st.composite
def spaces(draw, values):
    n, m = draw(st.sampled_from([(1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (2, 5)]))
    per_pair = draw(st.sampled_from([1, 1, 1, 2])) if n * m <= 6 else 1
    affinity = np.array(draw(st.lists(values, min_size=n * m, max_size=n * m))).reshape(n, m)
    low_i = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    wide_i = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    low_j = draw(st.lists(st.integers(0, 1), min_size=m, max_size=m))
    wide_j = draw(st.lists(st.integers(0, 1), min_size=m, max_size=m))
    forbidden = draw(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1)), max_size=2))
    limits = (low_i, np.add(low_i, wide_i)), (low_j, np.add(low_j, wide_j))
    return space_of(affinity, *limits, per_pair=per_pair, forbidden=sorted(forbidden))


def best_of(space):
    """Values of all plans, greatest first; none where there are no pairs."""
    plans = every_plan(space) if len(space.every_key()) else np.empty((0, 0))
    return np.sort(plans @ space.values(space.every_key()))[::-1] if len(plans) else np.empty(0)


@settings(max_examples=250, deadline=None)
@given(spaces(st.sampled_from([0.0, 0.25, 0.5, 1.0, -0.5])), st.sampled_from([0.0, 0.5]))
def test_with_ties_it_says_yes_exactly_when_one_plan_is_best(space, start):
    values = best_of(space)
    if not len(values):
        return
    keys, amount, prices, found = solved(space, start)
    alone = len(values) == 1 or values[0] - values[1] > 1e-9
    assert only_one(space, keys, amount, prices, found, TICK) == alone


@settings(max_examples=100, deadline=None)
@given(spaces(st.integers(-(2**40), 2**40).map(lambda whole: whole * 2.0**-40)))
def test_a_yes_is_sound_for_any_values(space):
    values = best_of(space)
    if not len(values):
        return
    keys, amount, prices, found = solved(space)
    if only_one(space, keys, amount, prices, found, TICK):
        assert len(values) == 1 or values[0] - values[1] > TICK


@pytest.mark.parametrize("off", [0.0, 0.5, 1.0, 2.0, 4.0, 50.0])
def test_near_ties_within_what_a_search_may_round_are_ties(off):
    """Two officers, two enterprises: crossing over loses `off` ticks, of which four arcs may hide four, and four more in their losses."""
    affinity = np.array([[1.0, 0.5], [0.5, 4 * off * TICK]])  # scaled by 1/4
    space = space_of(affinity, (0, 1), (1, 1))
    keys, amount, prices, found = solved(space)
    assert only_one(space, keys, amount, prices, found, TICK) == (off == 50.0)


def city(n=120, m=220, capacity=3, seed=0, **limits):
    rng = np.random.default_rng(seed)
    return space_of(rng.random((n, m)), (0, capacity), (1, 1), **limits)


@pytest.mark.parametrize("capacity", [2, 3, 10])
def test_continuous_values_have_one_optimum_and_it_is_seen(capacity):
    """Scarce places, enough, and so many that every officer is joined to the hub."""
    cities = [city(capacity=capacity, seed=seed) for seed in range(5)]
    assert all(only_one(space, *solved(space), TICK) for space in cities)


def test_two_enterprises_alike_may_be_exchanged():
    affinity = np.random.default_rng(0).random((90, 60))
    affinity[:, 1] = affinity[:, 0]
    alike = space_of(affinity, (0, 1), (1, 1))
    keys, amount, prices, found = solved(alike)
    i, j = alike.split(keys)
    assert i[j == 0] != i[j == 1]
    assert not only_one(alike, keys, amount, prices, found, TICK)


def test_a_pair_left_out_for_being_one_of_many_is_not_passed_over():
    space = space_of(np.full((40, 60), 0.5), (0, 2), (1, 1))
    keys, amount, prices, _ = solved(space)
    crowded = seen(space, prices, -reach(space, TICK), most=1)
    assert not only_one(space, keys, amount, prices, crowded, TICK)


def test_a_pass_that_did_not_look_deep_enough_gives_no_yes():
    space = city()
    keys, amount, prices, found = solved(space)
    assert only_one(space, keys, amount, prices, found, TICK)
    assert not only_one(space, keys, amount, prices, seen(space, prices, 0.0), TICK)


def test_prices_that_prove_nothing_give_no_yes():
    space = city()
    keys, amount, prices, _ = solved(space)
    wrong = prices[0] + 1e-3 * np.random.default_rng(1).random(len(prices[0])), prices[1]
    assert not only_one(space, keys, amount, wrong, seen(space, wrong, -reach(space, TICK)), TICK)


def test_a_long_way_through_joined_nodes_is_measured():
    """A path is as long as it has nodes; a star is crossed in three."""
    tails, heads = np.arange(9), np.arange(1, 10)
    assert uniqueness._depth(uniqueness._graph(tails, heads, 10), 0, 10) == 10  # more than half: every node
    assert uniqueness._depth(uniqueness._graph(np.zeros(9, int), heads, 10), 0, 10) == 1
    assert uniqueness._depth(uniqueness._graph(tails, heads, 30), 29, 1) == 0


def test_pairs_partly_used_all_round_a_square_can_be_shifted():
    """Four pairs of two units each, one of which is used: all arcs are open both ways, and they close a cycle."""
    space = space_of(np.full((2, 2), 0.5), (1, 1), (1, 1), per_pair=2)
    keys, prices = space.every_key(), (np.zeros(2), space.values(np.array([0, 1])))
    found = seen(space, prices, -reach(space, TICK))
    assert not only_one(space, keys, np.ones(4, np.int64), prices, found, TICK)
