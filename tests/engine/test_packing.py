"""Programmes of loads: the bound from knapsacks holds, and plans are as good as an independent solver's."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import matchmaker as mm
from matchmaker.constraints import Capacity, Demand, Workload
from matchmaker.engine import packing as packing_module
from matchmaker.engine import ruled
from matchmaker.engine.knapsacks import condition, settle, undo
from matchmaker.engine.lagrangian import Dual, Shortlist
from matchmaker.engine.loads import _weighed, packing
from matchmaker.engine.search import Search, TimeUp
from matchmaker.program import Program

GAP = Path(__file__).parents[3] / "shared" / "data" / "gap"


def drawn(rng, n, m, *, resources=1, whole=False, optional=False, tight=0.8):
    """A random programme of loads, as keywords of assign: some loads and capacities are 0, some pairs forbidden, one perhaps required."""
    load = rng.integers(0, 12, (n, m) if resources == 1 else (m, resources)).astype(float)
    if not whole:
        load *= rng.uniform(0.1, 3.0)
        load += rng.uniform(0, 0.5, load.shape) * (load > 0)
    each = load.sum(axis=1) if resources == 1 else np.tile(load.sum(axis=0), (n, 1))
    capacity = np.ceil(tight * each / n) if whole else tight * each / n
    capacity = capacity * rng.uniform(0.7, 1.5, capacity.shape)
    if whole:
        capacity = np.rint(capacity)
    if rng.random() < 0.3:
        capacity[rng.integers(n)] = 0
    if resources == 1:
        capacity = capacity[:, None]
    value = rng.integers(-20, 60, (n, m)).astype(float) if whole else rng.normal(1, 1, (n, m))
    low = np.where(rng.random(m) < 0.7, 0 if optional else 1, 0)
    high = np.maximum(low, rng.integers(1, 3, m)) if optional else np.ones(m, np.int64)
    forbidden = rng.random((n, m)) < 0.15
    required = np.argwhere(~forbidden)[:1] if rng.random() < 0.3 else None
    return {
        "affinity": value,
        "capacity": capacity,
        "load": load,
        "demand": (low, np.minimum(high, n)),
        "forbidden": forbidden,
        "required": required,
    }


def referee(given):
    """The best value by a mixed-integer programme over all pairs; None where there is no plan."""
    value, load, capacity = given["affinity"], given["load"], given["capacity"]
    n, m = value.shape
    low, high = given["demand"]
    rows, least, most = [], [], []
    for j in range(m):
        row = np.zeros((n, m))
        row[:, j] = 1
        rows.append(row.ravel())
        least.append(low[j])
        most.append(high[j])
    for i, r in itertools.product(range(n), range(capacity.shape[1])):
        row = np.zeros((n, m))
        row[i] = load[i] if load.shape == (n, m) and capacity.shape[1] == 1 else load[:, r]
        rows.append(row.ravel())
        least.append(-np.inf)
        most.append(capacity[i, r])
    lower, upper = np.zeros((n, m)), np.where(given["forbidden"], 0.0, 1.0)
    if given["required"] is not None:
        lower[tuple(given["required"].T)] = 1
    found = milp(
        -value.ravel(),
        constraints=LinearConstraint(np.array(rows), least, most),
        bounds=Bounds(lower.ravel(), upper.ravel()),
        integrality=np.ones(n * m),
        options={"mip_rel_gap": 0.0},
    )
    return None if found.x is None else -found.fun


def shortlist_of(given):
    """The programme that assign would write, all its pairs listed."""
    from matchmaker.assign import matrix_instance
    from matchmaker.counts import MOST

    instance = matrix_instance(given["affinity"], MOST, 0, given["demand"], given["forbidden"], given["required"])
    program = Program(*instance.shape)
    rules = [Capacity(), Demand(), Workload(most=given["capacity"], load=given["load"])]
    for rule in rules:
        rule.impose(program, instance)
    program.add(instance.affinity)
    barred = np.argwhere(given["forbidden"])
    program.forbid(barred[:, 0], barred[:, 1])
    every = np.flatnonzero(~given["forbidden"].ravel())
    if given["required"] is not None:
        program.require(*given["required"].T)
        every = every[~np.isin(every, program.required)]
    return Shortlist.of(program, every)


def dual_of(shortlist, rng):
    n, m = shortlist.program.shape
    return Dual(np.zeros(n), rng.normal(0, 1, m), rng.uniform(0, 1, len(shortlist.low)), np.zeros(len(shortlist.keys)), 0.0, 0.0)


@pytest.mark.parametrize("whole", [600, 0], ids=["listed at once", "priced rows"])
@pytest.mark.parametrize("resources", [1, 2, 3])
def test_plans_are_as_good_as_the_referees(resources, whole, monkeypatch):
    monkeypatch.setattr(ruled, "WHOLE", whole)
    rng = np.random.default_rng(resources + whole)
    proven, none = 0, 0
    kept = packing_module.Packer.run

    def run(packer, effort):
        nonlocal proven
        done = kept(packer, effort)
        proven += done
        return done

    monkeypatch.setattr(packing_module.Packer, "run", run)
    for case in range(24):
        n, m = int(rng.integers(2, 6)), int(rng.integers(3, 11))
        given = drawn(rng, n, m, resources=resources, whole=case % 2 == 0, optional=case % 3 == 0, tight=rng.uniform(0.6, 1.6))
        best = referee(given)
        result = mm.assign(**given)
        if best is None:
            assert result.termination.name == "INFEASIBLE"
            none += 1
        else:
            assert result.termination.name == "OPTIMAL"
            assert result.objective == pytest.approx(best, abs=1e-6)
            assert result.bound >= best - 1e-6
    assert none > 1
    assert proven > 4  # the rest keep their loads anyway, or have no plan


@pytest.mark.parametrize(("n", "m", "whole"), [(4, 30, True), (6, 40, True), (5, 30, False), (8, 24, False)])
def test_larger_programmes_are_proven_without_another_solver(n, m, whole, monkeypatch):
    monkeypatch.setattr(ruled.Ruled, "_choose_completely", None)
    monkeypatch.setattr(ruled.Ruled, "_choose", None)
    rng = np.random.default_rng(n * m)
    for _ in range(3):
        given = drawn(rng, n, m, whole=whole, tight=0.75) | {"required": None}
        given["capacity"] = np.maximum(given["capacity"], given["load"].max())
        result = mm.assign(**given)
        assert result.termination.name == "OPTIMAL"
        assert result.searched
        assert result.objective == pytest.approx(referee(given), abs=1e-6)


def test_the_bound_holds_for_every_plan_and_says_what_each_pair_costs():
    rng = np.random.default_rng(3)
    tried = 0
    for case in range(60):
        given = drawn(rng, 2, 4, resources=1 + case % 2, whole=case % 3 == 0, optional=case % 4 == 0, tight=1.2) | {"required": None}
        shortlist = shortlist_of(given)
        packed = packing(shortlist, dual_of(shortlist, rng))
        assert packed is not None
        order, sacks = packed.order, packed.sacks
        bound = condition(sacks, packed.prices)
        worth, best, plans = shortlist.values[order], -np.inf, 0
        chosen_of_best = None
        for chosen in itertools.product([False, True], repeat=len(order)):
            chosen = np.array(chosen)
            plan = np.zeros(len(order), bool)
            plan[order] = chosen
            served = np.bincount(shortlist.enterprises[plan], minlength=4)
            activity = shortlist.matrix @ plan.astype(float)
            if (served < shortlist.limits[2]).any() or (served > shortlist.limits[3]).any() or (activity > shortlist.high).any():
                continue
            value = worth[chosen].sum()
            plans += 1
            assert value <= bound + 1e-9
            assert (value <= bound - sacks.within[chosen] + 1e-9).all()
            assert (value <= bound - sacks.without[~chosen] + 1e-9).all()
            if value > best:
                best, chosen_of_best = value, chosen
        if chosen_of_best is not None:
            trail = settle(sacks, packed.prices, best - 1e-9, 0)
            assert trail >= 0
            assert (sacks.settled[chosen_of_best] >= 0).all()
            assert (sacks.settled[~chosen_of_best] <= 0).all()
            undo(sacks, trail, 0)
            assert not sacks.settled.any()
        tried += plans > 3
    assert tried > 20


def test_whole_weights_allow_whatever_the_loads_allow():
    rng = np.random.default_rng(5)
    for case in range(300):
        n, k, resources = int(rng.integers(1, 4)), int(rng.integers(1, 30)), int(rng.integers(1, 4))
        officers = np.sort(rng.integers(0, n, k))
        takes = rng.integers(0, 9, (k, resources)) * (1.0 if case % 2 else rng.uniform(1e-3, 1e3))
        most = takes.sum(axis=0) * rng.uniform(0, 1, (n, resources))
        dear = rng.uniform(0, 1, (n, resources)) * (rng.random((n, resources)) < 0.7)
        weight, room = _weighed(officers, takes, most, dear)
        for _ in range(20):
            plan = rng.random(k) < rng.random()
            carried, weighed = np.zeros((n, resources)), np.zeros(n)
            np.add.at(carried, officers[plan], takes[plan])
            np.add.at(weighed, officers[plan], weight[plan])
            fits = (carried <= most).all(axis=1)
            assert (weighed[fits] <= room[fits]).all()


def test_rows_that_are_no_loads_are_left_to_others():
    rng = np.random.default_rng(0)
    given = drawn(rng, 3, 6) | {"required": None}
    shortlist = shortlist_of(given)
    dual = dual_of(shortlist, rng)
    assert packing(shortlist, dual) is not None
    program = shortlist.program
    program.limit_officers(1, 5)
    assert packing(Shortlist.of(program, shortlist.keys), dual) is None
    other = shortlist_of(given).program
    from matchmaker.siderows import SideRows

    classes = {"officer_class": np.zeros(3, np.int64), "enterprise_class": np.zeros(6, np.int64), "row": np.zeros((1, 1), np.int64)}
    other.add_rows(SideRows(rule="quota", shape=(3, 6), low=-np.inf, high=np.array([9.0]), **classes))
    assert packing(Shortlist.of(other, shortlist.keys), dual) is None


def test_a_time_limit_leaves_the_best_plan_so_far_and_nothing_settled():
    rng = np.random.default_rng(1)
    given = drawn(rng, 6, 60, whole=True, tight=0.9) | {"required": None}
    given["capacity"] = np.maximum(given["capacity"], given["load"].max())
    shortlist = shortlist_of(given)
    packed = packing(shortlist, dual_of(shortlist, rng))
    looks, stop, kept = 0, 0, []

    class Limited(Search):
        def check(self):
            nonlocal looks
            looks += 1
            if looks > stop:
                raise TimeUp

    for most in range(60, 160, 3):
        looks, stop = 0, most
        packer = packing_module.Packer(packed, Limited(), 60.0, kept.append)
        with contextlib.suppress(TimeUp):
            packer.run(packing_module.EARLY)
        assert not packed.sacks.settled.any()
        assert (packed.sacks.room == packing(shortlist, dual_of(shortlist, rng)).sacks.room).all()
    assert kept


def test_the_same_plan_whatever_the_threads():
    rng = np.random.default_rng(2)
    given = drawn(rng, 5, 50, whole=True, tight=0.8) | {"required": None}
    given["capacity"] = np.maximum(given["capacity"], given["load"].max())
    one, two = (mm.assign(**given, threads=threads) for threads in (1, 2))
    assert one.officers.tolist() == two.officers.tolist()
    assert one.bound == two.bound


@pytest.mark.skipif(not GAP.is_dir(), reason="the generalised assignment instances are not here")
@pytest.mark.parametrize("name", ["a10100", "b20100", "c05100", "c10100", "c20100"])
def test_published_optima_are_proven(name):
    from benchmarks.ruled import best_known, gap_instance

    cost, load, capacity = gap_instance(name)
    result = mm.assign(-cost, capacity=capacity, load=load, demand=1)
    assert result.termination.name == "OPTIMAL"
    assert -result.objective == best_known(name)
    assert -result.bound == pytest.approx(best_known(name), rel=1e-8)
