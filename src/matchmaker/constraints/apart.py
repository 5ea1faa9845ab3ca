"""Rivals get different officers; officers who never go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.constraints.groups import Ints, layers, members
from matchmaker.constraints.together import Groups
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows


@dataclass(frozen=True, eq=False)
class Apart:
    """No officer serves two enterprises of a group; no enterprise has two officers of a group.

    ``sum_{j in group} x_ij <= 1`` for every officer i; ``sum_{i in group} x_ij <= 1`` for every enterprise j.

    Parameters
    ----------
    enterprises, officers
        A column whose equal cells make a group (empty ones do not), or lists of ids. None for no such group.

    Raises
    ------
    DataError
        When a column or an id is not known.
    """

    enterprises: Groups | None = None
    officers: Groups | None = None

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for each group and each member of the other side."""
        for of_officers, groups in self._groups(instance):
            for layer in layers(groups, instance.shape[not of_officers]):
                _impose_layer(program, instance, layer, of_officers)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Whoever has two of a group."""
        found = []
        for of_officers, groups in self._groups(instance):
            mine, theirs = (assignment.enterprises, assignment.officers) if of_officers else (assignment.officers, assignment.enterprises)
            ids, group_ids = (
                (instance.enterprise_ids, instance.officer_ids) if of_officers else (instance.officer_ids, instance.enterprise_ids)
            )
            for group in groups:
                count = np.bincount(mine[np.isin(theirs, group)], minlength=len(ids))
                some = ", ".join(map(str, group_ids[group][:5]))
                for one in np.flatnonzero(count > 1):
                    about = {"enterprise": ids[one]} if of_officers else {"officer": ids[one]}
                    problem, chinese = f"has {count[one]} of {some}, at most 1", f"与 {some} 中的 {count[one]} 个结对，至多 1 个"
                    found.append(Violation(rule="apart", problem=problem, problem_zh=chinese, **about))
        return found

    def _groups(self, instance: Instance) -> list[tuple[bool, list[Ints]]]:
        found = []
        if self.enterprises is not None:
            found.append((False, members(instance, "enterprise", self.enterprises)))
        if self.officers is not None:
            found.append((True, members(instance, "officer", self.officers)))
        return found


def _impose_layer(program: Program, instance: Instance, layer: Ints, of_officers: bool) -> None:
    n, m = instance.shape
    used, place = np.unique(layer, return_inverse=True)
    start = int(used[0] < 0)
    group = place.astype(np.int64) - start
    count, others = len(used) - start, m if of_officers else n
    table = np.arange(others * count).reshape(others, count)
    ids = instance.officer_ids if of_officers else instance.enterprise_ids
    named = [", ".join(map(str, ids[group == k][:3])) for k in range(count)]

    def said(row: int) -> tuple[str, str]:
        return f"{named[row % count]} are kept apart", f"{named[row % count]} 须分开"

    other = np.arange(others)
    program.add_rows(
        SideRows(
            rule="apart",
            shape=(n, m),
            low=np.full(others * count, -np.inf),
            high=np.ones(others * count),
            officer_class=group if of_officers else other,
            enterprise_class=other if of_officers else group,
            row=table.T if of_officers else table,
            label=said,
        )
    )
