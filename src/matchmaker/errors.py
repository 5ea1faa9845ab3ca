"""What can go wrong, each with the fact, the numbers and the next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class MatchmakerError(Exception):
    """Anything that matchmaker raises on purpose."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One cell that cannot be used, in both languages.

    Parameters
    ----------
    sheet
        The table, sheet or argument the cell stands in.
    row
        The row as the reader sees it (a file's first data row is 2), or None for a whole column or table.
    column
        The column's header as the reader wrote it.
    value
        The cell as it was read.
    problem, expected
        What is wrong and what would be right, in English.
    problem_zh, expected_zh
        The same in Chinese.
    """

    sheet: str
    row: int | None = None
    column: str = ""
    value: object = None
    problem: str
    expected: str = ""
    problem_zh: str = ""
    expected_zh: str = ""

    def __str__(self) -> str:
        """One line, English then Chinese."""
        place = ", ".join(
            part
            for part in (
                self.sheet,
                "" if self.row is None else f"row {self.row}",
                f"column {self.column}" if self.column else "",
            )
            if part
        )
        shown = "" if self.value is None else f" {_clip(self.value)}"
        english = _joined(self.problem, "; expected ", " Expected ", self.expected)
        chinese = _joined(self.problem_zh, "；应为", "应为", self.expected_zh)
        return f"{place}:{shown} {english}" + (f" | {chinese}" if chinese else "")


class DataError(MatchmakerError):
    """The data cannot be used as they are: every failing cell is named.

    Attributes
    ----------
    failures
        Every :class:`Failure`, in the order found.
    """

    def __init__(self, message: str | Iterable[Failure]) -> None:
        if isinstance(message, str):
            self.failures: tuple[Failure, ...] = ()
            super().__init__(message)
            return
        self.failures = tuple(message)
        shown = [f"  {failure}" for failure in self.failures[:50]]
        if len(self.failures) > len(shown):
            shown.append(f"  ... and {len(self.failures) - len(shown)} more: see .to_frame()")
        count = len(self.failures)
        head = f"{count} cell{'s' if count != 1 else ''} cannot be used ({count} 处数据有误):"
        super().__init__("\n".join([head, *shown]))

    def to_frame(self) -> pd.DataFrame:
        """Every failing cell as a table: sheet, row, column, value, problem, expected, in both languages."""
        import pandas as pd

        return pd.DataFrame(
            [asdict(failure) for failure in self.failures],
            columns=list(Failure.__dataclass_fields__),
        )


class ConfigError(MatchmakerError):
    """A setting, a rule's name or an argument that matchmaker does not know."""


class NoAssignmentError(MatchmakerError):
    """The plan was asked for, and there is none: see ``result.termination`` and ``result.diagnosis``."""


class SolverError(MatchmakerError):
    """An engine gave an answer that does not check: a plan that breaks a rule, or a bound below its objective."""


class ClusterError(MatchmakerError):
    """The cluster that made the passes is gone before any plan was found; with a plan, the plan is returned and says so."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known, or nothing.

    >>> did_you_mean("finanse", ["finance", "land"])
    ' Did you mean "finance"?'
    """
    close = get_close_matches(word, list(known), n=1)
    return f' Did you mean "{close[0]}"?' if close else ""


def _joined(problem: str, going_on: str, anew: str, expected: str) -> str:
    """A problem and what would be right, in one sentence or, where the problem ends one, in two."""
    if not expected:
        return problem
    return problem + (anew if problem.endswith(("?", ".", "？", "。")) else going_on) + expected


def _clip(value: object, width: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= width else text[: width - 3] + "..."
