"""The worst served must not be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker import metrics
from matchmaker.affinity import Affinity, Dense, Factors, Sparse
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError, DataError, did_you_mean
from matchmaker.instance import Instance
from matchmaker.objectives.weight import checked_weight
from matchmaker.program import Program
from matchmaker.siderows import SideRows, group_rows


@dataclass(frozen=True, eq=False)
class WorstServed:
    """What the enterprise with the least gets (max-min), or the group of enterprises with the least mean.

    ``weight * min_j sum_i a_ij x_ij`` over enterprises that ask for officers; or ``weight * min_g (sum_{j in g} sum_i a_ij x_ij) / |g|``.

    Parameters
    ----------
    weight
        At least 0.
    by
        None for enterprises, or a column whose cells make the groups, or one label for each enterprise.

    Raises
    ------
    ConfigError
        When the weight is negative or not finite, or labels are not one each.
    DataError
        When there is no such column.
    """

    weight: float = 1.0
    by: str | Sequence[object] | None = None

    def __post_init__(self) -> None:
        checked_weight(self.weight, "WorstServed")

    def groups(self, instance: Instance) -> NDArray[np.int64]:
        """Each enterprise's group, negative for who asks for nobody or has no label. Shape (n_enterprises,)."""
        asking = instance.demand_high > 0
        m = instance.shape[1]
        if self.by is None:
            label = np.arange(m).astype(str).astype(object)
        elif isinstance(self.by, str):
            known = [] if instance.enterprises is None else list(map(str, instance.enterprises.columns))
            if self.by not in known:
                msg = f"WorstServed: the enterprises have no column {self.by!r}.{did_you_mean(self.by, known)} | 企业表没有列 {self.by!r}。"
                raise DataError(msg)
            label = instance.text_of("enterprise", self.by)
        else:
            label = np.array([str(one) for one in self.by], dtype=object)
            if len(label) != m:
                msg = f"WorstServed: by has {len(label)} labels; expected {m}, one an enterprise. | by 应为每家企业一个标签。"
                raise ConfigError(msg)
        kept = asking & (label != "")
        group = np.full(m, -1, dtype=np.int64)
        group[kept] = np.unique(label[kept].astype(str), return_inverse=True)[1]
        return group

    def price(self, program: Program, instance: Instance) -> None:
        """One variable that no group's mean may fall below."""
        group = self.groups(instance)
        n, _ = instance.shape
        size = np.bincount(group[group >= 0]).astype(np.float64)
        if not len(size):
            return
        most = largest(instance.affinity) * float(np.minimum(program.enterprise_high, n).max(initial=1)) or 1.0
        level = program.add_variables(-most, most, self.weight)
        program.add_rows(
            SideRows(
                rule="worst_served",
                shape=instance.shape,
                low=np.zeros(len(size)),
                high=np.full(len(size), np.inf),
                officer_class=np.zeros(n, np.int64),
                enterprise_class=group,
                row=np.arange(len(size))[None, :],
                weights=((instance.affinity, 1.0),),
                variables=np.repeat(level, len(size)),
                variable_rows=np.arange(len(size)),
                variable_values=-size,
            )
        )

    def hold(self, program: Program, instance: Instance, least: float) -> None:
        """Nobody, no group, may be worth less than so much."""
        group = self.groups(instance)
        size = np.bincount(group[group >= 0]).astype(np.float64)
        if len(size):
            program.add_rows(group_rows(instance.affinity, (group, size), np.full(len(size), least / self.weight), "worst_served"))

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """The least of the groups' means, times the weight; 0 where nobody asks."""
        group = self.groups(instance)
        inside = group >= 0
        if not inside.any():
            return 0.0
        has = np.bincount(group[inside], metrics.enterprise_value(instance, assignment)[inside])
        return self.weight * float((has / np.bincount(group[inside])).min())


def largest(affinity: Affinity) -> float:
    """No pair's affinity is larger in size than this."""
    if isinstance(affinity, Factors):
        return float(np.abs(affinity.left).max(axis=0).astype(np.float64) @ np.abs(affinity.right).max(axis=0))
    if isinstance(affinity, Dense):
        return float(np.abs(affinity.matrix).max(initial=0.0))
    if isinstance(affinity, Sparse):
        return float(np.abs(affinity.matrix.data).max(initial=0.0))
    kind = type(affinity).__name__
    msg = f"WorstServed knows Factors, Dense and Sparse affinities; {kind} is none of them. | 不支持 {kind} 类匹配度。"
    raise ConfigError(msg)
