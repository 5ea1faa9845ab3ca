"""What each reader looks up adds up to the plan."""

from __future__ import annotations

import numpy as np
import pytest

from matchmaker import metrics
from matchmaker.constraints import Veto
from matchmaker.instance import Notes
from matchmaker.policies import Policy
from matchmaker.program import Prices
from matchmaker.report.pairs import plan_frame
from matchmaker.report.unmet import best_on_paper, unmet
from matchmaker.report.views import by_district_and_need, by_enterprise, by_hand, by_need, by_officer, plan_view
from matchmaker.result import Result, Termination


def replanned(result: Result, officers: list[int], enterprises: list[int]) -> Result:
    plan = result.instance.assignment(officers, enterprises)
    value = metrics.expected_resolved(result.instance, plan)
    return Result(instance=result.instance, policy="p", termination=Termination.FEASIBLE, objective=value, bound=value + 1, plan=plan)


def test_officers_and_enterprises_add_up_to_the_value(result: Result) -> None:
    for view in (by_officer(result), by_enterprise(result), by_need(result), by_district_and_need(result)):
        assert view["expected_resolved"].sum() == pytest.approx(result.objective)
    assert by_officer(result)["load"].tolist() == result.assignment.loads().tolist()
    assert by_enterprise(result)["served"].tolist() == result.assignment.served().tolist()
    assert result.instance.need is not None
    assert by_need(result)["expected_open"].sum() == pytest.approx(result.instance.need.sum())


def test_districts_agree_with_the_metric(result: Result) -> None:
    ours = by_district_and_need(result).groupby("district")["expected_resolved"].sum()
    theirs = metrics.needs_met_by_district(result.instance, result.assignment).set_index("district")["expected_resolved"]
    assert ours.to_dict() == pytest.approx(theirs.to_dict())


def test_at_random_is_the_mean_over_officers(result: Result) -> None:
    """Everybody at every enterprise once: chance and plan are then the same, up to how many serve."""
    n, m = result.instance.shape
    everybody = replanned(result, np.repeat(np.arange(n), m).tolist(), np.tile(np.arange(m), n).tolist())
    frame = by_need(everybody)
    assert frame["at_random"].tolist() == pytest.approx(frame["expected_resolved"].tolist())


def test_lists_name_the_other_side(result: Result) -> None:
    assert by_officer(result).set_index("officer_id").loc["O1", "serves"] == "E02 企业乙2; E03 企业乙3"
    assert by_enterprise(result).set_index("enterprise_id").loc["E03", "served_by"] == "O1 干部甲1"
    assert by_enterprise(result).set_index("enterprise_id").loc["E11", "need"] == ""
    assert plan_view(result).columns[:7].tolist() == [
        "officer_id",
        "officer_name",
        "department",
        "tier",
        "enterprise_id",
        "enterprise_name",
        "district",
    ]


def test_what_was_made_by_hand_is_listed_with_who_and_why(result: Result) -> None:
    frame = by_hand(result)
    assert frame["kind"].tolist() == ["pin", "veto", "recusal", "recusal"]
    assert frame["in_plan"].tolist() == [True, False, False, False]
    assert frame.loc[2, ["officer_id", "enterprise_id", "actor", "note"]].tolist() == ["O3", "E05", "纪检组", "亲属任职"]


def test_unmet_names_who_is_short_and_why(result: Result) -> None:
    frame = unmet(result)
    assert frame["enterprise_id"].tolist() == ["E10", "E07"]
    assert frame["kind"].tolist() == ["fewer", "little"]
    assert frame["gap"].tolist() == [1, 0]
    assert "missing: 1" in frame.loc[0, "why"]
    assert "缺1名" in frame.loc[0, "why_zh"]
    assert "officer O0" in frame.loc[1, "why"]
    assert "already serves 2 of 2" in frame.loc[1, "why"]


def test_unmet_names_who_keeps_the_best_officer_away(result: Result) -> None:
    (best,), (affinity,) = best_on_paper(result.instance, np.array([10]))
    assert affinity == result.instance.affinity.block(slice(None), np.array([10])).max()
    apart = result.instance.veto(result.instance.officer_ids[best], "E10", actor="李局", reason="避嫌")
    frame = unmet(Result(instance=apart, policy="p", termination=Termination.FEASIBLE, objective=1.0, bound=2.0, plan=result.plan))
    assert "is kept away by 李局: 避嫌" in frame.loc[0, "why"]
    assert "由李局提出不可结对：避嫌" in frame.loc[0, "why_zh"]


def test_unmet_says_when_the_best_officer_is_already_there(result: Result) -> None:
    (best,), _ = best_on_paper(result.instance, np.array([10]))
    served = replanned(result, [int(best)], [10])
    served = Result(
        instance=served.instance.replace(demand_low=np.array([*[0] * 10, 2, 0]), demand_high=np.array([*[0] * 10, 2, 0])),
        policy="p",
        termination=Termination.FEASIBLE,
        objective=1.0,
        bound=2.0,
        prices=Prices(np.zeros(8), np.zeros(12)),
        plan=served.plan,
    )
    assert "it already has the best match" in unmet(served).loc[0, "why"]


def test_rules_notes_of_their_own_and_recusals_stand_in_every_view(result: Result) -> None:
    notes = Notes(officers=np.array([2]), enterprises=np.array([4]), actor=np.array(["局办"], object), reason=np.array(["轮岗"], object))
    policy = Policy(name="own", constraints=(Veto(notes),), objectives=())
    own = Result(
        instance=result.instance, policy="own", recipe=policy, termination=Termination.FEASIBLE, objective=1, bound=2, plan=result.plan
    )
    frame = by_hand(own)
    assert frame["kind"].tolist() == ["pin", "veto", "veto", "recusal", "recusal"]
    assert frame.loc[2, ["officer_id", "enterprise_id", "actor", "note"]].tolist() == ["O2", "E04", "局办", "轮岗"]
    apart = plan_frame(own).set_index("enterprise_id")["kept_apart"]
    assert "veto/否决 O2 - E04, 局办: 轮岗" in apart["E04"]
    assert "recusal/回避 O3 - E05, 纪检组: 亲属任职" in "".join(apart)


def test_unmet_knows_best_over_several_blocks(result: Result) -> None:
    many = np.tile(np.arange(12), 50)
    best, affinity = best_on_paper(result.instance, many)
    whole = result.instance.affinity.block(slice(None), np.arange(12))
    assert best.tolist() == np.tile(whole.argmax(axis=0), 50).tolist()
    assert affinity.tolist() == np.tile(whole.max(axis=0), 50).tolist()


def test_a_bare_matrix_has_empty_views_of_needs(bare: Result) -> None:
    assert by_need(bare).empty
    assert by_district_and_need(bare).empty
    assert unmet(bare).empty
