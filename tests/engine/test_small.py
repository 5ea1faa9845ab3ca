"""What small problems are spared changes nothing that is found."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import matchmaker as mm
from matchmaker.affinity import Dense, Factors
from matchmaker.engine import space as spaces
from matchmaker.engine.feasibility import first_plan
from matchmaker.engine.rows import scaled
from matchmaker.engine.search import Search
from matchmaker.engine.space import Space
from matchmaker.program import Program

SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("ties", [False, True])
def test_a_matrix_held_in_single_precision_changes_nothing(ties, monkeypatch):
    rng = np.random.default_rng(ties)
    matrix = rng.choice([0, 0.25, 0.5, 1], (350, 1500)) if ties else rng.random((350, 1500))
    forbidden = np.column_stack([rng.integers(0, 350, 40), rng.integers(0, 1500, 40)])
    held = mm.assign(matrix, capacity=5, forbidden=forbidden)
    monkeypatch.setattr(spaces, "WHOLE", 0)
    turned = mm.assign(matrix, capacity=5, forbidden=forbidden)
    assert held.rounds[-1].pairs < matrix.size  # it was priced, not listed
    assert np.array_equal(held.officers, turned.officers)
    assert np.array_equal(held.enterprises, turned.enterprises)
    assert (held.objective, held.bound) == (turned.objective, turned.bound)
    assert np.array_equal(held.prices.officers, turned.prices.officers)
    assert np.array_equal(held.prices.enterprises, turned.prices.enterprises)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_listed_pairs_say_what_forbidden_ones_say(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 7, 2)
    eligible, matrix = rng.random((n, m)) < rng.uniform(0.2, 0.9), rng.integers(1, 17, (n, m)) / 16
    low = rng.integers(0, 2, m)
    limits = {"capacity": rng.integers(1, 3, n), "min_load": rng.integers(0, 2), "demand": (low, low + rng.integers(0, 2, m))}
    listed = mm.assign(sp.csr_array(np.where(eligible, matrix, 0)), **limits)
    barred = mm.assign(matrix, forbidden=~eligible, **limits)
    assert listed.termination == barred.termination
    if listed.termination == "INFEASIBLE":
        one, other = listed.diagnosis, barred.diagnosis
        assert (one.side, one.asked, one.available) == (other.side, other.asked, other.available)
        assert one.asked > one.available
        assert np.array_equal(one.officers, other.officers)
        assert np.array_equal(one.enterprises, other.enterprises)
    else:
        assert listed.objective == barred.objective


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_no_pair_at_all_is_a_first_plan_exactly_where_nobody_must_have_anybody(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 6, 2)
    program = Program(n, m)
    program.limit_officers(rng.integers(0, 2, n) * rng.integers(0, 2), n + m)
    program.limit_enterprises(rng.integers(0, 2, m) * rng.integers(0, 2), n + m)
    program.add(Dense(rng.random((n, m))))
    plan = first_plan(Space(program), Search())
    asked = program.officer_low.any() or program.enterprise_low.any()
    assert (len(plan) == 0) == (not asked)


def test_a_space_worth_nothing_has_the_same_pairs():
    program = Program(5, 6)
    program.allow(np.arange(5) % 2, np.arange(6) % 3, np.array([[1, 0, 1], [0, 1, 1]]))
    program.forbid([0, 1], [0, 1])
    program.require([2], [2])
    program.add(Factors(np.ones((5, 2)), np.ones((6, 2))))
    program.add_pairs([0], [2], [9.0])
    space = Space(program)
    bare = space.worthless()
    assert np.array_equal(bare.every_key(), space.every_key())
    assert np.array_equal(bare.skipped, space.skipped)
    assert not bare.values(bare.every_key()).any()
    assert space.values(space.every_key()).any()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6), st.integers(-1100, 1100))
def test_powers_of_two_are_put_on_as_ldexp_does(values, exponent):
    row, exponents = np.array([values]), np.full(len(values), exponent)
    with np.errstate(over="ignore", under="ignore"):
        assert np.array_equal(scaled(row, exponents), np.ldexp(row, exponents))


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from([np.float32, np.float64]))
def test_pairs_of_factors_are_added_in_the_same_order_however_many_are_asked_for(seed, dtype):
    rng = np.random.default_rng(seed)
    factors = Factors(rng.normal(size=(9, 37)).astype(dtype), rng.normal(size=(8, 37)).astype(dtype))
    rows, columns = rng.integers(0, 9, 5000), rng.integers(0, 8, 5000)
    together = factors.pairs(rows, columns)
    one = np.zeros(5000)
    for k in range(37):
        one += factors.left[rows, k].astype(np.float64) * factors.right[columns, k]
    assert np.array_equal(together, one)
    assert factors.pairs(rows[:1], columns[:1])[0] == together[0]
