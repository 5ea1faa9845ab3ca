"""A second finance officer is worth less than a first energy officer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.assignment import Assignment
from matchmaker.errors import DataError
from matchmaker.instance import Instance
from matchmaker.objectives.weight import checked_weight
from matchmaker.program import Program


@dataclass(frozen=True)
class DiminishingReturns:
    """Requests that at least one of an enterprise's officers resolves, where each tries by himself.

    ``weight * sum_jk D_jk (1 - prod_i (1 - C_ik)^x_ij)``: the sum of affinities where each enterprise has one officer, less where several
    can do the same.

    Parameters
    ----------
    weight
        Value of one request, at least 0.

    Raises
    ------
    ConfigError
        When the weight is negative or not finite.
    DataError
        When the instance knows no competence and needs.
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        checked_weight(self.weight, "DiminishingReturns")

    def price(self, program: Program, instance: Instance) -> None:
        """Sets of officers are worth what they are together."""
        program.add_returns(*_profiles(instance), self.weight)

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """Requests that somebody resolves, times the weight."""
        competence, need = _profiles(instance)
        missed = np.ones(need.shape)
        np.multiply.at(missed, assignment.enterprises, 1 - competence[assignment.officers])
        return self.weight * float((need * (1 - missed)).sum())


def _profiles(
    instance: Instance,
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    if instance.competence is None or instance.need is None:
        msg = "DiminishingReturns needs competence and need profiles; this instance has none. | 缺少能力与诉求画像。"
        raise DataError(msg)
    return instance.competence, instance.need
