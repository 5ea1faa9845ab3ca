"""The worst served first, then the second worst, and so on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matchmaker import metrics
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.objectives.worst_served import WorstServed
from matchmaker.program import Program
from matchmaker.siderows import group_rows


@dataclass(frozen=True, eq=False)
class Leximin:
    """The sorted values of the enterprises, where each has one officer, or of groups of enterprises, lexicographically greatest.

    ``lexmax sort_j(v_j)``, where ``v_j = sum_i a_ij x_ij``: the worst-served enterprise has as much as possible; among such plans the
    second worst has, and so on (Ogryczak 1997, doi:10.1016/S0377-2217(96)00154-1). Or the same of the groups' means or totals.

    Parameters
    ----------
    levels
        So many of the worst are decided; None for all. ``objectives=[Leximin(levels=200), then(ExpectedResolved())]`` decides the 200 worst
        served, and of all plans that are best in these takes the one of greatest total.
    by
        None for enterprises, or a column whose cells make the groups, or one label for each enterprise.
    of
        What is compared of groups: their means, over enterprises that ask for officers, or their totals.
    within
        How near, relative, each group's level is found and held: the best mix of plans is known so well, and a plan comes as near to it. Of
        enterprises, levels are exact.

    Raises
    ------
    ConfigError
        When `levels` is no whole number of at least 1, `of` is neither, or `within` is no number above 0.

    Notes
    -----
    It stands in a rank of its own, mostly with another aim after it. Rules that add rows (quotas, floors, hours) cannot hold beside it.
    """

    levels: int | None = None
    by: str | Sequence[object] | None = None
    of: Literal["mean", "total"] = "mean"
    within: float = 1e-3

    def __post_init__(self) -> None:
        if self.levels is not None and (isinstance(self.levels, bool) or not isinstance(self.levels, int) or self.levels < 1):
            msg = f"levels is {self.levels!r}; expected a whole number of at least 1, or None. | levels 应为不小于 1 的整数或 None。"
            raise ConfigError(msg)
        if self.of not in ("mean", "total"):
            msg = f'of is {self.of!r}; expected "mean" or "total". | of 应为 "mean" 或 "total"。'
            raise ConfigError(msg)
        if isinstance(self.within, bool) or not isinstance(self.within, int | float) or not 0 < self.within < math.inf:
            msg = f"within is {self.within!r}; expected a number above 0, such as 0.001. | within 应为大于 0 的数。"
            raise ConfigError(msg)

    def price(self, program: Program, instance: Instance) -> None:
        """Nothing: no sum over pairs says it; it is solved level by level."""

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """What the worst-served has: the first of the levels."""
        return float(self.sorted_values(instance, assignment)[:1].sum())

    def sorted_values(self, instance: Instance, assignment: Assignment) -> NDArray[np.float64]:
        """The values of enterprises that ask for officers, or of their groups, from the worst up. Shape (n_asking,) or (n_groups,)."""
        has = metrics.enterprise_value(instance, assignment)
        if self.by is None:
            return np.sort(has[instance.demand_high > 0])
        group, size = self.groups(instance)
        inside = group >= 0
        return np.sort(np.bincount(group[inside], has[inside], len(size)) / size)

    def groups(self, instance: Instance) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Each enterprise's group, negative for none, shape (n_enterprises,); and what totals are divided by, shape (n_groups,)."""
        group = WorstServed(by=self.by).groups(instance)
        size = np.bincount(group[group >= 0]).astype(np.float64)
        return group, size if self.of == "mean" else np.ones(len(size))

    def hold(self, program: Program, instance: Instance, floor: NDArray[np.float64]) -> None:
        """Each group has at least its floor. Shape (n_groups,), minus infinity for none."""
        group, size = self.groups(instance)
        program.add_rows(group_rows(instance.affinity, (group, size), floor))
