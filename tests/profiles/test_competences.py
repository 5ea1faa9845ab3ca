"""Competences are calibrated, better than raw rates and than the mean, and say what they rest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from simulated import City, simulated_city

from matchmaker.profiles import BASES, Competence, Taxonomy, competence
from matchmaker.tables import Tables

TAXONOMY = Taxonomy.programme()
FINANCE, TAX, LAND = (TAXONOMY.index(code) for code in ("finance", "tax", "land"))


def officers(*rows: tuple[str, str, tuple[str, ...]]) -> pd.DataFrame:
    ids, departments, specialities = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "officer_id": ids,
            "name": "",
            "department": departments,
            "tier": "city",
            "capacity": 2,
            "min_load": 0,
            "specialities": specialities,
        }
    )


def outcomes(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    """(officer, need, resolved, not resolved) as one row a request."""
    cells = [(who, need, good) for who, need, yes, no in rows for good in [True] * yes + [False] * no]
    frame = pd.DataFrame(cells, columns=["officer_id", "need", "resolved"])
    frame["request_id"] = [f"R{r:05d}" for r in range(len(frame))]
    return frame.assign(enterprise_id="E1", closed_on=pd.Timestamp("2023-05-01"))


ENTERPRISES = pd.DataFrame({"enterprise_id": ["E1"], "name": "", "district": "", "industry": "", "scope": ""})
MANDATES = pd.DataFrame({"department": ["金融办", "税务局"], "needs": [("finance",), ("tax",)], "contact": ""})


@pytest.fixture(scope="module")
def city() -> City:
    return simulated_city(500, 700, 9000)


@pytest.fixture(scope="module")
def learned(city: City) -> Competence:
    return competence(city.tables, TAXONOMY)


def log_loss(predicted: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Expected log loss of a fresh outcome of every officer and need."""
    return float(-(truth * np.log(predicted) + (1 - truth) * np.log1p(-predicted)).mean())


def test_it_is_calibrated(city: City, learned: Competence) -> None:
    edges = np.quantile(learned.matrix, np.linspace(0, 1, 11)[1:-1])
    bins = np.digitize(learned.matrix, edges)
    off = [abs(float((learned.matrix - city.ability)[bins == b].mean())) for b in range(10)]
    assert float(np.mean(off)) < 0.02
    assert max(off) < 0.05


def test_held_out_outcomes_surprise_it_less_than_raw_rates_or_the_mean(city: City, learned: Competence) -> None:
    mean = float(learned.resolved.sum() / learned.handled.sum())
    raw = np.where(learned.handled > 0, learned.resolved / np.maximum(learned.handled, 1), mean)
    ours, truth = log_loss(learned.matrix, city.ability), log_loss(city.ability, city.ability)
    overall = log_loss(np.full_like(learned.matrix, mean), city.ability)
    assert ours < min(log_loss(np.clip(raw, clip, 1 - clip), city.ability) for clip in (0.01, 0.05, 0.1, 0.2))
    assert overall - ours > 0.6 * (overall - truth)


def test_it_says_what_each_rests_on(learned: Competence) -> None:
    basis = learned.basis.to_numpy(dtype=object)
    assert set(basis.ravel()) <= set(BASES)
    assert ((basis == "record") == (learned.handled > 0)).all()
    assert learned.basis.shape == learned.matrix.shape
    frame = learned.to_frame()
    assert frame.shape == (learned.matrix.size, 6)
    assert frame[["officer_id", "need"]].to_numpy().tolist()[TAX] == ["O00000", "tax"]
    assert frame["competence"].iloc[TAX] == learned.matrix[0, TAX]


def test_without_a_record_speciality_beats_mandate_beats_nothing_known_beats_outside() -> None:
    people = officers(("A", "金融办", ("tax",)), ("B", "金融办", ()), ("C", "某局", ()), ("D", "税务局", ()))
    able = competence(Tables(officers=people, enterprises=ENTERPRISES, departments=MANDATES), TAXONOMY)
    assert able.matrix[0, TAX] > able.matrix[3, TAX] > able.matrix[2, TAX] > able.matrix[1, TAX]
    assert able.matrix[:, TAX] == pytest.approx([0.79, 0.31, 0.6, 0.69], abs=0.01)
    assert able.basis["tax"].tolist() == ["speciality", "overall", "overall", "mandate"]


def test_what_placement_is_worth_is_learned_from_other_needs() -> None:
    """Where specialists did worse than others, a specialist without a record is believed to do worse."""
    people = officers(
        *((f"S{i}", "某局", ("finance",)) for i in range(20)), *((f"U{i}", "某局", ()) for i in range(20)), ("X", "他局", ("tax",))
    )
    record = outcomes(*((f"S{i}", "finance", 1, 9) for i in range(20)), *((f"U{i}", "land", 9, 1) for i in range(20)))
    able = competence(Tables(officers=people, enterprises=ENTERPRISES, outcomes=record), TAXONOMY)
    x = able.officer_ids.tolist().index("X")
    assert able.basis.loc[x, "tax"] == "speciality"
    assert able.matrix[x, TAX] < 0.35


def test_a_colleague_without_a_record_takes_after_the_department() -> None:
    people = officers(
        *((f"{name}{i}", name, ()) for name in ("甲局", "乙局") for i in range(8)), ("甲局z", "甲局", ()), ("乙局z", "乙局", ())
    )
    record = outcomes(*((f"甲局{i}", "finance", 9, 1) for i in range(8)), *((f"乙局{i}", "finance", 2, 8) for i in range(8)))
    able = competence(Tables(officers=people, enterprises=ENTERPRISES, outcomes=record), TAXONOMY)
    found = dict(zip(able.officer_ids, able.matrix[:, FINANCE], strict=True))
    assert found["甲局z"] > 0.75
    assert found["乙局z"] < 0.35
    assert able.basis.loc[able.officer_ids.tolist().index("甲局z"), "finance"] == "department"


def test_those_who_left_count_for_the_need_alone() -> None:
    people = officers(("A", "某局", ()))
    before = competence(Tables(officers=people, enterprises=ENTERPRISES), TAXONOMY)
    gone = outcomes(*((f"G{i}", "finance", 0, 10) for i in range(30)))
    after = competence(Tables(officers=people, enterprises=ENTERPRISES, outcomes=gone), TAXONOMY)
    assert after.officer_ids.tolist() == ["A"]
    assert after.handled.sum() == 0
    assert after.matrix[0, FINANCE] < 0.2 < before.matrix[0, FINANCE]


def test_an_outcome_without_a_need_has_that_of_its_request() -> None:
    people = officers(("A", "某局", ()))
    record = outcomes(("A", "", 3, 1))
    asked = pd.DataFrame(
        {"request_id": record["request_id"], "enterprise_id": "E1", "need": ["land", "land", "tax", "land"], "text": "", "urgency": "green"}
    )
    able = competence(Tables(officers=people, enterprises=ENTERPRISES, outcomes=record, requests=asked), TAXONOMY)
    assert able.handled[0, [LAND, TAX, FINANCE]].tolist() == [3, 1, 0]
    assert able.resolved[0, [LAND, TAX]].tolist() == [2, 1]


def test_what_was_closed_later_is_not_known_yet() -> None:
    record = outcomes(("A", "land", 3, 0)).assign(closed_on=pd.to_datetime(["2023-05-01", "2023-05-02", "2023-06-01"]))
    tables = Tables(officers=officers(("A", "某局", ())), enterprises=ENTERPRISES, outcomes=record)
    assert competence(tables, TAXONOMY, as_of="2023-05-02").handled[0, LAND] == 2
    assert competence(tables, TAXONOMY).handled[0, LAND] == 3


def test_more_of_the_same_record_moves_it_towards_the_officers_own_rate() -> None:
    people = officers(*((f"A{i}", "某局", ()) for i in range(6)))
    others = [(f"A{i}", "land", 4 + i % 3, 3) for i in range(1, 6)]
    found = [
        competence(Tables(officers=people, enterprises=ENTERPRISES, outcomes=outcomes(("A0", "land", 0, bad), *others)), TAXONOMY).matrix[
            0, LAND
        ]
        for bad in (0, 1, 5, 50)
    ]
    assert sorted(found, reverse=True) == found
    assert found[-1] < 0.25 < 0.5 < found[0]
