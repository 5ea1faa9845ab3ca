"""What a child process hands back, and the median of several."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Work = Callable[[], "Found | float"]
"""What the clock runs over."""


@dataclass(frozen=True)
class Found:
    """What a piece of work found.

    Parameters
    ----------
    objective
        Its value; not a number where there is none to find.
    gap
        Relative gap proven; not a number for whoever proves none.
    rounds
        What the engine did: (seconds, pairs, objective, bound) of each round.
    then
        Further figures, measured in the same process once clock and memory have been read.
    """

    objective: float
    gap: float = math.nan
    rounds: Sequence[tuple[float, int, float, float]] = ()
    then: Callable[[], Mapping[str, float]] = dict


@dataclass(frozen=True)
class Run:
    """One measurement.

    Parameters
    ----------
    seconds
        Wall time of the work, imports and input left out; infinity when time ran out.
    megabytes
        Peak memory of the process during the work, and of helpers it started.
    objective
        What it found.
    own
        What interpreter and libraries held before there was any input, megabytes.
    helpers
        The helpers' part of `megabytes`, their interpreters and libraries included.
    gap, rounds
        As in :class:`Found`.
    figures
        Further figures of the case.
    """

    seconds: float
    megabytes: float
    objective: float
    own: float = 0.0
    helpers: float = 0.0
    gap: float = math.nan
    rounds: Sequence[Sequence[float]] = ()
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def above(self) -> float:
        """Peak megabytes above what interpreter and libraries held before."""
        return self.megabytes - self.own

    @property
    def in_time(self) -> bool:
        """Whether it ended by itself."""
        return math.isfinite(self.seconds)


OUT_OF_TIME = Run(math.inf, math.nan, math.nan)
"""A run that had to be ended."""


def median(runs: Sequence[Run]) -> Run:
    """The median of each figure; out of time when one of them is."""
    if not all(one.in_time for one in runs):
        return OUT_OF_TIME
    middle = {
        name: statistics.median(getattr(one, name) for one in runs) for name in ("seconds", "megabytes", "objective", "own", "helpers")
    }
    gaps = [one.gap for one in runs]
    figures = {name: statistics.median(one.figures[name] for one in runs) for name in runs[0].figures}
    return Run(**middle, gap=max(gaps), rounds=runs[-1].rounds, figures=figures)
