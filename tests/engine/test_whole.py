"""What a pass leaves out in whole units is nothing: whatever is above 0 or tight is found, and what a crowd hides is looked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.affinity import Factors
from matchmaker.engine import whole as module
from matchmaker.engine.passes import Threads
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.quantum import Quantum
from matchmaker.engine.space import Space
from matchmaker.engine.whole import Whole
from matchmaker.program import Program

UNIT = Quantum(2.0**-44)


def space_of(n=24, m=40, rank=3, seed=0, values=None):
    rng = np.random.default_rng(seed)
    program = Program(n, m)
    left, right = ((rng.random((k, rank)) if values is None else rng.choice(values, (k, rank))) for k in (n, m))
    program.add(Factors(left, right))
    program.limit_officers(0, 3)
    program.limit_enterprises(1, 1)
    return Space(program)


def near_tight(space, seed, spread):
    """Prices in whole units at which many pairs are within so many units of tight."""
    rng = np.random.default_rng(seed)
    keys = space.every_key()
    i = space.split(keys)[0]
    officers = UNIT.whole(rng.random(space.shape[0]))
    worth = UNIT.whole(space.values(keys)) - officers[i]
    chosen = rng.integers(0, space.shape[0], space.shape[1])
    enterprises = worth.reshape(space.shape)[chosen, np.arange(space.shape[1])] + rng.integers(-spread, spread + 1, space.shape[1])
    return Whole(space, UNIT, officers * UNIT.size, enterprises * UNIT.size)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 3, 9]), st.booleans(), st.integers(0, 2))
def test_a_pass_names_every_pair_above_and_every_tight_one(seed, rank, tight, spread):
    space = space_of(rank=rank, seed=seed)
    whole = near_tight(space, seed, spread)
    keys = space.every_key()
    reduced = whole.reduced(keys, space.values(keys))
    found = scan(space, Ask(whole.officers, whole.enterprises, above=whole.level(tight=tight), most=1000), Threads(1))
    wanted = keys[(reduced >= 0) if tight else (reduced > 0)]
    assert not whole.unsure(found.rest, tight=tight).any()
    assert np.isin(wanted, found.keys).all()


def test_what_a_crowd_may_hide_is_said():
    space = space_of(values=[0.25, 0.5])
    keys = space.every_key()
    low = Whole(space, UNIT, np.zeros(space.shape[0]), np.full(space.shape[1], space.values(keys).min() - UNIT.size))
    crowded = scan(space, Ask(low.officers, low.enterprises, above=low.level(tight=False), most=1), Threads(1))
    assert low.unsure(crowded.rest, tight=False).all()


@pytest.mark.parametrize("chunk", [1, 100, 10**6])
def test_a_closer_look_finds_what_a_crowd_hid(monkeypatch, chunk):
    """All pairs are within two units of tight; of each enterprise one is kept, and the others are found again."""
    monkeypatch.setattr(module, "CLOSER", chunk)
    space = space_of(values=[0.25, 0.5])
    keys = space.every_key()
    j = space.split(keys)[1]
    values = space.values(keys)
    best = np.full(space.shape[1], -np.inf)
    np.maximum.at(best, j, values)
    known = keys[::3]
    for below in (2, 0):
        whole = Whole(space, UNIT, np.zeros(space.shape[0]), best - below * UNIT.size)
        ask = Ask(whole.officers, whole.enterprises, above=whole.level(tight=False), known=known, most=2)
        loose = scan(space, ask, Threads(1))
        loose = type(loose)(loose.keys, loose.values, loose.reduced, np.full(space.shape[1], 1e-9), loose.errors)
        found, missed = whole.closer(loose, ask, Threads(1))
        above = keys[(whole.reduced(keys, values) > 0) & ~np.isin(keys, known)]
        assert np.isin(missed, above).all()
        counts = np.bincount(space.split(above)[1], minlength=space.shape[1])
        assert (np.bincount(space.split(missed)[1], minlength=space.shape[1]) == np.minimum(counts, 2)).all()
        assert (len(missed) > 0) == (below == 2)
        if not below:
            assert (values - best[j] <= found.rest[j]).all()
