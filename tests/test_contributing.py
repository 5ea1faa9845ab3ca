"""Every page of CONTRIBUTING.md runs, each on its own, as somebody would who follows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_readme import run

GUIDE = Path(__file__).parents[1] / "CONTRIBUTING.md"


def pages() -> dict[str, str]:
    """Each page's text by its title, with empty lines before it so that failures name the line of the file."""
    text = GUIDE.read_text(encoding="utf-8")
    heads = [*re.finditer(r"^## (.+)$", text, re.MULTILINE)]
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {head[1]: "\n" * text[: head.start()].count("\n") + text[head.start() : end] for head, end in zip(heads, ends, strict=True)}


def test_there_is_a_page_for_each_thing_to_add() -> None:
    assert list(pages()) == ["A rule", "An aim", "An affinity", "A policy"]


@pytest.mark.parametrize(
    ("title", "made"), [("A rule", "KeepsOff"), ("An aim", "SameDistrict"), ("An affinity", "Nearness"), ("A policy", "again")]
)
def test_a_page_runs(title: str, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert made in run(pages()[title], str(GUIDE))
    assert not list(tmp_path.iterdir())
