"""The worst-served groups of enterprises first: the least mean as high as can be, then the least of the others, and so on.

At weights ``q`` on the groups, which add up to 1 over their sizes, no plan's least mean is above the greatest total of weighted affinities
(Lagrangean duality), which the engine finds and proves over all pairs. Each answer is a cut in a small linear programme that says which
weights to try next (Kelley 1960, doi:10.1137/0108053), part of the way from the best so far, for steadiness (Wentges 1997,
doi:10.1016/S0969-6016(97)00011-8). Groups with a weight at the end have that mean in every best mix of plans: they keep it as a floor, and
the others go on (Ogryczak, Pioro and Tomaszewski 2005, doi:10.1016/j.ejor.2003.10.032).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from matchmaker.affinity import Affinity, Dense, Factors, Sparse
from matchmaker.engine.mixing import Aim, whole_plan
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import passes_of, single_blas
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.ruled import WHOLE, optimise_with_rows
from matchmaker.engine.search import Search, Solution, TimeUp
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.errors import ConfigError
from matchmaker.program import Prices, Program, sorted_once
from matchmaker.siderows import SideRows, group_rows

INWARD = 0.7
"""How far towards the best weights so far the next ones are drawn back."""
TRIED, LOOKS = 15, 12
"""Weights that are tried on one list, and looks at all pairs for one level, at most."""
NEAR, MOST = 0.03, 16
"""How far below tight a pair on the list may be, as a share of the largest value; pairs of one enterprise that a look adds, about."""
LOOSELY = 0.01
"""Relative gap of the total in a plan that only has to keep floors."""
CLIMBING = 0.7
"""The share of the time that is for levels; what is left is for a whole plan near them."""
EXACTLY = 1e-9
"""How far below what was reached an earlier sum may fall, relative: rounding."""
CARRIES = 1e-3
"""A group whose share of the weights is above this is at its level."""


@dataclass(frozen=True, eq=False)
class Levels:
    """A plan, and what its groups come to.

    Parameters
    ----------
    floor
        Shape (n_groups,): what each group has in the plan at the least, minus infinity where its level was not asked for.
    solution
        The plan, or why there is none; its bound is that of the first level.
    """

    floor: Floats
    solution: Solution


def best_levels(
    program: Program, measure: Affinity, groups: tuple[Ints, Floats], search: Search, within: float, most: int | None = None
) -> Levels:
    """The levels of the groups' means, one after the other, and a plan that comes so near to them.

    Few pairs are searched completely; of many, the levels are those of the best mix of plans, and a plan is sought that comes within the
    tolerance of them, or else as near as is found.

    Parameters
    ----------
    program
        Without side rows; its values decide nothing here.
    measure
        What enterprises are served with.
    groups
        Each enterprise's group, negative for none, shape (n_enterprises,); and what groups' totals are divided by, shape (n_groups,).
    search
        Time and threads.
    within
        How near, relative, a level is to be found and kept.
    most
        How many groups' levels are decided; None for all.
    """
    count = len(groups[1])
    wanted = count if most is None else min(most, count)
    held = program.worthless().without_rows()
    held.add(measure)
    space = Space(held)
    if not count:
        return Levels(np.empty(0), replace(optimise(space, search), bound=math.inf, prices=None))
    if space.size <= WHOLE:
        return _completely(held, measure, groups, search, wanted)
    part = search if math.isinf(search.left) else replace(search, time_limit=search.elapsed + CLIMBING * search.left)
    climb = _Groups(program, measure, groups, part, within / 2)
    found: list[tuple[int, float, float]] = []
    try:
        with single_blas():
            climb.first = climb.ask(np.full(count, 1.0 / climb.size.sum()), whole=True)
            while len(found) < wanted:
                found += climb.level()
    except TimeUp:
        pass
    complete = climb.near and len(found) >= wanted
    found += [] if len(found) >= wanted else climb.so_far
    if climb.plain.officers is None or not found:
        return Levels(np.full(count, -np.inf), replace(climb.plain, bound=climb.first, prices=None))
    near = _planned(held, measure, groups, search, within, found, climb.kept, complete=complete)
    if near.solution.officers is not None:
        return near
    return Levels(np.full(count, -np.inf), replace(climb.plain, bound=found[0][2], prices=None))


def _planned(
    held: Program,
    measure: Affinity,
    groups: tuple[Ints, Floats],
    search: Search,
    within: float,
    found: list[tuple[int, float, float]],
    plans: list[Ints],
    *,
    complete: bool,
) -> Levels:
    """A plan that comes near the levels: within the tolerance where one is found, else as near as is found."""
    level, slack = np.full(len(groups[1]), -np.inf), within / 2
    for group, reached, _ in found:
        level[group] = reached
    aim = Aim(*groups, level)
    known = whole_plan(held, measure, aim, plans, search, slack / 2)
    short = aim.short(aim.has(held, measure, known))
    officers, enterprises = held.split(known)
    best = Levels(
        level - max(short, slack) * aim.scale,
        Solution(termination="OPTIMAL" if complete else "FEASIBLE", officers=officers, enterprises=enterprises, bound=found[0][2]),
    )
    if short <= slack:
        return best
    search = replace(search, plan=(officers, enterprises), gap=max(search.gap, LOOSELY), progress=None, start=None)
    while slack < short:
        floor = level - slack * aim.scale
        part = held.without_rows()
        part.add_rows(group_rows(measure, groups, floor))
        plan = optimise_with_rows(part, search)
        if plan.officers is not None:
            done = replace(plan, bound=found[0][2], prices=None, searched=False, termination="OPTIMAL" if complete else "FEASIBLE")
            return Levels(floor, done)
        if search.over:
            break
        slack, complete = 4 * slack, False
    return Levels(best.floor, replace(best.solution, termination="FEASIBLE"))


def _completely(held: Program, measure: Affinity, groups: tuple[Ints, Floats], search: Search, wanted: int) -> Levels:
    """By complete searches: the greatest sum of the k least, for one k after the other (Ogryczak and Tamir 2003,
    doi:10.1016/S0020-0190(02)00370-8)."""
    count = len(groups[1])
    most = float(np.abs(measure.pairs(*held.split(Space(held).every_key()))).sum()) + 1.0
    part = held.worthless().without_rows()
    reached: list[float] = []
    solution = Solution(termination="NOT_FOUND")
    for k in range(1, wanted + 1):
        stage = part.without_rows()
        for size in range(1, k + 1):
            least = reached[size - 1] - EXACTLY * max(1.0, abs(reached[size - 1])) if size < k else -np.inf
            _add_sum_of_least(stage, measure, groups, size, least, most, 1.0 if size == k else 0.0)
        solution = optimise_with_rows(stage, replace(search, gap=0.0, progress=None, start=None))
        if solution.officers is None or solution.enterprises is None:
            return Levels(np.full(count, -np.inf), solution)
        reached.append(_sum_of_least(measure, groups, solution, k))
    values = _values(measure, groups, solution)
    order = np.argsort(values, kind="stable")
    floor = np.maximum(values, values[order[wanted - 1]]) if wanted < count else values
    return Levels(np.minimum(values, floor), replace(solution, bound=reached[0], prices=None))


def _values(measure: Affinity, groups: tuple[Ints, Floats], solution: Solution) -> Floats:
    """What groups have in a plan. Shape (n_groups,)."""
    officers, enterprises = (np.empty(0, np.int64) if side is None else side for side in (solution.officers, solution.enterprises))
    group, size = groups
    inside = group[enterprises] >= 0
    return np.bincount(group[enterprises[inside]], measure.pairs(officers[inside], enterprises[inside]), len(size)) / size


def _sum_of_least(measure: Affinity, groups: tuple[Ints, Floats], solution: Solution, k: int) -> float:
    return float(np.sort(_values(measure, groups, solution))[:k].sum())


def _add_sum_of_least(
    program: Program, measure: Affinity, groups: tuple[Ints, Floats], k: int, least: float, most: float, weight: float
) -> None:
    """``k r - sum_g d_g``, with ``d_g >= r - v_g`` and ``d_g >= 0``: the sum of the k least, times the weight, and no less than so much."""
    group, size = groups
    count = len(size)
    level = program.add_variables(-most, most, weight * k)
    under = program.add_variables(np.zeros(count), np.full(count, 2 * most), -weight)
    program.add_rows(
        SideRows(
            rule="leximin",
            shape=program.shape,
            low=np.zeros(count),
            high=np.full(count, np.inf),
            officer_class=np.zeros(program.shape[0], np.int64),
            enterprise_class=group,
            row=np.arange(count)[None, :],
            weights=((measure, 1.0),),
            variables=np.concatenate([np.repeat(level, count), under]),
            variable_rows=np.concatenate([np.arange(count), np.arange(count)]),
            variable_values=np.concatenate([-size, size]),
        )
    )
    if weight == 0:
        program.add_rows(
            SideRows(
                rule="leximin",
                shape=program.shape,
                low=np.array([least]),
                high=np.array([np.inf]),
                variables=np.concatenate([level, under]),
                variable_rows=np.zeros(count + 1, np.int64),
                variable_values=np.concatenate([[float(k)], -np.ones(count)]),
            )
        )


class _Groups:
    """Groups that are still free, floors of the others, and the plans that were met, by what groups have in them."""

    def __init__(self, program: Program, measure: Affinity, groups: tuple[Ints, Floats], search: Search, within: float) -> None:
        self.base = program.worthless().without_rows()
        self.keys = np.empty(0, np.int64)
        self.measure, self.search, self.within = measure, search, within
        self.group, self.size = groups
        self.floor = np.full(len(self.size), -np.inf)
        self.plans: list[Floats] = []
        self.kept: list[Ints] = []
        self.start: Prices | None = None
        self.plain = Solution(termination="NOT_FOUND")
        self.near, self.first = True, math.inf
        self.so_far: list[tuple[int, float, float]] = []

    @property
    def free(self) -> Ints:
        """Groups without a level yet."""
        return np.flatnonzero(np.isneginf(self.floor))

    def ask(self, weights: Floats, *, whole: bool) -> float:
        """No plan of all pairs, or of those on the list, that keeps the floors has a greater least mean of the free groups.

        Shape (n_groups,): weights of the free groups, and prices of the others' floors, each at least 0. The plan that says so is kept.
        """
        self.search.check()
        program = self.base.without_rows()
        measure = self.measure if whole else self._listed()
        program.add(weighted(measure, np.where(self.group >= 0, weights[self.group], 0.0)))
        search = replace(self.search, gap=self.within / 10, progress=None, start=self.start)
        space = Space(program)
        found = optimise(space, search, again=False)
        if found.officers is None or found.enterprises is None:
            self.plain = found if self.plain.officers is None else self.plain
            raise TimeUp
        if self.plain.officers is None:
            self.plain = replace(found, termination="FEASIBLE")
        if math.isinf(found.bound):
            raise TimeUp
        self.start = found.prices
        inside = self.group[found.enterprises] >= 0
        values = self.measure.pairs(found.officers[inside], found.enterprises[inside])
        self.plans.append(np.bincount(self.group[found.enterprises[inside]], values, len(self.size)).astype(np.float64))
        self.kept.append(np.sort(self.base.keys(found.officers, found.enterprises)))
        if whole:
            self._list(space, found)
        held = np.isfinite(self.floor)
        return found.bound - float(weights[held] @ (self.floor * self.size)[held])

    def _listed(self) -> Affinity:
        """The measure on the list alone."""
        i, j = self.base.split(self.keys)
        return Sparse(sp.csr_array((self.measure.pairs(i, j), (i, j)), shape=self.base.shape))

    def _list(self, space: Space, found: Solution) -> None:
        """Put pairs on the list that are near tight at the prices of an answer, and those of its plan."""
        if found.prices is None or found.officers is None or found.enterprises is None:
            return
        p, u = (np.ldexp(side, -space.exponent) for side in (found.prices.officers, found.prices.enterprises))
        near = scan(space, Ask(p, u, above=-NEAR * space.reach, most=MOST), passes_of(self.search)).keys
        self.keys = sorted_once(np.concatenate([self.keys, near, self.base.keys(found.officers, found.enterprises)]))

    def level(self) -> list[tuple[int, float, float]]:
        """One level: which groups are at it, what a mix of plans reaches, and what none goes beyond."""
        free, held = self.free, np.flatnonzero(np.isfinite(self.floor))
        best, bound = np.zeros(len(self.size)), np.inf
        best[free] = 1.0 / self.size[free].sum()
        if len(held):
            best = self._master(free, held)[1]
        for _ in range(LOOKS):
            best = self._descend(best, free, held)
            bound = min(bound, self.ask(best, whole=True))
            self.first = self.first if len(held) else min(self.first, bound)
            reached, _ = self._master(free, held)
            if bound - reached <= self.within * abs(bound):
                break
        else:
            self.near = False
        share = best[free] * self.size[free]
        at = free[share > CARRIES * share.sum()]
        self.floor[at] = reached - self.within * abs(reached)
        self.so_far = []
        return [(int(g), reached, bound) for g in at]

    def _descend(self, best: Floats, free: Ints, held: Ints) -> Floats:
        """The best weights for the pairs on the list."""
        bound = self.ask(best, whole=False)
        for _ in range(TRIED):
            reached, weights = self._master(free, held)
            if np.isfinite(reached):
                self.so_far = [(int(g), reached, self.first) for g in free]
            if bound - reached <= self.within / 2 * abs(bound):
                break
            trial = INWARD * best + (1 - INWARD) * weights
            said = self.ask(trial, whole=False)
            if said < bound:
                best, bound = trial, said
        return best

    def _master(self, free: Ints, held: Ints) -> tuple[float, Floats]:
        """The best mix of the plans that were met: its least mean of free groups, and the weights that say none is better."""
        plans = np.array(self.plans)
        k, count = len(plans), len(free)
        # variables: shares of plans, then the level
        order = np.concatenate([free, held])
        rows = np.hstack([-(plans[:, order] / self.size[order]).T, np.zeros((len(order), 1))])
        rows[:count, -1] = 1.0
        right = np.concatenate([np.zeros(count), -self.floor[held]])
        found = linprog(
            np.r_[np.zeros(k), -1.0],
            A_ub=rows,
            b_ub=right,
            A_eq=np.r_[np.ones(k), 0.0][None],
            b_eq=[1.0],
            bounds=[(0, None)] * k + [(None, None)],
        )
        weights: Floats = np.zeros(len(self.size))
        if found.status != 0 or found.x is None:
            weights[free] = 1.0 / self.size[free].sum()
            weights[held] = 1.0 / self.size[held].mean()
            return -np.inf, weights
        price = np.maximum(-found.ineqlin.marginals, 0.0)
        weights[order] = price / self.size[order]
        total = float((weights[free] * self.size[free]).sum())
        return float(found.x[-1]), weights / total if total > 0 else weights


def weighted(measure: Affinity, weight: Floats) -> Affinity:
    """The measure with each enterprise's values times its weight. Shape (n_enterprises,)."""
    if isinstance(measure, Factors):
        return Factors(measure.left, measure.right * weight[:, None])
    if isinstance(measure, Dense):
        return Dense(measure.matrix * weight)
    if isinstance(measure, Sparse):
        return Sparse(measure.matrix.multiply(weight[None, :]).tocsr())
    kind = type(measure).__name__
    msg = f"Levels of groups know Factors, Dense and Sparse affinities; {kind} is none of them. | 不支持 {kind} 类匹配度。"
    raise ConfigError(msg)
