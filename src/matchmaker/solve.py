"""Solve: rules and aims write a programme, a method finds a plan, the rules check it."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matchmaker.constraints.base import name_of
from matchmaker.diagnosis import Diagnosis
from matchmaker.engine import PROVEN, Search, Solution
from matchmaker.errors import ConfigError, SolverError
from matchmaker.instance import Instance
from matchmaker.policies import Policy, optimal
from matchmaker.program import Prices, Round
from matchmaker.progress import shown
from matchmaker.result import Result, Termination

logger = logging.getLogger(__name__)
MARK = re.compile(r"\{[oe]\d+\}")
"""Where a diagnosis names an officer or an enterprise by position."""


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
        Seconds, or None.
    gap
        Relative gap at which to stop; 0 asks for the optimum.
    seed
        For policies that draw.
    threads
        Threads that price pairs.
    progress
        A function called after each round, True or False to show a bar or not; None shows one in a terminal or notebook only.
    start
        An earlier result to begin from, such as last round's: prices of who is known by id are taken over, whoever joined, left or
        changed. With `gap` 0 and no `time_limit` the plan is the same as without, only sooner the fewer rows have changed; the proof may
        be by other prices. Or prices over this instance's own ids, NaN for who has none.
    cluster
        A ``dask.distributed.Client`` whose workers price the pairs, for what is too large for one machine; the plan is the same.

    Returns
    -------
    Result
        Read ``termination`` first. An instance that cannot be solved is an answer, with ``diagnosis``.

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
    with shown(progress) as report:
        search = Search(gap=gap, time_limit=time_limit, seed=seed, threads=threads, progress=report, start=known, cluster=cluster)
        program = policy.program(instance)
        solution = policy.method.find(instance, program, search)
    return checked_result(instance, policy, solution, search)


def prices_to_begin_from(start: Result | Prices | None, instance: Instance) -> Prices | None:
    """Prices over an instance's ids, NaN for who has none; None where `start` knows nobody or proves nothing.

    Raises
    ------
    ConfigError
        When it is neither a result nor prices, or prices of other shapes than the instance has.
    """
    if start is None:
        return None
    if not isinstance(start, Result | Prices):
        msg = (
            f"start is {type(start).__name__}; expected an earlier result, as solve or assign gave it, or None. "
            "| start 应为此前求解得到的结果（Result），或省略。"
        )
        raise ConfigError(msg)
    prices = start if isinstance(start, Prices) else start.prices
    if prices is None:
        logger.info("start is ignored: it has no prices, as nothing was proven.")
        return None
    if np.isinf(prices.officers).any() or np.isinf(prices.enterprises).any():
        logger.info("start is ignored: some of its prices are infinite.")
        return None
    known = _of_these(prices, instance) if isinstance(start, Prices) else _by_id(prices, start.instance, instance)
    if np.isnan(known.officers).all() and np.isnan(known.enterprises).all():
        logger.info("start is ignored: it knows none of these %d officers and %d enterprises.", *instance.shape)
        return None
    return known


def _of_these(prices: Prices, instance: Instance) -> Prices:
    found = (np.shape(prices.officers), np.shape(prices.enterprises))
    expected = ((instance.shape[0],), (instance.shape[1],))
    if found != expected:
        msg = (
            f"start has prices of shapes {found[0]} and {found[1]}, expected {expected[0]} = (n_officers,) and {expected[1]} = "
            "(n_enterprises,). Give the earlier result itself where rows joined or left. | start 的价格数量与本轮不符，请直接传入上轮结果。"
        )
        raise ConfigError(msg)
    return prices


def _by_id(prices: Prices, then: Instance, now: Instance) -> Prices:
    """The same prices over another instance's ids, NaN for who is new."""
    return Prices(
        officers=_matched(prices.officers, then.officer_ids, now.officer_ids),
        enterprises=_matched(prices.enterprises, then.enterprise_ids, now.enterprise_ids),
    )


def _matched(prices: NDArray[np.float64], then: NDArray[np.object_], now: NDArray[np.object_]) -> NDArray[np.float64]:
    if np.array_equal(then, now):
        return prices
    import pandas as pd

    place = pd.Index(then, dtype=object).get_indexer(pd.Index(now, dtype=object))
    return np.where(place >= 0, prices[place], np.nan)


def checked_result(instance: Instance, policy: Policy, solution: Solution, search: Search) -> Result:
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
        runtime=search.elapsed,
    )
    if solution.officers is None or solution.enterprises is None:
        return result
    plan = instance.assignment(solution.officers, solution.enterprises)
    broken = policy.violations(instance, plan)
    if broken:
        msg = f"The plan breaks {len(broken)} rules and is not returned: {'; '.join(map(str, broken[:5]))}."
        raise SolverError(msg)
    terms = {name_of(aim): aim.value(instance, plan) for aim in policy.objectives}
    objective = math.fsum(terms.values())
    if objective > solution.bound + PROVEN * abs(solution.bound):
        msg = f"The plan is worth {objective!r}, above its bound {solution.bound!r}: one of them is wrong, so neither is returned."
        raise SolverError(msg)
    return replace(result, plan=plan, objective=objective, terms=terms, runtime=search.elapsed)


def named(diagnosis: Diagnosis | None, instance: Instance) -> Diagnosis | None:
    """The same diagnosis with ids for positions."""
    if diagnosis is None:
        return None
    names = {f"{{o{i}}}": str(instance.officer_ids[i]) for i in diagnosis.officers}
    names |= {f"{{e{j}}}": str(instance.enterprise_ids[j]) for j in diagnosis.enterprises}

    def with_names(text: str) -> str:
        return MARK.sub(lambda found: names.get(found[0], found[0]), text)

    return replace(
        diagnosis,
        officer_ids=instance.officer_ids[diagnosis.officers],
        enterprise_ids=instance.enterprise_ids[diagnosis.enterprises],
        notes=tuple((with_names(english), with_names(chinese)) for english, chinese in diagnosis.notes),
    )
