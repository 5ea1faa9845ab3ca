"""Several resources at once: hours, visits, seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from matchmaker.affinity import Affinity, Dense, Factors
from matchmaker.assignment import Assignment
from matchmaker.constraints.amounts import Floats, amounts, beyond
from matchmaker.constraints.base import Violation
from matchmaker.constraints.groups import Side, column
from matchmaker.errors import DataError, Failure
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows


@dataclass(frozen=True, eq=False)
class Workload:
    """What an officer's enterprises take of each resource is at most what he or she has.

    ``sum_j load_jr x_ij <= most_ir`` for every officer i and resource r; or ``load_ij`` where it depends on the officer too (one resource).

    Parameters
    ----------
    most
        Number, shape (n_officers,) or (n_officers, n_resources), at least 0; or a column of the officers, or a list of them.
    load
        Number, shape (n_enterprises,), (n_enterprises, n_resources) or (n_officers, n_enterprises), at least 0; or a column of the
        enterprises, or a list of them.
    name
        What is carried, for violations: "hours".

    Raises
    ------
    DataError
        When shapes disagree, a column is missing, or a cell is no finite number of at least 0.
    """

    most: ArrayLike | str | Sequence[str]
    load: ArrayLike | str | Sequence[str] = 1.0
    name: str = "hours"

    def tables(self, instance: Instance) -> tuple[Floats, list[Affinity]]:
        """The most of each officer, shape (n_officers, n_resources), and what each pair takes of each resource."""
        n, m = instance.shape
        most = _cells(instance, "officer", self.most, "most")
        load = _cells(instance, "enterprise", self.load, "load")
        if most.ndim == 0 or most.shape == (n,):
            most = np.broadcast_to(most, (n,))[:, None]
        count = most.shape[1] if most.ndim == 2 else 0
        if most.shape != (n, count):
            msg = f"most has shape {most.shape}; expected a number, ({n},) or ({n}, n_resources). | most 的形状不符。"
            raise DataError(msg)
        if load.shape == (n, m) and count == 1 and (n, m) != (m, 1):
            return most, [Dense(load)]
        if load.ndim == 0 or load.shape == (m,):
            load = np.repeat(np.broadcast_to(load, (m,))[:, None], count, axis=1)
        if load.shape != (m, count):
            msg = (
                f"load has shape {load.shape}; expected a number, ({m},), ({m}, {count}) = (n_enterprises, n_resources) or, with one "
                f"resource, ({n}, {m}). | load 的形状不符。"
            )
            raise DataError(msg)
        return most, [Factors(np.ones((n, 1)), part[:, None]) for part in load.T]

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for each officer and resource."""
        n, m = instance.shape
        most, loads = self.tables(instance)
        for limit, load in zip(most.T, loads, strict=True):
            ids = instance.officer_ids

            def said(row: int, limit: Floats = limit, ids: Any = ids) -> tuple[str, str]:
                return f"officer {ids[row]} has {limit[row]:g} {self.name}", f"干部 {ids[row]} 的{self.name}上限 {limit[row]:g}"

            program.add_rows(
                SideRows(
                    rule="workload",
                    shape=(n, m),
                    low=np.full(n, -np.inf),
                    high=limit,
                    officer_class=np.arange(n),
                    enterprise_class=np.zeros(m, np.int64),
                    row=np.arange(n)[:, None],
                    weights=((load, 1.0),),
                    label=said,
                )
            )

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Officers who carry too much."""
        most, loads = self.tables(instance)
        found = []
        for r, load in enumerate(loads):
            carried = np.bincount(assignment.officers, load.pairs(assignment.officers, assignment.enterprises), instance.shape[0]).astype(
                np.float64
            )
            found += [
                Violation(
                    rule="workload",
                    officer=instance.officer_ids[i],
                    problem=f"carries {carried[i]:g} {self.name}, has {most[i, r]:g}",
                    problem_zh=f"{self.name}合计 {carried[i]:g}，上限 {most[i, r]:g}",
                )
                for i in np.flatnonzero(beyond(carried, most[:, r]))
            ]
        return found


def _cells(instance: Instance, side: Side, given: Any, name: str) -> Floats:
    named = [given] if isinstance(given, str) else given
    if not (isinstance(named, list | tuple) and named and all(isinstance(one, str) for one in named)):
        return amounts(given, name)
    parts = [_numbers(column(instance, side, one), one) for one in named]
    return parts[0] if isinstance(given, str) else np.column_stack(parts)


def _numbers(cells: Any, name: str) -> Floats:
    found, failures = np.zeros(len(cells)), []
    for row, cell in enumerate(cells.tolist()):
        try:
            found[row] = float(cell)
        except ValueError:
            failures.append(Failure(sheet=name, row=row, value=cell, problem="is no number", problem_zh="不是数字"))
    if failures:
        raise DataError(failures)
    return amounts(found, name)
