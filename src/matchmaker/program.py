"""What rules and aims write into: limits, eligibility, values, side rows. It knows no solver.

The mathematical programme over pairs (i, j), officer i and enterprise j::

    maximise    sum_ij a_ij x_ij + sum_v b_v y_v + constant
    subject to  officer_low_i    <= sum_j x_ij <= officer_high_i
                enterprise_low_j <= sum_i x_ij <= enterprise_high_j
                row_low_r        <= sum_ij g_r(i, j) x_ij + sum_v h_rv y_v <= row_high_r
                x_ij in {0, 1};  x_ij = 0 where not eligible or forbidden;  x_ij = 1 where required
                least_v <= y_v <= most_v

where ``a`` is a sum of weighted affinities and of values on single pairs, and rows and variables are mostly none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Affinity, Factors, Sparse
from matchmaker.counts import MOST
from matchmaker.errors import ConfigError
from matchmaker.siderows import SideRows, Variables, spans


@dataclass(frozen=True, eq=False)
class Prices:
    """What a place is worth at the optimum: the proof that a plan carries.

    Parameters
    ----------
    officers
        Shape (n_officers,), in affinity's unit: what one more place with this officer would add.
    enterprises
        Shape (n_enterprises,), in affinity's unit: what one more officer asked by this enterprise would add.
    rows
        Shape (n_rows,), the programme's side rows in their order: what one more of a row's most (one less of its least, where negative)
        would add. Empty where there is none.
    """

    officers: NDArray[np.float64]
    enterprises: NDArray[np.float64]
    rows: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


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


@dataclass(frozen=True, eq=False)
class Returns:
    """Worth of the officers S_j of each enterprise together: ``weight * sum_jk need_jk (1 - prod_{i in S_j} (1 - competence_ik))``.

    Parameters
    ----------
    competence
        Shape (n_officers, K), in [0, 1].
    need
        Shape (n_enterprises, K), at least 0.
    weight
        At least 0.
    """

    competence: NDArray[np.float64]
    need: NDArray[np.float64]
    weight: float


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
        self.side_rows: list[SideRows] = []
        self.variables = Variables()
        self.thresholds: list[tuple[Affinity, NDArray[np.float64]]] = []
        self.constant = 0.0
        self.returns: list[Returns] = []
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

    def add_rows(self, rows: SideRows) -> None:
        """Plans must keep these linear rows too."""
        if rows.shape != self.shape:
            msg = f"The rows of {rows.rule!r} are for {rows.shape}, the programme is {self.shape}. | 规则 {rows.rule!r} 的形状不符。"
            raise ConfigError(msg)
        self.side_rows.append(rows)

    def add_variables(self, low: ArrayLike, high: ArrayLike, value: ArrayLike = 0.0, *, whole: ArrayLike = False) -> NDArray[np.int64]:
        """Variables besides the pairs, for rows to speak of; what one unit of each adds. Their positions, shape (n_new,)."""
        before = len(self.variables)
        self.variables = self.variables.joined(low, high, value, whole)
        return np.arange(before, len(self.variables))

    def add_returns(self, competence: ArrayLike, need: ArrayLike, weight: float = 1.0) -> None:
        """Officers of one enterprise add up less and less: see :class:`Returns`."""
        skill, asked = np.asarray(competence, dtype=np.float64), np.asarray(need, dtype=np.float64)
        if (len(skill), len(asked)) != self.shape or skill.shape[1:] != asked.shape[1:]:
            msg = f"Competence has shape {skill.shape} and need {asked.shape}; the programme is {self.shape}. | 能力与需求的形状不符。"
            raise ConfigError(msg)
        self.returns.append(Returns(skill, asked, float(weight)))

    def at_least(self, affinity: Affinity, level: ArrayLike) -> None:
        """Only pairs whose value in this measure is at least `level` may meet. A number or shape (n_enterprises,)."""
        levels = np.broadcast_to(np.asarray(level, dtype=np.float64), (self.shape[1],))
        if not isinstance(affinity, Sparse):
            self.thresholds.append((affinity, levels))
            return
        officers, enterprises = affinity.listed()
        below = affinity.pairs(officers, enterprises) < levels[enterprises]
        self.forbid(officers[below], enterprises[below])
        self.add(affinity, 0.0)

    def hold(self, part: Program, least: float, rule: str) -> None:
        """Plans must be worth at least so much in the values of another programme, which has this one's shape.

        Its rows and variables come along, worth nothing here.

        Raises
        ------
        ConfigError
            When its values are not linear: returns that diminish cannot be held.
        """
        if part.returns:
            msg = f"Diminishing returns ({rule}) cannot be held for a later aim; put them last. | 递减收益目标只能放在最后一级。"
            raise ConfigError(msg)
        moved = self.add_variables(part.variables.low, part.variables.high, 0.0, whole=part.variables.whole)
        for rows in part.side_rows:
            self.add_rows(replace(rows, variables=moved[rows.variables]))
        for affinity, _ in part.terms:
            if isinstance(affinity, Sparse):
                self.add(affinity, 0.0)
        (n, m), (keys, extra) = self.shape, part.valued
        officers, enterprises = self.split(keys)
        said = f"{rule}, reached before, stays at least {least:.6g}", f"前一级所达到的 {rule} 须不低于 {least:.6g}"
        self.add_rows(
            SideRows(
                rule=rule,
                shape=self.shape,
                low=np.array([least - part.constant]),
                high=np.array([np.inf]),
                officer_class=np.zeros(n, np.int64),
                enterprise_class=np.zeros(m, np.int64),
                row=np.zeros((1, 1), np.int64),
                weights=tuple(part.terms),
                officers=officers,
                enterprises=enterprises,
                rows=np.zeros(len(keys), np.int64),
                values=extra,
                variables=moved,
                variable_rows=np.zeros(len(moved), np.int64),
                variable_values=part.variables.value,
                label=lambda _: said,
            )
        )

    @property
    def linear(self) -> bool:
        """Whether it holds side rows or variables, besides limits on members."""
        return bool(self.side_rows) or len(self.variables) > 0

    @property
    def n_rows(self) -> int:
        """How many side rows."""
        return sum(map(len, self.side_rows))

    @property
    def row_limits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and most of every side row. Two shapes (n_rows,)."""
        low = np.concatenate([np.empty(0), *(rows.low for rows in self.side_rows)])
        return low, np.concatenate([np.empty(0), *(rows.high for rows in self.side_rows)])

    def limits_alone(self) -> Program:
        """A copy with members' limits, and nothing else."""
        copy = Program(*self.shape)
        for name in ("officer_low", "officer_high", "enterprise_low", "enterprise_high"):
            setattr(copy, name, getattr(self, name))
        return copy

    def without_rows(self) -> Program:
        """A copy with limits, eligibility and values alone."""
        copy = self.limits_alone()
        for name in ("terms", "classes", "thresholds", "returns", "_forbidden", "_required", "_valued"):
            setattr(copy, name, list(getattr(self, name)))
        return copy

    def worthless(self) -> Program:
        """A copy with the same rules, in which nothing is worth anything (absent pairs of a sparse affinity stay out)."""
        copy = self.without_rows()
        copy.terms = [(affinity, 0.0) for affinity, _ in self.terms if isinstance(affinity, Sparse)]
        copy._valued, copy.returns = [], []
        copy.side_rows = list(self.side_rows)
        copy.variables = replace(self.variables, value=np.zeros(len(self.variables)))
        return copy

    def priced(self, prices: NDArray[np.float64]) -> Program:
        """A copy whose side rows are not to be kept but paid for. Shape (n_rows,)."""
        copy = self.without_rows()
        for rows, span in spans(self.side_rows):
            rows.charge(copy, prices[span])
        copy.terms = _merged(copy.terms)
        return copy

    def allowed(self, officers: ArrayLike, enterprises: ArrayLike) -> NDArray[np.bool_]:
        """Which pairs classes and thresholds allow, whatever is forbidden singly. Shape of the two positions broadcast together."""
        i, j = np.asarray(officers, dtype=np.int64), np.asarray(enterprises, dtype=np.int64)
        may = np.ones(np.broadcast_shapes(i.shape, j.shape), dtype=bool)
        for classes in self.classes:
            may &= classes.allowed[classes.of_officer[i], classes.of_enterprise[j]]
        if self.thresholds:
            i, j = (side.ravel() for side in np.broadcast_arrays(i, j))
            for affinity, level in self.thresholds:
                may &= (affinity.pairs(i, j) >= level[j]).reshape(may.shape)
        return may

    def keys(self, officers: ArrayLike, enterprises: ArrayLike) -> NDArray[np.int64]:
        """Pairs as one integer each, officer * n_enterprises + enterprise. Shape (n_pairs,)."""
        return np.asarray(officers, dtype=np.int64) * self.shape[1] + np.asarray(enterprises, dtype=np.int64)

    def split(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Officers and enterprises of pairs given as integers. Two shapes (n_pairs,)."""
        officers = keys // self.shape[1]
        return officers, keys - officers * self.shape[1]

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
        if not self._valued:
            return np.empty(0, np.int64), np.empty(0)
        keys = np.concatenate([keys for keys, _ in self._valued])
        values = np.concatenate([values for _, values in self._valued])
        unique, place = np.unique(keys, return_inverse=True)
        return unique, np.bincount(place, values, len(unique)).astype(np.float64)

    def values(self, officers: NDArray[np.int64], enterprises: NDArray[np.int64]) -> NDArray[np.float64]:
        """What each pair is worth, in double precision and in one fixed order of summation. Shape (n_pairs,)."""
        total = np.zeros(len(officers))
        for affinity, weight in self.terms:
            total += weight * affinity.pairs(officers, enterprises)
        keys, extra = self.valued
        return total + look_up(keys, extra, self.keys(officers, enterprises))


def _merged(terms: list[tuple[Affinity, float]]) -> list[tuple[Affinity, float]]:
    """The same terms, those that share the officers' factors in one."""
    kept: list[tuple[Affinity, float]] = []
    place: dict[int, int] = {}
    for affinity, weight in terms:
        if not isinstance(affinity, Factors):
            kept.append((affinity, weight))
        elif id(affinity.left) in place:
            one, first = kept[place[id(affinity.left)]]
            if isinstance(one, Factors):
                kept[place[id(affinity.left)]] = (Factors(one.left, first * one.right + weight * affinity.right), 1.0)
        else:
            place[id(affinity.left)] = len(kept)
            kept.append((affinity, weight))
    return kept


def relative_gap(objective: float, bound: float) -> float:
    """(bound - objective) / |objective|: 0 when they meet, infinity when nothing is proven or the value is 0."""
    if not math.isfinite(objective) or math.isinf(bound):
        return math.inf
    if bound <= objective:
        return 0.0
    return (bound - objective) / abs(objective) if objective else math.inf


def sorted_once(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The keys sorted, each once."""
    if len(keys) < 2:
        return keys
    keys = np.sort(keys)
    once: NDArray[np.int64] = keys[np.concatenate([np.ones(1, dtype=bool), keys[1:] != keys[:-1]])]
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
