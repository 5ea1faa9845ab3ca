"""Aims one after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.objectives.base import Objective
from matchmaker.program import Program


@dataclass(frozen=True)
class Then:
    """An aim that comes after others: they are solved first, and held while this one is maximised.

    Parameters
    ----------
    aim
        What is maximised next.
    slack
        What of the earlier rank's value may be given up for it, relative to that value; at least 0.

    Raises
    ------
    ConfigError
        When the slack is no finite number of at least 0, or the aim is none.
    """

    aim: Objective
    slack: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.aim, Then) or not isinstance(self.aim, Objective):
            msg = f"then: {self.aim!r} is no aim; expected an object such as ExpectedResolved(). | then 应为一个目标对象。"
            raise ConfigError(msg)
        if isinstance(self.slack, bool) or not isinstance(self.slack, int | float) or not (math.isfinite(self.slack) and self.slack >= 0):
            msg = f"slack is {self.slack!r}; expected a finite number of at least 0. | slack 应为不小于 0 的有限数。"
            raise ConfigError(msg)

    def price(self, program: Program, instance: Instance) -> None:
        """As the aim prices."""
        self.aim.price(program, instance)

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """As the aim values."""
        return self.aim.value(instance, assignment)


def then(aim: Objective, slack: float = 0.0) -> Then:
    """The aim, to be solved after those before it: ``objectives=[Served(), then(ExpectedResolved(), slack=0.01)]``.

    Raises
    ------
    ConfigError
        When the slack is no finite number of at least 0.
    """
    return Then(aim, slack)
