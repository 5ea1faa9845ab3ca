"""Aims in ranks: solved one after the other, with what the earlier ones have reached held."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from matchmaker.constraints.base import name_of
from matchmaker.engine import Search, Solution
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.objectives import Leximin, WorstServed
from matchmaker.policies.optimise import Optimise
from matchmaker.policies.policy import Held, Policy, asks_alike, has_one_each
from matchmaker.program import Program

SMALL = 600
"""Pairs that are few enough for a complete search where nothing else has proven its plan."""
UNFINISHED = "Time ended before a later aim had a plan; the plan is that of the aims before. | 后一级目标未及求解，方案为前一级目标所得。"


@dataclass(frozen=True, kw_only=True, eq=False)
class Reached:
    """What an earlier rank came to.

    Parameters
    ----------
    aims
        Their names.
    value
        What the plan found for this rank is worth in it.
    bound
        No plan is worth more in it, given what the ranks before have reached.
    held
        What later ranks must keep of it: the value, or the plans that are best in it.
    """

    aims: str
    value: float
    bound: float
    held: Held


def find(policy: Policy, instance: Instance, search: Search) -> tuple[Solution, tuple[Reached, ...]]:
    """The plan of the last rank, and what the ranks before it have reached.

    Where time ends in a later rank before it has a plan, the plan of the rank before stands. Ranks share the time that there is; where
    an earlier one is not proven, neither is the whole.
    """
    from matchmaker.engine.mends import with_mends

    reached: list[Reached] = []
    proven = True
    ranks = policy.ranks
    solution, before = Solution(termination="NOT_FOUND"), Solution(termination="NOT_FOUND")
    for number in range(max(1, len(ranks))):
        program = policy.program(instance, [one.held for one in reached])
        last = number >= len(ranks) - 1
        if not last and _settled(program) and not any(isinstance(aim, Leximin) for aim in ranks[number].aims):
            names = " + ".join(name_of(aim) for aim in ranks[number].aims)
            reached.append(Reached(aims=names, value=program.constant, bound=program.constant, held=program.constant))
            continue
        part = search if last else _share(search, len(ranks) - number)
        if before.officers is not None and before.enterprises is not None:
            part = replace(part, plan=(before.officers, before.enterprises))
        solution, held = _solved(policy, number, instance, program, part)
        if solution.officers is None or solution.enterprises is None:
            if before.officers is None:
                return with_mends(program, solution, search), ()
            return replace(before, termination="FEASIBLE", bound=math.inf, prices=None, stopped=UNFINISHED), tuple(reached)
        if not last:
            value = policy.values(instance, instance.assignment(solution.officers, solution.enterprises))[number]
            names = " + ".join(name_of(aim) for aim in ranks[number].aims)
            reached.append(Reached(aims=names, value=value, bound=solution.bound, held=value if held is None else held))
            proven &= solution.termination == "OPTIMAL"
            before = solution
    return solution if proven else replace(solution, termination="FEASIBLE"), tuple(reached)


def _settled(program: Program) -> bool:
    """Whether every plan is worth the same in a rank: then there is nothing to solve."""
    return not any(weight for _, weight in program.terms) and not (len(program.valued[0]) or len(program.variables) or program.returns)


def _share(search: Search, ranks: int) -> Search:
    """A part of the time for one of so many ranks that are left, and no prices to begin from: those given are the last rank's."""
    if search.time_limit is None:
        return replace(search, start=None)
    return replace(search, start=None, time_limit=search.elapsed + max(search.left, 1e-3) / ranks)


def _solved(policy: Policy, number: int, instance: Instance, program: Program, search: Search) -> tuple[Solution, Held | None]:
    """A rank's plan, and what later ranks are to hold where that is not its value."""
    aims = policy.ranks[number].aims if policy.ranks else ()
    if any(isinstance(aim, Leximin) for aim in aims):
        return _leximin(aims, instance, program, search)
    alone = bool(policy.ranks) and policy.ranks[number].one_each(_without(program)) and asks_alike(program, instance)
    if alone and isinstance(policy.method, Optimise):
        from matchmaker.engine.bottleneck import best_floor

        floor = best_floor(_without(program), instance.affinity, search)
        weight = sum(aim.weight for aim in aims if isinstance(aim, WorstServed))
        return replace(floor.solution, bound=floor.solution.bound * weight), None
    if policy.ranks and policy.ranks[number].several_each(_without(program)) and isinstance(policy.method, Optimise):
        from matchmaker.engine.several import best_least

        least = best_least(_without(program), instance.affinity, search)
        if least.solution.termination != "FEASIBLE" or np.prod(program.shape) > SMALL:
            weight = sum(aim.weight for aim in aims if isinstance(aim, WorstServed))
            return replace(least.solution, bound=least.bound * weight), None
    return policy.method.find(instance, program, search), None


def _without(program: Program) -> Program:
    """The programme as it was before the worst served was written into it as a row and a variable."""
    return program.without_rows() if [rows.rule for rows in program.side_rows] == ["worst_served"] else program


def _leximin(aims: tuple[object, ...], instance: Instance, program: Program, search: Search) -> tuple[Solution, Held | None]:
    from matchmaker.engine.leximin import ladder

    aim = aims[0]
    if not asks_alike(program, instance):
        msg = (
            "Leximin compares the enterprises that ask for officers by the tables; the policy's Demand gives officers to others, or "
            "none to some of these. | 字典序目标比较的是数据表中有需求的企业，与策略中 Demand 的企业不一致。"
        )
        raise ConfigError(msg)
    if len(aims) > 1 or not isinstance(aim, Leximin) or program.linear or not (aim.by is not None or has_one_each(program)):
        msg = (
            "Leximin stands in a rank of its own, where no rule adds rows and, unless it is by groups, each enterprise has exactly one "
            "officer: see WorstServed for the others. | 字典序最小最大目标须单独成级，不得与附加约束行的规则同用；"
            "除按组外每家企业须恰有一名干部；其他情形请用 WorstServed。"
        )
        raise ConfigError(msg)
    if aim.by is not None:
        from matchmaker.engine.groups import best_levels

        plan = best_levels(program, instance.affinity, aim.groups(instance), search, aim.within, aim.levels)
        return plan.solution, plan.floor
    found = ladder(program, instance.affinity, search, aim.levels)
    return found.solution, found.face
