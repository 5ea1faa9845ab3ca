"""The two halves of a rule or an aim must say the same of every plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.constraints import Constraint, Violation
from matchmaker.instance import Instance
from matchmaker.objectives import Objective
from matchmaker.program import Program
from matchmaker.testing.reader import RuleError, allowed, every_plan, in_chinese, pairs_of, worth
from matchmaker.testing.tiny import examples

Limits = list[tuple[int, int]]


def check_constraint(constraint: Constraint, *on: Instance) -> None:
    """Nothing, when a rule is right: what it imposes and what it checks agree on every plan of every instance.

    Parameters
    ----------
    constraint
        Your rule.
    on
        Instances of 12 pairs at most on which it is tried; by default twenty tiny ones with places, tiers, notes and a last round.

    Raises
    ------
    RuleError
        When the two halves disagree, when imposing loosens what another rule has written or writes values, when a violation does not say
        who, or when no plan at all breaks the rule.
    """
    name = type(constraint).__name__
    bites = False
    for instance in on or examples():
        plans = every_plan(*instance.shape)
        alone = Program(*instance.shape)
        constraint.impose(alone, instance)
        may = allowed(alone, plans)
        for plan, fine in zip(plans, may, strict=True):
            _agree(name, instance, plan, bool(fine), constraint.violations(instance, pairs_of(instance, plan)))
        _only_narrows(constraint, instance, plans, may)
        bites |= not may.all()
    if not bites:
        msg = (
            f"{name}: no plan of any instance breaks it, so nothing was checked. Does impose write anything? If so, give other instances. "
            f"| {name}：所有实例的所有方案都不违反它，等于没有检查。impose 是否写入了内容？若有，请换用其他实例。"
        )
        raise RuleError(msg)


def check_objective(objective: Objective, *on: Instance, tolerance: float = 1e-9) -> None:
    """Nothing, when an aim is right: what its pairs are worth, added up, is what it says the plan is worth, for every plan.

    Parameters
    ----------
    objective
        Your aim.
    on
        As in :func:`check_constraint`.
    tolerance
        How far the two may be apart.

    Raises
    ------
    RuleError
        When the two halves disagree on a plan that the instance's limits allow, when pricing changes what is allowed or replaces what
        another aim has written, or when every plan is worth nothing.
    """
    name = type(objective).__name__
    matters = False
    for instance in on or examples():
        plans = every_plan(*instance.shape)
        before, program = _busy(instance), _busy(instance)
        objective.price(program, instance)
        if (allowed(program, plans) != allowed(before, plans)).any():
            msg = (
                f"{name}: price changes which plans are allowed on {_shown(instance)}. "
                "An aim only adds values; write a constraint instead. "
                f"| {name}：在{_shown_zh(instance)}上，price 改变了允许的方案。目标只增加价值，请改写为规则。"
            )
            raise RuleError(msg)
        plans = plans[allowed(before, plans)]
        added = worth(program, plans) - worth(before, plans)
        near = max(tolerance, 1e-7) if len(program.variables) else tolerance
        for plan, priced in zip(plans, added, strict=True):
            value = objective.value(instance, pairs_of(instance, plan))
            if not abs(priced - value) <= near:
                pairs = _pairs_shown(instance, plan)
                msg = (
                    f"{name}: value says {value:g}, the prices add up to {priced:g}. The plan is {pairs}, on {_shown(instance)}. "
                    f"| {name}：value 为 {value:g}，各结对价值之和为 {priced:g}。方案为 {pairs}，见于{_shown_zh(instance)}。"
                )
                raise RuleError(msg)
        matters |= bool((np.abs(added) > tolerance).any())
    if not matters:
        msg = (
            f"{name}: every plan of every instance is worth nothing, so nothing was checked. Does price write anything? "
            f"| {name}：所有实例的所有方案价值均为 0，等于没有检查。price 是否写入了内容？"
        )
        raise RuleError(msg)


def _agree(name: str, instance: Instance, plan: NDArray[np.bool_], fine: bool, broken: list[Violation]) -> None:
    if fine == (not broken):
        for violation in broken:
            _names_somebody(name, instance, violation)
        return
    halves = (
        ("impose allows it and violations finds: " + str(broken[0]), "impose 允许，而 violations 指出：" + in_chinese(broken[0]))
        if fine
        else ("impose does not allow it and violations finds nothing wrong", "impose 不允许，而 violations 未指出问题")
    )
    pairs = _pairs_shown(instance, plan)
    msg = (
        f"{name}: its two halves disagree. The plan is {pairs}; {halves[0]}. On {_shown(instance)}. "
        f"| {name}：impose 与 violations 不一致。方案为 {pairs}；{halves[1]}。见于{_shown_zh(instance)}。"
    )
    raise RuleError(msg)


def _names_somebody(name: str, instance: Instance, violation: Violation) -> None:
    known = {None, *instance.officer_ids}, {None, *instance.enterprise_ids}
    if violation.officer not in known[0] or violation.enterprise not in known[1]:
        ids = instance.officer_ids[0], instance.enterprise_ids[0]
        msg = (
            f"{name}: a violation speaks of officer {violation.officer!r} and enterprise {violation.enterprise!r}. "
            f"Give their ids ({ids[0]!r}, {ids[1]!r}), not their positions. "
            f"| {name}：violations 指出的是干部 {violation.officer!r} 和企业 {violation.enterprise!r}，"
            f"请给出编号（{ids[0]!r}、{ids[1]!r}），而不是位置。"
        )
        raise RuleError(msg)


def _only_narrows(constraint: Constraint, instance: Instance, plans: NDArray[np.bool_], may: NDArray[np.bool_]) -> None:
    """A rule that comes after others allows what both allow, and leaves values alone."""
    name = type(constraint).__name__
    before, program = _busy(instance), _busy(instance)
    constraint.impose(program, instance)
    wrong = np.flatnonzero(allowed(program, plans) != (allowed(before, plans) & may))
    if len(wrong):
        pairs = _pairs_shown(instance, plans[wrong[0]])
        msg = (
            f"{name}: imposed after other rules, it changes what they wrote: see {pairs} "
            f"on {_shown(instance)}. Use program.limit_officers, limit_enterprises, allow, forbid and require, which only narrow. "
            f"| {name}：在其他规则之后写入时改动了它们的内容，见{_shown_zh(instance)}的方案 {pairs}。"
            "请用 program.limit_officers、limit_enterprises、allow、forbid 和 require，它们只会收紧。"
        )
        raise RuleError(msg)
    if not np.array_equal(worth(program, plans), worth(before, plans)):
        msg = (
            f"{name}: impose changes what plans are worth on {_shown(instance)}. A rule only forbids; write an objective instead. "
            f"| {name}：在{_shown_zh(instance)}上，impose 改变了方案的价值。规则只作限制，请改写为目标。"
        )
        raise RuleError(msg)


def _busy(instance: Instance) -> Program:
    """A programme in which other rules and aims have written before."""
    n, m = instance.shape
    program = Program(n, m)
    program.limit_officers(0, np.arange(n) % 2 + 1)
    program.limit_enterprises(np.arange(m) % 2, n)
    program.forbid([n - 1], [0])
    program.require([0] if n * m > 1 else [], [m - 1] if n * m > 1 else [])
    program.allow(np.arange(n) % 2, np.arange(m) % 2, [[True, True], [m < 3, True]])
    program.add(instance.affinity, 0.5)
    program.add_pairs([0], [0], 0.25)
    return program


def _pairs_shown(instance: Instance, plan: NDArray[np.bool_]) -> str:
    pairs = ", ".join(f"({instance.officer_ids[i]}, {instance.enterprise_ids[j]})" for i, j in np.argwhere(plan))
    return "{" + pairs + "}"


def _shown(instance: Instance) -> str:
    n, m = instance.shape
    capacities, demands = _limits(instance)
    return f"an instance of {n} x {m} with capacities {capacities} and demands {demands}"


def _shown_zh(instance: Instance) -> str:
    n, m = instance.shape
    capacities, demands = _limits(instance)
    return f" {n} × {m} 的实例（可服务企业数 {capacities}，所需干部数 {demands}）"


def _limits(instance: Instance) -> tuple[Limits, Limits]:
    """Least and most of each officer, and of each enterprise."""
    return (
        list(zip(instance.capacity_low.tolist(), instance.capacity_high.tolist(), strict=True)),
        list(zip(instance.demand_low.tolist(), instance.demand_high.tolist(), strict=True)),
    )
