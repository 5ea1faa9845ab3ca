"""Assignments drawn by lot, no pair more probable than a cap."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from matchmaker.assign import Matrix, matrix_instance
from matchmaker.assignment import Assignment
from matchmaker.constraints import Capacity, Demand, Pin, Veto
from matchmaker.diagnosis import Diagnosis
from matchmaker.engine import Search
from matchmaker.errors import ConfigError, NoAssignmentError
from matchmaker.instance import Instance
from matchmaker.naming import named
from matchmaker.objectives import ExpectedResolved
from matchmaker.policies import Policy
from matchmaker.program import relative_gap
from matchmaker.result import Termination

FINEST = 2**30
"""Units that a probability is cut into when it is no simple fraction."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lottery:
    """Probabilities of every pair, and plans drawn from them.

    Parameters
    ----------
    termination
        OPTIMAL, FEASIBLE, INFEASIBLE or NOT_FOUND, as in :class:`matchmaker.Result`.
    objective
        Expected total affinity of a draw; NaN without a lottery.
    bound
        No lottery under the cap expects more, proven over all pairs.
    max_probability
        The cap that was used: the one given, or, where that is no fraction of at most 2**30 parts, the next lower that is.
    units
        How many equal parts a probability of 1 is counted in.
    diagnosis
        Why there is none, when INFEASIBLE.
    instance
        What was drawn for; its ids are positions.
    amounts
        Officer, enterprise and parts out of `units` of every pair above 0: three shapes (n_pairs,). None without a lottery.
    """

    termination: Termination
    objective: float
    bound: float
    max_probability: float
    units: int
    diagnosis: Diagnosis | None = None
    instance: Instance = field(repr=False)
    amounts: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = field(default=None, repr=False)

    @property
    def gap(self) -> float:
        """(bound - objective) / |objective|."""
        return relative_gap(self.objective, self.bound)

    @property
    def probabilities(self) -> sp.csr_array:
        """Shape (n_officers, n_enterprises), sparse: each pair's probability, exact to the last bit of a double.

        Raises
        ------
        NoAssignmentError
            When there is no lottery.
        """
        officers, enterprises, amount = self._amounts()
        return sp.csr_array((amount / self.units, (officers, enterprises)), shape=self.instance.shape)

    def sample(self, seed: int) -> Assignment:
        """One plan that keeps every capacity and demand, each pair drawn with exactly its probability.

        Raises
        ------
        NoAssignmentError
            When there is no lottery.
        """
        from matchmaker.engine.rounding import draw

        officers, enterprises, amount = self._amounts()
        drawn = draw(officers, enterprises, amount, self.units, np.random.default_rng(seed))
        return self.instance.assignment(officers[drawn], enterprises[drawn])

    def _amounts(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        if self.amounts is None:
            why = self.diagnosis or "Raise max_probability or time_limit. | 请提高 max_probability 或延长 time_limit。"
            msg = f"There is no lottery ({self.termination}). | 没有抽签方案（{self.termination}）。\n{why}"
            raise NoAssignmentError(msg)
        return self.amounts


def lottery(
    affinity: Matrix,
    capacity: ArrayLike = 2,
    min_load: ArrayLike = 0,
    demand: ArrayLike | tuple[ArrayLike, ArrayLike] = 1,
    max_probability: float = 0.5,
    forbidden: ArrayLike | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int = 2,
) -> Lottery:
    """The lottery of greatest expected affinity in which no pair is more probable than a cap.

    Maximise ``sum a_ij P_ij`` subject to capacities and demands in expectation and ``0 <= P_ij <= max_probability``; by Birkhoff and von
    Neumann every such P is a lottery over whole plans (Jecmen et al. 2020, arXiv:2006.16437; Budish, Che, Kojima and Milgrom 2013,
    doi:10.1257/aer.103.2.585).

    Parameters
    ----------
    affinity, capacity, min_load, demand, forbidden
        As in :func:`matchmaker.assign`.
    max_probability
        Above 0, at most 1.
    gap, time_limit, threads
        As in :func:`matchmaker.solve`.

    Raises
    ------
    DataError
        As in :func:`matchmaker.assign`.
    ConfigError
        When the cap is not above 0 and at most 1.

    Examples
    --------
    >>> import matchmaker as mm
    >>> fair = mm.lottery([[1.0, 0.0], [0.0, 1.0]], capacity=1, demand=1, max_probability=0.75)
    >>> fair.objective, fair.probabilities.toarray().tolist()
    (1.5, [[0.75, 0.25], [0.25, 0.75]])
    """
    from matchmaker.engine.optimise import optimise
    from matchmaker.engine.space import Space

    cap = _as_fraction(max_probability)
    instance = matrix_instance(affinity, capacity, min_load, demand, forbidden, None)
    policy = Policy(name="lottery", constraints=(Capacity(), Demand(), Veto(), Pin()), objectives=(ExpectedResolved(),))
    space = Space(policy.program(instance), units=cap.denominator, per_pair=cap.numerator)
    solution = optimise(space, Search(gap=gap, time_limit=time_limit, threads=threads))
    amounts = None
    if solution.officers is not None and solution.enterprises is not None and solution.amount is not None:
        amounts = (solution.officers, solution.enterprises, solution.amount)
    return Lottery(
        termination=Termination(solution.termination),
        objective=_expected(instance, amounts, cap.denominator),
        bound=solution.bound,
        max_probability=float(cap),
        units=cap.denominator,
        diagnosis=named(solution.diagnosis, instance),
        instance=instance,
        amounts=amounts,
    )


def _expected(instance: Instance, amounts: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None, units: int) -> float:
    if amounts is None:
        return math.nan
    officers, enterprises, amount = amounts
    return math.fsum((instance.affinity.pairs(officers, enterprises) * (amount / units)).tolist())


def _as_fraction(probability: float) -> Fraction:
    if isinstance(probability, bool) or not isinstance(probability, int | float | np.floating) or not 0 < probability <= 1:
        msg = f"max_probability is {probability!r}; expected a number above 0 and at most 1. | max_probability 应为大于 0、不超过 1 的数。"
        raise ConfigError(msg)
    simple = Fraction(float(probability)).limit_denominator(10**6)
    if abs(float(simple) - float(probability)) <= 1e-15:
        return simple
    lower = Fraction(math.floor(float(probability) * FINEST), FINEST)
    if not lower:
        least = f"{1 / FINEST:.2g}"
        msg = f"max_probability is {probability!r}, below {least}: too small to be told from 0. | max_probability 低于 {least}，与 0 无异。"
        raise ConfigError(msg)
    return lower
