"""The first aim: requests we expect to see resolved."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker import metrics
from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.objectives.weight import checked_weight
from matchmaker.program import Program


@dataclass(frozen=True)
class ExpectedResolved:
    """Sum of affinity over the pairs.

    ``weight * sum_ij a_ij x_ij``, where ``a_ij = sum_k C_ik D_jk``: probability that officer i resolves a request of need k, times
    requests of need k that enterprise j is expected to have open.

    Parameters
    ----------
    weight
        Value of one request, at least 0.

    Raises
    ------
    ConfigError
        When the weight is negative or not finite.
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        checked_weight(self.weight, "ExpectedResolved")

    def price(self, program: Program, instance: Instance) -> None:
        """Each pair is worth its affinity."""
        program.add(instance.affinity, self.weight)

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """Requests expected resolved, times the weight."""
        return self.weight * metrics.expected_resolved(instance, assignment)
