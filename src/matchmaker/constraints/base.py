"""What a rule is: it knows how to impose itself and how to check itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.program import Program


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One place where a plan breaks a rule.

    Parameters
    ----------
    rule
        The rule's name.
    officer, enterprise
        Ids of who it is about; None where it is about one side only.
    problem, problem_zh
        What is broken, with the numbers, in English and Chinese.
    """

    rule: str
    officer: object = None
    enterprise: object = None
    problem: str
    problem_zh: str = ""

    def __str__(self) -> str:
        """One line."""
        who = ", ".join(str(name) for name in (self.officer, self.enterprise) if name is not None)
        return f"{self.rule} ({who}): {self.problem}"


@runtime_checkable
class Constraint(Protocol):
    """A hard rule. Pass any object with these two methods; there is nothing to register."""

    def impose(self, program: Program, instance: Instance) -> None:
        """Write the rule into the programme."""

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Every place where a plan breaks the rule, from the plan alone; empty when it keeps it."""


def name_of(part: object) -> str:
    """A rule's or an aim's name in a configuration, from an instance or its class: ``ServesArea`` is "serves_area"."""
    letters = (part if isinstance(part, type) else type(part)).__name__
    return "".join("_" + c.lower() if c.isupper() and k else c.lower() for k, c in enumerate(letters))
