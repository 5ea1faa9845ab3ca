"""How a search runs: long chains, threads, what it leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import matchmaker as mm
from matchmaker.engine import column_generation
from matchmaker.engine.passes import single_blas


@pytest.mark.parametrize("small", [0, 40_000])
@pytest.mark.parametrize("worth", [-1.0, 0.0])
@pytest.mark.parametrize("length", [3, 12, 60])
def test_the_only_plan_is_found_however_much_one_place_short_would_save(length, worth, small, monkeypatch):
    """Officer k may serve enterprise k, at a loss, or the next one, at a gain: leaving one unserved would gain all along the chain."""
    monkeypatch.setattr(column_generation, "SMALL", small)
    affinity = worth * np.eye(length) + np.diag(np.ones(length - 1), 1)
    eligible = np.eye(length, dtype=bool) | np.eye(length, k=1, dtype=bool)
    result = mm.assign(affinity, capacity=1, demand=1, forbidden=~eligible, time_limit=20)
    assert result.termination == "OPTIMAL"
    assert result.objective == worth * length


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_threads_of_matrix_products_are_put_back_after_overlapping_searches():
    before = blas_threads()
    entered, inside, out = Barrier(2), Barrier(2), Barrier(2)

    def first():
        with single_blas():
            assert set(blas_threads()) == {1}
            entered.wait()
            inside.wait()
        out.wait()

    def second():
        entered.wait()
        with single_blas():
            inside.wait()
            out.wait()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    assert blas_threads() == before


def test_threads_are_put_back_after_an_error():
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), single_blas():
        _ = 1 / 0
    assert blas_threads() == before


def test_two_searches_at_once_answer_as_each_alone():
    rng = np.random.default_rng(6)
    cities = [mm.Factors(rng.random((200, 9)), rng.random((380, 9))) for _ in range(2)]
    alone = [mm.assign(city, capacity=2) for city in cities]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda city: mm.assign(city, capacity=2), cities))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.officers, other.officers)
        assert one.bound == other.bound


def test_progress_is_told_round_by_round():
    rng = np.random.default_rng(6)
    heard = []
    result = mm.assign(mm.Factors(rng.random((300, 9)), rng.random((590, 9))), capacity=2, progress=heard.append)
    assert tuple(heard) == result.rounds
    assert heard[-1].bound <= heard[0].bound
    assert heard[-1].objective == pytest.approx(result.objective)
