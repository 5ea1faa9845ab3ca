"""The rules and aims that the named recipes share."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.assignment import Assignment
from matchmaker.constraints import Capacity, Constraint, Demand, Pin, Recusal, ServesArea, Veto
from matchmaker.constraints.base import Violation
from matchmaker.instance import Instance
from matchmaker.objectives import Continuity, ExpectedResolved, Objective
from matchmaker.program import Program

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ServesAreaWhereKnown(ServesArea):
    """An officer serves only the area of his or her tier, where the instance knows tiers and places; no rule where it does not."""

    def impose(self, program: Program, instance: Instance) -> None:
        """Limit pairs to areas, or say in the log that places are not known."""
        if places_known(instance):
            super().impose(program, instance)
        else:
            logger.info("%s knows no tiers and places: officers may serve anywhere.", instance.name)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Pairs outside the officer's area; none where places are not known."""
        return super().violations(instance, assignment) if places_known(instance) else []


def places_known(instance: Instance) -> bool:
    """Whether officers have tier, district and town, and enterprises district and town."""
    if instance.officers is None or instance.enterprises is None:
        return False
    return {"tier", "district", "town"} <= set(instance.officers.columns) and {"district", "town"} <= set(instance.enterprises.columns)


def all_rules() -> Sequence[Constraint]:
    """Capacities and demands as the instance has them, recusals, vetoes, pins, areas."""
    return (Capacity(), Demand(), Recusal(), Veto(), Pin(), ServesAreaWhereKnown())


def rules_without_least() -> Sequence[Constraint]:
    """The same, but no officer must serve and no enterprise must be served.

    A heuristic cannot promise that every least number is met, even where a plan exists that meets them all. As a hard rule, one
    enterprise left over would turn its whole plan into an error; so what is not served stays in the plan, and metrics
    (``unserved``, ``places_short``, ``idle_officers``) count it.
    """
    return (Capacity(least=0), Demand(least=0), Recusal(), Veto(), Pin(), ServesAreaWhereKnown())


def usual_aims(continuity: float) -> Sequence[Objective]:
    """Requests expected resolved, and `continuity` for each of last round's pairs that is kept."""
    return (ExpectedResolved(), Continuity(weight=continuity))
