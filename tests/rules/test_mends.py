"""When no plan can exist: the sets named are deficient, as deficient as a maximum flow says, and every way out works when it is taken."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.sparse as sp
from ortools.graph.python import max_flow

import matchmaker as mm
from matchmaker.constraints import Capacity, Coverage, Demand, EachHas, Pin, Quota, Recusal, ServesArea, Veto
from matchmaker.instance import Notes
from matchmaker.objectives import DiminishingReturns, ExpectedResolved
from matchmaker.policies import Policy
from matchmaker.profiles import Need
from matchmaker.testing import examples

RAISED = re.compile(r"raise the capacity of officer (\d+) by (\d+)")
ASKED = re.compile(r"let enterprise (\d+) ask for (\d+) less")
LIFTED = re.compile(r"lift the recusal or veto of officer (\d+) and enterprise (\d+)")
DROPPED = re.compile(r"drop the pin of officer (\w+) on enterprise (\w+)")


def most_served(eligible: np.ndarray, capacity: np.ndarray, demand: np.ndarray) -> int:
    """Places that can be filled at the most, by OR-Tools."""
    n, m = eligible.shape
    flow = max_flow.SimpleMaxFlow()
    for i, j in np.argwhere(eligible).tolist():
        flow.add_arc_with_capacity(i, n + j, 1)
    for i in range(n):
        flow.add_arc_with_capacity(n + m, i, int(capacity[i]))
    for j in range(m):
        flow.add_arc_with_capacity(n + j, n + m + 1, int(demand[j]))
    flow.solve(n + m, n + m + 1)
    return flow.optimal_flow()


def test_sets_are_as_deficient_as_a_maximum_flow_says_and_every_way_works():
    rng, seen = np.random.default_rng(5), {"raised": 0, "asked": 0, "lifted": 0, "several": 0}
    for _ in range(90):
        n, m = rng.integers(1, 8, 2)
        forbidden = rng.random((n, m)) < rng.choice([0.2, 0.6])
        capacity, demand = rng.integers(0, 3, n), rng.integers(0, 3, m)
        short = int(demand.sum()) - most_served(~forbidden, capacity, demand)
        result = mm.assign(np.ones((n, m)), capacity=capacity, demand=demand, forbidden=forbidden)
        if not short:
            assert result.termination == "OPTIMAL"
            continue
        found = (result.diagnosis, *result.diagnosis.others)
        assert sum(one.short for one in found) == short
        contested = []
        for one in found:
            places = np.minimum(capacity[:, None], 1) * ~forbidden[:, one.enterprises]
            assert one.asked == demand[one.enterprises].sum() > one.available >= np.minimum(capacity, places.sum(axis=1)).sum()
            contested.append(set(one.enterprises.tolist()))
        assert len(set.union(*contested)) == sum(map(len, contested))
        seen["several"] += len(found) > 1
        for way in result.diagnosis.ways:
            text = "; ".join(mend.en for mend in way)
            more, less, open_to = capacity.copy(), demand.copy(), forbidden.copy()
            for i, by in RAISED.findall(text):
                more[int(i)] += int(by)
            for j, by in ASKED.findall(text):
                less[int(j)] -= int(by)
            for i, j in LIFTED.findall(text):
                open_to[int(i), int(j)] = False
            assert mm.assign(np.ones((n, m)), capacity=more, demand=less, forbidden=open_to).termination == "OPTIMAL", text
            seen["raised"] += bool(RAISED.search(text))
            seen["asked"] += bool(ASKED.search(text))
            seen["lifted"] += bool(LIFTED.search(text))
            if RAISED.search(text):
                assert (more - capacity).sum() == short
        assert len(result.diagnosis.ways) >= 1
    assert min(seen.values()) > 5, seen


def city() -> mm.Instance:
    """Three officers and six enterprises: those in the east that ask for land can go to one officer only."""
    sheets = mm.Tables.from_frames(
        officers=mm.datasets.small_instance()
        .officers.head(0)
        .reindex(range(3))
        .assign(
            officer_id=["G1", "G2", "G3"],
            name="",
            department=["land office", "bank", "bank"],
            tier=["county", "county", "city"],
            district=["east", "west", ""],
            town="",
            capacity=[1, 2, 2],
            min_load=0,
            specialities=[(), (), ()],
        )[["officer_id", "department", "tier", "district", "capacity"]],
        enterprises=mm.datasets.small_instance()
        .enterprises.head(0)
        .reindex(range(5))
        .assign(enterprise_id=["E1", "E2", "E3", "E4", "E5"], district=["east", "east", "east", "west", "west"])[
            ["enterprise_id", "district"]
        ],
    )
    instance = mm.build(sheets)
    code = [one.code for one in instance.needs].index("land")
    competence, need = np.full(instance.competence.shape, 0.1), np.zeros(instance.need.shape)
    competence[0, code] = 0.9
    need[:3, code] = 1.0
    need[3:, code - 1] = 1.0
    return instance.replace(competence=competence, need=need, affinity=mm.Factors(competence, need))


def test_what_they_have_in_common_is_said_with_names_and_numbers():
    rules = (Capacity(), Demand(), ServesArea(), Coverage(0.5, needs=["land"]))
    found = mm.solve(city(), Policy(constraints=rules, objectives=(ExpectedResolved(),))).diagnosis
    assert "3 enterprises in east that ask for land" in found.text("en")
    assert "can only go to 1 officer (G1) who have 1 for them: 2 short." in found.text("en")
    assert "rests on the rules of coverage" in found.text("en")
    assert "raise the capacity of officer G1 by 2" in found.text("en")
    assert "位于east" in found.text("zh")
    assert "将干部 G1 的可服务企业数提高 2" in found.text("zh")


@pytest.mark.parametrize("rule", [EachHas({"department": ["land office"]}, {"district": ["east"]}), Coverage(0.5, needs=["land"])])
def test_rules_on_single_enterprises_come_down_to_places(rule):
    found = mm.solve(city(), Policy(constraints=(Capacity(), Demand(), rule), objectives=(ExpectedResolved(),))).diagnosis
    assert (found.side, found.asked, found.available) == ("demand", 3, 1)
    assert found.officer_ids.tolist() == ["G1"]


def test_a_pin_in_the_way_is_to_be_dropped():
    instance = city().replace(
        pins=Notes(officers=np.array([0]), enterprises=np.array([0]), actor=np.array(["X"], object), reason=np.array(["old"], object)),
        recusals=Notes(officers=np.array([0]), enterprises=np.array([0]), actor=np.array(["Y"], object), reason=np.array(["kin"], object)),
    )
    policy = Policy(constraints=(Capacity(), Demand(least=0), Pin(), Recusal(), Veto()), objectives=(ExpectedResolved(),))
    found = mm.solve(instance, policy).diagnosis
    assert found.side == "pins"
    lines = [mend.en for mend in found.mends]
    assert lines == ["drop the pin of officer G1 on enterprise E1", "lift the recusal or veto of officer G1 and enterprise E1"]
    assert mm.solve(instance.replace(pins=Notes.none()), policy).plan is not None


def test_ways_out_of_clashing_rules_work_when_they_are_taken():
    tried = {"capacity": 0, "pin": 0, "quota": 0}
    for instance in examples(50, seed=3):
        quota = Quota(limits=[["*", "*", 3, None]])
        policy = Policy(constraints=(Capacity(), Demand(least=0), Pin(), quota), objectives=(ExpectedResolved(),))
        result = mm.solve(instance, policy)
        if result.termination != "INFEASIBLE" or result.diagnosis.side != "rules":
            continue
        for way in result.diagnosis.ways:
            text = "; ".join(mend.en for mend in way)
            high, rule, pins = instance.capacity_high.copy(), quota, instance.pins
            for who, by in re.findall(r"raise the capacity of officer (\w+) by (\d+)", text):
                high[instance.officer(who)] += int(by)
                tried["capacity"] += 1
            for by in re.findall(r"loosen by (\d+)", text):
                rule = Quota(limits=[["*", "*", 3 - int(by), None]])
                tried["quota"] += 1
            if DROPPED.search(text):
                pins = Notes.none()
                tried["pin"] += 1
            changed = instance.replace(capacity_high=high, pins=pins)
            again = Policy(constraints=(Capacity(), Demand(least=0), Pin(), rule), objectives=(ExpectedResolved(),))
            asked = any(word in text for word in ("ask officer", "ask for", "take"))
            assert asked or mm.solve(changed, again).plan is not None, text
    assert min(tried["capacity"], tried["quota"] - 10) > 0, tried


def test_a_rule_that_clashes_where_no_pair_is_free_is_named() -> None:
    nobody = mm.assign(np.ones((1, 2)), capacity=0, demand=(0, 1)).instance
    result = mm.solve(nobody, mm.Policy(constraints=(Capacity(), Demand(), Quota(least=1)), objectives=(ExpectedResolved(),)))
    assert result.termination == "INFEASIBLE"
    assert "1 rules of quota and the limits" in result.diagnosis.text()


def test_a_pin_that_the_affinity_does_not_list_is_impossible_with_any_aim() -> None:
    who = np.array(["x"], dtype=object)
    listed = mm.assign(sp.csr_array(np.array([[1.0], [0.0]])), capacity=2, demand=1).instance
    given = listed.replace(
        needs=(Need("a", "甲", "a"),),
        competence=np.full((2, 1), 0.5),
        need=np.ones((1, 1)),
        pins=Notes(officers=np.array([1]), enterprises=np.array([0]), actor=who, reason=who),
    )
    for aims in ((ExpectedResolved(),), (DiminishingReturns(),)):
        assert mm.solve(given, Policy(constraints=(Capacity(), Demand(), Pin()), objectives=aims)).termination == "INFEASIBLE"
