"""The worst served first, then the second worst, and so on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker import metrics
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.program import Program


@dataclass(frozen=True)
class Leximin:
    """The sorted values of the enterprises, lexicographically greatest, where each has one officer.

    ``lexmax sort_j(v_j)``, where ``v_j = sum_i a_ij x_ij``: the worst-served enterprise has as much as possible; among such plans the
    second worst has, and so on (Ogryczak 1997, doi:10.1016/S0377-2217(96)00154-1).

    Parameters
    ----------
    levels
        So many of the worst are decided; None for all.

    Raises
    ------
    ConfigError
        When `levels` is no whole number of at least 1.

    Notes
    -----
    It stands in a rank of its own, mostly with another aim after it: ``objectives=[Leximin(), then(ExpectedResolved())]``.
    """

    levels: int | None = None

    def __post_init__(self) -> None:
        if self.levels is not None and (isinstance(self.levels, bool) or not isinstance(self.levels, int) or self.levels < 1):
            msg = f"levels is {self.levels!r}; expected a whole number of at least 1, or None. | levels 应为不小于 1 的整数或 None。"
            raise ConfigError(msg)

    def price(self, program: Program, instance: Instance) -> None:
        """Nothing: no sum over pairs says it; it is solved level by level."""

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """What the worst-served has: the first of the levels."""
        return float(self.sorted_values(instance, assignment)[:1].sum())

    def sorted_values(self, instance: Instance, assignment: Assignment) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The values of enterprises that ask for officers, from the worst up. Shape (n_asking,)."""
        return np.sort(metrics.enterprise_value(instance, assignment)[instance.demand_high > 0])
