"""Solve: rules and aims write a programme, a method finds a plan, the rules check it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace

from matchmaker.constraints import Capacity, Demand, ServesArea, Workload
from matchmaker.constraints.noted import Noted
from matchmaker.engine import PROVEN, Search, Solution
from matchmaker.errors import SolverError
from matchmaker.instance import Instance
from matchmaker.naming import named
from matchmaker.policies import Policy, optimal
from matchmaker.policies.optimise import Optimise
from matchmaker.policies.ranking import Reached, find
from matchmaker.program import Prices, Round
from matchmaker.progress import shown
from matchmaker.result import Result, Termination
from matchmaker.start import pairs_to_begin_from, prices_to_begin_from
from matchmaker.unheeded import unheeded

logger = logging.getLogger(__name__)
PLAIN = (Capacity, Demand, Noted, ServesArea)
"""Rules that write no side rows."""


def solve(
    instance: Instance,
    policy: Policy | None = None,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    threads: int = 2,
    progress: Callable[[Round], None] | bool | None = None,
    start: Result | Prices | None = None,
    cluster: object | None = None,
) -> Result:
    """Match officers to enterprises by a policy, and prove what can be proven.

    Parameters
    ----------
    instance
        Who can serve, who asks, how good each pair would be.
    policy
        Rules, aims and method; :func:`matchmaker.policies.optimal` when None.
    time_limit
        Seconds, or None. The best plan so far is then the answer, FEASIBLE with its gap; NOT_FOUND before any.
    gap
        Relative gap at which to stop; 0 asks for the optimum.
    seed
        For policies that draw.
    threads
        Threads that price pairs.
    progress
        A function called after each round, True or False to show a line or not; None shows one in a terminal or notebook only.
    start
        An earlier result to begin from, such as last round's: prices of who is known by id are taken over, whoever joined, left or
        changed. With `gap` 0 and no `time_limit` the plan is the same as without, only sooner the fewer rows have changed; the proof may
        be by other prices. Or prices over this instance's own ids, NaN for who has none.
    cluster
        A ``dask.distributed.Client`` whose workers price the pairs, for what is too large for one machine; the plan is the same.

    Returns
    -------
    Result
        Read ``termination`` first. An instance that cannot be solved is an answer, with ``diagnosis``. Ctrl-C gives the best plan so
        far with its honest gap, and ``stopped`` says so; before any plan was found it is the usual ``KeyboardInterrupt``.

    Raises
    ------
    DataError, ConfigError
        When the instance or an argument cannot be used.
    ClusterError
        When the cluster is lost before any plan was found. Later, the best plan so far is returned, and ``stopped`` says so.
    SolverError
        When a plan breaks a rule or exceeds its bound: such a plan is never returned.
    """
    policy = optimal() if policy is None else policy
    known = prices_to_begin_from(start, instance)
    held = None if known is None else pairs_to_begin_from(start, instance)
    with shown(progress) as report:
        _make_ready(policy)
        search = Search(
            gap=gap, time_limit=time_limit, seed=seed, threads=threads, progress=report, start=known, held=held, cluster=cluster
        )
        solution, reached = find(policy, instance, search)
    result = checked_result(instance, policy, solution, search, reached)
    for en, zh in result.unheeded:
        logger.warning("%s. | %s。", en, zh)
    return result


def _make_ready(policy: Policy) -> None:
    """Modules and machine code, before the clock runs: the first time on a machine they take long."""
    if isinstance(policy.method, Optimise):
        plain = all(isinstance(rule, PLAIN) for rule in policy.constraints)
        policy.method.make_ready(rows=not plain, loads=any(isinstance(rule, Workload) for rule in policy.constraints))


def checked_result(instance: Instance, policy: Policy, solution: Solution, search: Search, reached: tuple[Reached, ...] = ()) -> Result:
    """A result whose plan keeps every rule and does not exceed its bound.

    Raises
    ------
    SolverError
        When it does not.
    """
    result = Result(
        instance=instance,
        policy=policy.name,
        recipe=policy,
        termination=Termination(solution.termination),
        objective=math.nan,
        bound=solution.bound,
        prices=solution.prices,
        diagnosis=named(solution.diagnosis, instance),
        seed=search.seed,
        rounds=solution.rounds,
        stopped=solution.stopped,
        searched=solution.searched,
        earlier=tuple((one.aims, one.value, one.bound) for one in reached),
        held=tuple(one.held for one in reached),
        runtime=search.elapsed,
    )
    if solution.officers is None or solution.enterprises is None:
        return replace(result, unheeded=unheeded(instance, policy.constraints))
    plan = instance.assignment(solution.officers, solution.enterprises)
    broken = policy.violations(instance, plan)
    if broken:
        first = "; ".join(map(str, broken[:5]))
        msg = f"The plan breaks {len(broken)} rules and is not returned: {first}. | 方案有 {len(broken)} 处违反规则，不予返回。"
        raise SolverError(msg)
    terms = policy.terms(instance, plan)
    objective = policy.added(list(terms.values()))[-1]
    if objective > solution.bound + PROVEN * abs(solution.bound):
        msg = (
            f"The plan is worth {objective!r}, above its bound {solution.bound!r}: one of them is wrong, so neither is returned. "
            f"| 方案目标值 {objective!r} 超过其上界 {solution.bound!r}，必有一误，均不返回。"
        )
        raise SolverError(msg)
    passed_over = unheeded(instance, policy.constraints, plan)
    return replace(result, plan=plan, objective=objective, terms=terms, unheeded=passed_over, runtime=search.elapsed)
