"""Never all or nothing: who gets less than asked for is named with what stands in the way, and nothing else could have been the reason."""

from __future__ import annotations

import numpy as np

import matchmaker as mm
from matchmaker.constraints import Capacity, Demand, Quota, Recusal, ServesArea, Veto
from matchmaker.objectives import ExpectedResolved, Served, Unmet, then
from matchmaker.policies import Policy
from matchmaker.testing import examples

RULES = (Capacity(least=0, most=1), Demand(least=0), Recusal(), Veto(), Quota("department", "industry", most=1))


def test_every_reason_is_true_of_the_plan():
    said: dict[str, int] = {}
    for number, instance in enumerate(examples(120, seed=21)):
        rules = RULES if number % 4 else (*RULES, ServesArea())
        instance = instance.replace(capacity_low=0 * instance.capacity_low, demand_high=instance.demand_high * (1 + number % 2))
        result = mm.solve(instance, Policy(constraints=rules, objectives=(Served(), then(ExpectedResolved()))))
        plan, frame = result.assignment, result.shortfall
        asked = np.where(instance.demand_high > 0, np.maximum(instance.demand_low, 1), 0)
        assert dict(zip(frame["enterprise_id"], frame["missing"], strict=True)) == {
            instance.enterprise_ids[j]: asked[j] - plan.served()[j] for j in np.flatnonzero(plan.served() < asked)
        }
        for row in frame.itertuples(index=False):
            j, said[row.rule] = instance.enterprise(row.enterprise_id), said.get(row.rule, 0) + 1
            others = [i for i in range(instance.shape[0]) if (i, j) not in set(zip(plan.officers, plan.enterprises, strict=True))]
            more = [instance.assignment([*plan.officers, i], [*plan.enterprises, j]) for i in others]
            broken = [{one.rule for one in Policy(constraints=rules, objectives=()).violations(instance, one)} for one in more]
            assert all(broken), "one more could be served"  # as many as possible are served first
            if row.rule == "eligibility":
                idle = [instance.capacity_high[i] == 0 for i in others]
                assert all(one & {"recusal", "veto", "serves_area"} or nobody for one, nobody in zip(broken, idle, strict=True))
            elif row.rule == "capacity":
                assert all(one & {"recusal", "veto", "serves_area", "capacity"} for one in broken)
            else:
                assert row.rule == "quota"
                assert {"quota"} in broken
            assert row.why
            assert any("一" <= letter <= "鿿" for letter in row.why_zh)
    assert min(said.get(rule, 0) for rule in ("eligibility", "capacity", "quota")) > 1, said


def test_what_is_not_worth_its_price_is_said_to_be_the_aims():
    instance = mm.datasets.small_instance()
    away = mm.objectives.Travel(1.0, officers=[[30.0, 120.0]] * instance.shape[0], enterprises=[[31.0, 120.0]] * instance.shape[1])
    result = mm.solve(instance, Policy(constraints=(Capacity(least=0), Demand(least=0)), objectives=(ExpectedResolved(), Unmet(2.0), away)))
    assert set(result.shortfall["rule"]) == {"aims"}
    assert "got less" in result.summary("en")
    assert "未足额服务" in result.summary("zh")


def test_optional_demand_of_a_matrix_says_who_has_nobody():
    result = mm.assign([[1.0, 2.0, 3.0]], capacity=1, demand=(0, 1))
    frame = result.shortfall
    assert frame["enterprise_id"].tolist() == [0, 1]
    assert frame["rule"].tolist() == ["capacity", "capacity"]
    assert "no place left: 1 enterprises already" in frame.loc[0, "why"]
