"""Rules about what an enterprise must have, where demand is optional: they hold for everybody, or for who is served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matchmaker.constraints import Capacity, Constraint, Coverage, Demand, EachHas
from matchmaker.instance import Instance
from matchmaker.objectives import Served
from matchmaker.policies import Policy
from matchmaker.solve import solve
from matchmaker.testing import examples

RULES = (Coverage(0.5, share=0.2), EachHas({"department": ["land"]}, {}))


def optional(most: int) -> list[Instance]:
    """Small instances whose enterprises may have up to so many officers, or none."""
    return [
        one.replace(demand_low=0 * one.demand_low, demand_high=0 * one.demand_high + most, capacity_low=0 * one.capacity_low)
        for one in examples(16, seed=11)
    ]


def able(rule: Constraint, instance: Instance) -> list[np.ndarray]:
    """For each thing that an enterprise must have: who asks for it and which officers are it. Written apart from the rules."""
    if isinstance(rule, EachHas):
        kind = instance.text_of("officer", "department") == "land"
        return [np.where(np.ones((len(kind), instance.shape[1]), bool), kind[:, None], True)]
    assert instance.need is not None
    assert instance.competence is not None
    asked = (instance.need > 0) & (instance.need >= 0.2 * instance.need.sum(axis=1, keepdims=True))
    return [np.where(asked[:, k][None, :], instance.competence[:, [k]] >= 0.5, True) for k in range(instance.need.shape[1])]


@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("rule", RULES, ids=["coverage", "each has"])
def test_who_is_served_has_what_must_be_and_others_are_let_be(rule: Constraint, most: int) -> None:
    let_be, none = 0, 0
    for instance in optional(most):
        constraints = (Capacity(), Demand(), replace(rule, served_only=True))
        result = solve(instance, Policy(constraints=constraints, objectives=(Served(),)))
        assert result.termination == "OPTIMAL"
        served = np.unique(result.assignment.enterprises)
        for needed in able(rule, instance):
            for j in served:
                assert needed[result.assignment.officers[result.assignment.enterprises == j], j].any()
        strict = solve(instance, Policy(constraints=(Capacity(), Demand(), rule), objectives=(Served(),)))
        none += strict.termination == "INFEASIBLE"
        let_be += strict.termination == "INFEASIBLE" and len(served) > 0
    assert none > let_be > 0
