"""Prices settle near optimal ones, and what is near tight at them is the shortlist."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import matchmaker as mm
from matchmaker.engine.column_generation import ldexp
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import Threads
from matchmaker.engine.search import Search
from matchmaker.engine.smoothing import _bound, settle
from matchmaker.engine.space import Space
from matchmaker.engine.starting import starting_prices
from matchmaker.program import Prices, Program


def city(seed: int = 0, scale: float = 1.0, size: tuple[int, int] = (300, 560)) -> Program:
    left, right, capacity = mm.datasets.random_city(*size, seed=seed)
    program = Program(*size)
    program.limit_officers(0, capacity)
    program.limit_enterprises(1, 1)
    program.add(mm.Factors(left * scale, right))
    return program


@pytest.mark.parametrize("seed", range(3))
def test_settled_prices_prove_nearly_the_optimum_and_the_shortlist_holds_nearly_all_of_it(seed: int) -> None:
    space = Space(city(seed))
    best = optimise(space, Search())
    assert best.officers is not None
    assert best.enterprises is not None
    settled = settle(space, starting_prices(space), Threads(1))
    optimum = float(space.values(space.keys(best.officers, best.enterprises)).sum())
    proven = _bound(space.limits, *settled.prices)
    assert optimum - 1e-6 <= proven <= 1.01 * optimum
    used = space.keys(best.officers, best.enterprises)
    assert np.isin(used, settled.keys).mean() > 0.97
    assert len(settled.keys) < 0.2 * space.size


def test_it_improves_on_the_guess_it_is_given() -> None:
    space = Space(city())
    flat = np.zeros(space.shape[0])
    settled = settle(space, flat, Threads(1))
    nothing = _bound(space.limits, flat, space.values(space.every_key()).reshape(space.shape).max(axis=0))
    assert _bound(space.limits, *settled.prices) < 0.95 * nothing


def test_threads_change_no_bit() -> None:
    space = Space(city())
    one, two = (settle(space, starting_prices(space), Threads(threads)) for threads in (1, 2))
    assert (one.keys == two.keys).all()
    assert all((a == b).all() for a, b in zip(one.prices, two.prices, strict=True))


def test_what_is_forbidden_or_required_is_not_on_the_shortlist() -> None:
    program = city()
    space = Space(program)
    barred = settle(space, starting_prices(space), Threads(1)).keys[::7]
    program.forbid(*program.split(barred))
    space = Space(program)
    assert not np.isin(barred, settle(space, starting_prices(space), Threads(1)).keys).any()


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_units_do_not_matter(scale: float) -> None:
    plain, scaled = (Space(city(scale=scale)) for scale in (1.0, 2.0 ** np.round(np.log2(scale))))
    assert (settle(plain, starting_prices(plain), Threads(1)).keys == settle(scaled, starting_prices(scaled), Threads(1)).keys).all()


def test_listed_pairs_settle_too() -> None:
    rng = np.random.default_rng(5)
    program = Program(200, 300)
    program.limit_officers(0, 3)
    program.limit_enterprises(1, 1)
    listed = sp.random_array((200, 300), density=0.1, rng=rng, data_sampler=lambda size: rng.uniform(0.1, 1, size))
    program.add(mm.Sparse(listed.tocsr()))
    space = Space(program)
    settled = settle(space, starting_prices(space), Threads(1))
    assert space.listed is not None
    assert np.isin(settled.keys, space.listed).all()
    assert len(settled.keys) < len(space.listed)


def test_a_sample_of_zeros_says_nothing() -> None:
    affinity = np.zeros((400, 500))
    affinity[399, 499] = 1e-290
    result = mm.assign(affinity, capacity=2, demand=1)
    assert result.termination == "OPTIMAL"
    assert result.objective == 1e-290


def test_prices_beyond_all_measure_are_none_to_begin_from() -> None:
    affinity = np.random.default_rng(0).random((220, 250)) * 1e300
    start = Prices(np.full(220, 1e308), np.full(250, -1e308))
    assert mm.assign(affinity, capacity=2, start=start).assignment.pairs == mm.assign(affinity, capacity=2).assignment.pairs


@pytest.mark.parametrize(("value", "exponent", "found"), [(1e300, 100, np.inf), (-1.0, 1100, -np.inf), (np.inf, 3, np.inf), (3.0, -1, 1.5)])
def test_what_is_beyond_double_precision_is_infinite(value: float, exponent: int, found: float) -> None:
    assert ldexp(value, exponent) == found
