"""Pairs that somebody has set by hand (点将)."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.constraints.noted import meeting, noted_violations
from matchmaker.instance import Instance, Notes
from matchmaker.program import Program


@dataclass(frozen=True, eq=False)
class Pin:
    """Pairs that somebody has set by hand (点将).

    ``x_ij = 1`` for every such pair.

    Parameters
    ----------
    notes
        The pairs, with who said so and why. By default the instance's own (``pins``).
    """

    notes: Notes | None = None

    def impose(self, program: Program, instance: Instance) -> None:
        """Write the pairs into the programme."""
        notes = self._notes(instance)
        program.require(notes.officers, notes.enterprises)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Noted pairs that the plan does not respect."""
        notes = self._notes(instance)
        return noted_violations("pin", instance, notes, ~meeting(instance, assignment, notes), ("must meet, by pin", "应结对"))

    def _notes(self, instance: Instance) -> Notes:
        return instance.pins if self.notes is None else self.notes
