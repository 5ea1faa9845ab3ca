"""The bound holds in exact arithmetic, for any prices at all, on values chosen to make rounding hurt."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matchmaker as mm
from matchmaker.engine.certificate import bound
from matchmaker.program import Prices, Program

awkward = st.sampled_from([0.1, 0.3, 1 / 3, 1e-8, 1.0 + 2**-52, 1.0 - 2**-53, 16777217.0, -0.7, 1e8 + 0.1, 0.0])


def exact_best(left, right, capacity):
    """The best total with one officer for each enterprise, in rational arithmetic, by enumeration."""
    n, m = len(left), len(right)
    worth = [[sum(Fraction(a) * Fraction(b) for a, b in zip(left[i], right[j], strict=True)) for j in range(m)] for i in range(n)]
    totals = [
        sum(worth[i][j] for j, i in enumerate(choice))
        for choice in product(range(n), repeat=m)
        if all(choice.count(i) <= capacity for i in range(n))
    ]
    return max(totals)


@settings(max_examples=150, deadline=None)
@given(
    left=st.lists(st.lists(awkward, min_size=2, max_size=2), min_size=2, max_size=3),
    right=st.lists(st.lists(awkward, min_size=2, max_size=2), min_size=2, max_size=3),
    guess=st.integers(0, 2**32 - 1),
)
def test_no_prices_whatever_prove_less_than_the_exact_optimum(left, right, guess):
    best = exact_best(left, right, 2)
    program = Program(len(left), len(right))
    program.limit_officers(0, 2)
    program.limit_enterprises(1, 1)
    program.add(mm.Factors(np.array(left), np.array(right)))
    result = mm.assign(mm.Factors(np.array(left), np.array(right)), capacity=2, demand=1)
    rng = np.random.default_rng(guess)
    at_random = Prices(rng.normal(size=len(left)), rng.normal(size=len(right)))
    assert Fraction(bound(program, at_random)) >= best
    assert Fraction(bound(program, result.prices)) >= best
    assert Fraction(result.bound) >= best
    assert result.termination == "OPTIMAL"


def test_the_solver_free_bound_is_the_one_the_search_claims():
    rng = np.random.default_rng(2)
    affinity = mm.Factors(rng.random((80, 5)), rng.random((700, 5)))
    result = mm.assign(affinity, capacity=9, demand=1)
    program = Program(80, 700)
    program.limit_officers(0, 9)
    program.limit_enterprises(1, 1)
    program.add(affinity)
    again = bound(program, result.prices)
    assert again == pytest.approx(result.bound, rel=1e-12)
    assert again >= result.objective


@pytest.mark.parametrize("absurd", [np.nan, np.inf, -np.inf, 1e300, -1e300])
def test_absurd_prices_prove_nothing(absurd):
    program = Program(1, 2)
    program.limit_officers(2, 2)
    program.limit_enterprises(1, 1)
    program.add(mm.Factors(np.ones((1, 1)), np.ones((2, 1))))
    assert bound(program, Prices(np.array([absurd]), np.array([-absurd / 2, -absurd / 2]))) == np.inf
    assert bound(program, Prices(np.array([0.0]), np.array([absurd, 0.0]))) == np.inf


def test_prices_moved_a_little_prove_a_little_less():
    affinity = np.array([[3.0, 1.0], [1.0, 2.0]])
    result = mm.assign(affinity, capacity=1)
    program = Program(2, 2)
    program.limit_officers(0, 1)
    program.limit_enterprises(1, 1)
    program.add(mm.Dense(affinity))
    moved = Prices(result.prices.officers + 0.25, result.prices.enterprises)
    assert bound(program, moved) >= result.bound
    assert bound(program, Prices(np.zeros(2), np.zeros(2))) >= 5.0
