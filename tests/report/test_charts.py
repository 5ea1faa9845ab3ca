"""Charts can be drawn, hold the result's numbers, and stand inside a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from matchmaker.errors import ConfigError, NoAssignmentError
from matchmaker.instance import Instance
from matchmaker.report import charts
from matchmaker.report.svg import inline_svg
from matchmaker.result import Result

OF_RESULT = (charts.loads, charts.needs_against_competence, charts.served, charts.open_and_resolved, charts.coverage)
OF_INSTANCE = (charts.competence, charts.need)


def data(chart: Any) -> list[pd.DataFrame]:
    return [pd.DataFrame(rows) for rows in chart.to_dict()["datasets"].values()]


def test_loads_count_every_officer(result: Result) -> None:
    (frame,) = data(charts.loads(result, "en"))
    assert frame["officers"].sum() == 8
    assert frame.groupby("load")["officers"].sum().to_dict() == {1: 4, 2: 4}


def test_served_counts_every_enterprise_that_expects_requests(result: Result) -> None:
    (frame,) = data(charts.served(result, "en"))
    assert frame["enterprises"].sum() == 11
    assert len(frame) == 11
    assert frame["enterprises"].tolist()[0] == 1
    assert frame["enterprises"].tolist()[-1] == 1


def test_a_share_on_an_edge_falls_into_the_lower_bin(result: Result) -> None:
    assert charts.share_bins([0.0, 0.1, 0.10001, 1.0, 1.2]).tolist() == [0, 0, 1, 9, 10]


def test_bars_hold_what_is_expected(result: Result) -> None:
    frames = [frame for frame in data(charts.open_and_resolved(result, "en")) if "measure" in frame]
    sums = {frame["measure"].iloc[0]: frame["requests"].sum() for frame in frames}
    assert result.instance.need is not None
    assert sums["expected open"] == pytest.approx(result.instance.need.sum())
    assert sums["expected resolved"] == pytest.approx(result.objective)


def test_competence_and_need_are_the_instances(city: Instance) -> None:
    assert city.competence is not None
    assert city.need is not None
    (frame,) = data(charts.competence(city, "en"))
    assert len(frame) == 6
    assert frame["value"].mean() == pytest.approx(city.competence.mean())
    (frame,) = data(charts.need(city, "en"))
    assert len(frame) == 9
    assert frame["value"].sum() == pytest.approx(city.need.sum())


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_words_follow_the_language(result: Result, language: str) -> None:
    written = json.dumps([chart(result, language).to_dict() for chart in OF_RESULT], ensure_ascii=False)
    written += json.dumps([chart(result.instance, language).to_dict() for chart in OF_INSTANCE], ensure_ascii=False)
    assert ("服务企业数" in written) == (language != "en")
    assert ("enterprises served" in written) == (language != "zh")
    assert ("人才招引" in written) == (language != "en")


@pytest.mark.parametrize("chart", OF_RESULT)
def test_drawings_need_nothing_from_outside_and_repeat_to_the_byte(result: Result, chart: Callable[..., Any]) -> None:
    drawn = inline_svg(chart(result, "zh"), 'a "label"')
    assert drawn.startswith('<svg role="img" aria-label="a &#34;label&#34;"')
    for foreign in ("http", "href", "url(", " id=", "<script", "<style", "xmlns"):
        assert foreign not in drawn
    assert drawn == inline_svg(chart(result, "zh"), 'a "label"')


def test_markup_in_a_district_is_drawn_as_text(result: Result, markup: str) -> None:
    assert result.instance.enterprises is not None
    instance = result.instance.replace(enterprises=result.instance.enterprises.assign(district=markup))
    named = Result(instance=instance, policy="p", termination=result.termination, objective=1.0, bound=1.0, plan=result.plan)
    drawn = inline_svg(charts.coverage(named, "zh"), "x")
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn


def test_charts_of_a_bare_matrix_can_be_drawn(bare: Result) -> None:
    for chart in (charts.loads, charts.served):
        assert "<svg" in inline_svg(chart(bare, "en"), "x")


def test_what_cannot_be_drawn_says_so(result: Result, infeasible: Result) -> None:
    with pytest.raises(NoAssignmentError, match="There is no assignment"):
        charts.loads(infeasible)
    with pytest.raises(ConfigError, match="language is 'fr'; expected one of zh, en, both"):
        charts.served(result, "fr")
