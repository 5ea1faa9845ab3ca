"""A model of what a solve takes, from measured costs: for a size, and for so many machines.

::

    seconds = passes * pairs * c_pair / machines             every pair is priced so many times
            + flows  * c_flow * arcs ** e_flow               restricted problems, on one machine
            + c_member * (officers + enterprises) + c_begin
            + passes * messages                              on a cluster

where ``arcs`` is the shortlist, so many pairs for each officer and enterprise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ALIKE = 3
"""Sizes of which the largest is less than so many times the smallest."""


@dataclass(frozen=True)
class Counted:
    """One solve, counted: see :class:`benchmarks.phases.Phases`."""

    officers: int
    enterprises: int
    seconds: float
    one_pass: float
    priced: float
    flows: float
    arcs: float
    flow_seconds: float
    megabytes: float

    @property
    def members(self) -> int:
        """Officers and enterprises."""
        return self.officers + self.enterprises

    @property
    def pairs(self) -> int:
        """How many."""
        return self.officers * self.enterprises


@dataclass(frozen=True)
class Power:
    """``factor * x ** exponent``."""

    factor: float
    exponent: float

    @classmethod
    def fit(cls, x: Sequence[float], y: Sequence[float]) -> Power:
        """Least squares between logarithms; in proportion where sizes are too much alike to tell more than noise."""
        across, up = np.log(np.asarray(x, float)), np.log(np.maximum(np.asarray(y, float), 1e-9))
        if np.ptp(across) < math.log(ALIKE):
            return cls(float(np.exp(np.mean(up - across))), 1.0)
        exponent, level = np.polyfit(across, up, 1)
        return cls(math.exp(level), float(exponent))

    def __call__(self, x: float) -> float:
        """Its value."""
        return self.factor * x**self.exponent


@dataclass(frozen=True)
class Messages:
    """What a cluster adds to a pass.

    Parameters
    ----------
    block
        Seconds of the scheduler for each block sent out, one after the other.
    byte
        Seconds for each byte of prices that goes to a machine.
    """

    block: float
    byte: float


@dataclass(frozen=True)
class Model:
    """Costs and counts, as fitted. Seconds, except where said."""

    pair: float
    passes: float
    flows: float
    arcs_per_member: float
    flow: Power
    member: float
    begin: float
    megabytes: float
    megabytes_per_member: float

    def parts(
        self, officers: int, enterprises: int, machines: int = 1, messages: Messages | None = None, block: int = 4_000_000
    ) -> dict[str, float]:
        """Seconds of each part; a cluster's `block` pairs go out at a time."""
        members, pairs = officers + enterprises, officers * enterprises
        arcs = self.arcs_per_member * members
        said = 0.0
        if machines > 1 and messages is not None:
            said = self.passes * (messages.block * pairs / block + messages.byte * 8 * members * machines)
        return {
            "passes": self.passes * pairs * self.pair / machines,
            "flows": self.flows * self.flow(arcs),
            "the rest": self.member * members + self.begin,
            "messages": said,
        }

    def seconds(self, officers: int, enterprises: int, machines: int = 1, messages: Messages | None = None) -> float:
        """Seconds of a whole solve."""
        return sum(self.parts(officers, enterprises, machines, messages).values())

    def memory(self, officers: int, enterprises: int) -> float:
        """Megabytes of the machine that solves the restricted problems, interpreter and libraries included."""
        return self.megabytes + self.megabytes_per_member * (officers + enterprises)


def fit(runs: Sequence[Counted]) -> Model:
    """Costs and counts from runs of several sizes."""
    most = max(one.pairs for one in runs)
    pair = float(np.median([one.one_pass / one.pairs for one in runs if one.pairs == most]))  # small passes are mostly their beginning
    members = np.array([one.members for one in runs], float)
    rest = [one.seconds - one.flow_seconds - pair * one.priced for one in runs]
    begin, member = _line(members, np.array(rest))
    held, per_member = _line(members, np.array([one.megabytes for one in runs]))
    arcs = [one.arcs / one.flows for one in runs]
    return Model(
        pair=pair,
        passes=float(np.mean([one.priced / one.pairs for one in runs])),
        flows=float(np.mean([one.flows for one in runs])),
        arcs_per_member=float(np.mean([several / one.members for several, one in zip(arcs, runs, strict=True)])),
        flow=Power.fit(arcs, [one.flow_seconds / one.flows for one in runs]),
        member=member,
        begin=begin,
        megabytes=held,
        megabytes_per_member=per_member,
    )


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Level and slope of the line nearest the points, neither below 0."""
    slope, level = np.polyfit(x, y, 1) if np.ptp(x) > 0 else (0.0, float(y.mean()))
    if level < 0:
        level, slope = 0.0, float(x @ y / (x @ x))
    if slope < 0:
        level, slope = float(y.mean()), 0.0
    return max(float(level), 0.0), max(float(slope), 0.0)
