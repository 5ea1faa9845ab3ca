"""Every rule and every aim, written a little wrong, is caught by the checks that the property tests use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from settings import AIMS, PLACES, RULES, name_of
from trying import tried

from matchmaker import constraints, objectives
from matchmaker.affinity import Dense, Factors
from matchmaker.constraints import Capacity, Demand, WithinDistance
from matchmaker.constraints.base import Constraint, Violation
from matchmaker.objectives import ExpectedResolved, Leximin, Objective, Served, Travel, WorstServed, then
from matchmaker.policies import Policy
from matchmaker.policies.policy import Rank
from matchmaker.program import Classes, Program
from matchmaker.testing import RuleError, check_constraint, check_objective, examples

MANY = examples(80, seed=7, max_enterprises=2)
FLAT = [one for one in examples(60, seed=7) if one.shape == (3, 3)]
SIDES = {"officers": PLACES[:3], "enterprises": PLACES[1:]}
Change = Callable[[Program, Program], bool]
"""Changes what a rule has written, given the programme before; whether there was anything of the kind."""


def officers_may_one_more(program: Program, before: Program) -> bool:
    changed = (program.officer_high != before.officer_high).any()
    program.officer_high = program.officer_high + 1
    return bool(changed)


def officers_must_one_less(program: Program, before: Program) -> bool:
    changed = (program.officer_low != before.officer_low).any()
    program.officer_low = np.maximum(program.officer_low - 1, 0)
    return bool(changed)


def enterprises_may_one_more(program: Program, before: Program) -> bool:
    changed = (program.enterprise_high != before.enterprise_high).any()
    program.enterprise_high = program.enterprise_high + 1
    return bool(changed)


def the_wrong_side(program: Program, before: Program) -> bool:
    changed = program.shape[0] == program.shape[1] and (program.officer_high != before.officer_high).any()
    changed |= program.shape[0] == program.shape[1] and (program.enterprise_high != before.enterprise_high).any()
    if changed:
        program.officer_high, program.enterprise_high = program.enterprise_high, program.officer_high
    return bool(changed)


def forgets_a_forbidden_pair(program: Program, _: Program) -> bool:
    pairs = program.forbidden
    program._forbidden = [pairs[1:]]
    return len(pairs) > 0


def forgets_a_required_pair(program: Program, _: Program) -> bool:
    pairs = program.required
    program._required = [pairs[1:]]
    return len(pairs) > 0


def takes_officers_for_enterprises(program: Program, _: Program) -> bool:
    pairs = np.concatenate([program.forbidden, program.required])
    turned = program.shape[0] == program.shape[1] and len(pairs) > 0
    if turned:
        program._forbidden = [program.keys(*program.split(program.forbidden)[::-1])]
        program._required = [program.keys(*program.split(program.required)[::-1])]
    return turned


def lets_a_class_in(program: Program, _: Program) -> bool:
    found = [kind for kind in program.classes if not kind.allowed.all()]
    program.classes = [Classes(kind.of_officer, kind.of_enterprise, np.ones_like(kind.allowed)) for kind in program.classes]
    return bool(found)


def keeps_a_class_out(program: Program, _: Program) -> bool:
    found = [kind for kind in program.classes if kind.allowed.any()]
    program.classes = [Classes(kind.of_officer, kind.of_enterprise, np.zeros_like(kind.allowed)) for kind in program.classes]
    return bool(found)


def lowers_the_bar(program: Program, _: Program) -> bool:
    found = bool(program.thresholds)
    program.thresholds = [(measure, level - 0.3) for measure, level in program.thresholds]
    return found


def raises_the_bar(program: Program, _: Program) -> bool:
    found = bool(program.thresholds)
    program.thresholds = [(measure, level + 0.3) for measure, level in program.thresholds]
    return found


def rows(change: Callable[[Any], Any]) -> Change:
    def changed(program: Program, _: Program) -> bool:
        found = bool(program.side_rows)
        program.side_rows = [change(family) for family in program.side_rows]
        return found

    return changed


ROWS = {
    "one more at the most": rows(lambda family: replace(family, high=family.high + 1.6)),
    "one less at the least": rows(lambda family: replace(family, low=family.low - 1.6)),
    "the first group forgotten": rows(
        lambda family: replace(family, low=np.r_[-np.inf, family.low[1:]], high=np.r_[np.inf, family.high[1:]])
    ),
    "the last group forgotten": rows(
        lambda family: replace(family, low=np.r_[family.low[:-1], -np.inf], high=np.r_[family.high[:-1], np.inf])
    ),
    "above for below": rows(lambda family: replace(family, low=-family.high, high=-family.low)),
    "twice the weight": rows(
        lambda family: replace(family, weights=tuple((one, 2 * by) for one, by in family.weights), values=2 * family.values)
    ),
}
WRITTEN: dict[str, Change] = {
    change.__name__: change
    for change in (
        officers_may_one_more,
        officers_must_one_less,
        enterprises_may_one_more,
        the_wrong_side,
        forgets_a_forbidden_pair,
        forgets_a_required_pair,
        takes_officers_for_enterprises,
        lets_a_class_in,
        keeps_a_class_out,
        lowers_the_bar,
        raises_the_bar,
    )
} | ROWS


class WrittenWrong:
    """A rule that writes something else than it checks."""

    def __init__(self, rule: Constraint, change: Change) -> None:
        self.rule, self.change, self.changed = rule, change, False

    def impose(self, program: Program, instance: Any) -> None:
        fresh = Program(*program.shape)
        self.rule.impose(fresh, instance)
        self.changed |= self.change(fresh, Program(*program.shape))
        for name, value in vars(fresh).items():
            setattr(program, name, value)

    def violations(self, instance: Any, assignment: Any) -> list[Violation]:
        return self.rule.violations(instance, assignment)


class CheckedWrong:
    """A rule that overlooks the first violation, or sees one too many."""

    def __init__(self, rule: Constraint, *, more: bool) -> None:
        self.rule, self.more = rule, more

    def impose(self, program: Program, instance: Any) -> None:
        self.rule.impose(program, instance)

    def violations(self, instance: Any, assignment: Any) -> list[Violation]:
        found = self.rule.violations(instance, assignment)
        if self.more and not found and len(assignment):
            return [Violation(rule="wrong", problem="is there")]
        return found[1:]


def every_setting() -> list[tuple[Constraint, list[Any]]]:
    return [*((rule, MANY) for rule in RULES), (WithinDistance(15.0, **SIDES), FLAT)]


@pytest.mark.parametrize(("rule", "on"), every_setting(), ids=lambda one: name_of(one) if not isinstance(one, list) else "")
def test_every_rule_written_or_checked_wrong_is_caught(rule, on):
    caught = 0
    for change in WRITTEN.values():
        mutant = WrittenWrong(rule, change)
        for instance in on:
            mutant.impose(Program(*instance.shape), instance)
        if not mutant.changed:
            continue
        try:
            check_constraint(mutant, *on)
        except RuleError:
            caught += 1
    assert caught, "nothing that was changed was caught"
    for more in (True, False):
        with pytest.raises(RuleError):
            check_constraint(CheckedWrong(rule, more=more), *on)


# --- aims --------------------------------------------------------------------------------------------------------------------------


class PricedWrong:
    """An aim that prices something else than it values."""

    def __init__(self, aim: Objective, change: Callable[[Program], bool]) -> None:
        self.aim, self.change, self.changed = aim, change, False

    def price(self, program: Program, instance: Any) -> None:
        known = program.constant
        fresh = program.limits_alone()
        self.aim.price(fresh, instance)
        self.changed |= self.change(fresh)
        program.terms += fresh.terms
        program._valued += fresh._valued
        program.returns += fresh.returns
        program.constant = known + fresh.constant
        moved = program.add_variables(fresh.variables.low, fresh.variables.high, fresh.variables.value, whole=fresh.variables.whole)
        program.side_rows += [replace(family, variables=moved[family.variables]) for family in fresh.side_rows]

    def value(self, instance: Any, assignment: Any) -> float:
        return self.aim.value(instance, assignment)


def dearer(program: Program) -> bool:
    program.terms = [(affinity, 1.1 * weight) for affinity, weight in program.terms]
    program._valued = [(keys, 1.1 * values) for keys, values in program._valued]
    program.returns = [replace(one, weight=1.1 * one.weight) for one in program.returns]
    program.variables = replace(program.variables, value=1.1 * program.variables.value)
    return bool(program.terms or program._valued or program.returns or len(program.variables))


def forgets_the_last_enterprise(program: Program) -> bool:
    m = program.shape[1]
    mask = (np.arange(m) < m - 1).astype(float)[:, None]
    program.terms = [
        (Factors(one.left, one.right * mask) if isinstance(one, Factors) else Dense(one.matrix * mask.T), weight)
        for one, weight in program.terms
    ]
    program._valued = [(keys, values * (keys % m != m - 1)) for keys, values in program._valued]
    program.returns = [replace(one, need=one.need * mask) for one in program.returns]
    program.side_rows = [
        replace(family, enterprise_class=np.where(mask[:, 0] > 0, family.enterprise_class, -1)) for family in program.side_rows
    ]
    return True


def says_more(program: Program) -> bool:
    program.constant += 0.5
    return True


@pytest.mark.parametrize("change", [dearer, forgets_the_last_enterprise, says_more])
@pytest.mark.parametrize("aim", [*AIMS, Travel(0.01, **SIDES)], ids=name_of)
def test_every_aim_priced_wrong_is_caught(aim, change):
    mutant = PricedWrong(aim, change)
    with pytest.raises(RuleError, match=r"value says|changes which plans"):
        check_objective(mutant, *(FLAT if isinstance(aim, Travel) else MANY))
    assert mutant.changed


@pytest.mark.parametrize("aim", [*AIMS, Travel(0.01, **SIDES)], ids=name_of)
def test_every_aim_valued_wrong_is_caught(aim, monkeypatch):
    right = type(aim).value

    def one_pair_short(self: Any, instance: Any, assignment: Any) -> float:
        return right(self, instance, instance.assignment(assignment.officers[:-1], assignment.enterprises[:-1]))

    monkeypatch.setattr(type(aim), "value", one_pair_short)
    with pytest.raises(RuleError, match="value says"):
        check_objective(aim, *(FLAT if isinstance(aim, Travel) else MANY))


def test_every_rule_and_aim_is_changed_here():
    tried_on = {type(rule).__name__ for rule, _ in every_setting()} | {type(aim).__name__ for aim in AIMS} | {"Travel", "Leximin", "Then"}
    for package, half in ((constraints, "impose"), (objectives, "price")):
        for name in package.__all__:
            kind = getattr(package, name)
            if isinstance(kind, type) and hasattr(kind, half) and not getattr(kind, "_is_protocol", False):
                assert name in tried_on


# --- ranks -------------------------------------------------------------------------------------------------------------------------


def caught_in_ranks(*aims: Objective) -> bool:
    """Whether the check of the property tests fails on some tiny instance."""
    one_each = any(isinstance(aim, Leximin | WorstServed) for aim in aims)
    rules = (Capacity(0, 1), Demand(1, 1)) if one_each else (Capacity(least=0), Demand(least=0))
    policy = Policy(constraints=rules, objectives=aims)
    rng = np.random.default_rng(0)
    for instance in 2 * FLAT if one_each else MANY:
        asking = instance.replace(
            affinity=Dense(rng.random(instance.shape)), demand_high=np.maximum(instance.demand_high, 1), demand_low=0 * instance.demand_low
        )
        try:
            tried(asking, policy)
        except AssertionError:
            return True
    return False


RANKS: list[tuple[tuple[Objective, ...], Callable[[float], float]]] = [
    ((Served(), then(ExpectedResolved(0.5)), then(objectives.Balance(0.3))), lambda slack: slack + 0.7),
    ((WorstServed(), then(ExpectedResolved())), lambda slack: slack + 0.7),
    ((Leximin(), then(ExpectedResolved())), lambda slack: slack + 0.7),
    ((ExpectedResolved(), then(objectives.Balance(0.3), slack=0.4)), lambda slack: 0.0),
]


@pytest.mark.parametrize(("aims", "slack"), RANKS, ids=["given away", "worst served", "leximin", "forgotten"])
def test_ranks_held_wrong_are_caught(aims, slack, monkeypatch):
    assert not caught_in_ranks(*aims)
    right = Rank.hold

    def held(self: Rank, program: Program, instance: Any, reached: Any, given: float) -> None:
        right(self, program, instance, reached, slack(given))

    monkeypatch.setattr(Rank, "hold", held)
    assert caught_in_ranks(*aims)
