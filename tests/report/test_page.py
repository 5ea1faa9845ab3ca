"""report.html: one file, no outside, two languages, names as text."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from matchmaker import metrics
from matchmaker.report import write_page
from matchmaker.report.page import render
from matchmaker.report.story import percent
from matchmaker.result import Result

VOID = {"meta", "input", "br", "img", "link", "hr"}
DATA = {"bdi", "title", "style"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LETTERS = re.compile(r"[A-Za-z]{2,}")


class Reader(HTMLParser):
    """What a page holds: tags with attributes, and each text with the language it stands in."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str | None]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str | None, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("lang")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if data.strip():
            inside = [tag for tag, _ in self.open]
            language = next((lang for _, lang in reversed(self.open) if lang), None)
            kind = next((tag for tag in reversed(inside) if tag in DATA), inside[-1])
            self.texts.append((kind, language, data.strip()))


@pytest.fixture(scope="session", params=["result", "bare", "infeasible"])
def any_page(request: pytest.FixtureRequest) -> str:
    return render(request.getfixturevalue(request.param))


def test_nothing_comes_from_outside(any_page: str) -> None:
    page = any_page
    reader = Reader(page)
    assert {tag for tag, _ in reader.tags} & {"script", "link", "iframe", "object", "img", "a", "base", "form"} == set()
    for _, attributes in reader.tags:
        assert not {"src", "href", "xlink:href", "srcset", "action", "onload", "onclick"} & set(attributes)
        assert not [value for value in attributes.values() if value and ("url(" in value or "//" in value)]
    bare = page.replace("http://example.invalid", "")
    assert "http://" not in bare
    assert "https://" not in bare
    assert "@import" not in bare
    assert "url(" not in bare


def test_every_text_is_there_in_both_languages(any_page: str) -> None:
    """A word stands in a zh or an en element, and each zh element is followed by its en twin; anything else is data."""
    reader = Reader(any_page)
    assert reader.open == []
    spoken = [(language, text) for kind, language, text in reader.texts if kind not in DATA]
    for language, text in spoken:
        if language is None and text not in ("·", "中文", "English"):
            assert not LETTERS.search(text), text
            assert not CHINESE.search(text), text
    pairs = [attributes.get("lang") for tag, attributes in reader.tags if attributes.get("lang") in ("zh", "en") and tag in ("span", "div")]
    assert len(pairs) > 10
    assert pairs[::2] == ["zh"] * (len(pairs) // 2)
    assert pairs[1::2] == ["en"] * (len(pairs) // 2)


def test_chinese_is_chinese_and_english_is_english(any_page: str) -> None:
    """What stands in a zh span holds Chinese, and in an en span English letters."""
    reader = Reader(any_page)
    words = {at: [text for kind, language, text in reader.texts if language == at and kind == "span"] for at in ("zh", "en")}
    assert len(words["zh"]) == len(words["en"]) > 10
    assert not [text for text in words["zh"] if not CHINESE.search(text)]
    assert not [text for text in words["en"] if not LETTERS.search(text)]


def test_names_are_shown_as_text(page: str, markup: str, formula: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.count("<bdi>" + formula.replace('"', "&#34;")) >= 1
    assert markup in [text for _, _, text in Reader(page).texts]


def test_markup_in_what_the_user_names_is_text_too(result: Result, markup: str) -> None:
    named = Result(
        instance=result.instance.replace(name=markup),
        policy=markup,
        termination=result.termination,
        objective=1.0,
        bound=1.0,
        plan=result.plan,
        terms={markup: 1.0},
    )
    assert "<script" not in render(named)


def test_numbers_are_the_results(result: Result, page: str) -> None:
    reader = Reader(page)
    texts = [text for _, _, text in reader.texts]
    assert f"{result.objective:,.6f}" in texts
    assert f"{result.bound:,.6f}" in texts
    assert "14.3" in texts
    assert f"Value {result.objective:,.2f} = requests expected resolved 14.08 + pairs kept from last round 0.20." in texts
    assert any(f"{result.objective:,.4f}" in text and f"{result.bound:,.4f}" in text for text in texts)
    table = metrics.needs_met_by_district(result.instance, result.assignment)
    for share, resolved in zip(table["share"], table["expected_resolved"], strict=True):
        assert f"{share:.1%}" in texts
        assert f"{resolved:,.2f}" in texts
    assert "Last round had 5 pairs whose two sides are still here; 4 are kept, 1 are not, and 8 pairs are new." in texts
    assert "1 pairs are pinned, 1 vetoed, 2 recused." in texts
    assert "纪检组" in texts
    assert "亲属任职" in texts


def test_what_stopped_the_search_is_told_in_both_languages(result: Result, page: str) -> None:
    stopped = render(replace(result, stopped="The cluster is <lost>. | 与集群失去联系。"))
    texts = [(language, text) for _, language, text in Reader(stopped).texts]
    assert texts.count(("en", "The cluster is <lost>.")) == texts.count(("zh", "与集群失去联系。")) == 1
    assert len(Reader(page).texts) == len(texts) - 2


def test_an_infeasible_round_says_why_in_both_languages(infeasible: Result) -> None:
    texts = [text for _, _, text in Reader(render(infeasible)).texts]
    assert infeasible.diagnosis is not None
    assert infeasible.diagnosis.text("en") in texts
    assert infeasible.diagnosis.text("zh") in texts
    assert "已证明：不存在能同时遵守全部规则的方案。" in texts
    assert not [text for text in texts if "nan" in text]


def test_tables_and_charts_can_be_heard(page: str) -> None:
    reader = Reader(page)
    tags = [tag for tag, _ in reader.tags]
    assert tags.count("table") == tags.count("caption") == tags.count("thead") > 4
    assert all(attributes.get("scope") == "col" for tag, attributes in reader.tags if tag == "th")
    drawn = [attributes for tag, attributes in reader.tags if tag == "svg"]
    assert len(drawn) == 8
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in drawn)
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = {attributes["aria-labelledby"] for _, attributes in reader.tags if "aria-labelledby" in attributes}
    assert labelled
    assert labelled <= set(ids)


def test_the_same_result_gives_the_same_bytes_whatever_time_it_took(result: Result, page: str, tmp_path: Path) -> None:
    slower = replace(result, runtime=99.0)
    write_page(slower, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_bytes() == page.encode()
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


SHOWN = """<script>
const shown = lang => [...document.querySelectorAll(`span[lang=${lang}]`)].filter(span => span.getClientRects().length).length;
document.body.innerHTML = `<p id="shown">zh ${shown("zh")} en ${shown("en")}</p>`;
</script>"""


def test_a_browser_shows_one_language_at_a_time(page: str, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("there is no chromium here to show the page in")

    def shown(page: str) -> tuple[int, int]:
        """How many phrases the browser lays out, in Chinese and in English."""
        asking = re.sub(r"<meta http-equiv=.Content-Security-Policy.[^>]*>", "", page).replace("</body>", SHOWN + "</body>")
        (tmp_path / "page.html").write_text(asking, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"]
        command = [browser, *options, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "page.html").as_uri()]
        done = subprocess.run(command, check=True, capture_output=True, timeout=60, encoding="utf-8")
        counted = re.search(r'id="shown">zh (\d+) en (\d+)<', done.stdout)
        assert counted, done.stdout[-2000:]
        return int(counted[1]), int(counted[2])

    chinese, english = shown(page)
    assert chinese > 50
    assert english == 0
    assert shown(page.replace('id="zh" checked', 'id="zh"').replace('id="en"', 'id="en" checked')) == (0, chinese)


def test_a_plan_without_a_pair_is_still_a_page(result: Result, bare: Result) -> None:
    for full in (result, bare):
        empty = Result(
            instance=full.instance,
            policy="p",
            termination=full.termination,
            objective=0.0,
            bound=float("inf"),
            plan=full.instance.assignment([], []),
        )
        texts = [text for _, _, text in Reader(render(empty)).texts]
        assert f"{full.instance.shape[1]} enterprises left short, worst first" in texts
        assert "∞" in texts


def test_a_long_list_says_how_much_of_it_is_shown(result: Result) -> None:
    instance = result.instance
    for _ in range(201):
        instance = instance.veto("O2", "E04", actor="a", reason="b")
    many = Result(instance=instance, policy="p", termination=result.termination, objective=1.0, bound=1.0, plan=result.plan)
    texts = [text for _, _, text in Reader(render(many)).texts]
    assert "the first 200 of 205 pairs set or struck out by hand" in texts
    assert "人工指定或排除的结对（前200，共205）" in texts


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.0, "0.0%"), (7e-14, "<\u00a00.0001%"), (0.00012, "0.0120%"), (0.5, "50.0%"), (0.99965, "99.97%"), (1.0, "100.0%"), (np.inf, "∞")],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share: float, written: str) -> None:
    assert percent(share) == written


def test_on_a_narrow_screen_a_table_scrolls_and_its_ids_stay_whole() -> None:
    css = (resources.files("matchmaker.report") / "page.css").read_text(encoding="utf-8")
    screen, _, paper = css.partition("@media print")
    assert "overflow-wrap: anywhere" not in screen
    assert "overflow-wrap: anywhere" in paper
