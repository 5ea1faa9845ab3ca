"""What an engine is asked for, and what it gives back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matchmaker.diagnosis import Diagnosis
from matchmaker.errors import ConfigError
from matchmaker.program import Prices, Round

Status = Literal["OPTIMAL", "FEASIBLE", "INFEASIBLE", "NOT_FOUND"]
PROVEN = 1e-9
"""A relative gap at or below this counts as proven optimal: affinities are double precision, and sums of them round."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How far to look.

    Parameters
    ----------
    gap
        Relative gap at which to stop; 0 asks for the optimum (proven to a relative 1e-9).
    time_limit
        Seconds, or None. It is looked at between the steps of a round.
    seed
        For methods that draw.
    progress
        Called with each :class:`Round` as it ends.
    threads
        Threads that price blocks of pairs.
    started
        Clock at the start, seconds; set when the object is made.
    """

    gap: float = 0.0
    time_limit: float | None = None
    seed: int = 0
    progress: Callable[[Round], None] | None = None
    threads: int = 2
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        if not isinstance(self.gap, int | float) or not 0 <= self.gap < math.inf:
            msg = f"gap is {self.gap!r}; expected a relative gap of at least 0, such as 0.001."
            raise ConfigError(msg)
        if self.time_limit is not None and not self.time_limit > 0:
            msg = f"time_limit is {self.time_limit!r}; expected seconds above 0, or None."
            raise ConfigError(msg)
        if self.threads < 1:
            msg = f"threads is {self.threads!r}; expected at least 1."
            raise ConfigError(msg)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.time_limit is not None and self.elapsed >= self.time_limit

    @property
    def target(self) -> float:
        """The relative gap that counts as done."""
        return max(self.gap, PROVEN)


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """What a method found.

    Parameters
    ----------
    termination
        OPTIMAL (proven within the gap asked for), FEASIBLE, INFEASIBLE (proven) or NOT_FOUND.
    officers, enterprises
        The pairs, shapes (n_pairs,), int64; None without a plan.
    amount
        Shape (n_pairs,): units on each pair, where a place is several (a lottery's); None where every pair is one.
    bound
        No plan is worth more; infinity where nothing is proven.
    prices
        The proof of `bound`.
    diagnosis
        Why no plan can exist.
    rounds
        What was done.
    """

    termination: Status
    officers: NDArray[np.int64] | None = None
    enterprises: NDArray[np.int64] | None = None
    amount: NDArray[np.int64] | None = None
    bound: float = math.inf
    prices: Prices | None = None
    diagnosis: Diagnosis | None = None
    rounds: tuple[Round, ...] = ()
