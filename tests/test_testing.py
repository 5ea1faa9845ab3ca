"""The checks for users' own rules: they pass what is right and catch what is wrong."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker import constraints, objectives
from matchmaker.affinity import Dense, Sparse
from matchmaker.assignment import Assignment
from matchmaker.constraints import Capacity, Constraint, Demand, Pin, Recusal, ServesArea, Veto, Violation
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.objectives import Continuity, ExpectedResolved, Objective
from matchmaker.policies import Policy, optimal
from matchmaker.program import Program
from matchmaker.solve import solve
from matchmaker.testing import (
    RuleError,
    allowed,
    assignments,
    brute_force,
    check_constraint,
    check_objective,
    every_plan,
    examples,
    instances,
    worth,
)

# --- our own rules and aims are right ----------------------------------------------------------------------------------------------


def ours(module: object, names: list[str], first: str) -> list[type]:
    """Every class of a package that has both halves, so that a new one is tried without being named here."""
    found = [getattr(module, name) for name in names]
    return [kind for kind in found if isinstance(kind, type) and hasattr(kind, first) and not getattr(kind, "_is_protocol", False)]


def needs_nothing(kind: type) -> bool:
    """Whether a rule or aim can be made without saying anything; the others are tried in settings of their own, in tests/rules."""
    return all(p.default is not p.empty for p in inspect.signature(kind).parameters.values())


WITH_SETTINGS = ("Together", "Apart", "Quota", "ChurnBudget", "MinimumAffinity", "GroupFloor", "Coverage", "Travel", "Leximin")
RULES = [kind for kind in ours(constraints, constraints.__all__, "impose") if needs_nothing(kind) and kind.__name__ not in WITH_SETTINGS]
AIMS = [kind for kind in ours(objectives, objectives.__all__, "price") if needs_nothing(kind) and kind.__name__ not in WITH_SETTINGS]


def test_our_own_rules_and_aims_are_found() -> None:
    assert {Capacity, Demand, Pin, Recusal, ServesArea, Veto} <= set(RULES)
    assert {Continuity, ExpectedResolved} <= set(AIMS)


@pytest.mark.parametrize("rule", RULES, ids=lambda kind: kind.__name__)
def test_every_rule_of_ours_checks(rule: type[Constraint]) -> None:
    assert check_constraint(rule()) is None


@pytest.mark.parametrize("aim", AIMS, ids=lambda kind: kind.__name__)
def test_every_aim_of_ours_checks(aim: type[Objective]) -> None:
    assert check_objective(aim()) is None


def test_rules_with_numbers_of_their_own_check() -> None:
    small = [instance for instance in examples() if instance.shape == (2, 3)]
    assert check_constraint(Capacity(least=1, most=[1, 2]), *small) is None
    assert check_constraint(Demand(least=0, most=1), *small) is None
    assert check_objective(ExpectedResolved(weight=0.25), *small) is None


# --- rules that are wrong are caught -----------------------------------------------------------------------------------------------


class OffByOne(Capacity):
    """Imposes one more than it checks."""

    def impose(self, program: Program, instance: Instance) -> None:
        low, high = self.limits(instance)
        program.limit_officers(low, high + 1)


class IgnoresTheLeast(Demand):
    """Imposes the most only."""

    def impose(self, program: Program, instance: Instance) -> None:
        program.limit_enterprises(0, self.limits(instance)[1])


class ImposesNothing(Recusal):
    """Checks what it never imposed."""

    def impose(self, program: Program, instance: Instance) -> None:
        del program, instance


class ChecksNothing(Veto):
    """Imposes what it never checks."""

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        del instance, assignment
        return []


class DoesNothing(ChecksNothing):
    """Neither imposes nor checks."""

    def impose(self, program: Program, instance: Instance) -> None:
        del program, instance


class ForgetsTheUnknownTown(ServesArea):
    """Lets everybody serve an enterprise whose district is not known."""

    def impose(self, program: Program, instance: Instance) -> None:
        other = Program(*instance.shape)
        super().impose(other, instance)
        (kind,) = other.classes
        unknown = np.unique(kind.of_enterprise[(instance.enterprises["district"] == "").to_numpy()])
        may = kind.allowed.copy()
        may[:, unknown] = True
        program.allow(kind.of_officer, kind.of_enterprise, may)


class TurnsRoundPairs(Pin):
    """Requires the pairs it should require with officers and enterprises turned round."""

    def impose(self, program: Program, instance: Instance) -> None:
        n, m = program.shape
        program.require(np.minimum(instance.pins.enterprises, n - 1), np.minimum(instance.pins.officers, m - 1))


class ForbidsWhatItShouldRequire(Pin):
    """Says the opposite."""

    def impose(self, program: Program, instance: Instance) -> None:
        program.forbid(instance.pins.officers, instance.pins.enterprises)


class Overwrites(Capacity):
    """Replaces what other rules wrote."""

    def impose(self, program: Program, instance: Instance) -> None:
        program.officer_low, program.officer_high = self.limits(instance)


class DropsClasses(Recusal):
    """Takes another rule's classes away."""

    def impose(self, program: Program, instance: Instance) -> None:
        super().impose(program, instance)
        program.classes.clear()


class PaysFor(Recusal):
    """Makes a forbidden pair dear as well."""

    def impose(self, program: Program, instance: Instance) -> None:
        super().impose(program, instance)
        program.add_pairs([0], [0], -1e6)


class NamesPositions(Capacity):
    """Says 0 where the id is G0."""

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        _, high = self.limits(instance)
        low, _ = self.limits(instance)
        loads = assignment.loads()
        return [Violation(rule="x", officer=int(i), problem="x") for i in np.flatnonzero((loads < low) | (loads > high))]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (OffByOne(), r"OffByOne: its two halves disagree\. The plan is \{.*impose allows it and violations finds: capacity \(G"),
        (IgnoresTheLeast(), "impose allows it and violations finds: demand"),
        (ImposesNothing(), "impose allows it and violations finds: recusal"),
        (ChecksNothing(), "impose does not allow it and violations finds nothing wrong"),
        (DoesNothing(), "no plan of any instance breaks it, so nothing was checked"),
        (ForgetsTheUnknownTown(), "impose allows it and violations finds: serves_area"),
        (TurnsRoundPairs(), "its two halves disagree"),
        (ForbidsWhatItShouldRequire(), "its two halves disagree"),
        (Overwrites(), "imposed after other rules, it changes what they wrote"),
        (DropsClasses(), "imposed after other rules, it changes what they wrote"),
        (PaysFor(), "impose changes what plans are worth"),
        (NamesPositions(), r"a violation speaks of officer \d and enterprise None\. Give their ids"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_wrong_rule_is_caught(rule: Constraint, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        check_constraint(rule)


@dataclass(frozen=True)
class Flat:
    """Every pair is worth `priced`, and `valued` when it is asked."""

    priced: float = 1.0
    valued: float = 1.0

    def price(self, program: Program, instance: Instance) -> None:
        program.add(Dense(np.full(instance.shape, self.priced)))

    def value(self, instance: Instance, assignment: Assignment) -> float:
        return self.valued * len(assignment)


class Limits(Flat):
    """An aim that forbids."""

    def price(self, program: Program, instance: Instance) -> None:
        super().price(program, instance)
        program.limit_officers(0, 1)


class Replaces(Flat):
    """An aim that takes away what others wrote."""

    def price(self, program: Program, instance: Instance) -> None:
        program.terms.clear()
        super().price(program, instance)


class CountsOnce(Continuity):
    """Values the first kept pair only."""

    def value(self, instance: Instance, assignment: Assignment) -> float:
        return min(self.weight, super().value(instance, assignment))


class NotANumber(Flat):
    """Divides by nothing."""

    def value(self, instance: Instance, assignment: Assignment) -> float:
        return math.nan


@pytest.mark.parametrize(
    ("aim", "message"),
    [
        (Flat(1.0, 2.0), r"Flat: value says 2, the prices add up to 1\. The plan is \{\(G0, E"),
        (Flat(0.0, 0.0), "every plan of every instance is worth nothing"),
        (Limits(), "price changes which plans are allowed"),
        (Replaces(), "value says"),
        (CountsOnce(), "CountsOnce: value says 0.05, the prices add up to 0.1"),
        (NotANumber(), "value says nan"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_wrong_aim_is_caught(aim: Objective, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        check_objective(aim)


def test_a_right_aim_of_the_users_own_passes() -> None:
    assert check_objective(Flat(0.5, 0.5)) is None


# --- the slow and simple reader ----------------------------------------------------------------------------------------------------


def test_every_plan_is_there_once() -> None:
    plans = every_plan(2, 3)
    assert plans.shape == (64, 2, 3)
    assert len(np.unique(plans.reshape(64, 6), axis=0)) == 64


def test_more_pairs_than_can_be_tried_are_refused() -> None:
    with pytest.raises(ConfigError, match="4 x 4 are 16 pairs; every plan can be tried up to 12"):
        every_plan(4, 4)


def test_a_programme_is_read_by_hand() -> None:
    program = Program(2, 2)
    program.limit_officers([1, 0], 1)
    program.forbid([1], [1])
    program.allow([0, 1], [0, 1], [[True, True], [True, False]])
    program.require([0], [0])
    program.add(Dense(np.array([[1.0, 2.0], [4.0, 8.0]])), 2.0)
    program.add_pairs([0, 0], [0, 0], [0.25, 0.5])
    plans = every_plan(2, 2)
    fine = plans[allowed(program, plans)]
    assert fine.tolist() == [[[True, False], [False, False]], [[True, False], [True, False]]]
    assert worth(program, fine).tolist() == [2.75, 10.75]


def test_pairs_that_a_sparse_affinity_does_not_list_are_not_allowed() -> None:
    program = Program(1, 2)
    program.add(Sparse(sp.csr_array(np.array([[3.0, 0.0]]))))
    plans = every_plan(1, 2)
    assert plans[allowed(program, plans)].tolist() == [[[False, False]], [[True, False]]]


def test_what_the_reader_cannot_read_is_said() -> None:
    program = Program(1, 1)
    program.side_letters = []  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match=r"holds side_letters, which matchmaker\.testing cannot read"):
        allowed(program, every_plan(1, 1))


def test_brute_force_finds_the_best_of_two_by_two(two_by_two: Instance) -> None:
    policy = Policy(name="plain", constraints=(Capacity(), Demand()), objectives=(ExpectedResolved(),))
    value, plan = brute_force(two_by_two, policy)
    assert value == 5.0
    assert plan is not None
    assert plan.pairs == {("G1", "E2"), ("G2", "E1")}


def test_brute_force_says_when_there_is_no_plan(two_by_two: Instance) -> None:
    policy = Policy(name="plain", constraints=(Capacity(most=0), Demand()), objectives=(ExpectedResolved(),))
    assert brute_force(two_by_two, policy) == (-math.inf, None)


def test_brute_force_does_not_trust_a_wrong_rule(two_by_two: Instance) -> None:
    policy = Policy(name="loose", constraints=(OffByOne(), Demand(least=2, most=2)), objectives=(ExpectedResolved(),))
    with pytest.raises(RuleError, match="The programme of 'loose' allows a plan that its rules do not"):
        brute_force(two_by_two, policy)


@pytest.fixture
def two_by_two() -> Instance:
    return Instance(
        officer_ids=np.array(["G1", "G2"], dtype=object),
        enterprise_ids=np.array(["E1", "E2"], dtype=object),
        affinity=Dense(np.array([[4.0, 3.0], [2.0, 0.5]])),
        capacity_low=np.zeros(2, np.int64),
        capacity_high=np.ones(2, np.int64),
        demand_low=np.ones(2, np.int64),
        demand_high=np.ones(2, np.int64),
    )


# --- strategies --------------------------------------------------------------------------------------------------------------------


@given(instances(max_officers=2, max_enterprises=3))
def test_instances_are_tiny_and_whole(instance: Instance) -> None:
    n, m = instance.shape
    assert 1 <= n <= 2
    assert 1 <= m <= 3
    assert instance.officers is not None
    assert len(instance.officers) == n
    assert set(instance.officers["tier"]) <= {"city", "county", "township"}


@given(st.data())
def test_assignments_are_of_the_instance(data: st.DataObject) -> None:
    instance = data.draw(instances())
    plan = data.draw(assignments(instance))
    assert plan.loads().shape == (instance.shape[0],)
    assert plan.loads().sum() == plan.served().sum() == len(plan.pairs)


def test_examples_are_the_same_for_a_seed() -> None:
    first, second, other = examples(3), examples(3), examples(3, seed=1)
    assert [instance.need.tolist() for instance in first] == [instance.need.tolist() for instance in second]
    assert [instance.need.tolist() for instance in first] != [instance.need.tolist() for instance in other]


@settings(max_examples=40, deadline=None)
@given(instances())
def test_the_solver_finds_what_trying_every_plan_finds(instance: Instance) -> None:
    policy = optimal(continuity=0.125)
    best, plan = brute_force(instance, policy)
    result = solve(instance, policy)
    assert (result.termination == "INFEASIBLE") == (plan is None)
    assert plan is None or result.objective == pytest.approx(best, abs=1e-9)
