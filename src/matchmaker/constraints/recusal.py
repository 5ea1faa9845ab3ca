"""Pairs that must not meet, because one side is recused (回避)."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.constraints.noted import meeting, noted_violations
from matchmaker.instance import Instance, Notes
from matchmaker.program import Program


@dataclass(frozen=True, eq=False)
class Recusal:
    """Pairs that must not meet, because one side is recused (回避).

    ``x_ij = 0`` for every such pair.

    Parameters
    ----------
    notes
        The pairs, with who said so and why. By default the instance's own (``recusals``).
    """

    notes: Notes | None = None

    def impose(self, program: Program, instance: Instance) -> None:
        """Write the pairs into the programme."""
        notes = self._notes(instance)
        program.forbid(notes.officers, notes.enterprises)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Noted pairs that the plan does not respect."""
        notes = self._notes(instance)
        return noted_violations("recusal", instance, notes, meeting(instance, assignment, notes), ("must not meet, by recusal", "应回避"))

    def _notes(self, instance: Instance) -> Notes:
        return instance.recusals if self.notes is None else self.notes
