"""Affiliates get the same officers; officers who always go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.constraints.groups import Ints, layers, members
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows

Groups = str | Sequence[Sequence[object]]


@dataclass(frozen=True, eq=False)
class Together:
    """Enterprises of a group have the same officers; officers of a group have the same enterprises.

    ``x_ij = x_ij'`` for every officer i and enterprises j, j' of a group; ``x_ij = x_i'j`` for officers i, i' of a group.

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

    def links(self, instance: Instance) -> Iterator[tuple[bool, Ints]]:
        """Whether it is of officers, and two members that are to be alike; neighbours of each group."""
        for of_officers, given in ((False, self.enterprises), (True, self.officers)):
            for group in [] if given is None else members(instance, "officer" if of_officers else "enterprise", given):
                for one, two in pairwise(group):
                    yield of_officers, np.array([one, two])

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for each link and each member of the other side."""
        found = list(self.links(instance))
        for of_officers in (False, True):
            pairs = [pair for officers, pair in found if officers == of_officers]
            for layer in layers(pairs, instance.shape[not of_officers]):
                _impose_layer(program, instance, layer, pairs, of_officers)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Members of a group who do not have the same partners."""
        has_i: list[set[int]] = [set() for _ in range(instance.shape[0])]
        has_j: list[set[int]] = [set() for _ in range(instance.shape[1])]
        for i, j in zip(assignment.officers.tolist(), assignment.enterprises.tolist(), strict=True):
            has_i[i].add(j)
            has_j[j].add(i)
        found = []
        for of_officers, (one, two) in self.links(instance):
            has = has_i if of_officers else has_j
            if has[one] != has[two]:
                ids = instance.officer_ids if of_officers else instance.enterprise_ids
                about = {"officer": ids[one]} if of_officers else {"enterprise": ids[one]}
                found.append(
                    Violation(
                        rule="together",
                        problem=f"is not served like {ids[two]}" if not of_officers else f"does not serve the same as {ids[two]}",
                        problem_zh=f"与 {ids[two]} 的结对不一致",
                        **about,
                    )
                )
        return found


def _impose_layer(program: Program, instance: Instance, layer: Ints, pairs: list[Ints], of_officers: bool) -> None:
    n, m = instance.shape
    used, place = np.unique(layer, return_inverse=True)
    start = int(used[0] < 0)
    link = place.astype(np.int64) - start
    sign = np.zeros(len(layer))
    for number in used[start:].tolist():
        sign[pairs[number][0]], sign[pairs[number][1]] = 1.0, -1.0
    count, others = len(used) - start, m if of_officers else n
    table = np.arange(others * count).reshape(others, count)
    ids = instance.officer_ids if of_officers else instance.enterprise_ids
    named = [f"{ids[pairs[number][0]]}, {ids[pairs[number][1]]}" for number in used[start:].tolist()]

    def said(row: int) -> tuple[str, str]:
        return f"{named[row % count]} stay together", f"{named[row % count]} 须一致"

    other = np.arange(others)
    weight = Factors(sign[:, None], np.ones((m, 1))) if of_officers else Factors(np.ones((n, 1)), sign[:, None])
    program.add_rows(
        SideRows(
            rule="together",
            shape=(n, m),
            low=np.zeros(others * count),
            high=np.zeros(others * count),
            officer_class=link if of_officers else other,
            enterprise_class=other if of_officers else link,
            row=table.T if of_officers else table,
            weights=((weight, 1.0),),
            label=said,
        )
    )
