"""What rules and aims write into: limits, eligibility, values. It knows no solver.

The mathematical programme over pairs (i, j), officer i and enterprise j::

    maximise    sum_ij a_ij x_ij
    subject to  officer_low_i    <= sum_j x_ij <= officer_high_i
                enterprise_low_j <= sum_i x_ij <= enterprise_high_j
                x_ij in {0, 1};  x_ij = 0 where not eligible or forbidden;  x_ij = 1 where required

where ``a`` is a sum of weighted affinities and of values on single pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Affinity
from matchmaker.counts import MOST
from matchmaker.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Prices:
    """What a place is worth at the optimum: the proof that a plan carries.

    Parameters
    ----------
    officers
        Shape (n_officers,), in affinity's unit: what one more place with this officer would add.
    enterprises
        Shape (n_enterprises,), in affinity's unit: what one more officer asked by this enterprise would add.
    """

    officers: NDArray[np.float64]
    enterprises: NDArray[np.float64]


@dataclass(frozen=True)
class Round:
    """One round of the engine, for logs and progress: what it held and what it knew.

    Parameters
    ----------
    pairs
        Pairs on the shortlist.
    objective, bound
        The best plan so far and the best bound over all pairs so far; minus or plus infinity when there is none.
    seconds
        Since the start.
    passes
        Looks at every eligible pair so far.
    """

    pairs: int
    objective: float
    bound: float
    seconds: float
    passes: int = 0

    @property
    def gap(self) -> float:
        """How far the best plan so far may be from the best, relative to its value; infinity where nothing is known."""
        return relative_gap(self.objective, self.bound)


@dataclass(frozen=True, eq=False)
class Classes:
    """Eligibility by class: officer i may serve enterprise j when ``allowed[of_officer[i], of_enterprise[j]]``.

    Parameters
    ----------
    of_officer
        Shape (n_officers,), int64 class of each officer.
    of_enterprise
        Shape (n_enterprises,), int64 class of each enterprise.
    allowed
        Shape (n_officer_classes, n_enterprise_classes), bool.
    """

    of_officer: NDArray[np.int64]
    of_enterprise: NDArray[np.int64]
    allowed: NDArray[np.bool_]


class Program:
    """A programme to be written by rules and aims, then read by an engine.

    Parameters
    ----------
    n_officers, n_enterprises
        Its size. Without any rule an officer serves any number, an enterprise has any number.
    """

    def __init__(self, n_officers: int, n_enterprises: int) -> None:
        self.shape = (n_officers, n_enterprises)
        self.officer_low = np.zeros(n_officers, np.int64)
        self.officer_high = np.full(n_officers, MOST, np.int64)
        self.enterprise_low = np.zeros(n_enterprises, np.int64)
        self.enterprise_high = np.full(n_enterprises, MOST, np.int64)
        self.terms: list[tuple[Affinity, float]] = []
        self.classes: list[Classes] = []
        self._forbidden: list[NDArray[np.int64]] = []
        self._required: list[NDArray[np.int64]] = []
        self._valued: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []

    def limit_officers(self, low: ArrayLike, high: ArrayLike) -> None:
        """Each officer serves at least `low` and at most `high` enterprises. Numbers or shape (n_officers,)."""
        self.officer_low = np.maximum(self.officer_low, low)
        self.officer_high = np.minimum(self.officer_high, np.minimum(high, MOST))

    def limit_enterprises(self, low: ArrayLike, high: ArrayLike) -> None:
        """Each enterprise has at least `low` and at most `high` officers. Numbers or shape (n_enterprises,)."""
        self.enterprise_low = np.maximum(self.enterprise_low, low)
        self.enterprise_high = np.minimum(self.enterprise_high, np.minimum(high, MOST))

    def allow(self, of_officer: ArrayLike, of_enterprise: ArrayLike, allowed: ArrayLike) -> None:
        """Only pairs whose classes are allowed may meet. Shapes as in :class:`Classes`; several calls must all agree."""
        self.classes.append(
            Classes(np.asarray(of_officer, dtype=np.int64), np.asarray(of_enterprise, dtype=np.int64), np.asarray(allowed, dtype=bool))
        )

    def forbid(self, officers: ArrayLike, enterprises: ArrayLike) -> None:
        """These pairs must not meet. Two shapes (n_pairs,)."""
        self._forbidden.append(self.keys(officers, enterprises))

    def require(self, officers: ArrayLike, enterprises: ArrayLike) -> None:
        """These pairs must meet. Two shapes (n_pairs,)."""
        self._required.append(self.keys(officers, enterprises))

    def add(self, affinity: Affinity, weight: float = 1.0) -> None:
        """Every pair is worth `weight` times its affinity more."""
        if affinity.shape != self.shape:
            msg = (
                f"The affinity has shape {affinity.shape}, expected {self.shape} = (n_officers, n_enterprises). Is it transposed? "
                f"| 匹配度的形状应为 {self.shape}（干部数, 企业数），是否转置了？"
            )
            raise ConfigError(msg)
        self.terms.append((affinity, float(weight)))

    def add_pairs(self, officers: ArrayLike, enterprises: ArrayLike, values: ArrayLike) -> None:
        """These pairs are worth so much more (a pair that is named twice gets both). Shapes (n_pairs,)."""
        keys = self.keys(officers, enterprises)
        self._valued.append((keys, np.broadcast_to(np.asarray(values, dtype=np.float64), keys.shape)))

    def allowed(self, officers: ArrayLike, enterprises: ArrayLike) -> NDArray[np.bool_]:
        """Which pairs their classes allow, whatever is forbidden singly. Shape of the two positions broadcast against each other."""
        i, j = np.asarray(officers, dtype=np.int64), np.asarray(enterprises, dtype=np.int64)
        may = np.ones(np.broadcast_shapes(i.shape, j.shape), dtype=bool)
        for classes in self.classes:
            may &= classes.allowed[classes.of_officer[i], classes.of_enterprise[j]]
        return may

    def keys(self, officers: ArrayLike, enterprises: ArrayLike) -> NDArray[np.int64]:
        """Pairs as one integer each, officer * n_enterprises + enterprise. Shape (n_pairs,)."""
        return np.asarray(officers, dtype=np.int64) * self.shape[1] + np.asarray(enterprises, dtype=np.int64)

    def split(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Officers and enterprises of pairs given as integers. Two shapes (n_pairs,)."""
        return keys // self.shape[1], keys % self.shape[1]

    @property
    def forbidden(self) -> NDArray[np.int64]:
        """Every forbidden pair once, as sorted keys."""
        return sorted_once(np.concatenate([np.empty(0, np.int64), *self._forbidden]))

    @property
    def required(self) -> NDArray[np.int64]:
        """Every required pair once, as sorted keys."""
        return sorted_once(np.concatenate([np.empty(0, np.int64), *self._required]))

    @property
    def valued(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Pairs with a value of their own, as sorted keys, and the sum of what was added to each."""
        keys = np.concatenate([np.empty(0, np.int64), *(keys for keys, _ in self._valued)])
        values = np.concatenate([np.empty(0), *(values for _, values in self._valued)])
        unique, place = np.unique(keys, return_inverse=True)
        return unique, np.bincount(place, values, len(unique)).astype(np.float64)

    def values(self, officers: NDArray[np.int64], enterprises: NDArray[np.int64]) -> NDArray[np.float64]:
        """What each pair is worth, in double precision and in one fixed order of summation. Shape (n_pairs,)."""
        total = np.zeros(len(officers))
        for affinity, weight in self.terms:
            total += weight * affinity.pairs(officers, enterprises)
        keys, extra = self.valued
        return total + look_up(keys, extra, self.keys(officers, enterprises))


def relative_gap(objective: float, bound: float) -> float:
    """(bound - objective) / |objective|: 0 when they meet, infinity when nothing is proven or the value is 0."""
    if not math.isfinite(objective) or math.isinf(bound):
        return math.inf
    if bound <= objective:
        return 0.0
    return (bound - objective) / abs(objective) if objective else math.inf


def sorted_once(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The keys sorted, each once."""
    keys = np.sort(keys)
    once: NDArray[np.int64] = keys[np.concatenate([np.ones(min(1, len(keys)), dtype=bool), keys[1:] != keys[:-1]])]
    return once


def look_up(keys: NDArray[np.int64], values: NDArray[np.float64], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """The value that stands at each wanted key, 0 where there is none. `keys` is sorted; shape (n_wanted,)."""
    if not len(keys):
        return np.zeros(len(wanted))
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0.0)


def among(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which wanted keys stand among the sorted `keys`. Shape (n_wanted,)."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=bool)
    found: NDArray[np.bool_] = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
    return found
