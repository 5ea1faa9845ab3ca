"""From tables to an instance: ids in order, affinity from the profiles, what people said kept, and what cannot be used named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import matchmaker as mm
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError, DataError
from matchmaker.tables import Tables


def some_tables(**changes: pd.DataFrame) -> Tables:
    frames: dict[str, Any] = {
        "officers": pd.DataFrame(
            {
                "officer_id": ["O2", "O1", "O10"],
                "department": ["金融办", "某局", "某局"],
                "tier": ["市", "县", "县"],
                "district": ["", "东区", "东区"],
                "capacity": [2, 1, 3],
                "min_load": [0, 1, 0],
                "specialities": ["金融", "", "land"],
            }
        ),
        "enterprises": pd.DataFrame(
            {"enterprise_id": ["E3", "E1", "E2"], "district": ["东区", "东区", ""], "demand_low": [1, 0, 1], "demand_high": [2, 1, 1]}
        ),
        "requests": pd.DataFrame(
            {
                "request_id": ["R1", "R2", "R3"],
                "enterprise_id": ["E1", "E1", "E3"],
                "need": ["金融", "finance", "用地"],
                "urgency": ["红", "绿", "绿"],
            }
        ),
        "outcomes": pd.DataFrame({"request_id": ["R2", "R3"], "officer_id": ["O2", "O1"], "resolved": ["是", "否"]}),
        "visits": pd.DataFrame(
            {
                "officer_id": ["O1", "O1", "O2"],
                "enterprise_id": ["E1", "E1", "E3"],
                "visited_on": ["2023-05-01", "2023-06-01", "2023-05-02"],
            }
        ),
        "recusals": pd.DataFrame(
            {"officer_id": ["O2", "O1"], "enterprise_id": ["E1", "E3"], "actor": ["某人", ""], "reason": ["亲属", ""]}
        ),
        "pins": pd.DataFrame({"officer_id": ["O10"], "enterprise_id": ["E2"], "actor": ["某人"], "reason": ["点将"]}),
        "plan": pd.DataFrame({"officer_id": ["O2", "O1"], "enterprise_id": ["E3", "E1"]}),
    }
    return Tables.from_frames(**(frames | changes))


def test_ids_are_sorted_and_everything_stands_beside_them() -> None:
    instance = mm.build(some_tables(), name="second round")
    assert instance.officer_ids.tolist() == ["O1", "O10", "O2"]
    assert instance.enterprise_ids.tolist() == ["E1", "E2", "E3"]
    assert instance.capacity_low.tolist() == [1, 0, 0]
    assert instance.capacity_high.tolist() == [1, 3, 2]
    assert instance.demand_low.tolist() == [0, 1, 1]
    assert instance.demand_high.tolist() == [1, 1, 2]
    assert instance.officers is not None
    assert instance.officers["officer_id"].tolist() == ["O1", "O10", "O2"]
    assert instance.officers.index.equals(pd.RangeIndex(3))
    assert instance.name == "second round"


def test_affinity_is_competence_times_need() -> None:
    instance = mm.build(some_tables())
    assert instance.competence is not None
    assert instance.need is not None
    everyone = np.arange(3)
    assert instance.affinity.block(everyone, everyone) == pytest.approx(instance.competence @ instance.need.T)
    assert ((instance.competence > 0) & (instance.competence < 1)).all()
    assert (instance.need >= 0).all()
    finance = [need.code for need in instance.needs].index("finance")
    assert instance.competence[instance.officer("O2"), finance] == instance.competence[:, finance].max()
    assert instance.need[instance.enterprise("E1")].argmax() == finance


def test_it_says_what_reports_need() -> None:
    instance = mm.build(some_tables())
    assert instance.officers is not None
    assert instance.enterprises is not None
    assert instance.officers["handled"].tolist() == [1, 0, 1]
    assert instance.officers["resolved"].tolist() == [0, 0, 1]
    assert instance.officers["record"].tolist() == ["0 / 1", "0 / 0", "1 / 1"]
    place = [need.code for need in instance.needs].index
    assert [row[place("land")] for row in instance.officers["basis"]] == ["record", "speciality", "overall"]
    assert instance.enterprises["open_requests"].tolist() == [1, 0, 1]
    assert instance.enterprises["visits"].tolist() == [2, 0, 1]
    assert instance.enterprises["basis"].tolist() == [
        "1 open request; own history of 2 requests; all 3 enterprises",
        "all 3 enterprises",
        "1 open request; all 3 enterprises",
    ]
    assert instance.enterprises["basis_zh"].iloc[2] == "未办结诉求 1 件；全部 3 家企业"
    assert instance.enterprises["expected_new"].sum() == pytest.approx(3)


def test_what_people_said_about_pairs_is_kept_with_who_and_why() -> None:
    instance = mm.build(some_tables())
    recusals = instance.recusals
    assert instance.officer_ids[recusals.officers].tolist() == ["O1", "O2"]
    assert instance.enterprise_ids[recusals.enterprises].tolist() == ["E3", "E1"]
    assert recusals.actor.tolist() == ["", "某人"]
    assert recusals.reason.tolist() == ["", "亲属"]
    assert len(instance.pins) == 1
    assert len(instance.vetoes) == 0


def test_the_plan_among_the_tables_is_last_rounds() -> None:
    instance = mm.build(some_tables())
    assert instance.previous is not None
    assert instance.previous.pairs == {("O1", "E1"), ("O2", "E3")}
    assert instance.previous.officer_ids.tolist() == instance.officer_ids.tolist()


def test_a_plan_that_is_given_goes_before_it() -> None:
    given = Assignment.from_frame(pd.DataFrame({"officer_id": ["O10"], "enterprise_id": ["E2"]}))
    instance = mm.build(some_tables(), given)
    assert instance.previous is not None
    assert instance.previous.pairs == {("O10", "E2")}
    without = some_tables().replace(plan=pd.DataFrame({"officer_id": [], "enterprise_id": []}))
    assert mm.build(without).previous is None


def old_plan() -> Assignment:
    return Assignment.from_frame(pd.DataFrame({"officer_id": ["O1", "O9", "O2"], "enterprise_id": ["E1", "E1", "E8"]}))


def test_departed_pairs_are_all_named() -> None:
    with pytest.raises(DataError, match=r"2 cells(.|\n)*'O2', 'E8'(.|\n)*'O9', 'E1'(.|\n)*departed=\"drop\"(.|\n)*已不在本轮表中"):
        mm.build(some_tables(), old_plan())


def test_departed_pairs_are_dropped_when_told_so_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    instance = mm.build(some_tables(), old_plan(), departed="drop")
    assert instance.previous is not None
    assert instance.previous.pairs == {("O1", "E1")}
    assert "2 of last round's 3 pairs are dropped" in caplog.text
    assert "(O9, E1)" in caplog.text


def test_another_word_for_departed_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"departed is 'dropp'.*Did you mean \"drop\""):
        mm.build(some_tables(), departed="dropp")  # type: ignore[arg-type]


def test_own_needs_are_needs() -> None:
    own = pd.DataFrame({"need": ["zoning"], "zh": ["规划"], "en": ["zoning"], "keywords": ["红线"]})
    asked = pd.DataFrame({"request_id": ["R1"], "enterprise_id": ["E1"], "need": ["规划"]})
    instance = mm.build(some_tables(needs=own, requests=asked, outcomes=pd.DataFrame({"request_id": [], "officer_id": [], "resolved": []})))
    assert instance.needs[-1].code == "zoning"
    assert instance.need is not None
    assert instance.need[0].argmax() == 12


def test_as_of_goes_back_to_that_day() -> None:
    instance = mm.build(some_tables(), as_of="2023-05-15")
    assert instance.enterprises is not None
    assert instance.enterprises["visits"].tolist() == [1, 0, 1]


def test_notes_on_unknown_ids_are_all_named() -> None:
    tables = some_tables()
    stray = pd.DataFrame({"officer_id": ["O1", "O7"], "enterprise_id": ["E7", "E1"], "actor": "", "reason": ""})
    unchecked = Tables(officers=tables.officers, enterprises=tables.enterprises, vetoes=stray)
    with pytest.raises(DataError, match=r"2 cells(.|\n)*vetoes, column officer_id: 'O7'(.|\n)*column enterprise_id: 'E7'"):
        mm.build(unchecked)


@pytest.mark.parametrize("empty", ["officers", "enterprises"])
def test_nobody_to_serve_or_be_served_is_an_error(empty: str) -> None:
    frames: dict[str, Any] = dict(some_tables())
    with pytest.raises(DataError, match=r"it is empty\. Give at least one officer and one enterprise"):
        mm.build(Tables(**(frames | {name: frames[name].iloc[:0] for name in (empty, "requests", "outcomes", "recusals", "pins", "plan")})))


def test_tables_stay_as_they_are() -> None:
    tables, untouched = some_tables(), some_tables()
    mm.build(tables)
    assert tables.equals(untouched)


def test_it_does_not_load_scikit_learn_without_texts_to_learn_from(in_subprocess: Callable[[str], str]) -> None:
    code = """
import sys
import pandas as pd
import matchmaker as mm
from matchmaker.tables import Tables
officers = pd.DataFrame({"officer_id": ["O"], "department": ["某局"], "tier": ["市"], "capacity": [1]})
enterprises = pd.DataFrame({"enterprise_id": ["E"], "district": [""]})
requests = pd.DataFrame({"request_id": ["R"], "enterprise_id": ["E"], "text": ["缺工"]})
mm.build(Tables.from_frames(officers=officers, enterprises=enterprises, requests=requests))
print("sklearn" in sys.modules)
"""
    assert in_subprocess(code).strip() == "False"


def test_the_first_open_request_says_when_an_enterprise_came() -> None:
    filed = ["2023-05-03", "2023-02-01", "2023-04-04", "2023-06-01"]
    requests = pd.DataFrame(
        {"request_id": ["R1", "R2", "R3", "R4"], "enterprise_id": ["E1", "E1", "E3", "E1"], "need": ["金融"] * 4, "filed_on": filed}
    )
    instance = mm.build(some_tables(requests=requests))
    assert instance.enterprises is not None
    first = instance.enterprises["first_filed_on"]
    assert [None if pd.isna(day) else str(day.date()) for day in first] == ["2023-05-03", None, "2023-04-04"]
    assert instance.enterprises["first_filed_on"].equals(mm.build(some_tables(requests=requests[::-1])).enterprises["first_filed_on"])  # type: ignore[index]
    earlier = mm.build(some_tables(requests=requests), as_of="2023-04-30").enterprises
    assert earlier is not None
    assert earlier["first_filed_on"].isna().tolist() == [True, True, False]


def test_todays_practice_serves_first_who_filed_first() -> None:
    requests = pd.DataFrame(
        {"request_id": ["R1", "R3"], "enterprise_id": ["E1", "E3"], "need": ["金融"] * 2, "filed_on": ["2023-05-03", "2023-04-04"]}
    )
    officers = pd.DataFrame({"officer_id": ["O1"], "department": ["某局"], "tier": ["县"], "district": ["东区"], "capacity": [1]})
    enterprises = pd.DataFrame(
        {
            "enterprise_id": ["E1", "E2", "E3"],
            "district": ["东区"] * 3,
            "registered_on": ["1999-01-01", "1998-01-01", "2020-01-01"],
        }
    )
    instance = mm.build(Tables.from_frames(officers=officers, enterprises=enterprises, requests=requests))
    assert mm.solve(instance, mm.policies.territorial()).assignment.pairs == {("O1", "E3")}
