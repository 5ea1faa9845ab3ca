"""A whole plan near a mix of plans, by what groups of enterprises have in it.

Where a mix is best in a few sums, a few of its plans suffice (Carathéodory), and most of their pairs are the same. Of the others a small
mixed-integer programme takes whole ones, so that each group comes as near to what the mix gives it as can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from matchmaker.affinity import Affinity
from matchmaker.engine.scaled import most_worth
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats, Ints, remaining
from matchmaker.program import Program, sorted_once

SHARE = 1e-9
"""A plan with a smaller share of the mix is not in it."""


@dataclass(frozen=True, eq=False)
class Aim:
    """What groups are to have.

    Parameters
    ----------
    group
        Each enterprise's group, negative for none. Shape (n_enterprises,).
    size
        What groups' totals are divided by. Shape (n_groups,).
    level
        What each is to have, minus infinity where nothing is asked. Shape (n_groups,).
    """

    group: Ints
    size: Floats
    level: Floats

    @property
    def asked(self) -> Ints:
        """Groups of which something is asked."""
        return np.flatnonzero(np.isfinite(self.level))

    @property
    def scale(self) -> float:
        """The largest level in size; 1 where all are nothing."""
        return float(np.abs(self.level[self.asked]).max(initial=0.0)) or 1.0

    def has(self, program: Program, measure: Affinity, keys: Ints) -> Floats:
        """What groups have in a plan. Shape (n_groups,)."""
        i, j = program.split(keys)
        inside = self.group[j] >= 0
        return np.bincount(self.group[j[inside]], measure.pairs(i[inside], j[inside]), len(self.size)) / self.size

    def short(self, has: Floats) -> float:
        """By how much the worst group misses its level, as a share of the scale; below 0 where none does."""
        return float((self.level - has)[self.asked].max(initial=-np.inf)) / self.scale


def whole_plan(program: Program, measure: Affinity, aim: Aim, plans: list[Ints], search: Search, gap: float) -> Ints:
    """Sorted keys of the plan that misses its levels least, of those made of pairs of the best mix of these plans; or the best of these.

    Parameters
    ----------
    program
        Whose members' limits are kept. Required pairs are in every plan.
    plans
        Sorted keys of each, shape (n_pairs,).
    gap
        How near to the least it is to be, as a share of the scale.
    """
    means = np.array([aim.has(program, measure, keys) for keys in plans])
    best = min(range(len(plans)), key=lambda k: aim.short(means[k]))
    shares = _shares(aim, means)
    mixed = [keys for keys, share in zip(plans, shares, strict=True) if share > SHARE]
    if len(mixed) < 2 or search.over:
        return plans[best]
    count = np.unique(np.concatenate(mixed), return_counts=True)
    common, open_keys = count[0][count[1] == len(mixed)], count[0][count[1] < len(mixed)]
    options: Any = {"mip_rel_gap": gap}
    if np.isfinite(search.left):
        options["time_limit"] = max(search.left / 2, 0.01)
    chosen = _chosen(program, measure, aim, common, open_keys, options)
    if chosen is None:
        return plans[best]
    found = sorted_once(np.concatenate([common, chosen]))
    return min(found, plans[best], key=lambda keys: aim.short(aim.has(program, measure, keys)))


def _shares(aim: Aim, means: Floats) -> Floats:
    """The mix of plans that misses the levels least. Shape (n_plans,)."""
    k, asked = len(means), aim.asked
    found = linprog(
        np.r_[np.zeros(k), 1.0],
        A_ub=np.hstack([-means[:, asked].T / aim.scale, -np.ones((len(asked), 1))]),
        b_ub=-aim.level[asked] / aim.scale,
        A_eq=np.r_[np.ones(k), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, None)] * k + [(None, None)],
    )
    return np.zeros(k) if found.x is None else np.asarray(found.x[:k])


def _chosen(program: Program, measure: Affinity, aim: Aim, common: Ints, open_keys: Ints, options: Any) -> Ints | None:
    """Which of the open pairs a plan takes that has the common ones; None where the solver has nothing."""
    n, m = program.shape
    (i, j), (a, b) = program.split(open_keys), program.split(common)
    k, asked, limits = len(open_keys), aim.asked, remaining(program)
    made = np.concatenate([np.bincount(a, minlength=n), np.bincount(b, minlength=m)])
    required = program.split(program.required)
    made -= np.concatenate([np.bincount(required[0], minlength=n), np.bincount(required[1], minlength=m)])
    low, high = (np.concatenate(side) - made for side in limits.sides)
    every, ones = np.arange(k), np.ones(k)
    members = sp.vstack([sp.csr_array((ones, (i, every)), shape=(n, k + 1)), sp.csr_array((ones, (j, every)), shape=(m, k + 1))]).tocsr()
    touched = np.flatnonzero(np.diff(members.indptr) > 0)
    place = np.full(len(aim.size), -1)
    place[asked] = np.arange(len(asked))
    row = np.where(aim.group[j] >= 0, place[aim.group[j]], -1)
    inside = np.flatnonzero(row >= 0)
    worth = measure.pairs(i[inside], j[inside]) / (aim.size[aim.group[j[inside]]] * aim.scale)
    level = np.arange(len(asked))
    has = sp.csr_array(
        (np.r_[worth, -np.ones(len(asked))], (np.r_[row[inside], level], np.r_[inside, np.full(len(asked), k)])), shape=(len(asked), k + 1)
    )
    rest = (aim.level - aim.has(program, measure, common))[asked] / aim.scale - 1.0
    found = most_worth(
        np.r_[np.zeros(k), 1.0],
        sp.vstack([members[touched], has]).tocsr(),
        (np.concatenate([low[touched], rest]), np.concatenate([high[touched], np.full(len(asked), np.inf)])),
        (np.r_[np.zeros(k), -np.inf], np.r_[ones, np.inf]),
        np.r_[np.ones(k, dtype=bool), False],
        options,
    )
    return None if found.x is None else open_keys[found.x[:k] > 0.5]
