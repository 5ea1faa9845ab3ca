"""The next best: what each would be worth, what stands against it, and what the city would lose."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.assignment import Assignment
from matchmaker.constraints import Pin
from matchmaker.explain.case import Case, Floats
from matchmaker.explain.chain import chain
from matchmaker.instance import Notes
from matchmaker.program import among
from matchmaker.result import Result, Termination
from matchmaker.solve import solve

ROUNDING = 1e-9
"""A plan and its bound that differ by less than this share of their values are told apart by rounding only."""
AGREED = 1e-6
"""A chain of moves is told when it loses what the plan solved anew loses, up to this share of the largest value."""
COLUMNS = (
    "officer_id",
    "enterprise_id",
    "affinity",
    "value",
    "reduced",
    "allowed",
    "forbidden_by",
    "forbidden_by_zh",
    "serves_now",
    "loses_at_least",
    "loses",
    "changes",
    "note",
    "note_zh",
)


@dataclass(frozen=True)
class Forced:
    """What came of a plan that must hold a pair.

    Parameters
    ----------
    loses
        What the best plan loses; NaN when it cannot be told.
    changes
        Pairs given up and pairs gained, such as ``-(O1, E2)``; empty when there is no such plan.
    note
        Why it cannot be told, in English and Chinese.
    """

    loses: float = math.nan
    changes: tuple[str, ...] = ()
    note: tuple[str, str] = ("", "")


def alternatives(case: Case, *, most: int, exact: bool, time_limit: float | None) -> pd.DataFrame:
    """The best `most` that the rules allow, after those that would be better and are forbidden (at most `most` of them).

    Returns
    -------
    DataFrame
        Columns as in `COLUMNS`, sorted by reduced value, the highest first, ties by position. ``loses`` is NaN unless `exact`.
    """
    values = case.values()
    allowed, reduced, least = case.allowed(values), case.reduced(values), case.least_loss(values)
    rows = []
    for k in _chosen(case, np.where(np.isfinite(values), reduced, -np.inf), allowed, most):
        i, j = int(case.officers[k]), int(case.enterprises[k])
        forced = _force(case, i, j, time_limit) if exact and allowed[k] else Forced()
        names = ("", "") if allowed[k] else forbidden_by(case, i, j)
        rows.append(
            (
                case.result.instance.officer_ids[i],
                case.result.instance.enterprise_ids[j],
                float(case.result.instance.affinity.pairs(np.array([i]), np.array([j]))[0]),
                float(values[k]),
                float(reduced[k]) if case.result.prices is not None else math.nan,
                bool(allowed[k]),
                *names,
                _serves_now(case, i, j),
                float(least[k]) if allowed[k] else math.nan,
                forced.loses,
                forced.changes,
                *forced.note,
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _chosen(case: Case, rank: Floats, allowed: NDArray[np.bool_], most: int) -> list[int]:
    """Candidates to show, best first: allowed ones, and of those that would be better, the ones somebody struck out before others."""
    partners = set(case.partners.tolist())
    if case.other is not None:
        return [case.other] if case.other not in partners else []
    order = [k for k in np.argsort(-rank, kind="stable").tolist() if k not in partners]
    best = [k for k in order if allowed[k]][:most]
    floor = rank[best[0]] if best else -math.inf
    better = [k for k in order if not allowed[k] and rank[k] > floor]
    by_name = among(case.program.forbidden, case.program.keys(case.officers, case.enterprises))
    better = sorted(better, key=lambda k: not by_name[k])[:most]
    return sorted([*best, *better], key=lambda k: (-rank[k], k))


def forbidden_by(case: Case, officer: int, enterprise: int) -> tuple[str, str]:
    """Which rules forbid a pair and in whose name, in English and Chinese: each rule is asked about a plan of that pair alone."""
    instance, program = case.result.instance, case.program
    alone = instance.assignment([officer], [enterprise])
    ids = instance.officer_ids[officer], instance.enterprise_ids[enterprise]
    found = [
        (f"{broken.rule}: {broken.problem}", broken.problem_zh or broken.problem)
        for rule in case.policy.constraints
        for broken in rule.violations(instance, alone)
        if (broken.officer, broken.enterprise) == ids
    ]
    if not program.officer_high[officer]:
        found.append(("capacity: the officer may serve nobody", "该干部可服务企业数为 0"))
    if not program.enterprise_high[enterprise]:
        found.append(("demand: the enterprise may have nobody", "该企业所需干部数为 0"))
    if not np.isfinite(program.values(np.array([officer]), np.array([enterprise]))[0]):
        found.append(("affinity: the pair is not listed", "匹配度表中未列出该结对"))
    if not found:
        found.append(("a rule that does not name the pair", "未指明结对的规则"))
    return "; ".join(en for en, _ in found), "；".join(zh for _, zh in found)


def _serves_now(case: Case, officer: int, enterprise: int) -> tuple[object, ...]:
    """Whom an officer serves now, or who serves an enterprise now: the other side of what is asked about."""
    plan: Assignment = case.result.assignment
    if case.side == "enterprise":
        return tuple(plan.enterprise_ids[plan.enterprises[plan.officers == officer]].tolist())
    return tuple(plan.officer_ids[plan.officers[plan.enterprises == enterprise]].tolist())


def _proven_best(result: Result, worth: float) -> bool:
    """Whether no plan can be worth more than this one, but for rounding of values as large as `worth`."""
    return result.plan is not None and result.bound - result.objective <= ROUNDING * max(worth, abs(result.objective))


def _force(case: Case, officer: int, enterprise: int, time_limit: float | None) -> Forced:
    """Solve again with the pair pinned, all else as it was."""
    result = case.result
    values = case.values()
    worth = max(abs(result.objective), float(np.abs(values[np.isfinite(values)]).max(initial=0.0)), np.finfo(np.float64).tiny)
    if not _proven_best(result, worth):
        return Forced(
            note=("this plan is not proven best: solve with an optimal policy and gap=0", "本方案未证明最优：请用最优策略并以 gap=0 求解")
        )
    said = np.array(["explain"], dtype=object)
    pin = Pin(Notes(officers=np.array([officer]), enterprises=np.array([enterprise]), actor=said, reason=said))
    policy = replace(case.policy, constraints=(*case.policy.constraints, pin))
    forced = solve(result.instance, policy, time_limit=time_limit, seed=result.seed, progress=False)
    if forced.termination == Termination.INFEASIBLE:
        return Forced(loses=math.inf, note=("no plan holds this pair and keeps every rule", "没有方案能在遵守全部规则的同时包含该结对"))
    if not _proven_best(forced, worth):
        return Forced(note=("the time was up before the loss was proven: raise time_limit", "时限内未能证明损失：请增大 time_limit"))
    loses = max(0.0, result.objective - forced.objective)
    moves = chain(case, officer, enterprise, worth)
    if moves is not None and abs(moves.loses - loses) <= AGREED * worth:
        names = result.instance.officer_ids, result.instance.enterprise_ids
        given_up = [(names[0][i], names[1][j]) for i, j in moves.given_up]
        gained = [(names[0][i], names[1][j]) for i, j in moves.gained]
    else:
        before, after = result.assignment.pairs, forced.assignment.pairs
        given_up, gained = sorted(before - after, key=str), sorted(after - before, key=str)
    return Forced(loses=loses, changes=(*(f"-({i}, {j})" for i, j in given_up), *(f"+({i}, {j})" for i, j in gained)))
