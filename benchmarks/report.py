"""How a case reads: lines of Markdown, and what was to be reached beside what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """One figure that was to be reached.

    Parameters
    ----------
    work
        What was done.
    found
        What was measured.
    wanted
        The least it should be, or the most.
    least
        Whether `wanted` is the least.
    unit
        Written after both.
    note
        What else to know.
    """

    work: str
    found: float
    wanted: float
    least: bool
    unit: str
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether it is (a figure that is no number is not)."""
        return self.found >= self.wanted if self.least else self.found <= self.wanted

    def row(self) -> str:
        """A row of the table of targets."""
        bound = "at least" if self.least else "at most"
        verdict = "reached" if self.reached else "**fell short**"
        return f"| {self.work} | {figure(self.found)} {self.unit} | {bound} {figure(self.wanted)} {self.unit} | {verdict} | {self.note} |"


@dataclass(frozen=True)
class Table:
    """What a case found.

    Parameters
    ----------
    lines
        Markdown.
    targets
        Figures that were to be reached.
    files
        Further files to be written, by path, when the run is no smoke run.
    """

    lines: Sequence[str]
    targets: Sequence[Target] = ()
    files: Mapping[Path, str] = field(default_factory=dict)


def target_lines(targets: Sequence[Target]) -> list[str]:
    """The table of targets."""
    return ["| work | measured | to reach | | |", "|---|---|---|---|---|", *(target.row() for target in targets)]


def figure(value: float) -> str:
    """Three digits, more where whole ones are more."""
    if value != value:
        return "not known"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
