"""What is asked of every solve on a tiny instance: the same as trying every plan, and nothing that does not check."""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp

from matchmaker.affinity import Dense, Factors, Sparse
from matchmaker.engine.certificate import bound
from matchmaker.instance import Instance
from matchmaker.objectives import Leximin
from matchmaker.policies import Policy
from matchmaker.result import Result
from matchmaker.solve import solve
from matchmaker.testing import brute_force

NEAR = 1e-6


def tried(instance: Instance, policy: Policy, told: str = "") -> Result:
    """The result of a solve, when it is what trying every plan finds: termination, value, bound, proof, rules and earlier ranks."""
    best, plan = brute_force(instance, policy)
    result = solve(instance, policy)
    if plan is None:
        assert result.termination == "INFEASIBLE", told
        assert result.diagnosis is not None
        assert result.diagnosis.text("zh") != result.diagnosis.text("en") != ""
        return result
    near = NEAR * max(1.0, abs(best))
    assert result.termination == "OPTIMAL", told
    assert abs(result.objective - best) <= near, f"{result.objective} instead of {best}: {told}"
    assert result.bound >= best - 1e-9 * max(1.0, abs(best)), told
    assert not policy.violations(instance, result.assignment), told
    assert math.isclose(
        math.fsum(policy.terms(instance, result.assignment).values()), math.fsum(policy.values(instance, result.assignment))
    )
    if result.prices is not None:
        assert bound(policy.program(instance, list(result.held)), result.prices) >= best - near, told
    for number, rank in enumerate(policy.ranks):
        if isinstance(rank.aims[0], Leximin):
            mine, theirs = (rank.aims[0].sorted_values(instance, one)[: rank.aims[0].levels] for one in (result.assignment, plan))
            assert np.allclose(mine, theirs, atol=NEAR), told
        elif number < len(policy.ranks) - 1:
            reached, slack = result.earlier[number], policy.ranks[number + 1].slack
            mine = policy.values(instance, result.assignment)[number]
            assert mine >= reached[1] - (slack + NEAR) * max(abs(reached[1]), 1.0), told
            assert reached[2] >= reached[1] - NEAR, told
    return result


def otherwise(instance: Instance, rng: np.random.Generator) -> Instance:
    """The same instance with its affinity kept in another way: dense, with absent pairs, below zero, or of another size."""
    n, m = instance.shape
    full = instance.affinity.block(np.arange(n), np.arange(m))
    kind = rng.integers(0, 4)
    if kind == 1:
        return instance.replace(affinity=Dense(full - rng.choice([0.0, 0.5])))
    if kind == 2:
        i, j = np.nonzero(rng.random((n, m)) < 0.8)
        return instance.replace(affinity=Sparse(sp.coo_array((full[i, j] + 0.0625, (i, j)), shape=(n, m))))
    if kind == 3:
        return instance.replace(affinity=Factors(np.asarray(instance.affinity.left) * rng.choice([1e-3, 1e3]), instance.affinity.right))
    return instance
