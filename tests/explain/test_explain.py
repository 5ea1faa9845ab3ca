"""Why this pair: the rules are named with who said so, the proven cost is below the exact one, and the exact one is right."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matchmaker.affinity import Dense, Factors, Sparse
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError, DataError, NoAssignmentError
from matchmaker.explain import explain
from matchmaker.explain.case import case_of
from matchmaker.explain.chain import chain
from matchmaker.instance import Instance
from matchmaker.metrics import expected_resolved
from matchmaker.policies import greedy, optimal
from matchmaker.profiles import Taxonomy
from matchmaker.result import Result
from matchmaker.solve import solve
from matchmaker.testing import instances


def bare(matrix: NDArray[np.float64], capacity: NDArray[np.int64], demand: NDArray[np.int64]) -> Instance:
    """Ids and a matrix, nothing else."""
    n, m = matrix.shape
    return Instance(
        officer_ids=np.array([f"O{k}" for k in range(n)], dtype=object),
        enterprise_ids=np.array([f"E{k}" for k in range(m)], dtype=object),
        affinity=Dense(matrix),
        capacity_low=np.zeros(n),
        capacity_high=capacity,
        demand_low=demand,
        demand_high=demand,
    )


def city() -> Instance:
    """Four officers, five enterprises, three needs, two districts; a recusal, a veto, a pin and a last round."""
    needs = Taxonomy.programme().needs[:3]
    competence = np.array([[0.9, 0.1, 0.2], [0.2, 0.8, 0.1], [0.3, 0.3, 0.7], [0.5, 0.5, 0.5]])
    need = np.array([[2.0, 0.0, 0.5], [0.0, 1.5, 0.0], [1.0, 1.0, 1.0], [0.0, 0.2, 2.0], [1.5, 0.0, 0.0]])
    instance = dataclasses.replace(
        bare(np.zeros((4, 5)), np.array([2, 2, 2, 2]), np.ones(5, np.int64)),
        affinity=Factors(competence, need),
        needs=needs,
        competence=competence,
        need=need,
        officers=pd.DataFrame(
            {
                "name": ["甲", "乙", "丙", "<i>丁</i>"],
                "tier": ["city", "city", "county", "county"],
                "district": ["", "", "east", "west"],
                "town": "",
                "record": ["9 / 10", "8 / 10", "7 / 10", "5 / 10"],
            }
        ),
        enterprises=pd.DataFrame(
            {
                "name": ["一", "二", "三", "四", "五"],
                "district": ["east", "west", "east", "west", "east"],
                "town": "",
                "basis": "2 open requests",
                "basis_zh": "2 件未办结诉求",
            }
        ),
    )
    previous = instance.assignment([0, 1], [0, 1])
    told = instance.replace(previous=previous).veto("O1", "E2", actor="Bureau of Trade", reason="on leave")
    recusals = told.veto("O0", "E4", actor="Inspection office", reason="a relative works there").vetoes
    only = dataclasses.replace(recusals, **{side: getattr(recusals, side)[1:] for side in ("officers", "enterprises", "actor", "reason")})
    return told.replace(recusals=only).pin("O2", "E2", actor="Mayor's office", reason="by name")


@pytest.fixture(scope="module")
def result() -> Result:
    return solve(city(), optimal())


def best_by_hand(instance: Instance, forced: tuple[int, int] | None = None) -> float:
    """The best value of all plans, every one tried: each enterprise takes a set of officers of the size it asks for."""
    matrix = instance.affinity.block(slice(None), slice(None))
    n, m = instance.shape
    choices = [list(itertools.combinations(range(n), int(instance.demand_low[j]))) for j in range(m)]
    best = -math.inf
    for plan in itertools.product(*choices):
        loads = np.bincount([i for officers in plan for i in officers], minlength=n)
        if (loads <= instance.capacity_high).all() and (forced is None or forced[0] in plan[forced[1]]):
            best = max(best, math.fsum(matrix[i, j] for j, officers in enumerate(plan) for i in officers))
    return best


def after(result: Result, changes: tuple[str, ...]) -> Assignment:
    """The plan once the moves are made."""
    pairs = set(result.assignment.pairs)
    for change in changes:
        officer, enterprise = change[2:-1].split(", ")
        (pairs.remove if change[0] == "-" else pairs.add)((officer, enterprise))
    table = pd.DataFrame(sorted(pairs), columns=["officer_id", "enterprise_id"])
    return Assignment.from_frame(table).aligned(result.instance.officer_ids, result.instance.enterprise_ids)[0]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_exact_cost_is_right_and_never_below_the_proven_one(data: st.DataObject) -> None:
    n, m = data.draw(st.integers(2, 3)), data.draw(st.integers(1, 3))
    cells = data.draw(st.lists(st.integers(1, 12), min_size=n * m, max_size=n * m))
    capacity = np.array(data.draw(st.lists(st.integers(1, 2), min_size=n, max_size=n)))
    demand = np.array(data.draw(st.lists(st.integers(0, 2), min_size=m, max_size=m)))
    instance = bare(np.array(cells, dtype=float).reshape(n, m) / 8, capacity, demand)
    best = best_by_hand(instance)
    if math.isinf(best):
        return
    result = solve(instance, optimal())
    assert result.objective == pytest.approx(best)
    one = data.draw(st.integers(0, m - 1))
    who = {"enterprise": f"E{one}"} if data.draw(st.booleans()) else {"officer": f"O{one % n}"}
    for row in explain(result, exact=True, **who).alternatives.to_dict("records"):
        pair = instance.officer(row["officer_id"]), instance.enterprise(row["enterprise_id"])
        if row["allowed"]:
            assert row["loses"] == pytest.approx(best - best_by_hand(instance, pair))
            if math.isfinite(row["loses"]):
                moved = after(result, row["changes"])
                assert (row["officer_id"], row["enterprise_id"]) in moved.pairs
                assert optimal().violations(instance, moved) == []
                assert expected_resolved(instance, moved) == pytest.approx(best - row["loses"])
            assert 0 <= row["loses_at_least"] <= row["loses"] + 1e-9


def test_a_proven_cost_is_not_idle() -> None:
    """Somewhere the prices prove a cost well above 0, so the property above says something."""
    matrix = np.array([[1.0, 0.0], [0.0, 1.0]])
    answer = explain(solve(bare(matrix, np.ones(2, np.int64), np.ones(2, np.int64)), optimal()), enterprise="E0", exact=True)
    row = answer.alternatives.iloc[0]
    assert row["loses"] == 2
    assert row["loses_at_least"] > 0.5
    assert set(row["changes"]) == {"-(O0, E0)", "-(O1, E1)", "+(O0, E1)", "+(O1, E0)"}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_chain_costs_what_a_new_solve_costs(data: st.DataObject) -> None:
    """With bounds on both sides, pins, recusals and areas, whatever the rules."""
    instance = data.draw(instances())
    result = solve(instance, optimal())
    if result.plan is None or result.objective <= 0:
        return
    officer, enterprise = (
        data.draw(st.sampled_from(instance.officer_ids.tolist())),
        data.draw(st.sampled_from(instance.enterprise_ids.tolist())),
    )
    if (officer, enterprise) in result.assignment.pairs:
        return
    i, j = instance.officer(officer), instance.enterprise(enterprise)
    case = case_of(result, None, enterprise, None)
    if not case.allowed(case.values())[i]:
        return
    found = chain(case, i, j, worth=1.0)
    anew = solve(instance.pin(officer, enterprise, actor="me", reason="what if"), optimal())
    assert (found is None) == (anew.plan is None)
    if found is not None:
        assert found.loses == pytest.approx(result.objective - anew.objective, abs=1e-7)


def test_an_enterprise_its_needs_its_officer_and_why(result: Result) -> None:
    answer = explain(result, enterprise="E0")
    assert answer.name == "一"
    assert answer.profile["amount"].tolist() == [2.0, 0.5]
    assert answer.basis == ("2 open requests", "2 件未办结诉求")
    assert answer.pairs["officer_id"].tolist() == ["O0"]
    assert answer.pairs["kept"].tolist() == [True]
    assert answer.pairs["value"].iloc[0] == pytest.approx(answer.pairs["affinity"].iloc[0] + 0.05)
    assert answer.contributions["contribution"].tolist() == pytest.approx([1.8, 0.1])
    assert answer.contributions["contribution"].sum() == pytest.approx(answer.pairs["affinity"].sum())


def test_a_recused_pair_names_who_said_so(result: Result) -> None:
    answer = explain(result, enterprise="E4", officer="O0")
    row = answer.alternatives.iloc[0]
    assert not row["allowed"]
    assert row["forbidden_by"] == "recusal: must not meet, by recusal (Inspection office: a relative works there)"
    assert "Inspection office" in row["forbidden_by_zh"]
    assert math.isnan(row["loses_at_least"])
    assert "not allowed (recusal" in answer.text("en")


def test_better_but_forbidden_officers_stand_among_the_alternatives(result: Result) -> None:
    table = explain(result, enterprise="E4").alternatives
    assert table.iloc[0]["officer_id"] == "O0"
    assert not table.iloc[0]["allowed"]
    assert table["reduced"].is_monotonic_decreasing


def test_those_struck_out_by_name_come_before_those_too_far_away() -> None:
    """Twenty better officers serve another district; the one who is recused is still told of."""
    table = explain(solve(far_and_recused(), optimal()), enterprise="E0", most=2).alternatives
    assert "O21" in set(table["officer_id"])
    assert table["forbidden_by"].str.contains("recusal").sum() == 1


def far_and_recused() -> Instance:
    matrix = np.r_[np.full(20, 5.0), 1.0, 2.0][:, None]
    recusal = bare(matrix, np.ones(22, np.int64), np.ones(1, np.int64)).veto("O21", "E0", actor="Court", reason="kin").vetoes
    officers = pd.DataFrame({"tier": "county", "district": ["west"] * 20 + ["east"] * 2, "town": ""})
    enterprises = pd.DataFrame({"district": ["east"], "town": ""})
    plain = bare(matrix, np.ones(22, np.int64), np.ones(1, np.int64))
    return plain.replace(officers=officers, enterprises=enterprises, recusals=recusal)


def test_a_long_sentence_adds_up_what_carries_little() -> None:
    needs = Taxonomy.programme().needs[:8]
    competence, need = np.full((2, 8), 0.5), np.full((1, 8), 0.25)
    instance = bare(np.ones((2, 1)), np.ones(2, np.int64), np.ones(1, np.int64)).replace(
        affinity=Factors(competence, need), needs=needs, competence=competence, need=need
    )
    answer = explain(solve(instance, optimal()), enterprise="E0")
    assert "other needs 0.5" in answer.text("en")
    assert "其余需求 0.5" in answer.text("zh")
    assert len(answer.contributions) == 8


@pytest.mark.parametrize(
    ("enterprise", "officer", "rule"),
    [("E2", "O1", "veto: .*Bureau of Trade: on leave"), ("E0", "O3", "serves_area: a county officer of 'west' serves in 'east'")],
)
def test_the_rule_that_forbids_is_named(result: Result, enterprise: str, officer: str, rule: str) -> None:
    row = explain(result, enterprise=enterprise, officer=officer).alternatives.iloc[0]
    assert pd.Series([row["forbidden_by"]]).str.match(rule).all()


def test_a_pin_is_told_with_who_set_it(result: Result) -> None:
    answer = explain(result, enterprise="E2")
    assert answer.pairs["pinned_by"].tolist() == ["Mayor's office"]
    assert "set by Mayor's office: by name" in answer.text("en")
    assert "由 Mayor's office 点将" in answer.text("zh")


def test_what_a_pin_makes_impossible_is_said(result: Result) -> None:
    row = explain(result, enterprise="E2", officer="O0", exact=True).alternatives.iloc[0]
    assert row["allowed"]
    assert row["loses"] == math.inf
    assert "no plan holds this pair" in row["note"]


def test_an_officer_the_enterprises_and_the_record(result: Result) -> None:
    answer = explain(result, officer="O1", exact=True)
    assert answer.side == "officer"
    assert answer.basis == ("requests resolved / handled so far: 8 / 10", "至今办结 / 经办诉求：8 / 10")
    assert answer.profile["amount"].is_monotonic_decreasing
    assert set(answer.pairs["officer_id"]) <= {"O1"}
    assert "E2" not in set(answer.alternatives.query("allowed")["enterprise_id"])
    for row in answer.alternatives.query("allowed").to_dict("records"):
        assert row["loses_at_least"] <= row["loses"] + 1e-9
        assert row["serves_now"]


def test_both_languages_say_the_same_things(result: Result) -> None:
    answer = explain(result, enterprise="E3", exact=True)
    english, chinese = answer.text("en").splitlines(), answer.text("zh").splitlines()
    assert len(english) == len(chinese) == 5 + len(answer.alternatives)  # one head more for those who are not allowed
    assert [line for line in english if not line.startswith("  ")][-2:] == ["The next best:", "Worth more, but not allowed:"]
    assert "the city would lose exactly" in answer.text("en")
    assert "全市恰好损失" in answer.text("zh")
    assert str(answer) == answer.text("en") + "\n\n" + answer.text("zh")


def test_the_table_holds_the_plan_and_the_alternatives(result: Result) -> None:
    answer = explain(result, enterprise="E4")
    table = answer.to_frame()
    assert table["role"].tolist()[: len(answer.pairs)] == ["in the plan"] * len(answer.pairs)
    assert len(table) == len(answer.pairs) + len(answer.alternatives)
    assert not table[["forbidden_by", "note", "note_zh"]].isna().any(axis=None)
    assert set(table["role"]) == {"in the plan", "allowed", "forbidden"}


def test_a_notebook_shows_names_as_text(result: Result) -> None:
    shown = explain(result, enterprise="E3")._repr_html_()
    assert "<i>" not in shown
    assert "&lt;i&gt;丁" in shown


def test_without_prices_nothing_is_claimed(result: Result) -> None:
    answer = explain(solve(city(), greedy()), enterprise="E3", exact=True)
    assert answer.alternatives["loses_at_least"].isna().all()
    assert answer.alternatives["loses"].isna().all()
    assert answer.alternatives.query("allowed")["note"].str.contains("not proven best").all()
    assert "is not proven" in explain(solve(city(), greedy()), enterprise="E3").text("en")


def test_a_pair_that_a_sparse_affinity_does_not_list() -> None:
    import scipy.sparse as sp

    listed = Sparse(sp.csr_array(np.array([[1.0, 0.0], [1.0, 2.0]])))
    instance = bare(np.ones((2, 2)), np.ones(2, np.int64), np.ones(2, np.int64)).replace(affinity=listed)
    row = explain(solve(instance, optimal()), enterprise="E1", officer="O0").alternatives.iloc[0]
    assert row["forbidden_by"] == "affinity: the pair is not listed"


def test_an_officer_without_room_is_said_to_have_none() -> None:
    instance = bare(np.ones((2, 1)), np.array([1, 0]), np.ones(1, np.int64))
    row = explain(solve(instance, optimal()), enterprise="E0", officer="O1").alternatives.iloc[0]
    assert row["forbidden_by"] == "capacity: the officer may serve nobody"


def test_an_enterprise_that_nobody_serves() -> None:
    instance = bare(np.ones((1, 1)), np.zeros(1, np.int64), np.ones(1, np.int64))
    answer = explain(solve(instance, greedy()), enterprise="E0")
    assert "Nobody is paired with E0." in answer.text("en")
    assert "E0 没有结对。" in answer.text("zh")


def test_what_affinity_holds_beyond_needs_is_shown_as_other(result: Result) -> None:
    instance = city().replace(affinity=Dense(city().affinity.block(slice(None), slice(None)) + 0.25))
    table = explain(solve(instance, optimal()), enterprise="E0").contributions
    assert table.loc[table["need"] == "", "contribution"].tolist() == pytest.approx([0.25])


def test_whom_and_by_which_rules_must_be_known(result: Result) -> None:
    with pytest.raises(ConfigError, match="Name an enterprise, an officer or both"):
        explain(result)
    with pytest.raises(DataError, match="no enterprise 'E9'"):
        explain(result, enterprise="E9")
    stripped = dataclasses.replace(result, recipe=None)
    with pytest.raises(ConfigError, match="does not hold the policy 'optimal'"):
        explain(stripped, enterprise="E0")
    again = explain(stripped, enterprise="E0", policy=optimal())
    assert again.text("en") == explain(result, enterprise="E0").text("en")


def test_no_plan_nothing_to_explain() -> None:
    instance = bare(np.ones((1, 2)), np.ones(1, np.int64), np.ones(2, np.int64))
    with pytest.raises(NoAssignmentError, match="There is no assignment"):
        explain(solve(instance, optimal()), enterprise="E0")
