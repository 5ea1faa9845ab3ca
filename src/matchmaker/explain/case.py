"""One question about a plan: the pairs in question, what they are worth, and which of them the rules allow."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import ConfigError
from matchmaker.policies import Policy
from matchmaker.program import Program, among
from matchmaker.result import Result

Side = Literal["enterprise", "officer"]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """Every pair that an answer may speak of: one enterprise with all officers, or one officer with all enterprises.

    Parameters
    ----------
    result
        The plan that is asked about.
    policy
        Its rules and aims.
    program
        What they write.
    side, position
        Who is asked about.
    other
        The one on the other side that is asked about, or None for all.
    """

    result: Result
    policy: Policy
    program: Program = field(repr=False)
    side: Side
    position: int
    other: int | None = None

    @property
    def officers(self) -> Ints:
        """Officer of each pair in question. Shape (n_candidates,)."""
        n = self.result.instance.shape[0]
        return np.arange(n, dtype=np.int64) if self.side == "enterprise" else np.full(self._width, self.position, dtype=np.int64)

    @property
    def enterprises(self) -> Ints:
        """Enterprise of each pair in question. Shape (n_candidates,)."""
        m = self.result.instance.shape[1]
        return np.arange(m, dtype=np.int64) if self.side == "officer" else np.full(self._width, self.position, dtype=np.int64)

    @property
    def _width(self) -> int:
        return self.result.instance.shape[0 if self.side == "enterprise" else 1]

    @property
    def partners(self) -> Ints:
        """Who is on the other side in the plan. Shape (n_partners,)."""
        plan = self.result.assignment
        ours, theirs = (plan.enterprises, plan.officers) if self.side == "enterprise" else (plan.officers, plan.enterprises)
        return np.asarray(theirs[ours == self.position], dtype=np.int64)

    def values(self) -> Floats:
        """What each pair is worth in the policy's aims; NaN where the affinity does not list it. Shape (n_candidates,)."""
        return self.program.values(self.officers, self.enterprises)

    def allowed(self, values: Floats) -> NDArray[np.bool_]:
        """Which pairs the rules on pairs allow, with room on both sides at all. Shape (n_candidates,)."""
        officers, enterprises, program = self.officers, self.enterprises, self.program
        may = np.isfinite(values) & ~among(program.forbidden, program.keys(officers, enterprises))
        may &= program.allowed(officers, enterprises)
        return may & (program.officer_high[officers] > 0) & (program.enterprise_high[enterprises] > 0)

    def reduced(self, values: Floats) -> Floats:
        """Each pair's value less the prices of the two places it takes; the value itself where nothing is proven."""
        prices = self.result.prices
        if prices is None:
            return values
        if self.program.linear and len(prices.rows) == self.program.n_rows:
            values = np.where(np.isnan(values), np.nan, self.program.priced(prices.rows).values(self.officers, self.enterprises))
        return values - prices.officers[self.officers] - prices.enterprises[self.enterprises]

    def least_loss(self, values: Floats) -> Floats:
        """What the best plan would lose at the least if a pair were forced, proven by the prices. Shape (n_candidates,), at least 0.

        With prices p, u and bound L on every plan, a plan that must hold pair (i, j) is worth at most ``L + min(0, a_ij - p_i - u_j)``:
        the bound is a sum over pairs in which this pair then counts with its reduced value, be it below 0. The best plan is worth
        at least this plan's value V, so the loss is at least ``-min(0, a_ij - p_i - u_j) - (L - V)``, and never below 0. NaN where
        there are no prices.
        """
        prices, result = self.result.prices, self.result
        if prices is None or not math.isfinite(result.bound):
            return np.full(len(values), math.nan)
        rounding = 4 * np.finfo(np.float64).eps
        magnitude = np.abs(values) + np.abs(prices.officers[self.officers]) + np.abs(prices.enterprises[self.enterprises])
        least = -np.minimum(self.reduced(values), 0) - (result.bound - result.objective) - rounding * (magnitude + abs(result.bound))
        return np.maximum(least, 0)


def case_of(result: Result, policy: Policy | None, enterprise: object, officer: object) -> Case:
    """Who is asked about, with the rules and aims that made the plan.

    Raises
    ------
    ConfigError
        When neither an enterprise nor an officer is named, or the policy is not known.
    DataError
        When there is no such enterprise or officer.
    NoAssignmentError
        When there is no plan.
    """
    if enterprise is None and officer is None:
        msg = (
            "Whom shall I explain? Name an enterprise, an officer or both: "
            'explain(result, enterprise="E0417"), or matchmaker explain out --enterprise E0417. '
            '| 要解释谁？请指明企业、干部或两者：explain(result, enterprise="E0417")，或 matchmaker explain out --enterprise E0417。'
        )
        raise ConfigError(msg)
    recipe = policy if policy is not None else result.recipe
    if not isinstance(recipe, Policy):
        msg = (
            f"The result does not hold the policy {result.policy!r} that made it; pass it: explain(result, ..., policy=policy). "
            f"| 结果中没有生成它的方案策略 {result.policy!r}，请传入：explain(result, ..., policy=policy)。"
        )
        raise ConfigError(msg)
    instance, _ = result.instance, result.assignment  # no plan, nothing to explain: reading it says why
    side: Side = "officer" if enterprise is None else "enterprise"
    return Case(
        result=result,
        policy=recipe,
        program=recipe.program(result.instance, result.held),
        side=side,
        position=instance.officer(officer) if side == "officer" else instance.enterprise(enterprise),
        other=instance.officer(officer) if side == "enterprise" and officer is not None else None,
    )
