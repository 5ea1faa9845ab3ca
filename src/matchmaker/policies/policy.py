"""A policy: rules, aims, and how the plan is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from matchmaker.assignment import Assignment
from matchmaker.constraints import Constraint
from matchmaker.constraints.base import Violation
from matchmaker.engine import Search, Solution
from matchmaker.instance import Instance
from matchmaker.objectives import Objective
from matchmaker.policies.optimise import Optimise
from matchmaker.program import Program


class Method(Protocol):
    """How a plan is found in a programme."""

    def find(self, instance: Instance, program: Program, search: Search) -> Solution:
        """A plan for the programme, with what is known about it."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Rules, aims, and how the plan is found.

    Parameters
    ----------
    name
        What results, comparisons and reports call it.
    constraints
        Hard rules, ours or the user's own.
    objectives
        Aims to maximise, added up.
    method
        How the plan is found: optimally by default.
    """

    name: str = "optimal"
    constraints: Sequence[Constraint]
    objectives: Sequence[Objective]
    method: Method = field(default_factory=Optimise)

    def program(self, instance: Instance) -> Program:
        """The mathematical programme that rules and aims write together."""
        program = Program(*instance.shape)
        for rule in self.constraints:
            rule.impose(program, instance)
        for aim in self.objectives:
            aim.price(program, instance)
        return program

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Every place where a plan breaks one of the rules."""
        return [broken for rule in self.constraints for broken in rule.violations(instance, assignment)]
