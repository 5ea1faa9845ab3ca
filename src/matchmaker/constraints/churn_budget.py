"""At most so many of last round's pairs change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.constraints.groups import Ints, classes, labels
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows


@dataclass(frozen=True, eq=False)
class ChurnBudget:
    """At most so many, or such a share, of last round's pairs are given up; in all, or in each group of enterprises.

    ``sum_{(i, j) last round, j in g} (1 - x_ij) <= budget_g``, the budget being the smaller of `most` and ``floor(share * pairs of g)``.
    No rule where there was no last round.

    Parameters
    ----------
    most
        A count of at least 0, or None.
    share
        Between 0 and 1, or None.
    by
        Groups of enterprises, each with its own budget: a column, a list of columns, or shape (n_enterprises,) of labels. None for one
        budget in all.

    Raises
    ------
    ConfigError
        When neither is given, or a number is out of range.
    DataError
        When a column is not known.
    """

    most: int | None = None
    share: float | None = None
    by: str | Sequence[str] | ArrayLike | None = None

    def __post_init__(self) -> None:
        numbers = [value for value in (self.most, self.share) if value is not None]
        fine = all(isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 for value in numbers)
        if not numbers or not fine or (self.share is not None and not self.share <= 1) or (self.most is not None and self.most % 1):
            msg = f"ChurnBudget: most is {self.most!r} and share {self.share!r}; expected a count or a share of 0 to 1. | 变动上限有误。"
            raise ConfigError(msg)

    def groups(self, instance: Instance) -> tuple[Ints, list[str], Ints, Ints]:
        """Each enterprise's group, the groups' names, and the pairs and the budget of each."""
        of, names = classes(labels(instance, "enterprise", self.by))
        if instance.previous is None:
            return of, [], np.empty(0, np.int64), np.empty(0, np.int64)
        mine = of[instance.previous.enterprises]
        pairs = np.bincount(mine[mine >= 0], minlength=len(names)).astype(np.int64)
        budget = pairs if self.most is None else np.minimum(pairs, self.most)
        if self.share is not None:
            budget = np.minimum(budget, [math.floor(self.share * count + 1e-9) for count in pairs.tolist()])
        return of, names, pairs, budget.astype(np.int64)

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for each group."""
        of, names, pairs, budget = self.groups(instance)
        previous = instance.previous
        if previous is None or not names:
            return
        inside = np.flatnonzero(of[previous.enterprises] >= 0)

        def said(row: int) -> tuple[str, str]:
            where = "" if names[row] == "*" else f"{names[row]}: "
            return f"{where}at most {budget[row]} of {pairs[row]} pairs change", f"{where}上轮 {pairs[row]} 对至多变动 {budget[row]} 对"

        program.add_rows(
            SideRows(
                rule="churn_budget",
                shape=instance.shape,
                low=(pairs - budget).astype(np.float64),
                high=np.full(len(names), np.inf),
                officers=previous.officers[inside],
                enterprises=previous.enterprises[inside],
                rows=of[previous.enterprises[inside]],
                values=np.ones(len(inside)),
                label=said,
            )
        )

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Groups in which too many change."""
        of, names, pairs, budget = self.groups(instance)
        if instance.previous is None:
            return []
        mine = of[assignment.enterprises[instance.kept(assignment)]]
        gone = pairs - np.bincount(mine[mine >= 0], minlength=len(names))
        return [
            Violation(
                rule="churn_budget",
                problem=f"{'' if names[g] == '*' else names[g] + ': '}{gone[g]} of {pairs[g]} pairs change, at most {budget[g]}",
                problem_zh=f"{'' if names[g] == '*' else names[g] + '：'}上轮 {pairs[g]} 对变动 {gone[g]} 对，至多 {budget[g]} 对",
            )
            for g in np.flatnonzero(gone > budget)
        ]
