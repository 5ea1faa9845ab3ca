"""No pair, or no enterprise's total, under a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matchmaker import metrics
from matchmaker.assignment import Assignment
from matchmaker.constraints.amounts import Floats, amounts, short_of
from matchmaker.constraints.base import Violation
from matchmaker.errors import ConfigError, DataError
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows


@dataclass(frozen=True, eq=False)
class MinimumAffinity:
    """No pair under `pair`; no enterprise that asks for officers under `total`.

    ``x_ij = 0`` where ``a_ij < pair_j``; ``sum_i a_ij x_ij >= total_j``.

    Parameters
    ----------
    pair, total
        In affinity's unit: a number or shape (n_enterprises,); None for no such threshold.

    Raises
    ------
    ConfigError
        When neither is given.
    DataError
        When a shape disagrees or a cell is no finite number.
    """

    pair: ArrayLike | None = None
    total: ArrayLike | None = None

    def __post_init__(self) -> None:
        if self.pair is None and self.total is None:
            msg = "MinimumAffinity has no threshold: give pair or total. | 未给出最低匹配度。"
            raise ConfigError(msg)

    def impose(self, program: Program, instance: Instance) -> None:
        """A bar for pairs, and one row for each enterprise's total."""
        m = instance.shape[1]
        if self.pair is not None:
            program.at_least(instance.affinity, _each(self.pair, m, "pair"))
        if self.total is None:
            return
        who = np.flatnonzero(instance.demand_high > 0)
        least = _each(self.total, m, "total")[who]
        if not len(who):
            return
        place = np.full(m, -1, dtype=np.int64)
        place[who] = np.arange(len(who))

        def said(row: int) -> tuple[str, str]:
            one = instance.enterprise_ids[who[row]]
            return f"enterprise {one} has {least[row]:g} in all", f"企业 {one} 匹配度合计不低于 {least[row]:g}"

        program.add_rows(
            SideRows(
                rule="minimum_affinity",
                shape=instance.shape,
                low=least,
                high=np.full(len(who), np.inf),
                officer_class=np.zeros(instance.shape[0], np.int64),
                enterprise_class=place,
                row=np.arange(len(who))[None, :],
                weights=((instance.affinity, 1.0),),
                label=said,
            )
        )

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Pairs and enterprises below their threshold."""
        m, found = instance.shape[1], []
        i, j = assignment.officers, assignment.enterprises
        if self.pair is not None:
            least, values = _each(self.pair, m, "pair"), instance.affinity.pairs(i, j)
            found += [
                Violation(
                    rule="minimum_affinity",
                    officer=instance.officer_ids[i[p]],
                    enterprise=instance.enterprise_ids[j[p]],
                    problem=f"affinity {values[p]:g} is below {least[j[p]]:g}",
                    problem_zh=f"匹配度 {values[p]:g} 低于 {least[j[p]]:g}",
                )
                for p in np.flatnonzero(values < least[j])
            ]
        if self.total is not None:
            least, has = _each(self.total, m, "total"), metrics.enterprise_value(instance, assignment)
            found += [
                Violation(
                    rule="minimum_affinity",
                    enterprise=instance.enterprise_ids[k],
                    problem=f"has an affinity of {has[k]:g} in all, below {least[k]:g}",
                    problem_zh=f"匹配度合计 {has[k]:g}，低于 {least[k]:g}",
                )
                for k in np.flatnonzero(short_of(has, least) & (instance.demand_high > 0))
            ]
        return found


def _each(given: ArrayLike, m: int, name: str) -> Floats:
    found = amounts(given, name, least=-np.inf)
    if found.shape not in ((), (m,)):
        msg = f"{name} has shape {found.shape}; expected a number or ({m},). | {name} 应为一个数，或 {m} 个数。"
        raise DataError(msg)
    return np.broadcast_to(found, (m,)).astype(np.float64)
