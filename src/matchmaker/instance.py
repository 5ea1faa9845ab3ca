"""One round's problem: who can serve, who asks, and how good each pair would be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Affinity
from matchmaker.assignment import Assignment, whole_positions
from matchmaker.counts import check_range, whole_numbers
from matchmaker.errors import DataError, Failure, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from matchmaker.profiles import Need


@dataclass(frozen=True, kw_only=True, eq=False)
class Notes:
    """Pairs that somebody said something about: recusals, pins, vetoes.

    Parameters
    ----------
    officers, enterprises
        Shape (n_pairs,), int64 positions.
    actor
        Shape (n_pairs,). Who said so; kept into every output.
    reason
        Shape (n_pairs,). Why.

    Raises
    ------
    DataError
        When the four shapes disagree, or a position is no whole number.
    """

    officers: NDArray[np.int64]
    enterprises: NDArray[np.int64]
    actor: NDArray[np.object_]
    reason: NDArray[np.object_]

    def __post_init__(self) -> None:
        for name in ("officers", "enterprises"):
            object.__setattr__(self, name, whole_positions(getattr(self, name), name))
        shapes = {name: np.shape(getattr(self, name)) for name in ("officers", "enterprises", "actor", "reason")}
        if len(set(shapes.values())) != 1 or len(shapes["officers"]) != 1:
            found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
            msg = f"Noted pairs have shapes {found}; expected four equal 1-d shapes. | 各列长度不一致。"
            raise DataError(msg)

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.officers)

    @classmethod
    def none(cls) -> Notes:
        """No pair at all."""
        nobody = np.empty(0, dtype=object)
        return cls(officers=np.empty(0, np.int64), enterprises=np.empty(0, np.int64), actor=nobody, reason=nobody)


@dataclass(frozen=True, kw_only=True, eq=False)
class Instance:
    """Frozen problem data. Rows supply (officers), columns ask (enterprises, requests or areas).

    Parameters
    ----------
    officer_ids, enterprise_ids
        Shapes (n_officers,) and (n_enterprises,); each id once. ``build`` sorts them, so the order of a file's rows does not matter.
    affinity
        Shape (n_officers, n_enterprises), higher is better.
    capacity_low, capacity_high
        Shape (n_officers,), int64. Least and most enterprises an officer serves.
    demand_low, demand_high
        Shape (n_enterprises,), int64. Least and most officers an enterprise has.
    needs
        The K needs that competence and need profiles speak of, in column order. Empty for a bare matrix.
    competence
        Shape (n_officers, K), in [0, 1]: the probability that the officer resolves a request of that need. None for a bare matrix.
    need
        Shape (n_enterprises, K), at least 0: requests of that need expected open this round, weighted by urgency. None for a bare matrix.
    officers, enterprises
        What else the tables say, one row each in the order of the ids: name, department, tier, district, town, ...
    recusals, pins, vetoes
        Pairs that must not meet, must meet, must not meet: with who said so and why.
    previous
        Last round's pairs over this round's ids, or None.
    name
        What comparisons and reports call it.

    Raises
    ------
    DataError
        When shapes disagree, an id stands twice, a limit is not a count or a least is above its most, a cell is not finite, a noted
        position is out of range, or `previous` speaks of other ids.
    """

    officer_ids: NDArray[np.object_]
    enterprise_ids: NDArray[np.object_]
    affinity: Affinity
    capacity_low: NDArray[np.int64]
    capacity_high: NDArray[np.int64]
    demand_low: NDArray[np.int64]
    demand_high: NDArray[np.int64]
    needs: tuple[Need, ...] = ()
    competence: NDArray[np.float64] | None = None
    need: NDArray[np.float64] | None = None
    officers: pd.DataFrame | None = None
    enterprises: pd.DataFrame | None = None
    recusals: Notes = field(default_factory=Notes.none)
    pins: Notes = field(default_factory=Notes.none)
    vetoes: Notes = field(default_factory=Notes.none)
    previous: Assignment | None = None
    name: str = "instance"

    def __post_init__(self) -> None:
        n, m = self.affinity.shape
        wanted = {
            "officer_ids": (n,),
            "enterprise_ids": (m,),
            "capacity_low": (n,),
            "capacity_high": (n,),
            "demand_low": (m,),
            "demand_high": (m,),
            "competence": (n, len(self.needs)),
            "need": (m, len(self.needs)),
        }
        for name, expected in wanted.items():
            value = getattr(self, name)
            if value is not None and np.shape(value) != expected:
                msg = (
                    f"{name} has shape {np.shape(value)}, expected {expected}, as affinity has shape "
                    f"{(n, m)} = (n_officers, n_enterprises). Is it transposed? | {name} 的形状不符，是否转置了？"
                )
                raise DataError(msg)
        _check_once(self.officer_ids, "officer_ids")
        _check_once(self.enterprise_ids, "enterprise_ids")
        for low, high, who in (("capacity_low", "capacity_high", self.officer_ids), ("demand_low", "demand_high", self.enterprise_ids)):
            for name in (low, high):
                object.__setattr__(self, name, _frozen(whole_numbers(getattr(self, name), len(who), name)))
            check_range(getattr(self, low), getattr(self, high), low, high, who)
        for name in ("competence", "need"):
            _check_finite(getattr(self, name), name)
        for name in ("recusals", "pins", "vetoes"):
            check_inside(getattr(self, name), self.shape, name)
        _check_same_ids(self)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_officers, n_enterprises)."""
        return self.affinity.shape

    def replace(self, **changes: Any) -> Instance:
        """The same instance with some fields changed; this one stays as it is."""
        return replace(self, **changes)

    def officer(self, officer_id: object) -> int:
        """The position of one officer.

        Raises
        ------
        DataError
            When no officer has that id.
        """
        return _position(self.officer_ids, officer_id, "officer")

    def enterprise(self, enterprise_id: object) -> int:
        """The position of one enterprise.

        Raises
        ------
        DataError
            When no enterprise has that id.
        """
        return _position(self.enterprise_ids, enterprise_id, "enterprise")

    def pin(self, officer_id: object, enterprise_id: object, *, actor: str, reason: str) -> Instance:
        """A copy in which this pair must meet, by hand of `actor`."""
        return self.replace(pins=self._noted(self.pins, officer_id, enterprise_id, actor, reason))

    def veto(self, officer_id: object, enterprise_id: object, *, actor: str, reason: str) -> Instance:
        """A copy in which this pair must not meet, by hand of `actor`."""
        return self.replace(vetoes=self._noted(self.vetoes, officer_id, enterprise_id, actor, reason))

    def keys(self, pairs: Assignment | Notes) -> NDArray[np.int64]:
        """Pairs as one integer each, officer * n_enterprises + enterprise, to be looked up in one another. Shape (n_pairs,)."""
        return pairs.officers * self.shape[1] + pairs.enterprises

    def kept(self, plan: Assignment) -> NDArray[np.bool_]:
        """Which pairs of a plan stood in last round's; none where there was no last round. Shape (n_pairs,)."""
        if self.previous is None:
            return np.zeros(len(plan), dtype=bool)
        return np.isin(self.keys(plan), self.keys(self.previous))

    def text_of(self, side: Literal["officer", "enterprise"], column: str) -> NDArray[np.object_]:
        """What the tables say of each officer or enterprise, as text; empty where they do not. Shape (n_officers,) or (n_enterprises,).

        Read once: rules ask for the same columns again and again. Read-only.
        """
        if (side, column) not in self._texts:
            frame, size = (self.officers, self.shape[0]) if side == "officer" else (self.enterprises, self.shape[1])
            self._texts[side, column] = _text(frame, size, column)
        return self._texts[side, column]

    @cached_property
    def _texts(self) -> dict[tuple[str, str], NDArray[np.object_]]:
        """Columns of the tables that were asked for, as text."""
        return {}

    def _noted(self, notes: Notes, officer_id: object, enterprise_id: object, actor: str, reason: str) -> Notes:
        return Notes(
            officers=np.append(notes.officers, self.officer(officer_id)),
            enterprises=np.append(notes.enterprises, self.enterprise(enterprise_id)),
            actor=np.append(notes.actor, np.array([actor], dtype=object)),
            reason=np.append(notes.reason, np.array([reason], dtype=object)),
        )

    def assignment(self, officers: ArrayLike, enterprises: ArrayLike) -> Assignment:
        """Pairs of this instance, from positions."""
        return Assignment(
            officer_ids=self.officer_ids,
            enterprise_ids=self.enterprise_ids,
            officers=np.asarray(officers, dtype=np.int64),
            enterprises=np.asarray(enterprises, dtype=np.int64),
        )


def _text(frame: pd.DataFrame | None, size: int, column: str) -> NDArray[np.object_]:
    if frame is None or column not in frame:
        text = np.full(size, "", dtype=object)
    else:
        cells = frame[column].astype(object)
        text = cells.where(cells.notna(), "").astype(str).to_numpy(dtype=object)
    text.setflags(write=False)
    return text


def _frozen(array: NDArray[np.int64]) -> NDArray[np.int64]:
    array.setflags(write=False)
    return array


def _check_once(ids: NDArray[np.object_], name: str) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: dict[object, int] = {}
    failures = [
        Failure(
            sheet=name,
            row=row,
            value=one,
            problem=f"stands at {seen[one]} already",
            expected="each id once",
            problem_zh=f"与第 {seen[one]} 项重复",
            expected_zh="每个编号只出现一次",
        )
        for row, one in enumerate(ids)
        if seen.setdefault(one, row) != row
    ]
    if failures:
        raise DataError(failures)


def _check_finite(matrix: NDArray[np.float64] | None, name: str) -> None:
    if matrix is None or np.isfinite(matrix).all():
        return
    raise DataError(
        [
            Failure(
                sheet=name,
                row=int(i),
                column=str(k),
                value=float(matrix[i, k]),
                problem="is not a finite number",
                problem_zh="不是有限数",
            )
            for i, k in np.argwhere(~np.isfinite(matrix))
        ]
    )


def check_inside(notes: Notes, shape: tuple[int, int], name: str) -> None:
    """Nothing, when every noted position is in range.

    Raises
    ------
    DataError
        Naming every pair that is not.
    """
    outside = (notes.officers < 0) | (notes.officers >= shape[0]) | (notes.enterprises < 0) | (notes.enterprises >= shape[1])
    if outside.any():
        raise DataError(
            [
                Failure(
                    sheet=name,
                    row=int(row),
                    value=(int(notes.officers[row]), int(notes.enterprises[row])),
                    problem="is out of range",
                    expected=f"officer 0 to {shape[0] - 1}, enterprise 0 to {shape[1] - 1}",
                    problem_zh="超出范围",
                    expected_zh=f"干部 0 至 {shape[0] - 1}，企业 0 至 {shape[1] - 1}",
                )
                for row in np.flatnonzero(outside)
            ]
        )


def _check_same_ids(instance: Instance) -> None:
    previous = instance.previous
    if previous is None:
        return
    for side in ("officer_ids", "enterprise_ids"):
        if not np.array_equal(getattr(previous, side), getattr(instance, side)):
            msg = (
                f"previous has other {side} than the instance, or in another order: give "
                f"previous.aligned(officer_ids, enterprise_ids)[0]. | previous 的编号与本轮不一致，请先用 aligned 对齐。"
            )
            raise DataError(msg)


def _position(ids: NDArray[np.object_], wanted: object, kind: str) -> int:
    found = np.flatnonzero(ids == wanted)
    if not len(found):
        side = {"officer": "干部", "enterprise": "企业"}[kind]
        msg = f"There is no {kind} {wanted!r}.{did_you_mean(str(wanted), map(str, ids))} | 没有编号为 {wanted!r} 的{side}。"
        raise DataError(msg)
    return int(found[0])
