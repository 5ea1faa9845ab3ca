"""What recusals, vetoes and pins ask for is not passed over in silence where a policy has no rule for it."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.constraints import Capacity, Demand, Pin, Recusal, Veto
from matchmaker.instance import Instance, Notes
from matchmaker.objectives import ExpectedResolved
from matchmaker.unheeded import unheeded


def instance(**notes: Any) -> Instance:
    """Two officers and two enterprises: who should serve whom is plain."""
    given = {
        name: Notes(
            officers=np.array([one for one, _ in pairs]),
            enterprises=np.array([two for _, two in pairs]),
            actor=np.array(["a"] * len(pairs), dtype=object),
            reason=np.array(["r"] * len(pairs), dtype=object),
        )
        for name, pairs in notes.items()
    }
    ones = np.ones(2, np.int64)
    return Instance(
        officer_ids=np.array(["A", "B"], dtype=object),
        enterprise_ids=np.array(["x", "y"], dtype=object),
        affinity=mm.affinity.Dense(np.array([[2.0, 1.0], [1.0, 2.0]])),
        capacity_low=0 * ones,
        capacity_high=ones,
        demand_low=ones,
        demand_high=ones,
        **given,
    )


def solved(given: Instance, *rules: Any) -> mm.Result:
    return mm.solve(given, mm.Policy(constraints=(Capacity(), Demand(), *rules), objectives=(ExpectedResolved(),)))


def test_each_kind_is_told_with_what_the_plan_does_against_it(caplog: pytest.LogCaptureFixture) -> None:
    given = instance(recusals=[(0, 0)], vetoes=[(0, 1), (1, 1)], pins=[(0, 1)])
    with caplog.at_level(logging.WARNING, logger="matchmaker"):
        result = solved(given)
    assert [zh for _, zh in result.unheeded] == [
        "回避 1 条未生效：策略未列入 recusal，其中 1 对仍在方案中",
        "否决 2 条未生效：策略未列入 veto，其中 1 对仍在方案中",
        "点将 1 条未生效：策略未列入 pin，其中 1 对不在方案中",
    ]
    assert "not heeded" in result.summary()
    assert "回避 1 条未生效" in result.summary("zh")
    assert 'the policy has no rule "recusal"; 1 of these pairs are in the plan' in caplog.text


def test_what_a_rule_heeds_is_not_told() -> None:
    given = instance(recusals=[(0, 0)], vetoes=[(1, 1)])
    assert solved(given, Recusal(), Veto()).unheeded == ()
    assert [en.split(" ", 3)[2] for en, _ in solved(given, Recusal()).unheeded] == ["veto"]
    own = Veto(given.recusals)  # another rule that keeps the same pairs apart
    assert [en for en, _ in unheeded(given, (own, Veto()))] == []
    pinned = instance(pins=[(0, 1)])
    assert solved(pinned, Pin()).unheeded == ()
    assert len(unheeded(pinned, (Veto(pinned.pins),))) == 1
