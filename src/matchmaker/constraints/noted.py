"""What the rules on named pairs share: pins, recusals and vetoes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.instance import Instance, Notes, check_inside
from matchmaker.program import Program


@dataclass(frozen=True, eq=False)
class Noted(ABC):
    """A rule on pairs that somebody named, with who said so and why.

    Parameters
    ----------
    notes
        The pairs. By default the instance's own.
    """

    notes: Notes | None = None

    rule: ClassVar[str]
    fact: ClassVar[tuple[str, str]]
    """What is asked of each pair, in English and Chinese."""

    @abstractmethod
    def of(self, instance: Instance) -> Notes:
        """The pairs that the rule speaks of on this instance."""

    def own(self, instance: Instance, usual: Notes) -> Notes:
        """The rule's own pairs, where it has some, else the usual ones.

        Raises
        ------
        DataError
            Naming every pair that is out of range.
        """
        if self.notes is None:
            return usual
        check_inside(self.notes, instance.shape, self.rule)
        return self.notes

    def met(self, instance: Instance, assignment: Assignment) -> NDArray[np.bool_]:
        """Which of the pairs the plan holds. Shape (n_notes,)."""
        notes = self.of(instance)
        if not len(notes):
            return np.empty(0, dtype=bool)
        return np.isin(instance.keys(notes), instance.keys(assignment))

    def broken(self, instance: Instance, where: NDArray[np.bool_]) -> list[Violation]:
        """One violation for each of the pairs `where` the plan does not do as asked. Shape (n_notes,)."""
        notes = self.of(instance)
        return [
            Violation(
                rule=self.rule,
                officer=instance.officer_ids[notes.officers[k]],
                enterprise=instance.enterprise_ids[notes.enterprises[k]],
                problem=f"{self.fact[0]} ({notes.actor[k] or 'nobody named'}: {notes.reason[k] or 'no reason given'})",
                problem_zh=f"{self.fact[1]}（{notes.actor[k] or '未注明'}：{notes.reason[k] or '未注明原因'}）",
            )
            for k in np.flatnonzero(where)
        ]


class KeptApart(Noted):
    """Named pairs that must not meet: ``x_ij = 0`` for each."""

    def impose(self, program: Program, instance: Instance) -> None:
        """Forbid the pairs."""
        notes = self.of(instance)
        program.forbid(notes.officers, notes.enterprises)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Named pairs that the plan holds all the same."""
        return self.broken(instance, self.met(instance, assignment))
