"""Least and most pairs between groups; what each enterprise of a group must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.constraints.amounts import Floats, amounts, beyond, short_of
from matchmaker.constraints.base import Violation
from matchmaker.constraints.groups import Ints, classes, column, labels
from matchmaker.constraints.served import lacking, one_at_least
from matchmaker.errors import ConfigError, DataError, Failure, did_you_mean
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows

Amount = float | pd.DataFrame | Mapping[str, Mapping[str, float]] | None
ANY = "*"


@dataclass(frozen=True, eq=False)
class Quota:
    """Least and most pairs between a group of officers and a group of enterprises.

    ``least_gh <= sum_{i in g, j in h} x_ij <= most_gh``.

    Parameters
    ----------
    officers, enterprises
        How each side is grouped: a column, a list of columns, shape (n_officers,) or (n_enterprises,) of labels, or None for one group.
        Members whose label is empty are in no group.
    least, most
        A number for every two groups, or a table with officers' groups as index and enterprises' as columns (NaN for no limit), or the
        same as ``{officers' group: {enterprises' group: number}}``.
    limits
        Single limits: lists ``[officers' group, enterprises' group, least, most]``; "*" for a group is all groups together, None or an
        infinite number is no limit.

    Raises
    ------
    DataError
        When a column or a group is not known, or a number is negative or a least above its most.
    ConfigError
        When no limit is given.
    """

    officers: str | Sequence[str] | ArrayLike | None = None
    enterprises: str | Sequence[str] | ArrayLike | None = None
    least: Amount = None
    most: Amount = None
    limits: Sequence[Sequence[Any]] = ()

    def __post_init__(self) -> None:
        if self.least is None and self.most is None and not len(self.limits):
            msg = "Quota has no limit: give least, most or limits. | 配额未给出上下限。"
            raise ConfigError(msg)

    def families(self, instance: Instance) -> list[_Cells]:
        """Rows that share no pair: every two groups, then each single limit."""
        (of_i, names_i), (of_j, names_j) = (
            classes(labels(instance, "officer", self.officers)),
            classes(labels(instance, "enterprise", self.enterprises)),
        )
        found = []
        if self.least is not None or self.most is not None:
            low, high = (_table(given, names_i, names_j, usual) for given, usual in ((self.least, -np.inf), (self.most, np.inf)))
            found.append(_Cells(of_i, of_j, names_i, names_j, low, high))
        for number, limit in enumerate(self.limits):
            if len(limit) != 4:
                msg = (
                    f"Quota limit {number} is {limit!r}; expected [officers' group, enterprises' group, least, most]. "
                    f"| 第 {number} 条配额有误。"
                )
                raise DataError(msg)
            one, two = _only(of_i, names_i, limit[0], "officers"), _only(of_j, names_j, limit[1], "enterprises")
            low = _number(limit[2], f"limits[{number}]", -np.inf)
            high = _number(limit[3], f"limits[{number}]", np.inf)
            found.append(_Cells(one, two, [str(limit[0])], [str(limit[1])], low, high))
        for cells in found:
            cells.check()
        return found

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for every limit."""
        for cells in self.families(instance):
            if len(cells.officer_names) and len(cells.enterprise_names):
                program.add_rows(cells.rows(instance.shape))

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Groups with too few or too many pairs."""
        return [broken for cells in self.families(instance) for broken in cells.broken(assignment)]


@dataclass(frozen=True, eq=False)
class _Cells:
    """Limits for every two groups. Classes, names, and two shapes (n_officer_groups, n_enterprise_groups)."""

    of_officer: Ints
    of_enterprise: Ints
    officer_names: list[str]
    enterprise_names: list[str]
    low: Floats
    high: Floats

    def check(self) -> None:
        wrong = np.argwhere((self.low > self.high) | (self.high < 0))
        if len(wrong):
            raise DataError(
                [
                    Failure(
                        sheet="Quota",
                        column=f"{self.officer_names[a]} x {self.enterprise_names[b]}",
                        value=(float(self.low[a, b]), float(self.high[a, b])),
                        problem="the least is above the most",
                        problem_zh="配额下限大于上限",
                    )
                    for a, b in wrong
                ]
            )

    def rows(self, shape: tuple[int, int]) -> SideRows:
        width = len(self.enterprise_names)

        def said(row: int) -> tuple[str, str]:
            a, b = divmod(row, width)
            en, zh = _range(self.low[a, b], self.high[a, b])
            return (
                f"{self.officer_names[a]} x {self.enterprise_names[b]}: {en} pairs",
                f"{self.officer_names[a]}×{self.enterprise_names[b]}：{zh}对",
            )

        return SideRows(
            rule="quota",
            shape=shape,
            low=self.low.ravel(),
            high=self.high.ravel(),
            officer_class=self.of_officer,
            enterprise_class=self.of_enterprise,
            row=np.arange(self.low.size).reshape(self.low.shape),
            label=said,
        )

    def broken(self, assignment: Assignment) -> list[Violation]:
        a, b = self.of_officer[assignment.officers], self.of_enterprise[assignment.enterprises]
        inside = (a >= 0) & (b >= 0)
        count = np.zeros(self.low.shape)
        np.add.at(count, (a[inside], b[inside]), 1)
        found = []
        for x, y in np.argwhere(short_of(count, self.low) | beyond(count, self.high)):
            en, zh = _range(self.low[x, y], self.high[x, y])
            found.append(
                Violation(
                    rule="quota",
                    problem=f"{self.officer_names[x]} x {self.enterprise_names[y]} has {count[x, y]:g} pairs, asked for {en}",
                    problem_zh=f"{self.officer_names[x]}×{self.enterprise_names[y]} 有 {count[x, y]:g} 对，应为{zh}对",
                )
            )
        return found


def _range(low: float, high: float) -> tuple[str, str]:
    if np.isinf(high):
        return f"at least {low:g}", f"至少 {low:g} "
    if np.isinf(low) or low <= 0:
        return f"at most {high:g}", f"至多 {high:g} "
    return f"{low:g} to {high:g}", f"{low:g} 至 {high:g} "


def _number(value: object, name: str, usual: float) -> Floats:
    if value is None or value == usual:
        return np.array([[usual]])
    return amounts(np.array([[value]]), name)


def _table(given: Amount, names_i: list[str], names_j: list[str], usual: float) -> Floats:
    if given is None:
        return np.full((len(names_i), len(names_j)), usual)
    if isinstance(given, Mapping):
        given = pd.DataFrame({str(one): dict(row) for one, row in given.items()}).T
    if not isinstance(given, pd.DataFrame):
        return np.broadcast_to(amounts(given, "Quota", infinite=True), (len(names_i), len(names_j))).copy()
    for side, listed, known in (("officers", given.index, names_i), ("enterprises", given.columns, names_j)):
        _known(list(map(str, listed)), known, side)
    table = given.rename(index=str, columns=str).reindex(index=names_i, columns=names_j)
    cells = table.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    words = np.argwhere(np.isnan(cells) & table.notna().to_numpy())
    if len(words):
        raise DataError(
            [
                Failure(
                    sheet="Quota",
                    column=f"{names_i[a]} x {names_j[b]}",
                    value=table.iloc[a, b],
                    problem="is no number",
                    problem_zh="不是数字",
                )
                for a, b in words
            ]
        )
    return np.where(np.isnan(cells), usual, amounts(np.where(np.isnan(cells), 0.0, cells), "Quota", infinite=True))


def _only(of: Ints, names: list[str], wanted: object, side: str) -> Ints:
    if wanted == ANY:
        return np.where(of >= 0, 0, -1)
    _known([str(wanted)], names, side)
    return np.where(of == names.index(str(wanted)), 0, -1)


def _known(wanted: list[str], names: list[str], side: str) -> None:
    strange = [one for one in dict.fromkeys(wanted) if one not in names]
    twice = sorted({one for one in wanted if wanted.count(one) > 1})
    if strange or twice:
        lines = [f"no group of {side} is called {one!r}.{did_you_mean(one, names)} | 没有名为 {one!r} 的分组。" for one in strange]
        lines += [f"the group {one!r} of {side} stands twice. | 分组 {one!r} 重复出现。" for one in twice]
        raise DataError("\n".join(f"Quota: {line}" for line in lines))


@dataclass(frozen=True, eq=False)
class EachHas:
    """Each enterprise of a kind has so many officers of a kind: every red case has a city or county officer.

    ``least <= sum_{i of the kind} x_ij <= most`` for every enterprise j of the kind that asks for officers. Where only who is served
    counts, ``sum_i (D_j [i of the kind] - 1) x_ij >= 0`` with D_j the most officers of the enterprise: whoever comes, one is of the kind.

    Parameters
    ----------
    officers, enterprises
        Columns with the cells that count: ``{"tier": ["city", "county"]}``; all of several columns must fit. Empty for everybody.
    least, most
        How many; None for no limit.
    served_only
        Whether an enterprise that nobody serves is let be, where demand is optional; `least` is 1 then.

    Raises
    ------
    ConfigError
        When there is no limit, or one is negative or above the other; when only who is served counts and `least` is not 1.
    DataError
        When a column is not known.
    """

    officers: Mapping[str, Sequence[object]]
    enterprises: Mapping[str, Sequence[object]]
    least: int | None = 1
    most: int | None = None
    served_only: bool = False

    def __post_init__(self) -> None:
        low, high = self._limits
        if self.served_only and self.least != 1:
            msg = f"EachHas: served_only goes with least=1 only, not {self.least!r}. | served_only 仅可与 least=1 并用。"
            raise ConfigError(msg)
        if (self.least is None and self.most is None) or not 0 <= low <= high:
            msg = f"EachHas: least is {self.least!r} and most {self.most!r}; expected counts, one of them at least. | 数目有误。"
            raise ConfigError(msg)

    @property
    def _limits(self) -> tuple[float, float]:
        return 0.0 if self.least is None else float(self.least), np.inf if self.most is None else float(self.most)

    def of(self, instance: Instance) -> tuple[NDArray[np.bool_], Ints]:
        """Which officers count, shape (n_officers,), and which enterprises ask for them, positions."""
        kind = np.ones(instance.shape[0], dtype=bool)
        for name, cells in self.officers.items():
            kind &= np.isin(column(instance, "officer", name).astype(str), list(map(str, cells)))
        asks = instance.demand_high > 0
        for name, cells in self.enterprises.items():
            asks &= np.isin(column(instance, "enterprise", name).astype(str), list(map(str, cells)))
        return kind, np.flatnonzero(asks)

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for each such enterprise; two where only who is served counts and there is a most."""
        kind, who = self.of(instance)
        if not len(who):
            return
        n, m = instance.shape
        place = np.full(m, -1, dtype=np.int64)
        place[who] = np.arange(len(who))
        en, zh = _range(*self._limits)
        text, ids = "/".join(str(cell) for cells in self.officers.values() for cell in cells), instance.enterprise_ids

        def said(row: int) -> tuple[str, str]:
            return f"enterprise {ids[who[row]]} has {en} of {text}", f"企业 {ids[who[row]]} 有{zh}名 {text} 干部"

        def add(limits: tuple[float, float], of_officer: Ints, affinity: Factors | None = None) -> None:
            program.add_rows(
                SideRows(
                    rule="each_has",
                    shape=(n, m),
                    low=np.full(len(who), limits[0]),
                    high=np.full(len(who), limits[1]),
                    officer_class=of_officer,
                    enterprise_class=place,
                    row=np.arange(len(who))[None, :],
                    weights=((affinity, 1.0),),
                    label=said,
                )
            )

        of_kind = np.where(kind, 0, -1)
        if not self.served_only:
            add(self._limits, of_kind)
            return
        add((0.0, np.inf), np.zeros(n, np.int64), one_at_least(kind.astype(np.float64), instance))
        if self.most is not None:
            add((-np.inf, self._limits[1]), of_kind)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Such enterprises with too few or too many."""
        kind, who = self.of(instance)
        has = np.bincount(assignment.enterprises, kind[assignment.officers], instance.shape[1]).astype(np.float64)
        count, (low, high) = has[who], self._limits
        short = lacking(has, instance, assignment)[who] if self.served_only else count < low
        en, zh = _range(low, high)
        return [
            Violation(
                rule="each_has",
                enterprise=instance.enterprise_ids[who[k]],
                problem=f"has {count[k]:g} officers of the kind asked for, should have {en}",
                problem_zh=f"所需类型的干部有 {count[k]:g} 名，应{zh}名",
            )
            for k in np.flatnonzero(short | (count > high))
        ]
