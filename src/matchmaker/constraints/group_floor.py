"""No district forgotten: a floor under the mean affinity of each group of enterprises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matchmaker import metrics
from matchmaker.assignment import Assignment
from matchmaker.constraints.amounts import Floats, amounts, short_of
from matchmaker.constraints.base import Violation
from matchmaker.constraints.groups import Ints, classes, labels
from matchmaker.errors import DataError, did_you_mean
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows


@dataclass(frozen=True, eq=False)
class GroupFloor:
    """The mean affinity of each group of enterprises is at or above a floor.

    ``sum_{j in g} sum_i a_ij x_ij >= floor_g |g|``, where ``|g|`` counts the group's enterprises that ask for officers; one that has
    none counts as 0.

    Parameters
    ----------
    floor
        In affinity's unit: one number, or one for each group by name (groups that are not named have none).
    by
        How enterprises are grouped: a column, a list of columns, or shape (n_enterprises,) of labels.

    Raises
    ------
    DataError
        When a column or a group is not known, or a floor is no finite number.
    """

    floor: float | Mapping[str, float]
    by: str | Sequence[str] | ArrayLike = "district"

    def groups(self, instance: Instance) -> tuple[Ints, list[str], Floats]:
        """Each enterprise's group, negative for none, the groups' names, and what each must come to in all."""
        of, names = classes(labels(instance, "enterprise", self.by))
        of = np.where(instance.demand_high > 0, of, -1)
        size = np.bincount(of[of >= 0], minlength=len(names))
        if not isinstance(self.floor, Mapping):
            return of, names, amounts(self.floor, "floor", least=-np.inf) * size
        strange = [str(name) for name in self.floor if str(name) not in names]
        if strange:
            lines = [f"GroupFloor: no group is called {one!r}.{did_you_mean(one, names)} | 没有名为 {one!r} 的分组。" for one in strange]
            raise DataError("\n".join(lines))
        given = {str(name): value for name, value in self.floor.items()}
        floors = amounts([given.get(name, 0.0) for name in names], "floor", least=-np.inf)
        return of, names, np.where([name in given for name in names], floors * size, -np.inf)

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for each group."""
        of, names, least = self.groups(instance)
        if not names:
            return

        def said(row: int) -> tuple[str, str]:
            return f"{names[row]} has an affinity of {least[row]:g} in all", f"{names[row]} 匹配度合计不低于 {least[row]:g}"

        program.add_rows(
            SideRows(
                rule="group_floor",
                shape=instance.shape,
                low=least,
                high=np.full(len(names), np.inf),
                officer_class=np.zeros(instance.shape[0], np.int64),
                enterprise_class=of,
                row=np.arange(len(names))[None, :],
                weights=((instance.affinity, 1.0),),
                label=said,
            )
        )

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Groups below their floor."""
        of, names, least = self.groups(instance)
        inside = of >= 0
        has = np.bincount(of[inside], metrics.enterprise_value(instance, assignment)[inside], len(names)).astype(np.float64)
        return [
            Violation(
                rule="group_floor",
                problem=f"{names[g]} has an affinity of {has[g]:g} in all, its floor is {least[g]:g}",
                problem_zh=f"{names[g]} 匹配度合计 {has[g]:g}，低于 {least[g]:g}",
            )
            for g in np.flatnonzero(short_of(has, least))
        ]
