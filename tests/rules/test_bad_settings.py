"""What a rule or an aim cannot use is refused before anything is solved: with the fact, and in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import matchmaker as mm
from matchmaker.constraints import (
    Apart,
    Capacity,
    ChurnBudget,
    Coverage,
    Demand,
    EachHas,
    GroupFloor,
    MinimumAffinity,
    Pin,
    Quota,
    ServesArea,
    Together,
    WithinDistance,
    Workload,
)
from matchmaker.errors import MatchmakerError
from matchmaker.instance import Notes
from matchmaker.objectives import (
    Balance,
    Continuity,
    DiminishingReturns,
    ExpectedResolved,
    Served,
    Travel,
    Unmet,
    WorstServed,
    then,
)
from matchmaker.policies import Policy
from matchmaker.testing import examples

NAN, INF = float("nan"), float("inf")
INSTANCE = next(
    one
    for one in examples(200, seed=7)
    if one.shape == (3, 3) and set(one.officers["department"]) == {"land", "finance"} and len(set(one.enterprises["industry"])) == 2
)
TWICE = pd.DataFrame([[1, 2]], index=["land"], columns=["software", "software"])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Capacity(most=NAN), "is not a count"),
        (lambda: Capacity(most=-1), "is not a count"),
        (lambda: Capacity(most=1.5), "is not a count"),
        (lambda: Capacity(least=[1, 2]), r"shape \(2,\); expected a number or shape \(3,\)"),
        (lambda: Capacity(least=2, most=1), "the least is above the most"),
        (lambda: Demand(most="two"), "expected whole numbers"),
        (lambda: Demand(least=[0, -1, NAN]), "2 cells cannot be used"),
        (lambda: Workload(NAN), "cannot be used; expected a finite number of at least 0"),
        (lambda: Workload(-1.0), "cannot be used"),
        (lambda: Workload(1.0, load=[1.0, 2.0]), "load has shape"),
        (lambda: Workload([1.0, 2.0]), "most has shape"),
        (lambda: Workload(INF), "cannot be used"),
        (lambda: Workload("hour"), "no column 'hour'"),
        (lambda: Workload(["department"]), "is no number"),
        (lambda: WithinDistance(-1.0, officers=np.zeros((3, 2)), enterprises=np.zeros((3, 2))), "cannot be used"),
        (lambda: WithinDistance(1.0, officers=np.zeros((2, 2)), enterprises=np.zeros((3, 2))), "Coordinates of officers have shape"),
        (lambda: WithinDistance(1.0, officers=[[NAN, 0]] * 3, enterprises=np.zeros((3, 2))), "3 cells cannot be used"),
        (lambda: WithinDistance([1.0, 2.0], officers=np.zeros((3, 2)), enterprises=np.zeros((3, 2))), "km has shape"),
        (lambda: Coverage(NAN), "threshold is nan"),
        (lambda: Coverage(share=2.0), "share is 2.0"),
        (lambda: Coverage(needs=["lend"]), "no need 'lend'. Did you mean \"land\""),
        (lambda: Coverage(needs=np.ones((2, 2), bool)), "needs has shape"),
        (lambda: Together(enterprises="industri"), 'Did you mean "industry"'),
        (lambda: Together(officers=[["G0", "G9"]]), "is no officer"),
        (lambda: Apart(enterprises=[["E0", "E8"], ["E9", "E1"]]), "2 cells cannot be used"),
        (lambda: Quota("departmant", most=1), 'Did you mean "department"'),
        (lambda: Quota("department", "industry", most=NAN), "cannot be used"),
        (lambda: Quota("department", "industry", least=-1), "cannot be used"),
        (lambda: Quota("department", "industry", least=3, most=1), "the least is above the most"),
        (lambda: Quota("department", limits=[["land", "*", -2, 1]]), "cannot be used"),
        (lambda: Quota("department", limits=[["land", "*", 1]]), "expected .officers' group"),
        (lambda: Quota("department", limits=[["land", "*", "one", None]]), "expected numbers"),
        (lambda: Quota("department", "industry", least={"lend": {"software": 1}, "finence": {"software": 1}}), r"(?s)'lend'.*'finence'"),
        (lambda: Quota("department", "industry", least=TWICE), "'software' of enterprises stands twice"),
        (lambda: Quota("department", "industry", most={"land": {"software": "two"}}), "is no number"),
        (lambda: Quota(["G0", "G1"], most=1), r"shape \(2,\); expected a column's name"),
        (lambda: EachHas({"teir": ["city"]}, {}), 'Did you mean "tier"'),
        (lambda: EachHas({"tier": ["city"]}, {}, least=-1), "least is -1"),
        (lambda: EachHas({}, {}, least=NAN), "least is nan"),
        (lambda: EachHas({}, {}, least=2, served_only=True), "served_only goes with least=1 only, not 2"),
        (lambda: Coverage(jointly=True, served_only=True), "served_only does not go with jointly"),
        (lambda: GroupFloor(NAN), "cannot be used"),
        (lambda: GroupFloor({"est": 0.1, "wst": 0.1}, by="district"), r"(?s)'est'.*'wst'"),
        (lambda: GroupFloor(0.1, by="districts"), "no column 'districts'"),
        (lambda: MinimumAffinity(pair=[0.1, 0.2]), "pair has shape"),
        (lambda: MinimumAffinity(total=INF), "cannot be used"),
        (lambda: ChurnBudget(most=-1), "most is -1"),
        (lambda: ChurnBudget(share=NAN), "share nan"),
        (lambda: ChurnBudget(most=1.5), "most is 1.5"),
        (lambda: ChurnBudget(most=1, by="distric"), 'Did you mean "district"'),
        (
            lambda: Pin(Notes(officers=np.array([7]), enterprises=np.array([0]), actor=np.array([""]), reason=np.array([""]))),
            "out of range",
        ),
        (lambda: ExpectedResolved(NAN), "expected a finite number"),
        (lambda: ExpectedResolved(-1.0), "expected a finite number"),
        (lambda: ExpectedResolved("one"), "expected a finite number"),
        (lambda: Continuity(INF), "expected a finite number"),
        (lambda: Balance(-0.1), "expected a finite number"),
        (lambda: Served(NAN), "expected a finite number"),
        (lambda: Unmet(-1.0), "expected a finite number"),
        (lambda: Travel(NAN), "expected a finite number"),
        (lambda: Travel(1.0), "no columns latitude and longitude"),
        (lambda: WorstServed(-1.0), "expected a finite number"),
        (lambda: WorstServed(by=["a"]), "by has 1 labels; expected 3"),
        (lambda: WorstServed(by="distrct"), 'Did you mean "district"'),
        (lambda: DiminishingReturns(-1.0), "expected a finite number"),
        (lambda: then(ExpectedResolved(), slack=NAN), "slack is nan"),
        (lambda: then("expected_resolved"), "is no aim"),
        (lambda: then(then(ExpectedResolved())), "is no aim"),
    ],
)
def test_what_cannot_be_used_is_said(make, said):
    with pytest.raises(MatchmakerError, match=said) as caught:
        made = make()
        parts = {"constraints": (made,), "objectives": ()} if hasattr(made, "impose") else {"constraints": (), "objectives": (made,)}
        mm.solve(INSTANCE, Policy(**parts))
    assert any("一" <= letter <= "鿿" for letter in str(caught.value)), str(caught.value)


@pytest.mark.parametrize("rule", [ServesArea(), Coverage(0.5), DiminishingReturns(), Quota("department", most=1)])
def test_a_bare_matrix_does_not_know_what_a_rule_needs(rule):
    instance = mm.assign([[1.0]]).instance
    parts = {"constraints": (rule,), "objectives": ()} if hasattr(rule, "impose") else {"constraints": (), "objectives": (rule,)}
    with pytest.raises(MatchmakerError, match=r"needs|no column"):
        mm.solve(instance, Policy(**parts))


ODD = [
    (Quota("department", "industry", most=0), Demand(least=0)),
    (Quota(limits=[["*", "*", 10**12, None]]),),
    (Quota(limits=[["*", "*", None, 10**12]]),),
    (EachHas({"tier": ["emperor"]}, {"industry": ["mining"]}),),
    (EachHas({"tier": ["emperor"]}, {}),),
    (GroupFloor({}),),
    (GroupFloor(-(10.0**9)),),
    (GroupFloor(1e9),),
    (MinimumAffinity(pair=1e300),),
    (ChurnBudget(most=10**9),),
    (Together(enterprises=[[]]), Apart(officers=[["G0"]])),
    (Workload(0.0),),
    (Workload(1e12, load=1e-12),),
    (Capacity(0, 0), Demand(least=0)),
    (Capacity(2**31 - 1, 2**31 - 1),),
]


@pytest.mark.parametrize("rules", ODD, ids=str)
def test_odd_rules_end_like_trying_every_plan(rules):
    from trying import tried

    for aims in ((ExpectedResolved(0.0),), (ExpectedResolved(), Balance(0.0)), (Served(), then(ExpectedResolved()))):
        policy = Policy(constraints=(*rules, *(() if any(isinstance(one, Demand) for one in rules) else (Demand(),))), objectives=aims)
        for instance in examples(3, seed=3):
            assert tried(instance, policy, str(rules)).termination in ("OPTIMAL", "INFEASIBLE")


def test_one_officer_one_enterprise_and_everybody_pinned():
    for rules in ((), (Quota(limits=[["*", "*", None, 1]]),), (Workload(1.0),)):
        instance = mm.assign([[1.0]], demand=(0, 1)).instance
        result = mm.solve(instance, Policy(constraints=(Capacity(), Demand(), *rules), objectives=(ExpectedResolved(),)))
        assert (result.termination, result.objective) == ("OPTIMAL", 1.0)
    everybody = mm.assign(np.ones((2, 3)), capacity=3, demand=2, required=[(i, j) for i in range(2) for j in range(3)], load=1.0)
    assert len(everybody.officers) == 6
    with pytest.raises(MatchmakerError, match=r"it is empty.*至少要有"):
        mm.assign(np.ones((0, 3)))
