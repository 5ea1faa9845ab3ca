"""Input that is wrong in what it says rather than in how it is written."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from xlsxwriter.exceptions import FileCreateError

import matchmaker as mm
from matchmaker import datasets, tables
from matchmaker.diagnosis import Diagnosis
from matchmaker.errors import ConfigError, DataError
from matchmaker.naming import named
from matchmaker.report import plan_frame, write_plan_csv
from matchmaker.tables import Tables, strays


@pytest.fixture(scope="module")
def city() -> Tables:
    return datasets.small_tables()


def noted(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame([(*row, "市府办", "试点") for row in rows], columns=["officer_id", "enterprise_id", "actor", "reason"])


@pytest.mark.parametrize("barred", ["recusals", "vetoes"])
def test_a_pair_that_is_pinned_and_barred_is_named_with_both_rows(city: Tables, barred: str) -> None:
    pairs = {"pins": noted(("G1", "E1"), ("G2", "E2")), barred: noted(("G3", "E3"), ("G4", "E4"), ("G2", "E2"))}
    with pytest.raises(DataError, match=rf"pins, row 3.*'G2', 'E2'.* is pinned, and stands in {barred} \(row 4\) too.*点将") as caught:
        city.replace(**pairs)
    assert len(caught.value.failures) == 1


def test_a_need_listed_twice_is_named(city: Tables) -> None:
    needs = pd.DataFrame([("space", "太空", "Space", ""), ("space", "航天", "Rockets", "")], columns=["need", "zh", "en", "keywords"])
    with pytest.raises(DataError, match="needs, row 3, column need: 'space' stands in row 2 already"):
        city.replace(needs=needs)


@pytest.mark.parametrize("typo", ["2999-07-04", "0203-07-04"])
def test_one_mistyped_day_is_told_and_does_not_thin_out_the_record(city: Tables, typo: str) -> None:
    requests = city.requests.copy()
    requests["filed_on"] = requests["filed_on"].astype(object)
    requests.loc[0, "filed_on"] = typo
    wrong = city.replace(requests=requests)
    told = wrong.notices[wrong.notices["column"] == "filed_on"]
    assert told["notice"].tolist() == ["is years away from the other days: mistyped?"]
    right, found = (mm.build(one).enterprises["expected_new"].sum() for one in (city, wrong))  # type: ignore[index]
    assert found == pytest.approx(right, rel=0.1)


def test_a_long_record_has_no_strays() -> None:
    twenty_years = np.arange("2003-01-01", "2023-01-01", 7, dtype="datetime64[D]")
    assert not strays(twenty_years).any()
    assert not strays(np.array(["2003-01-01", "2023-01-01", "NaT"], dtype="datetime64[D]")).any()


@pytest.mark.parametrize("day", ["yesterday", "2023-02-30", "NaT"])
def test_a_day_that_is_none_is_refused(city: Tables, day: str) -> None:
    with pytest.raises(ConfigError, match=r"as_of is .* expected a day such as 2023-07-01"):
        mm.build(city, as_of=day)


def test_a_reason_that_begins_like_a_formula_is_guarded_in_csv(city: Tables, tmp_path: Path) -> None:
    codes = [
        "supply_chain",
        "finance",
        "talent",
        "energy",
        "labour",
        "market",
        "land",
        "permits",
        "policy_rewards",
        "law",
        "tax",
        "innovation",
    ]
    needs = pd.DataFrame([(code, f"=1+{k}", f"=2+{k}", "") for k, code in enumerate(codes)], columns=["need", "zh", "en", "keywords"])
    result = mm.solve(mm.build(city.replace(needs=needs)))
    assert plan_frame(result)["reason"].str.startswith("=").any()
    path = f"{tmp_path}/plan.csv"
    write_plan_csv(result, path)
    written = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert written["reason"].str.startswith("'=").any()
    for column in ("reason", "reason_zh", "pinned_by", "pin_reason"):
        assert not written[column].str.startswith(("=", "+", "-", "@")).any()


def test_an_id_that_looks_like_a_mark_is_shown_as_it_is() -> None:
    instance = mm.build(datasets.small_tables()).replace(officer_ids=np.array(["{e0}", *"bcdef"], dtype=object))
    said = (("Officer {o0} and enterprise {e0}", "干部 {o0} 与企业 {e0}"),)
    nobody = np.empty(0, dtype=object)
    found = Diagnosis(
        side="pins",
        officers=np.array([0]),
        enterprises=np.array([0]),
        officer_ids=nobody,
        enterprise_ids=nobody,
        asked=0,
        available=0,
        notes=said,
    )
    told = named(found, instance)
    assert told is not None
    assert told.text("en") == f"Officer {{e0}} and enterprise {instance.enterprise_ids[0]}"


def test_a_full_disk_under_a_workbook_of_tables_is_the_systems_refusal(
    city: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FileCreateError(OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(tables.writing, "_fill_workbook", full)
    with pytest.raises(OSError, match="No space left on device"):
        tables.write(city, tmp_path / "city.xlsx")
    assert not list(tmp_path.iterdir())


def test_what_a_setting_may_not_be_is_said_in_both_languages() -> None:
    with pytest.raises(ConfigError, match=r"expected a finite number of at least 0\. \| Continuity：权重应为不小于 0"):
        mm.objectives.Continuity(weight=-1)
    with pytest.raises(DataError, match=r"expected a number or shape \(2,\)\. \| capacity 应为一个数，或 2 个数"):
        mm.assign(np.ones((2, 2)), capacity=[1, 2, 3])


@pytest.mark.parametrize("name", ["capacity", "demand", "min_load", "load"])
def test_what_a_mask_hides_is_nobodys_number(name: str) -> None:
    hidden = np.ma.array([1.0, 1.0], mask=[False, True])
    with pytest.raises(DataError, match=r"row 1.*is masked"):
        mm.assign(np.eye(2), **{"capacity": 2, name: hidden})
    with pytest.raises(DataError, match=r"row 1.*is masked"):
        mm.Factors(hidden[:, None], np.ones((2, 1)))
