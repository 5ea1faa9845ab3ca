"""A plan that is known beforehand, and whole plans near a mix of plans."""

from __future__ import annotations

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.constraints import Capacity, Demand
from matchmaker.engine import Search
from matchmaker.engine.known import known_plan
from matchmaker.engine.mixing import Aim, whole_plan
from matchmaker.engine.optimise import optimise
from matchmaker.engine.ruled import optimise_with_rows
from matchmaker.engine.space import Space
from matchmaker.objectives import ExpectedResolved, WorstServed, then
from matchmaker.policies import Policy
from matchmaker.program import Program
from matchmaker.siderows import group_rows


def program_of(rng, n=12, m=9, each=1, most=2):
    affinity = mm.Dense(rng.random((n, m)))
    program = Program(n, m)
    program.limit_officers(np.zeros(n, np.int64), np.full(n, most))
    program.limit_enterprises(np.full(m, each), np.full(m, each))
    program.add(affinity)
    return program, affinity


def test_a_known_plan_counts_only_where_it_keeps_every_rule():
    rng = np.random.default_rng(0)
    program, affinity = program_of(rng)
    found = optimise(Space(program), Search())
    plan = (found.officers, found.enterprises)
    kept = known_plan(program, Space(program), Search(plan=plan))
    assert kept.tolist() == np.sort(program.keys(*plan)).tolist()
    assert known_plan(program, Space(program), Search()) is None
    assert known_plan(program, Space(program), Search(plan=(plan[0][1:], plan[1][1:]))) is None
    assert known_plan(program, Space(program), Search(plan=(np.zeros_like(plan[0]), plan[1]))) is None
    barred = program.without_rows()
    barred.forbid(plan[0][:1], plan[1][:1])
    assert known_plan(barred, Space(barred), Search(plan=plan)) is None
    required = program.without_rows()
    required.require(plan[0][:1], plan[1][:1])
    assert len(known_plan(required, Space(required), Search(plan=plan))) == len(plan[0]) - 1
    above = program.without_rows()
    above.at_least(affinity, float(affinity.pairs(*plan).min()) + 1e-9)
    assert known_plan(above, Space(above), Search(plan=plan)) is None


def test_a_search_under_rows_gives_nothing_worse_than_the_plan_it_begins_with():
    rng = np.random.default_rng(1)
    program, affinity = program_of(rng, 40, 40, most=1)
    group, size = rng.integers(0, 3, 40), np.ones(3)
    plan = optimise(Space(program), Search())
    totals = np.bincount(group[plan.enterprises], affinity.pairs(plan.officers, plan.enterprises), 3)
    floor = totals + np.array([0.05, -1.0, -1.0])
    program.add_rows(group_rows(affinity, (group, size), floor))
    alone = optimise_with_rows(program, Search())
    begun = optimise_with_rows(program, Search(plan=(alone.officers, alone.enterprises), gap=0.5))
    assert alone.termination == begun.termination == "OPTIMAL"
    worth = [affinity.pairs(one.officers, one.enterprises).sum() for one in (alone, begun)]
    assert worth[1] >= worth[0] - 1e-9


@pytest.mark.parametrize("each", [1, 2])
def test_a_whole_plan_misses_its_levels_less_than_any_plan_of_the_mix(each):
    rng = np.random.default_rng(each)
    program, affinity = program_of(rng, 55, 50, each, most=each)
    program.require([3, 4], [5, 6])
    group, size = np.where(np.arange(50) < 45, np.arange(50) % 3, -1), np.full(3, 15.0)
    plans = []
    for weights in (*(3 * np.eye(3) + 0.2), np.ones(3)):
        valued = program.worthless()
        valued.add(mm.Dense(affinity.matrix * np.where(group >= 0, weights[group], 0.1)))
        found = optimise(Space(valued), Search())
        plans.append(np.sort(program.keys(found.officers, found.enterprises)))
    aim = Aim(group, size, np.full(3, 10.0))
    keys = whole_plan(program, affinity, aim, plans, Search(), 1e-6)
    officers, enterprises = program.split(keys)
    assert (np.bincount(officers, minlength=55) <= each).all()
    assert (np.bincount(enterprises, minlength=50) == each).all()
    assert np.isin(program.required, keys).all()
    missed = [aim.short(aim.has(program, affinity, one)) for one in plans]
    assert aim.short(aim.has(program, affinity, keys)) < min(missed)


def test_the_best_total_at_the_floor_is_found_where_enterprises_have_two_officers():
    rng = np.random.default_rng(4)
    n, m = 90, 40
    affinity = mm.Factors(rng.random((n, 5)), rng.random((m, 5)) * np.where(rng.random((m, 1)) < 0.2, 0.5, 1.0))
    two = np.full(m, 2)
    result = mm.assign(affinity, capacity=1, demand=2, objective="maxmin", gap=1e-3, time_limit=30)
    name, least, bound = result.earlier[0]
    has = np.bincount(result.enterprises, affinity.pairs(result.officers, result.enterprises), m)
    assert name == "worst_served"
    assert bound <= least * (1 + 1e-3)
    assert has.min() >= least * (1 - 1e-6)
    assert np.bincount(result.enterprises, minlength=m).tolist() == two.tolist()
    assert result.gap <= 1e-3


def test_a_later_rank_holds_the_plan_of_the_rank_before_where_it_finds_no_other():
    rng = np.random.default_rng(6)
    instance = mm.assign(rng.random((30, 20)), capacity=1, demand=1).instance
    label = (np.arange(20) % 3).tolist()
    policy = Policy(
        name="ranks",
        constraints=(Capacity(), Demand()),
        objectives=(WorstServed(by=label), then(ExpectedResolved())),
    )
    result = mm.solve(instance, policy, gap=1e-3)
    assert result.termination == "OPTIMAL"
    assert WorstServed(by=label).value(instance, result.assignment) >= result.earlier[0][1] - 1e-9
