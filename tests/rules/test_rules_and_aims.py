"""Every rule and aim: its two halves agree on every plan, and the engine finds what trying every plan finds, in any combination."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from settings import AIMS, PLACES, RULES, WITH_PLACES, name_of
from trying import otherwise, tried

from matchmaker import constraints, objectives
from matchmaker.affinity import Dense
from matchmaker.constraints import Capacity, Demand, GroupFloor, Quota, ServesArea, Veto, WithinDistance
from matchmaker.engine import ruled
from matchmaker.errors import ConfigError, MatchmakerError
from matchmaker.objectives import Continuity, DiminishingReturns, ExpectedResolved, Leximin, Objective, Then, Travel, then
from matchmaker.policies import Policy
from matchmaker.siderows import SideRows
from matchmaker.solve import solve
from matchmaker.testing import RuleError, check_constraint, check_objective, examples

MANY = examples(100, seed=7)
RANKED = (Then, Leximin)
"""Aims that stand in a rank, with tests of their own."""


def test_every_rule_and_aim_has_a_setting():
    for package, listed in ((constraints, RULES), (objectives, AIMS)):
        kinds = {getattr(package, name) for name in package.__all__}
        parts = {kind for kind in kinds if isinstance(kind, type) and hasattr(kind, "impose" if package is constraints else "price")}
        parts = {kind for kind in parts if not getattr(kind, "_is_protocol", False)}
        assert parts - {type(one) for one in listed} - set(WITH_PLACES) - set(RANKED) == set()


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_halves_of_a_rule_agree_on_every_plan(rule):
    check_constraint(rule, *MANY[:70])


@pytest.mark.parametrize("aim", AIMS, ids=name_of)
def test_the_halves_of_an_aim_agree_on_every_plan(aim):
    check_objective(aim, *MANY[:50])


def test_distance_and_travel_agree_on_every_plan():
    barred, charged = 0, 0
    for instance in MANY[:40]:
        n, m = instance.shape
        sides = {"officers": PLACES[:n], "enterprises": (PLACES * 3)[2 : m + 2]}
        apart = Travel(1.0, **sides).kilometres(instance)
        if (apart > 15.0).any():
            check_constraint(WithinDistance(15.0, **sides), instance)
            barred += 1
        plan = instance.assignment(*np.nonzero(apart >= 0))
        assert len(WithinDistance(15.0, **sides).violations(instance, plan)) == int((apart > 15.0).sum())
        try:
            check_objective(Travel(0.01, **sides), instance)
            charged += 1
        except RuleError as error:
            if "nothing was checked" not in str(error):  # limits may allow no pair away from home
                raise
    assert min(barred, charged) > 10


@pytest.mark.parametrize("whole", [600, 0], ids=["complete search", "priced rows"])
def test_any_combination_is_solved_like_trying_every_plan(whole, monkeypatch):
    monkeypatch.setattr(ruled, "WHOLE", whole)
    rng = np.random.default_rng(whole)
    ended = {"OPTIMAL": 0, "INFEASIBLE": 0}
    for instance in examples(160, seed=11 + whole):
        demand = Demand(least=0) if rng.random() < 0.6 else Demand()
        rules = [Capacity(), demand, *(RULES[k] for k in rng.choice(np.arange(2, len(RULES)), rng.integers(0, 4), replace=False))]
        aims = [AIMS[k] for k in rng.choice(len(AIMS), rng.integers(1, 4), replace=False)]
        policy = Policy(name="drawn", constraints=rules, objectives=aims)
        ended[tried(otherwise(instance, rng), policy, str(list(map(name_of, [*rules, *aims])))).termination] += 1
    assert min(ended.values()) > 20


def test_any_combination_in_ranks_is_solved_like_trying_every_plan():
    rng = np.random.default_rng(4)
    ended = {"OPTIMAL": 0, "INFEASIBLE": 0}
    for instance in examples(120, seed=29):
        demand = Demand(least=0) if rng.random() < 0.6 else Demand()
        rules = [Capacity(), demand, *(RULES[k] for k in rng.choice(np.arange(2, len(RULES)), rng.integers(0, 3), replace=False))]
        aims: list[Objective] = []
        for number in range(rng.integers(2, 4)):
            drawn = [AIMS[k] for k in rng.choice(len(AIMS), rng.integers(1, 3), replace=False)]
            drawn = [aim for aim in drawn if not isinstance(aim, DiminishingReturns)] or [ExpectedResolved()]
            aims += [then(drawn[0], slack=float(rng.choice([0.0, 0.05, 0.3]))) if number else drawn[0], *drawn[1:]]
        policy = Policy(name="drawn", constraints=rules, objectives=aims)
        ended[tried(otherwise(instance, rng), policy, str(list(map(name_of, [*rules, *aims])))).termination] += 1
    assert min(ended.values()) > 20


def test_leximin_in_ranks_is_solved_like_trying_every_plan():
    rng, solved = np.random.default_rng(2), 0
    for instance in examples(120, seed=41):
        one = np.ones(instance.shape[1], np.int64)
        asking = instance.replace(affinity=Dense(rng.random(instance.shape)), demand_high=one, demand_low=one)
        aims = (Leximin(levels=rng.choice([None, 1, 2])), then(ExpectedResolved()), then(Continuity(0.25), slack=0.1))
        policy = Policy(
            constraints=(Capacity(least=0), Demand(), Veto(), ServesArea()) if rng.random() < 0.3 else (Demand(), Veto()), objectives=aims
        )
        solved += tried(asking, policy, str(aims)).plan is not None
    assert solved > 40


def test_what_cannot_be_combined_is_refused_with_the_reason():
    with pytest.raises(ConfigError, match=r"DiminishingReturns stands in an earlier rank.*递减收益"):
        Policy(constraints=(), objectives=(DiminishingReturns(), then(ExpectedResolved())))
    policy = Policy(
        constraints=(Capacity(), Demand(1, 1), Quota(limits=[["*", "*", None, 3]])), objectives=(Leximin(), then(ExpectedResolved()))
    )
    with pytest.raises(ConfigError, match=r"Leximin stands in a rank of its own.*字典序"):
        solve(next(one for one in MANY if (one.demand_high > 0).all()), policy)
    with pytest.raises(ConfigError, match=r"Demand gives officers to others.*不一致"):
        nobody = MANY[0].replace(demand_high=0 * MANY[0].demand_high, demand_low=0 * MANY[0].demand_low)
        solve(nobody, Policy(constraints=(Demand(1, 1),), objectives=(Leximin(),)))


# --- rules that are wrong are caught -----------------------------------------------------------------------------------------------


class Loosened:
    """A rule of ours whose rows are written a little wrong."""

    def __init__(self, rule, change):
        self.rule, self.change = rule, change

    def impose(self, program, instance):
        before = len(program.side_rows)
        self.rule.impose(program, instance)
        program.side_rows[before:] = [self.change(rows) for rows in program.side_rows[before:]]

    def violations(self, instance, assignment):
        return self.rule.violations(instance, assignment)


def one_off(rows: SideRows) -> SideRows:
    return replace(rows, low=rows.low - 1.6, high=rows.high + 1.6)


def turned(rows: SideRows) -> SideRows:
    return replace(rows, low=0.5 - rows.high, high=0.5 - rows.low)


def forgetful(rows: SideRows) -> SideRows:
    return replace(rows, low=np.r_[-np.inf, rows.low[1:]], high=np.r_[np.inf, rows.high[1:]])


WITH_ROWS = [rule for rule in RULES if type(rule).__module__.rpartition(".")[2] not in ("capacity", "demand", "recusal", "veto", "pin")]
WITH_ROWS = [rule for rule in WITH_ROWS if type(rule).__name__ != "ServesArea" and getattr(rule, "pair", None) is None]


@pytest.mark.parametrize("change", [one_off, turned, forgetful])
@pytest.mark.parametrize("rule", WITH_ROWS, ids=name_of)
def test_a_rule_written_a_little_wrong_is_caught(rule, change):
    with pytest.raises(RuleError, match=r"disagree|nothing was checked"):
        check_constraint(Loosened(rule, change), *MANY)


# --- when it cannot be -------------------------------------------------------------------------------------------------------------


def test_rules_that_clash_are_named_with_what_would_mend_them():
    instance = MANY[0]
    for instance in MANY:
        n, m = instance.shape
        if n >= 2 and m >= 2:
            break
    rules = (Quota(limits=[["*", "*", 3, None]]), Quota(limits=[["*", "*", None, 1]]))
    result = solve(instance, Policy(name="clash", constraints=rules, objectives=(ExpectedResolved(),)))
    assert result.termination == "INFEASIBLE"
    assert result.diagnosis.side == "rules"
    assert "2 rules of quota" in result.diagnosis.text("en")
    assert "相互冲突" in result.diagnosis.text("zh")
    assert sum(mend.by for mend in result.diagnosis.mends) == 2
    mended = (Quota(limits=[["*", "*", 3 - 2, None]]), Quota(limits=[["*", "*", None, 1]]))
    assert solve(instance, Policy(name="mended", constraints=mended, objectives=(ExpectedResolved(),))).plan is not None


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Quota(), "no limit"),
        (lambda: constraints.ChurnBudget(), "expected a count or a share"),
        (lambda: constraints.ChurnBudget(share=1.5), "share 1.5"),
        (lambda: constraints.Coverage(threshold=0), "threshold is 0"),
        (lambda: constraints.MinimumAffinity(), "no threshold"),
        (lambda: constraints.EachHas({}, {}, least=3, most=1), "least is 3 and most 1"),
        (lambda: objectives.Unmet(-1), "expected a finite number"),
        (lambda: objectives.then(ExpectedResolved(), slack=-0.1), "slack is -0.1"),
        (lambda: Leximin(levels=0), "levels is 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, said):
    with pytest.raises(MatchmakerError, match=said) as caught:
        make()
    assert "|" in str(caught.value)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Quota("departmant", None, least=1), 'Did you mean "department"'),
        (Quota("department", None, limits=[["lend", "*", 1, None]]), "no group of officers is called 'lend'"),
        (GroupFloor({"nowhere": 1.0}), "no group is called 'nowhere'"),
        (constraints.Workload([[1.0, np.nan]]), "cannot be used"),
        (constraints.Workload(1.0, load="hours"), "no column 'hours'"),
        (constraints.Coverage(needs=["lnd"]), "there is no need 'lnd'"),
        (constraints.Together(enterprises=[["E0", "nobody"]]), "is no enterprise"),
        (WithinDistance(1.0), "no columns latitude and longitude"),
        (WithinDistance(1.0, officers=[[91.0, 0.0]], enterprises=[[0.0, 0.0]]), "is no place"),
    ],
)
def test_what_an_instance_does_not_have_is_named(rule, said):
    instance = next(one for one in MANY if one.shape == (1, 1)) if isinstance(rule, WithinDistance) else MANY[0]
    with pytest.raises(MatchmakerError, match=said) as caught:
        rule.impose(Policy(constraints=(), objectives=()).program(instance), instance)
    assert any("一" <= letter <= "鿿" for letter in str(caught.value))
