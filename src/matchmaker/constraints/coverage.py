"""Each named need of an enterprise is met by somebody who can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.constraints.amounts import Floats, short_of
from matchmaker.constraints.base import Violation
from matchmaker.constraints.served import lacking, one_at_least
from matchmaker.errors import ConfigError, DataError, did_you_mean
from matchmaker.instance import Instance
from matchmaker.program import Program
from matchmaker.siderows import SideRows


@dataclass(frozen=True, eq=False)
class Coverage:
    """Each named need of an enterprise is met by at least one of its officers, or by all of them together.

    ``sum_i [C_ik >= threshold] x_ij >= 1`` for every named need k of enterprise j. Jointly, ``1 - prod_i (1 - C_ik)^x_ij >= threshold``,
    which is linear in logarithms: ``sum_i -log(1 - C_ik) x_ij >= -log(1 - threshold)``. Where only who is served counts,
    ``sum_i (D_j [C_ik >= threshold] - 1) x_ij >= 0`` with D_j the most officers of enterprise j: whoever comes, one at least is able.

    Parameters
    ----------
    threshold
        Competence that is enough, above 0 and below 1.
    needs
        Codes of the needs that count, or shape (n_enterprises, K) of bool: which needs each names. None for all.
    share
        Without such a table, a need is named when it makes up at least this share of what the enterprise is expected to ask.
    jointly
        Whether its officers may meet a need together.
    served_only
        Whether an enterprise that nobody serves is let be, where demand is optional; not with `jointly`.

    Raises
    ------
    ConfigError
        When a threshold or share is out of range, or only who is served counts jointly.
    DataError
        When the instance knows no competence and needs, or a code or shape is wrong.
    """

    threshold: float = 0.5
    needs: Sequence[str] | NDArray[np.bool_] | None = None
    share: float = 0.3
    jointly: bool = False
    served_only: bool = False

    def __post_init__(self) -> None:
        if self.jointly and self.served_only:
            msg = "Coverage: served_only does not go with jointly, which no linear rule says. | 覆盖：served_only 与 jointly 不能并用。"
            raise ConfigError(msg)
        for name, value, low in (("threshold", self.threshold, 0.0), ("share", self.share, -1e-300)):
            if isinstance(value, bool) or not isinstance(value, int | float) or not low < value < 1 + (name == "share"):
                msg = f"Coverage: {name} is {value!r}; expected a number between 0 and 1. | 覆盖：{name} 应在 0 与 1 之间。"
                raise ConfigError(msg)

    def named(self, instance: Instance) -> NDArray[np.bool_]:
        """Which needs each enterprise names. Shape (n_enterprises, K)."""
        _, need = _profiles(instance)
        asked = instance.demand_high > 0
        if self.needs is not None and not all(isinstance(one, str) for one in np.asarray(self.needs, dtype=object).ravel().tolist()):
            table = np.asarray(self.needs)
            if table.shape != need.shape or table.dtype != bool:
                msg = f"needs has shape {table.shape} and dtype {table.dtype}; expected bool of shape {need.shape}. | needs 形状不符。"
                raise DataError(msg)
            return np.asarray(table & asked[:, None])
        known = [one.code for one in instance.needs]
        kept = np.ones(len(known), dtype=bool)
        if self.needs is not None:
            for code in self.needs:
                if code not in known:
                    msg = f"Coverage: there is no need {code!r}.{did_you_mean(str(code), known)} | 覆盖：没有诉求类别 {code!r}。"
                    raise DataError(msg)
            kept = np.isin(known, np.asarray(self.needs))
        found: NDArray[np.bool_] = (need > 0) & (need >= self.share * need.sum(axis=1, keepdims=True)) & kept & asked[:, None]
        return found

    def helps(self, instance: Instance) -> tuple[Floats, float]:
        """How far each officer meets each need, shape (n_officers, K), and how much is enough."""
        competence, _ = _profiles(instance)
        if not self.jointly:
            return (competence >= self.threshold).astype(np.float64), 1.0
        enough = -np.log1p(-self.threshold)
        with np.errstate(divide="ignore"):
            return np.minimum(-np.log1p(-np.minimum(competence, 1.0)), enough), float(enough)

    def impose(self, program: Program, instance: Instance) -> None:
        """One row for each enterprise and each need it names."""
        n, m = instance.shape
        named, (helps, enough) = self.named(instance), self.helps(instance)
        for k in np.flatnonzero(named.any(axis=0)).tolist():
            who = np.flatnonzero(named[:, k])
            place = np.full(m, -1, dtype=np.int64)
            place[who] = np.arange(len(who))
            need, ids = instance.needs[k], instance.enterprise_ids

            def said(row: int, need: Any = need, who: Any = who, ids: Any = ids) -> tuple[str, str]:
                return f"enterprise {ids[who[row]]} has somebody for {need.en}", f"企业 {ids[who[row]]} 的{need.zh}诉求有人能办"

            program.add_rows(
                SideRows(
                    rule="coverage",
                    shape=(n, m),
                    low=np.full(len(who), 0.0 if self.served_only else enough * (1 - 1e-12)),
                    high=np.full(len(who), np.inf),
                    officer_class=np.zeros(n, np.int64),
                    enterprise_class=place,
                    row=np.arange(len(who))[None, :],
                    weights=((one_at_least(helps[:, k], instance) if self.served_only else Factors(helps[:, [k]], np.ones((m, 1))), 1.0),),
                    label=said,
                )
            )

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Named needs that nobody meets."""
        return [
            Violation(
                rule="coverage",
                enterprise=instance.enterprise_ids[j],
                problem=f"nobody meets its need of {instance.needs[k].en} at {self.threshold:g}",
                problem_zh=f"{instance.needs[k].zh}诉求无人达到 {self.threshold:g}",
            )
            for j, k in self._missed(instance, assignment)
        ]

    def _missed(self, instance: Instance, assignment: Assignment) -> Iterator[tuple[int, int]]:
        named, (helps, enough) = self.named(instance), self.helps(instance)
        for k in np.flatnonzero(named.any(axis=0)).tolist():
            has = np.bincount(assignment.enterprises, helps[assignment.officers, k], instance.shape[1]).astype(np.float64)
            missed = named[:, k] & (lacking(has, instance, assignment) if self.served_only else short_of(has, np.full(len(has), enough)))
            yield from ((j, k) for j in np.flatnonzero(missed).tolist())


def _profiles(instance: Instance) -> tuple[Floats, Floats]:
    if instance.competence is None or instance.need is None:
        msg = "Coverage needs competence and need profiles; this instance has none. | 缺少能力与诉求画像，无法检查覆盖。"
        raise DataError(msg)
    return instance.competence, instance.need
