"""Writing tables and loading them gives the same tables: in every format, in both languages, whatever stands in the cells."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.tables import Tables, load, write
from matchmaker.tables.formatting import as_text
from matchmaker.tables.money import money

SPICE = st.sampled_from(
    [
        '=HYPERLINK("x")',
        "+1",
        "-1",
        "@a",
        "<b>&amp;</b>",
        'a"b,c',
        "a\nb",
        "'x",
        "{=1}",
        "http://example.com",
        "_x0041_",
        "1e5",
        "TRUE",
        "N/A",
        "0012",
        "企业",
    ]
)
PROSE = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=12) | SPICE
WORD = st.text(st.sampled_from("金融贷款ab12"), min_size=1, max_size=4)
COUNT = st.integers(0, 2**31 - 1)
SUM = st.floats(0, 1e12) | st.just(float("nan"))
DAY = st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31))
IDS = st.lists(st.from_regex(r"\A[0-9A-Z=+][0-9A-Z]{0,5}\Z"), min_size=1, max_size=4, unique=True)
NEEDS = ["finance", "land", "law", "own"]


def rows(size: int, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, list[Any]]]:
    return st.fixed_dictionaries({name: st.lists(column, min_size=size, max_size=size) for name, column in columns.items()})


@st.composite
def cities(draw: st.DrawFn) -> Tables:
    officers, enterprises, requests = draw(IDS), draw(IDS), draw(IDS)
    n, m, q = len(officers), len(enterprises), len(requests)
    needs = st.lists(st.sampled_from(NEEDS), max_size=3, unique=True).map(tuple)
    pair = {"officer_id": st.sampled_from(officers), "enterprise_id": st.sampled_from(enterprises)}
    place = st.sampled_from(["西湖", "桐庐县"])
    staff = draw(
        rows(n, name=PROSE, department=WORD, tier=st.sampled_from(["city", "county", "township"]), capacity=COUNT, specialities=needs)
    )
    firms = draw(
        rows(m, name=PROSE, district=st.just("") | place, scope=PROSE, capital=SUM, employees=SUM, registered_on=DAY, demand_high=COUNT)
    )
    asked = draw(
        rows(
            q,
            enterprise_id=pair["enterprise_id"],
            need=st.sampled_from(["", *NEEDS]),
            text=PROSE,
            urgency=st.sampled_from(["red", "yellow", "green"]),
        )
    )
    told = draw(rows(q, request_id=st.sampled_from(requests), officer_id=pair["officer_id"], resolved=st.booleans(), closed_on=DAY))
    frames = {
        "officers": pd.DataFrame({"officer_id": officers, **staff, "district": "西湖", "town": "某镇"}),
        "enterprises": pd.DataFrame({"enterprise_id": enterprises, **firms}, dtype=object),
        "requests": pd.DataFrame({"request_id": requests, **asked}),
        "outcomes": pd.DataFrame(told, dtype=object).drop_duplicates(ignore_index=True),
        "recusals": pd.DataFrame(draw(rows(2, **pair, actor=PROSE, reason=PROSE))),
        "visits": pd.DataFrame(draw(rows(2, **pair, visited_on=st.dates()))),
        "departments": pd.DataFrame({"department": ["a"], "needs": [draw(needs)], "contact": draw(PROSE)}),
        "districts": pd.DataFrame({"district": ["西湖", "桐庐县"], "aliases": [draw(st.lists(WORD, max_size=2).map(tuple)), ()]}),
        "needs": pd.DataFrame(
            {"need": ["own"], "zh": [draw(st.sampled_from(["自有", "自/有", "a"]))], "en": ["our own"], "keywords": [("甲", "乙")]}
        ),
    }
    return Tables.from_frames(aliases=None, **frames)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("format", ["csv", "parquet", "xlsx"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables=cities())
def test_what_is_written_is_what_is_loaded(format: Any, language: Any, tables: Tables) -> None:  # noqa: A002
    with tempfile.TemporaryDirectory() as folder:
        path = write(tables, Path(folder) / ("city.xlsx" if format == "xlsx" else "city"), language=language, format=format)
        again = load(path)
    for name, frame in tables:
        pd.testing.assert_frame_equal(dict(again)[name], frame)
    assert again.equals(tables)


@settings(deadline=None)
@given(st.floats(0, 1e300))
def test_sums_are_written_so_that_they_read_back(amount: float) -> None:
    assert money(as_text(amount, "zh")) == amount
