"""The best plan of a space, with its proof: the story of one search."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import TypeVar

import numpy as np

from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.column_generation import ColumnGeneration, ldexp
from matchmaker.engine.earlier import Earlier
from matchmaker.engine.feasibility import contradiction, first_plan
from matchmaker.engine.passes import single_blas
from matchmaker.engine.ready import make_ready
from matchmaker.engine.search import Search, Solution, Status, TimeUp
from matchmaker.engine.space import Ints, Space
from matchmaker.engine.twins import Fold, fold
from matchmaker.errors import ClusterError
from matchmaker.program import Prices, sorted_once

T = TypeVar("T")
KNOWN = 0.7
"""Prices are begun from where so many are known: with fewer, those there are help less than they mislead."""
IMPLAUSIBLE = 2.0**20
"""A price so many times the largest value is no price to begin from."""
INTERRUPTED = "Interrupted: this is the best plan so far. | 已中断：这是目前最好的方案。"
logger = logging.getLogger(__name__)


def optimise(space: Space, search: Search, *, again: bool = True) -> Solution:
    """The best plan of a space, with its proof; or why there is none.

    A search that begins from given prices ends with the same plan as one that begins from nothing: where its optimum may not be the only
    one, it is run again from nothing, unless `again` is false. The seconds it may take to make machine code first are not the search's.
    """
    search = replace(search, started=search.started + make_ready())
    if search.over:
        return Solution(termination="NOT_FOUND")
    clash = contradiction(space)
    if clash is not None:
        return Solution(termination="INFEASIBLE", diagnosis=clash)
    with single_blas() if space.listed is None else nullcontext():
        base = _in_time(lambda: first_plan(space, search))
        if isinstance(base, Diagnosis):
            return Solution(termination="INFEASIBLE", diagnosis=base)
        folded = fold(space)
        state, stopped = _searched(space, folded, base, search, again)
        if state.plan is None and base is None:
            return _without_plan(state, folded)
    keys, amount = _pairs(space, state, folded, base)
    prices = state.proof.prices if folded is None else folded.prices(*state.proof.prices)
    return Solution(
        termination="OPTIMAL" if state.within(search.target) else "FEASIBLE",
        officers=space.split(keys)[0],
        enterprises=space.split(keys)[1],
        amount=amount,
        bound=ldexp(state.proof.bound / space.units, state.space.exponent),
        prices=None if math.isinf(state.proof.bound) else Prices(*(np.ldexp(side, state.space.exponent) for side in prices)),
        rounds=tuple(state.rounds),
        stopped=stopped,
    )


def _searched(space: Space, folded: Fold | None, base: Ints | None, search: Search, again: bool) -> tuple[ColumnGeneration, str]:
    """A search that has ended, and what ended it before its time."""
    inner = space if folded is None else folded.space
    base = base if base is None or folded is None else folded.keys(space, base)
    start = _start(inner, folded, search)
    if again and search.gap and start is not None:
        logger.info("start is not used: with a gap the plan depends on the way there, and the way is to be the same with and without.")
        start = None
    state = ColumnGeneration(inner, search, base, start)
    stopped = _run(state)
    if again and state.start is not None and not stopped and not search.over and not state.only_one():
        logger.info("The optimum may not be the only one: searching again from nothing, so that the plan does not depend on the start.")
        other = ColumnGeneration(inner, search, base)
        stopped = _run(other)
        if other.within(search.target) or not state.within(search.target):
            return other, stopped
    return state, stopped


def _run(state: ColumnGeneration) -> str:
    """Run a search; what ended it before its time, or nothing."""
    try:
        _in_time(state.run)
    except ClusterError as lost:
        if state.plan is None and state.base is None:
            raise
        logger.warning("The search ends with the best plan so far: %s", lost)
        return str(lost)
    except KeyboardInterrupt:
        if state.plan is None:
            raise
        return INTERRUPTED
    return ""


def _start(space: Space, folded: Fold | None, search: Search) -> Earlier | None:
    """Prices and pairs to begin from, scaled and folded as the space is; None where too few are known."""
    if search.start is None:
        return None
    with np.errstate(over="ignore"):
        p, u = (np.ldexp(np.asarray(side, dtype=np.float64), -space.exponent) for side in (search.start.officers, search.start.enterprises))
    p, u = (np.where(np.abs(side) < IMPLAUSIBLE * space.reach, side, np.nan) for side in (p, u))
    if folded is not None:
        p, u = p[folded.officers.first], u[folded.enterprises.first]
    if min(np.isfinite(p).mean(), np.isfinite(u).mean()) < KNOWN:
        return None
    held = np.empty(0, np.int64) if search.held is None or folded is not None or space.units != 1 else space.keys(*search.held)
    return Earlier(p, u, sorted_once(held))


def _in_time(step: Callable[[], T]) -> T | None:
    """What a step gives; None where time is up before it does."""
    try:
        return step()
    except TimeUp:
        return None


def _without_plan(state: ColumnGeneration, folded: Fold | None) -> Solution:
    diagnosis = state.diagnosis if state.diagnosis is None or folded is None else folded.named(state.diagnosis)
    none: Status = "NOT_FOUND" if diagnosis is None else "INFEASIBLE"
    return Solution(termination=none, diagnosis=diagnosis, rounds=tuple(state.rounds), shortage=state.shortage if folded is None else None)


def _pairs(space: Space, state: ColumnGeneration, folded: Fold | None, base: Ints | None) -> tuple[Ints, Ints]:
    """Every pair of the best plan with its units, required pairs among them; of the first plan where time ended before a better one."""
    if state.plan is None:
        keys = np.empty(0, np.int64) if base is None else base
        amount = np.ones(len(keys), np.int64)
    elif folded is not None:
        keys = space.keys(*folded.unfold(*state.plan))
        amount = np.ones(len(keys), np.int64)
    else:
        keys, amount = state.plan
    required = space.program.required
    keys, amount = np.concatenate([keys, required]), np.concatenate([amount, np.full(len(required), space.units)])
    order = np.argsort(keys)
    return keys[order], amount[order]
