"""What an aim is: it knows how to price pairs and how to value a plan."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.program import Program


@runtime_checkable
class Objective(Protocol):
    """An aim to maximise. Pass any object with these two methods; there is nothing to register."""

    def price(self, program: Program, instance: Instance) -> None:
        """Write into the programme what each pair is worth."""

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """What a whole plan is worth, from the plan alone."""
