"""What the plans have in common that are best in the worst-served levels, as rules on pairs and loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Affinity
from matchmaker.program import Program, among

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
CHUNK = 256
"""Enterprises read at a time."""


@dataclass(frozen=True, eq=False)
class Face:
    """The plans that are best in the levels up to one, where each enterprise has one officer: no others, and all of them.

    Prices that prove a level's count leave few pairs in any best plan (complementary slackness): those above the level between officers
    and enterprises at one price, and some at a level already decided. Who is priced is full, or idle, in all of them.

    Parameters
    ----------
    level
        The last level that was decided.
    of_officer, of_enterprise
        Shapes (n_officers,) and (n_enterprises,): classes. A pair above the level may meet where they are equal.
    low
        Sorted keys of the pairs at or below the level that may meet too.
    officer_low, officer_high
        Shapes (n_officers,): least and most enterprises of each officer.
    bars
        Shape (n_enterprises,): what each enterprise at a decided level has in the plan that was found, the level for the others, minus
        infinity for who asks for nobody.
    """

    level: float
    of_officer: Ints
    of_enterprise: Ints
    low: Ints
    officer_low: Ints
    officer_high: Ints
    bars: Floats

    def impose(self, program: Program, measure: Affinity, within: float) -> None:
        """Only such plans; pairs may be so much below the level as rounding is, relative to it."""
        n, _ = program.shape
        bar = self.level - within * abs(self.level) if np.isfinite(self.level) else -np.inf
        program.limit_officers(self.officer_low, self.officer_high)
        i, j = program.split(self.low)
        rows, columns = np.unique(i), np.unique(j)
        inside = np.searchsorted(rows, i), np.searchsorted(columns, j)
        low_pair = np.zeros((len(rows), len(columns)), dtype=bool)
        low_pair[inside] = True
        named = 1 + int(max(self.of_officer.max(initial=0), self.of_enterprise.max(initial=0)))
        allowed = np.zeros((named + len(rows), named + len(columns)), dtype=bool)
        allowed[:named, :named] = np.eye(named, dtype=bool)
        allowed[named:, :named] = allowed[self.of_officer[rows], :named]
        allowed[:named, named:] = allowed[:named, self.of_enterprise[columns]]
        allowed[named:, named:] = (self.of_officer[rows][:, None] == self.of_enterprise[columns]) | low_pair
        of_officer, of_enterprise = self.of_officer.copy(), self.of_enterprise.copy()
        of_officer[rows], of_enterprise[columns] = named + np.arange(len(rows)), named + np.arange(len(columns))
        program.allow(of_officer, of_enterprise, allowed)
        bars = np.where(np.isneginf(self.bars), -np.inf, bar)
        np.minimum.at(bars, j, measure.pairs(i, j))
        program.at_least(measure, bars)
        everybody = np.arange(n)
        for start in range(0, len(columns), CHUNK):
            some = columns[start : start + CHUNK]
            values = measure.block(everybody, some)
            near = 1e-9 * (np.abs(bars[some]) + abs(bar) + 1.0) if np.isfinite(bar) else 0.0
            between = (values > bars[some] - near) & (values < bar + near)
            between &= allowed[of_officer[:, None], of_enterprise[some]]
            a, b = np.nonzero(between)
            b = some[b]
            own = measure.pairs(a, b)
            out = (own >= bars[b]) & (own < bar) & ~among(self.low, program.keys(a, b))
            program.forbid(a[out], b[out])

    def lowered(self, slack: float) -> Floats:
        """What each enterprise must still have where so much may be given up, relative to its bar. Shape (n_enterprises,)."""
        known = np.isfinite(self.bars)
        return np.where(known, self.bars - slack * np.abs(np.where(known, self.bars, 0.0)), -np.inf)

    def plain(self) -> dict[str, Any]:
        """Numbers and lists alone."""
        lists = {name: getattr(self, name).tolist() for name in ("of_officer", "of_enterprise", "low", "officer_low", "officer_high")}
        bars = [float(bar) if np.isfinite(bar) else None for bar in self.bars.tolist()]
        return {"level": self.level if np.isfinite(self.level) else None, **lists, "bars": bars}

    @classmethod
    def from_plain(cls, said: Mapping[str, Any], shape: tuple[int, int]) -> Face:
        """The face that :meth:`plain` told, of an instance of this shape.

        Raises
        ------
        KeyError, TypeError, ValueError, OverflowError
            When it is not one.
        """
        n, m = shape
        names = ("of_officer", "of_enterprise", "low", "officer_low", "officer_high")
        lists = {name: np.array(said[name], dtype=np.int64) for name in names}
        bars = np.array([-np.inf if bar is None else float(bar) for bar in said["bars"]])
        sizes = {"of_officer": n, "of_enterprise": m, "officer_low": n, "officer_high": n}
        if len(bars) != m or any(len(lists[name]) != size for name, size in sizes.items()) or (lists["low"] >= n * m).any():
            msg = f"The face is not one of {n} officers and {m} enterprises."
            raise ValueError(msg)
        if min(one.min(initial=0) for one in lists.values()) < 0:
            msg = "A face holds no negative numbers."
            raise ValueError(msg)
        return cls(level=-np.inf if said["level"] is None else float(said["level"]), bars=bars, **lists)
