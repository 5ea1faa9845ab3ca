"""The page's sections, in the order a planner asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from matchmaker import metrics
from matchmaker.report import charts
from matchmaker.report.cells import Table, Words, table
from matchmaker.report.changes import changes
from matchmaker.report.sheets import irreconcilable
from matchmaker.report.story import aims, percent
from matchmaker.report.svg import inline_svg
from matchmaker.report.unmet import unmet
from matchmaker.report.views import by_enterprise, by_hand, by_need
from matchmaker.result import Result

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_ROWS = 200
WORST = 20
DEAREST = 10


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart drawn once in each language, with what it shows."""

    caption: Words
    zh: Markup
    en: Markup


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, a few sentences, charts, tables, and tables folded away."""

    key: str
    title: Words
    texts: list[Words] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    folded: list[Table] = field(default_factory=list)


def sections(result: Result) -> list[Section]:
    """Everything after the summary."""
    needs = {need.code: Words(need.en, need.zh) for need in result.instance.needs}
    makers = (_diagnosis,) if result.plan is None else (_loads, _needs, _districts, _served, _continuity)
    made = [make(result, needs) for make in (*makers, _by_hand, _proof)]
    return [section for section in made if section is not None]


def _diagnosis(result: Result, needs: Mapping[str, Words]) -> Section | None:
    """Why no plan can exist."""
    if result.diagnosis is None:
        return None
    texts = [Words(result.diagnosis.text("en"), result.diagnosis.text("zh"))]
    frame = irreconcilable(result)
    caption = _first(frame, Words("who cannot be reconciled, with their places", "无法兼顾的干部与企业及其名额"))
    tables = [table(frame.head(MOST_ROWS), ["side", "id", "name", "places"], caption, needs)] if len(frame) else []
    return Section(key="why", title=Words("Why no plan exists", "为何没有可行方案"), texts=texts, tables=tables)


def _loads(result: Result, needs: Mapping[str, Words]) -> Section:
    """How the work is shared among officers."""
    loads, high = result.assignment.loads(), result.instance.capacity_high
    counted = (
        pd.DataFrame({"load": loads, "free": high - loads})
        .groupby("load", as_index=False)
        .agg(officers=("free", "size"), free=("free", "sum"))
    )
    spare, idle = int((high - loads).sum()), metrics.idle_officers(result.instance, result.assignment)
    text = Words(
        f"{idle:,} officers with capacity have no enterprise; {spare:,} places are left free.",
        f"有{idle:,}名可服务的干部未安排企业；尚余名额{spare:,}个。",
    )
    caption = Words("Officers by the number of enterprises they serve, by tier.", "按服务企业数统计的干部人数（分层级）。")
    return Section(
        key="loads",
        title=Words("How the work is shared", "干部负荷"),
        texts=[text],
        figures=[_figure(charts.loads, result, caption)],
        folded=[table(counted, ["load", "officers", "free"], caption, needs)],
    )


def _needs(result: Result, needs: Mapping[str, Words]) -> Section | None:
    """Needs against competence."""
    if not needs or result.instance.need is None:
        return None
    frame = by_need(result)
    drawn = Words(
        "Requests expected open (light), expected resolved by this plan (dark), and by as many officers drawn at random (mark). "
        "The figure beside each bar is the share expected resolved.",
        "浅色为预计诉求，深色为本方案预计办结，竖线为同样数量的干部随机配对时的预计办结；条旁数字为预计办结率。",
    )
    where = Words(
        "Share expected resolved by need and district, the district with the lowest share first.",
        "各区县各类需求的预计办结率，整体办结率最低的区县在前。",
    )
    figures = [_figure(charts.open_and_resolved, result, drawn), _figure(charts.coverage, result, where)]
    columns = ["need", "expected_open", "expected_resolved", "share", "at_random", "competence"]
    caption = Words("Needs against competence; competence is the mean over all officers.", "需求与能力对照；能力为全体干部平均值。")
    return Section(
        key="needs",
        title=Words("Needs against competence", "需求与能力"),
        figures=figures,
        folded=[table(frame, columns, caption, needs)],
    )


def _districts(result: Result, needs: Mapping[str, Words]) -> Section | None:
    """Needs met by district."""
    frame = metrics.needs_met_by_district(result.instance, result.assignment)
    if result.instance.enterprises is None:
        return None
    frame["district"] = [name or Words("unknown", "未知") for name in frame["district"]]
    columns = ["district", "enterprises", "pairs", "expected_open", "expected_resolved", "share", "unserved"]
    caption = Words("The district with the lowest share first; unserved: enterprises with too few officers.", "预计办结率最低的区县在前。")
    return Section(
        key="districts", title=Words("Needs met by district", "各区县需求满足情况"), tables=[table(frame, columns, caption, needs)]
    )


def _served(result: Result, needs: Mapping[str, Words]) -> Section:
    """How well each enterprise is served, and who is left short."""
    caption = Words("Enterprises by the share of their requests expected resolved.", "按预计办结率统计的企业数。")
    if result.instance.need is None:
        caption = Words("Enterprises by the affinity they receive.", "按所得匹配度统计的企业数。")
    frame = unmet(result)
    fewer, little = int((frame["kind"] == "fewer").sum()), int((frame["kind"] == "little").sum())
    text = Words(
        f"{fewer:,} enterprises have fewer officers than they ask for; {little:,} have less than half the share expected resolved "
        "over all.",
        f"干部不足的企业{fewer:,}家；预计办结率不到全市一半的企业{little:,}家。",
    )
    if len(frame):
        frame["why"] = [Words(en, zh) for en, zh in zip(frame["why"], frame["why_zh"], strict=True)]
        columns = ["enterprise_id", "enterprise_name", "district", "kind", "need", "expected_open", "share", "why"]
        worst = table(
            frame.head(WORST),
            columns,
            _first(frame, Words("enterprises left short, worst first", "服务不足的企业，最弱在前"), WORST),
            needs,
        )
    else:
        frame = by_enterprise(result)
        frame = frame[frame["demand_high"] > 0].sort_values(["share", "expected_resolved"], kind="stable").head(DEAREST)
        columns = ["enterprise_id", "enterprise_name", "district", "need", "expected_open", "expected_resolved", "share", "served_by"]
        worst = table(frame, columns, Words("Nobody is left short; the worst served", "没有服务不足的企业；服务最弱的企业如下"), needs)
    return Section(
        key="served",
        title=Words("How well each enterprise is served", "企业服务程度"),
        texts=[text],
        figures=[_figure(charts.served, result, caption)],
        tables=[worst],
    )


def _continuity(result: Result, needs: Mapping[str, Words]) -> Section | None:
    """What was kept of last round."""
    before = result.instance.previous
    if before is None:
        return None
    old, new = len(before), len(result.assignment)
    stay = int(result.instance.kept(result.assignment).sum())
    text = Words(
        f"Last round had {old:,} pairs whose two sides are still here; {stay:,} are kept, {old - stay:,} are not, "
        f"and {new - stay:,} pairs are new.",
        f"上轮结对中双方仍在的有{old:,}对：延续{stay:,}对，变动{old - stay:,}对；本轮新增{new - stay:,}对。",
    )
    frame = changes(result)
    columns = ["enterprise_id", "enterprise_name", "change", "officer_id", "officer_name", "affinity"]
    caption = _first(frame, Words("pairs changed since last round", "与上轮相比变动的结对"), WORST)
    tables = [table(frame.head(WORST), columns, caption, needs)] if len(frame) else []
    return Section(key="continuity", title=Words("Continuity with last round", "与上轮的延续"), texts=[text], tables=tables)


def _by_hand(result: Result, needs: Mapping[str, Words]) -> Section:
    """Pins, vetoes and recusals, with who said so and why."""
    frame = by_hand(result)
    counts = [int((frame["kind"] == kind).sum()) for kind in ("pin", "veto", "recusal")]
    text = Words(
        "{:,} pairs are pinned, {:,} vetoed, {:,} recused.".format(*counts), "点将{:,}对，否决{:,}对，回避{:,}对。".format(*counts)
    )
    columns = ["kind", "officer_id", "officer_name", "enterprise_id", "enterprise_name", "actor", "note", "in_plan"]
    caption = _first(frame, Words("pairs set or struck out by hand", "人工指定或排除的结对"))
    tables = [table(frame.head(MOST_ROWS), columns, caption, needs)] if len(frame) else []
    return Section(key="hand", title=Words("Made by hand", "人工调整"), texts=[text], tables=tables)


def _proof(result: Result, needs: Mapping[str, Words]) -> Section | None:
    """The proof's numbers, and what a place is worth."""
    if result.plan is None:
        return None
    n, m = result.instance.shape
    lines: list[tuple[Words, str]] = [
        (Words("possible pairs", "可能的结对"), f"{n * m:,}"),
        (Words("value of the plan", "方案目标值"), f"{result.objective:,.6f}"),
        *(
            (Words(f"reached before and held: {names}", f"前几级目标（须保持）：{names}"), f"{value:,.6f}")
            for names, value, _ in result.earlier
        ),
        *((Words(f"of it, {aim.en}", f"其中：{aim.zh}"), f"{value:,.6f}") for aim, value in aims(result)),
        (Words("no plan is worth more than", "任何方案不超过"), "∞" if math.isinf(result.bound) else f"{result.bound:,.6f}"),
        (Words("gap", "差距"), percent(result.gap)),
    ]
    if result.rounds:
        lines.append((Words("rounds of pricing", "核算轮数"), f"{len(result.rounds):,}"))
        lines.append((Words("pairs on the last shortlist", "末轮候选结对"), f"{result.rounds[-1].pairs:,}"))
    numbers = Table(
        caption=Words("The numbers of the proof", "证明所用数据"),
        heads=[Words("item", "项目"), Words("value", "数值")],
        numeric=[False, True],
        rows=[[label, value] for label, value in lines],
    )
    return Section(key="proof", title=Words("The proof", "最优性证明"), tables=[numbers, *_dearest(result, needs)])


def _dearest(result: Result, needs: Mapping[str, Words]) -> list[Table]:
    """The officers whose places are worth most."""
    if result.prices is None or not (result.prices.officers > 0).any():
        return []
    prices = result.prices.officers
    about = {column: result.instance.text_of("officer", column) for column in ("name", "department", "tier")}
    frame = pd.DataFrame({"officer_id": result.instance.officer_ids, **about, "price": prices}).rename(columns={"name": "officer_name"})
    frame = frame[frame["price"] > 0].sort_values("price", ascending=False, kind="stable").head(DEAREST)
    scarce = int((prices > 0).sum())
    caption = Words(
        f"Officers in greatest demand, of {scarce:,} whose places are scarce: what one more place with each would add at the most",
        f"最紧缺的干部（共{scarce:,}名干部名额紧缺）：每增加一个名额至多可提高的目标值",
    )
    return [table(frame, ["officer_id", "officer_name", "department", "tier", "price"], caption, needs)]


def _first(frame: pd.DataFrame, what: Words, most: int = MOST_ROWS) -> Words:
    """The caption, saying how many of how many rows are shown."""
    if len(frame) <= most:
        return Words(f"{len(frame):,} {what.en}", f"{what.zh}（{len(frame):,}）")
    return Words(f"the first {most} of {len(frame):,} {what.en}", f"{what.zh}（前{most}，共{len(frame):,}）")


def _figure(draw: Callable[[Result, str], Any], result: Result, caption: Words) -> Figure:
    from markupsafe import Markup

    return Figure(
        caption=caption,
        zh=Markup(inline_svg(draw(result, "zh"), caption.zh)),
        en=Markup(inline_svg(draw(result, "en"), caption.en)),
    )
