"""A slow and simple reader of programmes, which shares nothing with the engine: what is allowed, and what it is worth."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Sparse
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError, MatchmakerError
from matchmaker.instance import Instance
from matchmaker.program import Program

if TYPE_CHECKING:
    from matchmaker.constraints import Violation
    from matchmaker.policies import Policy

Floats = NDArray[np.float64]
MOST_PAIRS = 12
EDGE = 1e-9
"""How far beyond its limits a row may be, relative to its size or to 1: rounding."""
READ = frozenset(
    {
        "shape",
        "officer_low",
        "officer_high",
        "enterprise_low",
        "enterprise_high",
        "terms",
        "classes",
        "thresholds",
        "side_rows",
        "variables",
        "constant",
        "returns",
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
        msg = (
            f"{n_officers} x {n_enterprises} are {cells} pairs; every plan can be tried up to {MOST_PAIRS}. Give a smaller instance. "
            f"| {n_officers} × {n_enterprises} 共 {cells} 个结对，至多 {MOST_PAIRS} 个才能逐一尝试所有方案，请给出更小的实例。"
        )
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
        msg = (
            f"The programme holds {', '.join(unknown)}, which matchmaker.testing cannot read. "
            f"| 规划模型中有 {'、'.join(unknown)}，matchmaker.testing 无法读取。"
        )
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
    if program.linear:
        at = np.flatnonzero(fine)
        fine[at] = _best_of_variables(program, plans[at]) > -np.inf
    return fine


def _rows_of(program: Program, plans: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats, Floats]:
    """What each plan comes to in every side row, shape (n_plans, n_rows); the rows' least and most; and the variables' coefficients.

    Read cell by cell from what the rows are made of.
    """
    n, m = program.shape
    activity, extra, low, high = [np.zeros((len(plans), 0))], [np.zeros((0, len(program.variables)))], [np.empty(0)], [np.empty(0)]
    for family in program.side_rows:
        table, count = np.zeros((len(family.low), n, m)), len(family.low)
        weight = np.zeros((n, m))
        for affinity, times in family.weights:
            weight += times * (1.0 if affinity is None else affinity.block(np.arange(n), np.arange(m)))
        if family.row is not None and family.officer_class is not None and family.enterprise_class is not None:
            for i, j in np.ndindex(n, m):
                a, b = family.officer_class[i], family.enterprise_class[j]
                if a >= 0 and b >= 0 and family.row[a, b] >= 0:
                    table[family.row[a, b], i, j] += weight[i, j]
        for i, j, row, value in zip(family.officers, family.enterprises, family.rows, family.values, strict=True):
            table[row, i, j] += value
        held = np.zeros((count, len(program.variables)))
        for row, variable, value in zip(family.variable_rows, family.variables, family.variable_values, strict=True):
            held[row, variable] += value
        activity.append(np.tensordot(plans.astype(np.float64), table, axes=([1, 2], [1, 2])))
        extra.append(held)
        low.append(family.low)
        high.append(family.high)
    return np.hstack(activity), np.vstack(extra), np.concatenate(low), np.concatenate(high)


def _best_of_variables(program: Program, plans: NDArray[np.bool_]) -> Floats:
    """The most that the variables can add to each plan, minus infinity where no values of theirs keep the rows. Shape (n_plans,)."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    activity, extra, low, high = _rows_of(program, plans)
    variables = program.variables
    edge = EDGE * np.maximum(1.0, np.abs(activity))
    if not len(variables):
        return np.where(((activity >= low - edge) & (activity <= high + edge)).all(axis=1), 0.0, -np.inf)
    best, known = np.empty(len(plans)), dict[bytes, float]()
    for number, done in enumerate(activity):
        key = done.tobytes()
        if key not in known:
            rules = LinearConstraint(extra, low - done - edge[number], high - done + edge[number])
            limits = Bounds(variables.low, variables.high)
            found = milp(-variables.value, constraints=rules, bounds=limits, integrality=variables.whole.astype(int))
            known[key] = -np.inf if found.x is None else float(variables.value @ found.x)
        best[number] = known[key]
    return best


def worth(program: Program, plans: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What each plan is worth in a programme: every pair's affinities and own values, added up one by one. Shape (n_plans,)."""
    n, m = program.shape
    rows, columns = np.arange(n), np.arange(m)
    value = np.zeros((n, m))
    for affinity, weight in program.terms:
        value += weight * affinity.block(rows, columns)
    for key, extra in zip(*program.valued, strict=True):
        value[key // m, key % m] += extra
    together = np.zeros(len(plans))
    for returns in program.returns:
        for j, k in np.ndindex(*returns.need.shape):
            missed = np.prod(np.where(plans[:, :, j], 1 - returns.competence[:, k], 1.0), axis=1)
            together += returns.weight * returns.need[j, k] * (1 - missed)
    total: Floats = (plans * value).sum(axis=(1, 2)) + together + program.constant
    if len(program.variables):
        total += _best_of_variables(program, plans)
    return total


def brute_force(instance: Instance, policy: Policy) -> tuple[float, Assignment | None]:
    """The best plan of a tiny instance, by trying every one: its value and the plan, or minus infinity and None when there is none.

    Where aims have ranks, plans that are not best in the first (within the slack that the next one allows) are struck out, then those
    that are not best in the second, and so on; the value is the last rank's.

    Raises
    ------
    ConfigError
        When there are more than 12 pairs.
    RuleError
        When the plan that the policy's programme allows breaks one of its rules.
    """
    plans = every_plan(*instance.shape)
    left = [pairs_of(instance, plan) for plan in plans[allowed(policy.program(instance), plans)]]
    if not left:
        return -math.inf, None
    slacks = [rank.slack for rank in policy.ranks[1:]]
    for number, slack in enumerate(slacks):
        left = _best_in(instance, policy, left, number, slack)
    left = _best_in(instance, policy, left, max(0, len(policy.ranks) - 1), 0.0)
    found = max(left, key=lambda pairs: policy.values(instance, pairs)[-1])
    broken = policy.violations(instance, found)
    if broken:
        msg = (
            f"The programme of {policy.name!r} allows a plan that its rules do not: {broken[0]}. Run check_constraint on each rule. "
            f"| {policy.name!r} 的规划模型允许了违反其规则的方案：{in_chinese(broken[0])}。请对每条规则运行 check_constraint。"
        )
        raise RuleError(msg)
    return policy.values(instance, found)[-1], found


def _best_in(instance: Instance, policy: Policy, plans: list[Assignment], number: int, slack: float) -> list[Assignment]:
    """Those of the plans that are best in one rank, but for the slack."""
    from matchmaker.objectives import Leximin

    aims = policy.ranks[number].aims if policy.ranks else ()
    if len(aims) == 1 and isinstance(aims[0], Leximin):
        levels = [tuple(np.round(aims[0].sorted_values(instance, plan)[: aims[0].levels], 9).tolist()) for plan in plans]
        return [plan for plan, level in zip(plans, levels, strict=True) if level == max(levels)]
    values = [policy.values(instance, plan)[number] for plan in plans]
    least = max(values) - (slack + EDGE) * max(abs(max(values)), 1.0 if slack == 0 else 0.0)
    return [plan for plan, value in zip(plans, values, strict=True) if value >= least]


def in_chinese(violation: Violation) -> str:
    """One line, in Chinese where the rule speaks it."""
    return str(replace(violation, problem=violation.problem_zh or violation.problem))


def pairs_of(instance: Instance, plan: NDArray[np.bool_]) -> Assignment:
    """A plan of shape (n_officers, n_enterprises) as pairs."""
    return instance.assignment(*np.nonzero(plan))


def _eligible(program: Program, i: int, j: int) -> bool:
    unlisted = any(np.isnan(a.pairs(np.array([i]), np.array([j]))[0]) for a, _ in program.terms if isinstance(a, Sparse))
    low = any(a.pairs(np.array([i]), np.array([j]))[0] < level[j] for a, level in program.thresholds)
    return not unlisted and not low and all(kind.allowed[kind.of_officer[i], kind.of_enterprise[j]] for kind in program.classes)
