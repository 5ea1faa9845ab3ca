"""The worst served, then the second worst, and so on: as trying every plan finds, ties and pins and all."""

from __future__ import annotations

import json
from itertools import combinations, product

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

import matchmaker as mm
from matchmaker.assign import matrix_instance
from matchmaker.constraints import Capacity, Demand, Pin, Veto
from matchmaker.engine.certificate import bound
from matchmaker.face import Face
from matchmaker.objectives import ExpectedResolved, Leximin, then
from matchmaker.policies import Policy


def every_plan(affinity, capacity, least, demand, barred, pinned):
    """Every plan there is, as a bool matrix."""
    n, m = affinity.shape
    low, high = demand
    choices = []
    for j in range(m):
        may = [i for i in range(n) if not barred[i, j] and not np.isnan(affinity[i, j])]
        sets = [set(one) for size in range(low[j], high[j] + 1) for one in combinations(may, size)]
        choices.append([one for one in sets if all(i in one for i in range(n) if pinned[i, j])])
    for chosen in product(*choices):
        plan = np.zeros((n, m), dtype=bool)
        for j, one in enumerate(chosen):
            plan[list(one), j] = True
        load = plan.sum(axis=1)
        if (load >= least).all() and (load <= capacity).all():
            yield plan


def drawn(rng, *, most=1, least=1):
    """A small instance: ties galore, or few; recusals, pins, least loads."""
    n, m = (int(size) for size in rng.integers(1, 6 if most == 1 else 4, 2))
    steps = int(rng.choice([2, 3, 5, 100]))
    affinity = rng.integers(-1, steps, (n, m)) / 4.0
    if rng.random() < 0.4:  # some are alike
        affinity = affinity[:, rng.integers(0, m, m)][rng.integers(0, n, n)]
    capacity = rng.integers(0, 4, n)
    low = np.minimum(rng.integers(0, 2, n) * (rng.random() < 0.5), capacity)
    high_j = rng.integers(min(1, most), most + 1, m) if rng.random() < 0.9 else rng.integers(0, most + 1, m)
    low_j = np.minimum(high_j, least if least else rng.integers(0, most + 1, m))
    barred = rng.random((n, m)) < 0.15
    pinned = (rng.random((n, m)) < 0.08) & ~barred
    return affinity, capacity, low, (low_j, high_j), barred, pinned


def solved(drawn_one, objective, **options):
    affinity, capacity, least, demand, barred, pinned = drawn_one
    return mm.assign(
        affinity,
        capacity=capacity,
        min_load=least,
        demand=demand,
        forbidden=barred,
        required=np.argwhere(pinned) if pinned.any() else None,
        objective=objective,
        **options,
    )


def each(affinity, plan, demand):
    return np.where(plan, affinity, 0.0).sum(axis=0)[demand[1] > 0]


@pytest.mark.parametrize("seed", range(4))
def test_leximin_is_the_best_sorted_vector_there_is_then_the_best_total(seed):
    rng = np.random.default_rng(seed)
    ended = {"OPTIMAL": 0, "INFEASIBLE": 0}
    for _ in range(60):
        one = drawn(rng)
        affinity, demand = one[0], one[3]
        levels = int(rng.choice([0, 1, 2]))
        plans = [(*sorted(each(affinity, plan, demand)), affinity[plan].sum()) for plan in every_plan(*one)]
        result = solved_in_ranks(one, Leximin(levels=levels)) if levels else solved(one, "leximin")
        ended[result.termination] += 1
        if not plans:
            assert result.termination == "INFEASIBLE"
            continue
        assert result.termination == "OPTIMAL"
        found = np.sort(each(affinity, dense(result, affinity.shape), demand))
        decided = levels or len(found)
        best = max(plan[:decided] for plan in plans)
        assert found[:decided].tolist() == pytest.approx(list(best[: len(found)]), abs=1e-9)
        total = max(plan[-1] for plan in plans if plan[:decided] == best)
        assert result.objective == pytest.approx(total, abs=1e-9)
    assert min(ended.values()) > 3


def solved_in_ranks(one, aim):
    affinity, capacity, least, demand, barred, pinned = one
    instance = matrix_instance(affinity, capacity, least, demand, barred, np.argwhere(pinned) if pinned.any() else None)
    rules = (Capacity(), Demand(), Veto(), Pin())
    return mm.solve(instance, Policy(name="ranks", constraints=rules, objectives=(aim, then(ExpectedResolved()))))


def dense(result, shape):
    plan = np.zeros(shape, dtype=bool)
    plan[result.officers, result.enterprises] = True
    return plan


@pytest.mark.parametrize(("most", "least"), [(1, 1), (1, 0), (2, 2), (2, 0)])
def test_maxmin_is_the_best_least_there_is_then_the_best_total(most, least):
    rng = np.random.default_rng(10 * most + least)
    ended = {"OPTIMAL": 0, "INFEASIBLE": 0}
    for _ in range(60):
        one = drawn(rng, most=most, least=least)
        affinity, demand = one[0], one[3]
        if not (demand[1] > 0).any():
            continue
        plans = [(each(affinity, plan, demand).min(), affinity[plan].sum()) for plan in every_plan(*one)]
        result = solved(one, "maxmin")
        ended[result.termination] += 1
        if not plans:
            assert result.termination == "INFEASIBLE"
            continue
        assert result.termination == "OPTIMAL"
        best = max(plans)
        assert result.earlier[0][1] == pytest.approx(best[0], abs=1e-9)
        assert result.objective == pytest.approx(max(total for least_of, total in plans if least_of >= best[0] - 1e-9), abs=1e-6)
    assert min(ended.values()) > (0 if least == 0 else 3)


def test_pairs_that_are_not_listed_are_nobodys():
    rng = np.random.default_rng(3)
    for _ in range(40):
        n, m = 4, 4
        values = rng.integers(-2, 3, (n, m)) / 2.0
        listed = rng.random((n, m)) < 0.6
        matrix = sp.coo_array((values[listed], np.nonzero(listed)), shape=(n, m))
        seen = np.where(listed, values, np.nan)
        one = np.ones(m, np.int64)
        plans = [
            tuple(sorted(each(values, plan, (one, one))))
            for plan in every_plan(seen, np.full(n, 2), 0, (one, one), ~listed, listed & False)
        ]
        for objective in ("maxmin", "leximin"):
            result = mm.assign(matrix, capacity=2, objective=objective)
            assert (result.termination == "INFEASIBLE") == (not plans)
            if plans:
                found = tuple(np.sort(each(values, dense(result, (n, m)), (one, one))))
                assert found[0] == max(plans)[0]
                assert objective == "maxmin" or found == max(plans)


@pytest.mark.parametrize("of", ["mean", "total"])
def test_leximin_of_groups_is_the_best_sorted_vector_there_is(of):
    rng = np.random.default_rng(len(of))
    solved_ones = 0
    for _ in range(40):
        one = drawn(rng, most=2, least=int(rng.integers(0, 2)))
        affinity, demand = one[0], one[3]
        label = rng.integers(0, 3, affinity.shape[1])
        asking = demand[1] > 0
        names = np.unique(label[asking])
        if not len(names):
            continue

        def sorted_groups(plan, label=label, asking=asking, affinity=affinity, names=names):
            has = np.where(plan, affinity, 0.0).sum(axis=0)
            parts = [has[asking & (label == name)] for name in names]
            return tuple(sorted(part.mean() if of == "mean" else part.sum() for part in parts))

        plans = [(sorted_groups(plan), affinity[plan].sum()) for plan in every_plan(*one)]
        result = solved_in_ranks(one, Leximin(by=label.tolist(), of=of))
        assert (result.termination == "INFEASIBLE") == (not plans)
        if plans:
            best = max(tuple(np.round(value, 7)) for value, _ in plans)
            assert sorted_groups(dense(result, affinity.shape)) == pytest.approx(best, abs=1e-6)
            solved_ones += 1
    assert solved_ones > 15


def least_by_highs(affinity, capacity, asked, label):
    """The best least mean of groups, by a mixed-integer programme over every pair."""
    n, m = affinity.shape
    every, ones = np.arange(n * m), np.ones(n * m)
    i, j = np.divmod(every, m)
    size = np.bincount(label).astype(float)
    count = len(size)
    has = sp.csr_array((affinity.ravel(), (label[j], every)), shape=(count, n * m))
    table = sp.block_array(
        [
            [sp.csr_array((ones, (i, every)), shape=(n, n * m)), None],
            [sp.csr_array((ones, (j, every)), shape=(m, n * m)), None],
            [has, sp.csr_array(-size[:, None])],
        ]
    )
    low = np.r_[np.full(n, -np.inf), asked, np.zeros(count)]
    high = np.r_[capacity, asked, np.full(count, np.inf)]
    found = milp(
        np.r_[np.zeros(n * m), -1.0],
        constraints=LinearConstraint(table.tocsc(), low, high),
        bounds=Bounds(np.r_[np.zeros(n * m), -np.inf], np.r_[ones, np.inf]),
        integrality=np.r_[ones, 0.0],
        options={"mip_rel_gap": 1e-6, "time_limit": 20},
    )
    return float(found.x[-1]), -float(found.mip_dual_bound)


@pytest.mark.parametrize("seed", range(3))
def test_middling_instances_agree_with_highs(seed):
    rng = np.random.default_rng(seed)
    n, m = 30, 24
    affinity, capacity = rng.random((n, 4)) @ rng.random((4, m)), rng.integers(1, 4, n)
    for demand in (1, 2):
        value, bound = least_by_highs(affinity, capacity, np.full(m, demand), np.arange(m))
        found = mm.assign(affinity, capacity=capacity, demand=demand, objective="maxmin", time_limit=20)
        name, least, proven = found.earlier[0]
        assert name == "worst_served"
        assert least <= bound * (1 + 1e-6)
        assert proven >= value * (1 - 1e-6)
        if demand == 1:
            assert least == pytest.approx(value, rel=1e-6)
    label = rng.integers(0, 4, m)
    value, bound = least_by_highs(affinity, capacity, np.ones(m), label)
    one = (affinity, capacity, 0, (np.ones(m, np.int64), np.ones(m, np.int64)), np.zeros((n, m), bool), np.zeros((n, m), bool))
    found = solved_in_ranks(one, Leximin(by=label.tolist(), within=0.01))
    _, least, proven = found.earlier[0]
    assert value * 0.97 <= least <= bound * (1 + 1e-6)
    assert proven >= value * (1 - 1e-6)


def test_what_leximin_cannot_be_is_refused():
    rules = (Capacity(), Demand())
    instance = matrix_instance(np.ones((3, 2)), 2, 0, 2, None, None)
    with pytest.raises(mm.errors.ConfigError, match="exactly one officer") as caught:
        mm.solve(instance, Policy(name="two", constraints=rules, objectives=(Leximin(),)))
    assert "一名干部" in str(caught.value)
    for wrong, said in (({"of": "median"}, "of is 'median'"), ({"within": 0}, "within is 0")):
        with pytest.raises(mm.errors.ConfigError, match=said):
            Leximin(**wrong)


def test_what_is_held_is_read_back_and_proves_the_same_bound():
    rng = np.random.default_rng(5)
    matrix = rng.integers(0, 4, (5, 6)) / 4.0
    required, forbidden = np.array([[0, 1]]), np.array([[2, 2], [4, 0]])
    instance = matrix_instance(matrix, 2, 0, 1, forbidden, required)
    policy = Policy(
        name="held", constraints=(Capacity(), Demand(), Veto(), Pin()), objectives=(Leximin(levels=3), then(ExpectedResolved()))
    )
    result = mm.solve(instance, policy)
    face = result.held[0]
    again = Face.from_plain(json.loads(json.dumps(face.plain())), instance.shape)
    assert bound(policy.program(instance, [again]), result.prices) == pytest.approx(result.bound, rel=1e-9)
    with pytest.raises(ValueError, match="not one of 6 officers"):
        Face.from_plain(face.plain(), (6, 5))
