"""Told to be the only optimum in whole units, a plan is, and the other way round: against every plan of tiny spaces."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.affinity import Dense
from matchmaker.engine.passes import Threads
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.quantum import Quantum
from matchmaker.engine.space import Space
from matchmaker.engine.transport import solve_transport
from matchmaker.engine.uniqueness import closes_cycle, only_one
from matchmaker.engine.whole import Whole
from matchmaker.program import Program

FINE, COARSE = Quantum(2.0**-40), Quantum(2.0**-3)


def space_of(affinity, officers, enterprises, *, per_pair=1, forbidden=()):
    program = Program(*affinity.shape)
    program.add(Dense(affinity))
    program.limit_officers(*officers)
    program.limit_enterprises(*enterprises)
    program.forbid([i for i, _ in forbidden], [j for _, j in forbidden])
    return Space(program, units=per_pair, per_pair=per_pair)


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


def solved(space, quantum, start=0.0):
    """An optimal plan with its whole prices, and what a pass at them finds of tight pairs."""
    keys = space.every_key()
    i, j = space.split(keys)
    worth = quantum.whole(space.values(keys))
    first = quantum.whole(np.full(space.shape[0], start))
    flow = solve_transport(i, j, worth, space.limits, (first, np.zeros(space.shape[1])))
    whole = Whole(space, quantum, flow.officers * quantum.size, flow.enterprises * quantum.size)
    used = flow.amount > 0
    found = scan(space, Ask(whole.officers, whole.enterprises, above=whole.level(tight=True), most=1000), Threads(1))
    assert not whole.unsure(found.rest, tight=True).any()
    return keys[used], flow.amount[used], whole, found.keys


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


def whole_values(space, quantum):
    """What all plans are worth in whole units, the most first; none where there are no pairs."""
    keys = space.every_key()
    plans = every_plan(space) if len(keys) else np.empty((0, 0))
    return np.sort(plans @ quantum.whole(space.values(keys)))[::-1] if len(plans) else np.empty(0)


def said_and_true(space, quantum, start):
    """Whether the best plan is said to be the only one, and whether it is; twice the same where there is no plan."""
    values = whole_values(space, quantum)
    if not len(values):
        return None, None
    return only_one(space, *solved(space, quantum, start)), len(values) == 1 or bool(values[0] > values[1])


@settings(max_examples=250, deadline=None)
@given(spaces(st.sampled_from([0.0, 0.25, 0.5, 1.0, -0.5])), st.sampled_from([0.0, 0.5]))
def test_with_ties_it_says_yes_exactly_when_one_plan_is_best(space, start):
    said, true = said_and_true(space, FINE, start)
    assert said == true


@settings(max_examples=250, deadline=None)
@given(spaces(st.floats(-1, 1)), st.sampled_from([FINE, COARSE]), st.sampled_from([0.0, 0.5]))
def test_what_is_rounded_to_a_tie_is_a_tie_and_nothing_else_is(space, quantum, start):
    said, true = said_and_true(space, quantum, start)
    assert said == true


@pytest.mark.parametrize("apart", [0, 1, -1])
def test_one_unit_apart_is_enough(apart):
    """Two officers, two enterprises: crossing over loses so many units."""
    space = space_of(np.array([[1.0, 0.5], [0.5, 4 * apart * FINE.size]]), (0, 1), (1, 1))  # scaled by 1/4
    values = whole_values(space, FINE)
    assert values[0] - values[1] == abs(apart)
    assert only_one(space, *solved(space, FINE)) == (apart != 0)


def city(n=120, m=220, capacity=3, seed=0, **limits):
    rng = np.random.default_rng(seed)
    return space_of(rng.random((n, m)), (0, capacity), (1, 1), **limits)


@pytest.mark.parametrize("capacity", [2, 3, 10])
def test_continuous_values_have_one_optimum_and_it_is_seen(capacity):
    """Scarce places, enough, and so many that every officer is joined to the hub."""
    cities = [city(capacity=capacity, seed=seed) for seed in range(5)]
    assert all(only_one(space, *solved(space, FINE)) for space in cities)


def test_two_enterprises_alike_may_be_exchanged():
    affinity = np.random.default_rng(0).random((90, 60))
    affinity[:, 1] = affinity[:, 0]
    alike = space_of(affinity, (0, 1), (1, 1))
    keys, amount, whole, found = solved(alike, FINE)
    i, j = alike.split(keys)
    assert i[j == 0] != i[j == 1]
    assert not only_one(alike, keys, amount, whole, found)


def test_a_plan_that_is_not_optimal_at_its_prices_gives_no_yes():
    space = city()
    keys, amount, whole, found = solved(space, FINE)
    moved = FINE.size * np.random.default_rng(1).integers(0, 2**20, space.shape[0])
    wrong = Whole(space, FINE, whole.officers + moved, whole.enterprises)
    assert only_one(space, keys, amount, whole, found)
    assert not only_one(space, keys, amount, wrong, space.every_key())
    assert not only_one(space, keys[1:], amount[1:], whole, found)


def test_pairs_partly_used_all_round_a_square_can_be_shifted():
    """Four pairs of two units each, one of which is used: all arcs are open both ways, and they close a cycle."""
    space = space_of(np.full((2, 2), 0.5), (1, 1), (1, 1), per_pair=2)
    keys = space.every_key()
    whole = Whole(space, FINE, np.zeros(2), space.values(np.array([0, 1])))
    assert not only_one(space, keys, np.ones(4, np.int64), whole, keys)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(5, 9), st.sampled_from([(1, 0), (0, 1), (1, 1)])), max_size=9, unique_by=lambda a: a[:2]
    )
)
def test_cycles_are_those_that_a_search_finds(arcs):
    """Every way from an arc's head back to its tail that does not go over the arc itself, by trying all."""
    steps = [(v, w, edge) for edge, (v, w, (more, _)) in enumerate(arcs) if more]
    steps += [(w, v, edge) for edge, (v, w, (_, less)) in enumerate(arcs) if less]

    def returns(at, end, gone):
        return at == end or any(returns(w, end, gone | {edge}) for v, w, edge in steps if v == at and edge not in gone)

    cyclic = any(returns(w, v, {edge}) for v, w, edge in steps)
    tails, heads = (np.array([arc[k] for arc in arcs], dtype=np.int64) for k in (0, 1))
    more, less = (np.array([arc[2][k] == 1 for arc in arcs], dtype=bool) for k in (0, 1))
    assert closes_cycle(tails, heads, more, less, 10) == cyclic
