"""A slow and simple reader of programmes, which shares nothing with the engine: what is allowed, and what it is worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Sparse
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError, MatchmakerError
from matchmaker.instance import Instance
from matchmaker.program import Program

if TYPE_CHECKING:
    from matchmaker.policies import Policy

MOST_PAIRS = 12
READ = frozenset(
    {
        "shape",
        "officer_low",
        "officer_high",
        "enterprise_low",
        "enterprise_high",
        "terms",
        "classes",
        "_forbidden",
        "_required",
        "_valued",
    }
)
"""All that a programme may hold: what is not named here, this reader would overlook."""


class RuleError(MatchmakerError, AssertionError):
    """A rule or an aim whose two halves disagree, with the instance and the plan that show it."""


def every_plan(n_officers: int, n_enterprises: int) -> NDArray[np.bool_]:
    """Every set of pairs there is. Shape (2 ** (n_officers * n_enterprises), n_officers, n_enterprises).

    Raises
    ------
    ConfigError
        When there are more than 12 pairs: 4,096 plans are enough for everybody.
    """
    cells = n_officers * n_enterprises
    if cells > MOST_PAIRS:
        msg = f"{n_officers} x {n_enterprises} are {cells} pairs; every plan can be tried up to {MOST_PAIRS}. Give a smaller instance."
        raise ConfigError(msg)
    bits = (np.arange(2**cells)[:, None] >> np.arange(cells)) & 1
    return bits.astype(bool).reshape(-1, n_officers, n_enterprises)


def allowed(program: Program, plans: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which plans a programme allows, read from its limits, classes and pairs alone. Shape (n_plans,).

    Raises
    ------
    ConfigError
        When the programme holds something that this reader does not know.
    """
    unknown = sorted(set(vars(program)) - READ)
    if unknown:
        msg = f"The programme holds {', '.join(unknown)}, which matchmaker.testing cannot read."
        raise ConfigError(msg)
    loads, served = plans.sum(axis=2), plans.sum(axis=1)
    fine: NDArray[np.bool_] = ((loads >= program.officer_low) & (loads <= program.officer_high)).all(axis=1)
    fine &= ((served >= program.enterprise_low) & (served <= program.enterprise_high)).all(axis=1)
    for i, j in np.ndindex(*program.shape):
        key = i * program.shape[1] + j
        if key in set(program.forbidden.tolist()) or not _eligible(program, i, j):
            fine &= ~plans[:, i, j]
        if key in set(program.required.tolist()):
            fine &= plans[:, i, j]
    return fine


def worth(program: Program, plans: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What each plan is worth in a programme: every pair's affinities and own values, added up one by one. Shape (n_plans,)."""
    n, m = program.shape
    rows, columns = np.arange(n), np.arange(m)
    value = np.zeros((n, m))
    for affinity, weight in program.terms:
        value += weight * affinity.block(rows, columns)
    for key, extra in zip(*program.valued, strict=True):
        value[key // m, key % m] += extra
    total: NDArray[np.float64] = (plans * value).sum(axis=(1, 2))
    return total


def brute_force(instance: Instance, policy: Policy) -> tuple[float, Assignment | None]:
    """The best plan of a tiny instance, by trying every one: its value and the plan, or minus infinity and None when there is none.

    Raises
    ------
    ConfigError
        When there are more than 12 pairs.
    RuleError
        When the plan that the policy's programme allows breaks one of its rules.
    """
    plans = every_plan(*instance.shape)
    best, found = -math.inf, None
    for plan in plans[allowed(policy.program(instance), plans)]:
        pairs = pairs_of(instance, plan)
        value = sum(aim.value(instance, pairs) for aim in policy.objectives)
        if value > best:
            best, found = value, pairs
    broken = [] if found is None else policy.violations(instance, found)
    if broken:
        msg = f"The programme of {policy.name!r} allows a plan that its rules do not: {broken[0]}. Run check_constraint on each rule."
        raise RuleError(msg)
    return best, found


def pairs_of(instance: Instance, plan: NDArray[np.bool_]) -> Assignment:
    """A plan of shape (n_officers, n_enterprises) as pairs."""
    return instance.assignment(*np.nonzero(plan))


def _eligible(program: Program, i: int, j: int) -> bool:
    unlisted = any(np.isnan(a.pairs(np.array([i]), np.array([j]))[0]) for a, _ in program.terms if isinstance(a, Sparse))
    return not unlisted and all(kind.allowed[kind.of_officer[i], kind.of_enterprise[j]] for kind in program.classes)
