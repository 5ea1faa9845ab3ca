"""Every rule and aim, alone and in random combinations, against every plan there is."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.constraints import Capacity, Demand, Pin, Recusal, ServesArea, Veto
from matchmaker.engine import column_generation
from matchmaker.objectives import Continuity, ExpectedResolved
from matchmaker.policies import Policy
from matchmaker.solve import solve
from matchmaker.testing import brute_force, instances

RULES = (Capacity(), Demand(), Recusal(), Veto(), Pin(), ServesArea())
AIMS = (ExpectedResolved(), Continuity(weight=0.25))


@settings(max_examples=250, deadline=None)
@given(
    instance=instances(max_officers=3, max_enterprises=4),
    rules=st.sets(st.sampled_from(range(len(RULES)))),
    aims=st.sets(st.sampled_from(range(len(AIMS))), min_size=1),
    small=st.sampled_from([0, 40_000]),
)
def test_solve_finds_what_trying_every_plan_finds(instance, rules, aims, small):
    policy = Policy(name="some", constraints=[RULES[k] for k in sorted(rules)], objectives=[AIMS[k] for k in sorted(aims)])
    best, _ = brute_force(instance, policy)
    before = column_generation.SMALL
    column_generation.SMALL = small
    try:
        result = solve(instance, policy)
    finally:
        column_generation.SMALL = before
    if best == -math.inf:
        assert result.termination == "INFEASIBLE"
        assert result.diagnosis is not None
        assert result.diagnosis.text("zh") != result.diagnosis.text("en") != ""
        return
    assert result.termination == "OPTIMAL"
    assert result.objective == pytest.approx(best, abs=1e-9)
    assert result.bound >= result.objective - 1e-12
    assert not policy.violations(instance, result.assignment)


@pytest.mark.parametrize("dropped", range(len(RULES)))
def test_each_rule_changes_some_plan(dropped):
    """None of the rules is idle: leaving it out gives, on some instance, a plan that breaks it."""
    from matchmaker.testing import examples

    kept = [rule for k, rule in enumerate(RULES) if k != dropped]
    policy = Policy(name="without", constraints=kept, objectives=AIMS)
    broken = 0
    for instance in examples(60, seed=3):
        result = solve(instance, policy)
        if result.plan is not None:
            broken += bool(RULES[dropped].violations(instance, result.plan))
    assert broken


def test_adding_rules_never_raises_the_value():
    from matchmaker.testing import examples

    compared = 0
    for instance in examples(12, seed=5):
        values = {}
        for size in range(len(RULES) + 1):
            for chosen in combinations(range(len(RULES)), size):
                if size not in (0, 1, len(RULES)):
                    continue
                result = solve(instance, Policy(name="p", constraints=[RULES[k] for k in chosen], objectives=AIMS))
                values[chosen] = result.objective if result.plan is not None else -np.inf
        full = values[tuple(range(len(RULES)))]
        for k in range(len(RULES)):
            assert full <= values[(k,)] + 1e-9 <= values[()] + 2e-9
            compared += np.isfinite(full)
    assert compared
