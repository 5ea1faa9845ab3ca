"""Rates of many small groups, each shrunk towards the larger group it belongs to: empirical Bayes down a ladder.

Leaves (an officer and a need) belong to groups (a department and a need), those to larger ones (a tier and a need), up to a prior.
At every step a group's rate is drawn around its parent's with a strength, in the unit of the evidence ("as good as so many
requests"):

    rate = (count + strength * parent's rate) / (weight + strength)

Going up, a group of heterogeneous children must not count them as if they were one: a child's evidence is discounted to its
effective weight, Kleinman's w = n / (1 + (n - 1) / (strength + 1)) for proportions. Strengths are learned: each step's maximises the
marginal likelihood of the children's counts given their parent's rate *without* the child itself (the predictive sample reuse of
Geisser and Eddy), with a wide log-normal prior around a documented default that decides only where the record is silent.

References
----------
Efron and Morris (1975), Data analysis using Stein's estimator and its generalizations, doi:10.1080/01621459.1975.10479864.
Kleinman (1973), Proportions with extraneous variance, doi:10.1080/01621459.1973.10481332.
Clayton and Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks, doi:10.2307/2532003.
Geisser and Eddy (1979), A predictive approach to model selection, doi:10.1080/01621459.1979.10481632.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

GRID = np.geomspace(0.25, 4096.0, 29)
SPREAD = 2.0
"""Standard deviation of the prior of a log strength: a factor of 7 either way is nothing unusual."""
SWEEPS = 2
TINY = 1e-9


class Family(Protocol):
    """How counts vary around a rate, and rates around their parent's."""

    def effective(self, weight: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
        """What a child's evidence is worth as evidence on its parent's rate. Shape (n_groups,)."""

    def log_likelihood(self, counts: NDArray[np.float64], weight: NDArray[np.float64], mean: NDArray[np.float64], strength: float) -> float:
        """Log marginal likelihood of counts (n_groups, d) of groups whose rates have this mean (n_groups, d), up to a constant."""


class Proportions:
    """Multinomial counts around Dirichlet shares (with two columns: the beta-binomial); the weight is the row's total."""

    def effective(self, weight: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
        """Kleinman's weight: n when children agree (a large strength), at most strength + 1 when they do not."""
        return weight * (strength + 1) / (weight + strength)

    def log_likelihood(self, counts: NDArray[np.float64], weight: NDArray[np.float64], mean: NDArray[np.float64], strength: float) -> float:
        """Log of the Dirichlet-multinomial, cells without a count left out as they add nothing."""
        seen = counts > 0
        prior = strength * mean[seen]
        cells = gammaln(counts[seen] + prior) - gammaln(prior)
        return float(cells.sum() - (gammaln(weight + strength) - gammaln(strength)).sum())


class Rates:
    """Poisson counts around Gamma rates; the weight is the exposure, the time in which the count was taken."""

    def effective(self, weight: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
        """Exposure when children agree, at most `strength` when they do not."""
        return weight * strength / (weight + strength)

    def log_likelihood(self, counts: NDArray[np.float64], weight: NDArray[np.float64], mean: NDArray[np.float64], strength: float) -> float:
        """Log of the negative binomial with shape strength * mean."""
        shape = strength * mean
        odds = math.log(strength) - np.log(weight + strength)
        at_rest = shape * odds[:, None]
        seen = counts > 0
        cells = gammaln(counts[seen] + shape[seen]) - gammaln(shape[seen])
        exposed = counts * np.log(weight / (weight + strength))[:, None]
        return float(at_rest.sum() + cells.sum() + exposed.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladder:
    """Which group each group belongs to, from the top down.

    Parameters
    ----------
    parents
        One array a step: ``parents[0]`` gives each top group's row of the prior, ``parents[t]`` each group's place in step t - 1.
        The last step's groups are the leaves.
    defaults
        One strength a step, believed where the record is silent.
    """

    parents: tuple[NDArray[np.int64], ...]
    defaults: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled:
    """What pooling found.

    Parameters
    ----------
    means
        Shape (n_leaves, d). Each leaf's rate.
    groups
        One array a step, shape (n_groups, d): the rates that each step's groups have.
    strengths
        One a step: how much evidence the parent's rate is worth.
    """

    means: NDArray[np.float64]
    groups: tuple[NDArray[np.float64], ...]
    strengths: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Step:
    counts: NDArray[np.float64]
    weight: NDArray[np.float64]


def pool(counts: NDArray[np.float64], weight: NDArray[np.float64], prior: NDArray[np.float64], ladder: Ladder, family: Family) -> Pooled:
    """Each leaf's rate, from its own record and those of the groups above it.

    Parameters
    ----------
    counts
        Shape (n_leaves, d), at least 0.
    weight
        Shape (n_leaves,), at least 0: requests handled, or exposure. A leaf of weight 0 gets its parent's rate.
    prior
        Shape (n_rows, d), positive: the rates at the top.
    """
    strengths = list(ladder.defaults)
    for _ in range(SWEEPS):
        for step in reversed(range(len(strengths))):
            steps = _climb(counts, weight, ladder, family, strengths)
            means = _descend(steps, prior, ladder, strengths)
            strengths[step] = _best_strength(step, steps, [prior, *means], ladder, family, strengths)
    steps = _climb(counts, weight, ladder, family, strengths)
    means = _descend(steps, prior, ladder, strengths)
    return Pooled(means=means[-1], groups=tuple(means), strengths=tuple(strengths))


def _climb(
    counts: NDArray[np.float64], weight: NDArray[np.float64], ladder: Ladder, family: Family, strengths: Sequence[float]
) -> list[_Step]:
    """Each step's evidence, summed from below by effective weight. The first of the list is the top."""
    steps = [_Step(counts, weight)]
    for step in range(len(ladder.parents) - 1, 0, -1):
        child, parents = steps[0], ladder.parents[step]
        seen = np.flatnonzero(child.weight > 0)
        evidence, worth = _discounted(_Step(child.counts[seen], child.weight[seen]), family, strengths[step])
        steps.insert(0, _Step(*_summed(evidence, worth, parents[seen], len(ladder.parents[step - 1]))))
    return steps


def _descend(steps: list[_Step], prior: NDArray[np.float64], ladder: Ladder, strengths: Sequence[float]) -> list[NDArray[np.float64]]:
    """Each step's rates, from the top down."""
    means = [prior]
    for step, parents, strength in zip(steps, ladder.parents, strengths, strict=True):
        means.append((step.counts + strength * means[-1][parents]) / (step.weight + strength)[:, None])
    return means[1:]


def _best_strength(
    step: int, steps: list[_Step], means: list[NDArray[np.float64]], ladder: Ladder, family: Family, strengths: Sequence[float]
) -> float:
    """The strength on a grid under which each child's counts were least surprising, given its siblings."""
    seen = np.flatnonzero(steps[step].weight > 0)
    own, parents = _Step(steps[step].counts[seen], steps[step].weight[seen]), ladder.parents[step][seen]
    scores = -0.5 * (np.log(GRID / ladder.defaults[step]) / SPREAD) ** 2
    for place, strength in enumerate(GRID):
        if step == 0:
            mean = means[0][parents]
        else:
            above = means[step - 1][ladder.parents[step - 1]]
            mean = _without_itself(own, parents, above, strengths[step - 1], family, float(strength))
        scores[place] += family.log_likelihood(own.counts, own.weight, np.maximum(mean, TINY), float(strength))
    return float(GRID[int(np.argmax(scores))])


def _without_itself(
    own: _Step, parents: NDArray[np.int64], above: NDArray[np.float64], strength_above: float, family: Family, strength: float
) -> NDArray[np.float64]:
    """The parent's rate as each child's siblings and the group above tell it. Shape (n_children, d)."""
    evidence, worth = _discounted(own, family, strength)
    total, total_worth = _summed(evidence, worth, parents, len(above))
    others = np.maximum(total[parents] - evidence, 0) + strength_above * above[parents]
    return others / (np.maximum(total_worth[parents] - worth, 0) + strength_above)[:, None]


def _discounted(step: _Step, family: Family, strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    worth = family.effective(step.weight, strength)
    return step.counts * (worth / step.weight)[:, None], worth


def _summed(
    evidence: NDArray[np.float64], worth: NDArray[np.float64], parents: NDArray[np.int64], size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    columns = [np.bincount(parents, column, size) for column in evidence.T]
    return np.stack(columns, axis=1).astype(np.float64), np.bincount(parents, worth, size).astype(np.float64)
