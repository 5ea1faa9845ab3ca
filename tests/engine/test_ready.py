"""Machine code is made before the clock starts, all of it."""

from __future__ import annotations

import gc
import logging

import numpy as np
import pytest
import scipy.sparse as sp
from numba.core.dispatcher import Dispatcher

import matchmaker as mm
from matchmaker.engine import optimise, ready
from matchmaker.engine.search import Search
from matchmaker.engine.space import Space
from matchmaker.program import Program


def machine_code():
    """What each function of the engine that has been compiled was compiled for."""
    ours = [found for found in gc.get_objects() if isinstance(found, Dispatcher) and found.py_func.__module__.startswith("matchmaker")]
    return {
        (found.py_func.__module__, found.py_func.__name__): {str(types) for types in found.signatures} for found in ours if found.signatures
    }


def test_nothing_is_left_to_compile_in_a_search():
    ready.make_ready()
    before = machine_code()
    called = {name for _, name in before}
    assert called >= {"grouped", "_dots", "index", "bid", "choose", "balance", "_settle", "scaled", "nearest"}
    rng = np.random.default_rng(0)
    dense = rng.choice([0, 0.25, 0.5, 1], (300, 600))
    dense.flags.writeable = False
    mm.assign(dense, capacity=3)
    mm.assign(mm.Factors(rng.random((300, 5), np.float32), np.asfortranarray(rng.random((600, 5)))), capacity=3, min_load=1, demand=(0, 2))
    mm.assign(sp.random_array((60, 90), density=0.2, rng=rng, format="csr"), capacity=2, demand=(0, 1))
    assert mm.assign(np.ones((30, 90)), capacity=2).termination == "INFEASIBLE"
    mm.lottery(rng.random((20, 30)), capacity=2, max_probability=0.5)
    assert machine_code() == before


def test_the_seconds_it_takes_are_not_the_search_s(monkeypatch):
    monkeypatch.setattr(optimise, "make_ready", lambda: 1000.0)
    program = Program(1, 1)
    program.limit_officers(1, 1)
    program.limit_enterprises(1, 1)
    search = Search(time_limit=5.0)
    found = optimise.optimise(Space(program), search)
    assert found.termination == "OPTIMAL"
    assert found.rounds[-1].seconds < -900
    assert search.elapsed < 5


@pytest.mark.parametrize("cached", [True, False])
def test_the_log_says_so_where_it_takes_long(monkeypatch, caplog, cached):
    monkeypatch.setattr(ready, "_done", [])
    monkeypatch.setattr(ready, "was_cached", lambda function: cached)
    with caplog.at_level(logging.INFO, logger="matchmaker"):
        assert ready.make_ready() > 0
    assert ("首次运行" in caplog.text) is not cached
    assert ready.make_ready() == 0


def test_nothing_is_left_to_compile_in_a_search_with_rows_or_loads():
    rng = np.random.default_rng(0)
    affinity, load = rng.random((12, 20)), rng.integers(1, 5, 20).astype(float)
    mm.assign(affinity[:2, :2], capacity=4.0, load=np.ones(2))  # has the modules, and so the code, before its clock runs
    before = machine_code()
    result = mm.assign(affinity, capacity=8.0, load=load)
    assert result.termination == "OPTIMAL"
    assert {key: types for key, types in machine_code().items() if key not in before or types != before[key]} == {}
