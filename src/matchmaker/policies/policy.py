"""A policy: rules, aims, and how the plan is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Sparse
from matchmaker.assignment import Assignment
from matchmaker.constraints import Constraint
from matchmaker.constraints.base import Violation, name_of
from matchmaker.engine import Search, Solution
from matchmaker.errors import ConfigError
from matchmaker.face import Face
from matchmaker.instance import Instance
from matchmaker.objectives import DiminishingReturns, Leximin, Objective, Then, WorstServed
from matchmaker.policies.optimise import Optimise
from matchmaker.program import Program

Held = float | Face | NDArray[np.float64]
"""A value, or with leximin the plans that are best in it, or a floor for each group."""
HELD = 1e-9
"""How far below what was reached an earlier rank may fall in any case, relative to it: rounding."""


@dataclass(frozen=True)
class Rank:
    """Aims that are added up, after others that are held.

    Parameters
    ----------
    slack
        What of the ranks before may be given up, relative to their value.
    aims
        What is added up.
    """

    slack: float
    aims: tuple[Objective, ...]

    def hold(self, program: Program, instance: Instance, reached: Held, slack: float) -> None:
        """Later ranks must reach as much in this one, but for the slack: a value, or all the worst-served levels."""
        if isinstance(reached, Face):
            if slack:
                program.at_least(instance.affinity, reached.lowered(slack + HELD))
            else:
                reached.impose(program, instance.affinity, HELD)
            return
        if isinstance(reached, np.ndarray):
            aim = self.aims[0]
            if isinstance(aim, Leximin):
                aim.hold(program, instance, reached - (slack + HELD) * np.abs(reached))
            return
        least = reached - (slack + HELD) * abs(reached)
        if self.one_each(program) and asks_alike(program, instance):
            weight = getattr(self.aims[0], "weight", 1.0)
            program.at_least(instance.affinity, np.where(program.enterprise_high > 0, least / weight, -np.inf))
            return
        if isinstance(self.aims[0], WorstServed) and self._worst_alone:
            self.aims[0].hold(program, instance, least)
            return
        part = program.limits_alone()
        for aim in self.aims:
            aim.price(part, instance)
        program.hold(part, least, "+".join(map(name_of, self.aims)))

    def one_each(self, program: Program) -> bool:
        """Whether the one aim is the worst served where each has one officer: then a floor for every pair is all there is to it."""
        return self._worst_alone and getattr(self.aims[0], "by", None) is None and has_one_each(program)

    def several_each(self, program: Program) -> bool:
        """Whether the one aim is the worst served where each has a number of officers of its own, none of them pinned."""
        asked = program.enterprise_high > 0
        exact = bool((program.enterprise_low == program.enterprise_high)[asked].all())
        return (
            self._worst_alone and getattr(self.aims[0], "by", None) is None and exact and not program.linear and not len(program.required)
        )

    @property
    def _worst_alone(self) -> bool:
        return len(self.aims) == 1 and isinstance(self.aims[0], WorstServed) and self.aims[0].weight > 0


def has_one_each(program: Program) -> bool:
    """Whether every enterprise that may have an officer has exactly one, and no side row says more."""
    asked = program.enterprise_high > 0
    return bool(((program.enterprise_low == 1) & (program.enterprise_high == 1))[asked].all()) and not program.linear


def asks_alike(program: Program, instance: Instance) -> bool:
    """Whether those who may have an officer are those who ask for one by the instance, of whom the worst served is one."""
    return bool(((program.enterprise_high > 0) == (instance.demand_high > 0)).all())


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

    Raises
    ------
    ConfigError
        When returns that diminish stand in a rank that is not the last: they cannot be held.
    """

    name: str = "optimal"
    constraints: Sequence[Constraint]
    objectives: Sequence[Objective]
    method: Method = field(default_factory=Optimise)

    def __post_init__(self) -> None:
        early = [aim for rank in self.ranks[:-1] for aim in rank.aims if isinstance(aim, DiminishingReturns)]
        if early:
            msg = (
                "DiminishingReturns stands in an earlier rank, where its value would have to be held, and that is no linear rule over "
                "pairs: put it in the last rank, or use ExpectedResolved in the earlier one. "
                "| 递减收益目标位于前面的级，其取值无法作为线性规则保持：请放在最后一级，或在前面的级改用 ExpectedResolved。"
            )
            raise ConfigError(msg)

    @property
    def ranks(self) -> tuple[Rank, ...]:
        """The aims in ranks, first things first: all in one, but where :func:`matchmaker.objectives.then` begins another."""
        found: list[tuple[float, list[Objective]]] = [(0.0, [])]
        for aim in self.objectives:
            if isinstance(aim, Then):
                found.append((aim.slack, [aim.aim]))
            else:
                found[-1][1].append(aim)
        return tuple(Rank(slack, tuple(aims)) for slack, aims in found if aims)

    def program(self, instance: Instance, earlier: Sequence[Held] = ()) -> Program:
        """The mathematical programme that rules and aims write together.

        Parameters
        ----------
        earlier
            What the first ranks have reached, a value each, or with leximin the plans that are best in it: they are held, and the next
            rank is priced. Ranks after that are left out.
        """
        program = Program(*instance.shape)
        for rule in self.constraints:
            rule.impose(program, instance)
        for rank, after, reached in zip(self.ranks, self.ranks[1:], earlier, strict=False):
            rank.hold(program, instance, reached, after.slack)
        for aim in self.ranks[len(earlier)].aims if self.objectives else ():
            aim.price(program, instance)
        listed = instance.affinity
        if isinstance(listed, Sparse) and not any(affinity is listed for affinity, _ in program.terms):
            program.add(listed, 0.0)  # whatever the aims of this rank, pairs that are not listed may not meet
        return program

    def values(self, instance: Instance, assignment: Assignment) -> tuple[float, ...]:
        """What a plan is worth in each rank."""
        return self.added([aim.value(instance, assignment) for aim in self.objectives])

    def added(self, values: Sequence[float]) -> tuple[float, ...]:
        """The values of the aims, one each, added up rank by rank."""
        ranks, rest = [], list(values)
        for rank in self.ranks:
            ranks.append(math.fsum(rest[: len(rank.aims)]))
            rest = rest[len(rank.aims) :]
        return tuple(ranks) or (0.0,)

    def terms(self, instance: Instance, assignment: Assignment) -> dict[str, float]:
        """What each aim contributes, by its name: whatever rank it stands in; the second of one kind is "travel 2", and so on."""
        found: dict[str, float] = {}
        for aim in (aim for rank in self.ranks for aim in rank.aims):
            name, count = name_of(aim), sum(known.split(" ")[0] == name_of(aim) for known in found)
            found[f"{name} {count + 1}" if count else name] = aim.value(instance, assignment)
        return found

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Every place where a plan breaks one of the rules."""
        return [broken for rule in self.constraints for broken in rule.violations(instance, assignment)]
