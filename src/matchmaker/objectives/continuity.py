"""Keep last round's good pairs."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.objectives.weight import checked_weight
from matchmaker.program import Program


@dataclass(frozen=True)
class Continuity:
    """Each pair of last round that is kept is worth `weight`.

    ``weight * sum x_ij`` over last round's pairs; 0 when there was no last round.

    Parameters
    ----------
    weight
        In affinity's unit: a pair is given up only for a change that is worth more than this. At least 0.

    Raises
    ------
    ConfigError
        When the weight is negative or not finite.
    """

    weight: float = 0.05

    def __post_init__(self) -> None:
        checked_weight(self.weight, "Continuity")

    def price(self, program: Program, instance: Instance) -> None:
        """Each of last round's pairs is worth `weight` more."""
        if instance.previous is not None:
            program.add_pairs(instance.previous.officers, instance.previous.enterprises, self.weight)

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """How many of last round's pairs are kept, times the weight."""
        return self.weight * int(instance.kept(assignment).sum())
