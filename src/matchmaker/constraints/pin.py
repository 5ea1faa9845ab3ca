"""Pairs that somebody has set by hand (点将)."""

from __future__ import annotations

from typing import ClassVar

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.constraints.noted import Noted
from matchmaker.instance import Instance, Notes
from matchmaker.program import Program


class Pin(Noted):
    """Pairs that somebody has set by hand (点将).

    ``x_ij = 1`` for every such pair.

    Parameters
    ----------
    notes
        The pairs, with who said so and why. By default the instance's own (``pins``).
    """

    rule: ClassVar[str] = "pin"
    fact: ClassVar[tuple[str, str]] = ("must meet, by pin", "应结对")

    def of(self, instance: Instance) -> Notes:
        """The rule's own pairs, else the instance's pins."""
        return self.own(instance, instance.pins)

    def impose(self, program: Program, instance: Instance) -> None:
        """Require the pairs."""
        notes = self.of(instance)
        program.require(notes.officers, notes.enterprises)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Named pairs that the plan does not hold."""
        return self.broken(instance, ~self.met(instance, assignment))
