"""report.html: one file that a planner can open anywhere, in two languages, without a network."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from matchmaker.files import replacing
from matchmaker.instance import Instance
from matchmaker.report.sections import sections
from matchmaker.report.story import cards, meaning, stopped, together, unheeded, verdict
from matchmaker.result import Result

UNNAMED = Instance.__dataclass_fields__["name"].default


def write_page(result: Result, path: str | Path) -> None:
    """Write report.html, whole or not at all.

    The page holds no script, loads nothing and links to nothing; charts are drawn into it as SVG, and a switch of two radio buttons
    shows Chinese or English. Names and reasons are shown as text, whatever they contain. The same result gives the same bytes: how long
    the solve took is left out. A result without a plan makes a page with the diagnosis.
    """
    page = render(result)
    with replacing(path) as partial:
        partial.write_text(page, encoding="utf-8", newline="\n")


def render(result: Result) -> str:
    """The page's HTML."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_read("page.html")).render(
        name="" if result.instance.name == UNNAMED else result.instance.name,
        policy=result.policy,
        termination=str(result.termination),
        planned=result.plan is not None,
        verdict=verdict(result),
        stopped=stopped(result),
        unheeded=unheeded(result),
        meaning=meaning(result),
        together=together(result),
        cards=cards(result),
        sections=sections(result),
        css=Markup(_read("page.css")),
    )


def _read(name: str) -> str:
    return resources.files("matchmaker.report").joinpath(name).read_text(encoding="utf-8")
