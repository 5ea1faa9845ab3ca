"""Charts of an instance and of a plan, for notebooks and for the page. All return altair charts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from matchmaker.instance import Instance
from matchmaker.report.headers import TIERS, Language, checked_language, need_names, say
from matchmaker.report.views import by_district_and_need, by_enterprise, by_need
from matchmaker.result import Result

if TYPE_CHECKING:
    import altair as alt

Drawn = TypeVar("Drawn")

WIDTH = 680
DEEP, LIGHT, ACCENT = "#1f5f8b", "#c9dbe8", "#c8641e"
TIER_COLOURS = ("#1f5f8b", "#6ba3c7", "#c9dbe8")
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
MOST_DEPARTMENTS = 26

WORDS: dict[str, tuple[str, str]] = {
    "load": ("enterprises served", "服务企业数"),
    "officers": ("officers", "干部人数"),
    "tier": ("tier", "层级"),
    "requests": ("requests", "诉求（件）"),
    "open": ("expected open", "预计诉求"),
    "resolved": ("expected resolved", "预计办结"),
    "random": ("if matched at random", "随机配对"),
    "share": ("share expected resolved", "预计办结率"),
    "enterprises": ("enterprises", "企业数"),
    "value": ("affinity received", "所得匹配度"),
    "competence": ("mean competence", "平均能力"),
    "unknown": ("unknown", "未知"),
}


def loads(result: Result, language: str = "both") -> alt.Chart:
    """How many officers serve how many enterprises, by tier.

    Raises
    ------
    NoAssignmentError
        When the result holds no plan.
    """
    import altair as alt

    spoken, instance = checked_language(language), result.instance
    tier = instance.text_of("officer", "tier")
    frame = pd.DataFrame({"load": result.assignment.loads(), "tier": tier}).value_counts(sort=False).rename("officers").reset_index()
    names = {code: say(pair, spoken) for code, pair in TIERS.items()}
    frame["order"] = [list(TIERS).index(code) if code in TIERS else len(TIERS) for code in frame["tier"]]
    frame["tier"] = [names.get(code, code) for code in frame["tier"]]
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(color=DEEP)
        .encode(
            x=alt.X("load:O", title=_word("load", spoken), axis=alt.Axis(labelAngle=0), scale=alt.Scale(paddingInner=0.35)),
            y=alt.Y("officers:Q", title=_word("officers", spoken), axis=alt.Axis(tickMinStep=1, minExtent=48)),
            order=alt.Order("order:Q"),
            tooltip=["load", "tier", "officers"],
        )
    )
    if tier.any():
        shown = [names[code] for code in TIERS if (tier == code).any()]
        scale = alt.Scale(domain=shown, range=list(TIER_COLOURS[: len(shown)]))
        chart = chart.encode(color=alt.Color("tier:N", title=_word("tier", spoken), scale=scale))
    return _calm(chart.properties(width=WIDTH, height=220))


def needs_against_competence(result: Result, language: str = "both") -> alt.VConcatChart:
    """Requests expected open against requests expected resolved: by need, then the share by need and district.

    Raises
    ------
    NoAssignmentError
        When the result holds no plan.
    """
    import altair as alt

    title = _word("share", checked_language(language))
    parts = _open_and_resolved(result, language), _coverage(result, language).properties(title=title)
    together: alt.VConcatChart = alt.VConcatChart(vconcat=list(parts)).resolve_scale(color="independent")
    return _calm(together)


def open_and_resolved(result: Result, language: str = "both") -> alt.LayerChart:
    """For each need: requests expected open, expected resolved, and what officers drawn at random would resolve.

    Raises
    ------
    NoAssignmentError
        When the result holds no plan.
    """
    return _calm(_open_and_resolved(result, language))


def coverage(result: Result, language: str = "both") -> alt.LayerChart:
    """For each need and district: the share of requests expected resolved.

    Raises
    ------
    NoAssignmentError
        When the result holds no plan.
    """
    return _calm(_coverage(result, language))


def served(result: Result, language: str = "both") -> alt.Chart:
    """How well enterprises are served: how many have which share of their requests expected resolved.

    For a bare matrix, which affinity they receive.

    Raises
    ------
    NoAssignmentError
        When the result holds no plan.
    """
    import altair as alt

    spoken, instance = checked_language(language), result.instance
    frame = by_enterprise(result)
    known = instance.need is not None
    values = frame["share" if known else "expected_resolved"].to_numpy(dtype=float)[instance.demand_high > 0]
    values = values[np.isfinite(values)]
    labels, place = _shares(values) if known else _values(values)
    counted = pd.DataFrame({"label": labels, "enterprises": np.bincount(place, minlength=len(labels))})
    chart: alt.Chart = (
        alt.Chart(counted)
        .mark_bar(color=DEEP)
        .encode(
            x=alt.X("label:O", sort=None, title=_word("share" if known else "value", spoken), axis=alt.Axis(labelAngle=-35)),
            y=alt.Y("enterprises:Q", title=_word("enterprises", spoken), axis=alt.Axis(tickMinStep=1, minExtent=48)),
            tooltip=["label", "enterprises"],
        )
    )
    return _calm(chart.properties(width=WIDTH, height=220))


def competence(instance: Instance, language: str = "both") -> alt.LayerChart:
    """Officers' mean competence by department and need: the departments with most officers, largest first."""
    spoken = checked_language(language)
    department = instance.text_of("officer", "department")
    frame = _by_need(instance.competence, instance.shape[0], instance)
    groups = frame.groupby(department)
    largest = groups.size().sort_values(ascending=False, kind="stable").index[:MOST_DEPARTMENTS]
    mean = groups.mean().loc[largest].rename_axis("place").melt(ignore_index=False, var_name="need", value_name="value").reset_index()
    return _calm(_heat(mean, instance, spoken, list(largest), shares=True, flat=False).properties(title=_word("competence", spoken)))


def need(instance: Instance, language: str = "both") -> alt.LayerChart:
    """Requests expected open this round, by district and need."""
    spoken = checked_language(language)
    district = instance.text_of("enterprise", "district")
    frame = _by_need(instance.need, instance.shape[1], instance)
    total = frame.groupby(district).sum().rename_axis("place").melt(ignore_index=False, var_name="need", value_name="value").reset_index()
    return _calm(_heat(total, instance, spoken, sorted(set(district)), shares=False, flat=True).properties(title=_word("open", spoken)))


def share_bins(shares: ArrayLike) -> NDArray[np.int64]:
    """The tenth that each share falls into: 0 for up to 10%, ..., 9 for up to 100%, 10 for more. Same shape."""
    tenths = np.ceil(np.round(np.asarray(shares, dtype=np.float64) * 10, 9)) - 1
    return np.asarray(tenths.clip(0, 10), dtype=np.int64)


def _shares(values: NDArray[np.float64]) -> tuple[list[str], NDArray[np.int64]]:
    labels = [f"{low}–{low + 10}%" for low in range(0, 100, 10)]
    return [*labels, "> 100%"], share_bins(values)


def _values(values: NDArray[np.float64]) -> tuple[list[str], NDArray[np.int64]]:
    edges = np.histogram_bin_edges(values, bins=10)
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, 9)
    return [f"{low:.3g}–{high:.3g}" for low, high in pairwise(edges)], place.astype(np.int64)


def _open_and_resolved(result: Result, language: str) -> alt.LayerChart:
    import altair as alt

    spoken = checked_language(language)
    frame = by_need(result)
    frame["name"] = frame["need"].map(need_names(result.instance, spoken))
    order = frame.sort_values(["expected_open", "need"], ascending=[False, True])["name"].tolist()
    names = [_word(word, spoken) for word in ("open", "resolved", "random")]
    colour = alt.Color("measure:N", title=None, scale=alt.Scale(domain=names, range=[LIGHT, DEEP, ACCENT]))
    x = alt.X("requests:Q", title=_word("requests", spoken))
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, minExtent=_extent(order)))
    told: list[Any] = ["name", "measure", alt.Tooltip("requests", format=".1f"), alt.Tooltip("competence", format=".0%")]
    bases = [
        alt.Chart(frame[["name", "competence"]].assign(measure=name, requests=frame[column])).encode(x=x, y=y, color=colour, tooltip=told)
        for name, column in zip(names, ("expected_open", "expected_resolved", "at_random"), strict=True)
    ]
    written = alt.Chart(frame[["name", "share"]].assign(requests=frame[["expected_open", "expected_resolved"]].max(axis=1)))
    layers = (
        bases[0].mark_bar(height=18),
        bases[1].mark_bar(height=10),
        bases[2].mark_tick(thickness=3, size=20, opacity=1),
        written.mark_text(align="left", dx=5, color="#444").encode(x=x, y=y, text=alt.Text("share:Q", format=".0%")),
    )
    return alt.LayerChart(layer=list(layers)).properties(width=WIDTH, height=26 * max(1, len(frame)))


def _coverage(result: Result, language: str) -> alt.LayerChart:
    spoken = checked_language(language)
    frame = by_district_and_need(result).rename(columns={"district": "place", "share": "value"})
    places = frame.groupby("place")[["expected_open", "expected_resolved"]].sum()
    order = (places["expected_resolved"] / places["expected_open"]).sort_values(kind="stable").index.tolist()
    return _heat(frame, result.instance, spoken, order, shares=True, flat=True)


def _heat(frame: pd.DataFrame, instance: Instance, language: Language, order: list[str], *, shares: bool, flat: bool) -> alt.LayerChart:
    """Needs against places (across when `flat`, else down), coloured and written out. Columns place, need, value."""
    import altair as alt

    names, unknown = need_names(instance, language), _word("unknown", language)
    frame = frame[["place", "need", "value"]].assign(name=frame["need"].map(names), place=frame["place"].replace("", unknown))
    order = [place or unknown for place in order]
    across = flat and 13 * max(map(len, order), default=0) * len(order) < WIDTH
    down, along = (list(names.values()), order) if flat else (order, list(names.values()))
    y_axis = alt.Axis(labelLimit=260, minExtent=_extent(down))
    x_axis = alt.Axis(labelAngle=0 if across else -40, labelLimit=200)
    y = alt.Y("name:N" if flat else "place:N", title=None, sort=down, axis=y_axis)
    x = alt.X("place:N" if flat else "name:N", title=None, sort=along, axis=x_axis)
    low, high = _range(frame["value"].to_numpy(dtype=float), shares)
    written = ".0%" if shares else ".1f" if high < 100 else ".0f"
    scale = alt.Scale(domain=[low, high], scheme="blues")
    base = alt.Chart(frame).encode(x=x, y=y, tooltip=["place", "name", alt.Tooltip("value", format=written)])
    cells = base.mark_rect(stroke="white").encode(color=alt.Color("value:Q", scale=scale, legend=None))
    dark = alt.condition(alt.datum.value > low + 0.55 * (high - low), alt.value("white"), alt.value("#234"))
    figures = (
        base.transform_filter("isValid(datum.value)").mark_text(fontSize=10).encode(text=alt.Text("value:Q", format=written), color=dark)
    )
    rows = len(names) if flat else len(order)
    return alt.LayerChart(layer=[cells, figures]).properties(width=WIDTH, height=24 * max(1, rows))


def _range(values: NDArray[np.float64], shares: bool) -> tuple[float, float]:
    """From where to where colours run: whole tenths for shares, from 0 for counts."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = (float(np.floor(known.min() * 10) / 10), float(np.ceil(known.max() * 10) / 10)) if shares else (0.0, float(known.max()))
    return (low, high) if high > low else (low, low + 1.0)


def _extent(labels: list[str]) -> float:
    """Pixels that the longest label may take in whatever font the reader's machine has."""
    return max((sum(13.0 if letter > "\u2e7f" else 7.2 for letter in label) for label in labels), default=0.0) + 8


def _by_need(values: NDArray[np.float64] | None, size: int, instance: Instance) -> pd.DataFrame:
    """A matrix of shape (size, K), or zeros where the instance knows none, with a column a need."""
    codes = [need.code for need in instance.needs]
    return pd.DataFrame(np.zeros((size, len(codes))) if values is None else values, columns=codes)


def _calm(chart: Drawn) -> Drawn:
    """One look for every chart: light grid, no frame, generic fonts that hold Chinese."""
    ink, line = "#334", "#b8c4ce"
    axis = {"gridColor": "#e9eef2", "domainColor": line, "tickColor": line, "labelFontSize": 12, "titleFontSize": 12}
    legend = {"orient": "bottom", "labelFontSize": 12, "labelLimit": 400, "titleFontSize": 12, "symbolType": "square"}
    legend |= {"symbolOpacity": 1, "columnPadding": 28, "labelOffset": 6}
    words = {"labelColor": ink, "titleColor": ink, "titleFontWeight": "normal"}
    drawn: Any = chart
    drawn = drawn.configure(font=FONT, background="transparent", aria=False).configure_view(stroke=None)
    drawn = drawn.configure_axis(**axis, **words).configure_legend(**legend, **words)
    return cast("Drawn", drawn.configure_title(anchor="start", fontSize=13, fontWeight="normal", color=ink))


def _word(key: str, language: Language) -> str:
    return say(WORDS[key], language)
