"""What an engine is asked for, and what it gives back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from matchmaker.diagnosis import Diagnosis
from matchmaker.errors import ConfigError
from matchmaker.program import Prices, Round

if TYPE_CHECKING:
    from matchmaker.engine.feasibility import Shortage

Status = Literal["OPTIMAL", "FEASIBLE", "INFEASIBLE", "NOT_FOUND"]
PROVEN = 1e-9
"""A relative gap at or below this counts as proven optimal: affinities are double precision, and sums of them round."""


class TimeUp(Exception):  # noqa: N818 -- it ends a search, it is no error
    """The time limit has come in the middle of a step; what was found before it stands."""


def unlimited() -> None:
    """Nothing: what stands for :meth:`Search.check` where no time limit holds."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How far to look.

    Parameters
    ----------
    gap
        Relative gap at which to stop; 0 asks for the optimum (proven to a relative 1e-9).
    time_limit
        Seconds, or None. Long steps look at it too, and a large flow is ended by it.
    seed
        For methods that draw.
    progress
        Called with each :class:`Round` as it ends.
    threads
        Threads that price blocks of pairs.
    start
        Prices to begin from, such as the last round's; None to begin from nothing. They change how long it takes, not what is found.
    held
        Pairs to begin from with them, two arrays of shape (n_pairs,): officers and enterprises. None where none are known.
    plan
        Pairs of a plan that keeps every rule, such as that of the rank before, two arrays of shape (n_pairs,): where side rows make plans
        hard to find, the search begins with it. None where none is known.
    cluster
        A Dask ``distributed.Client`` whose workers make the passes; None for threads.
    started
        Clock at the start, seconds; set when the object is made.
    """

    gap: float = 0.0
    time_limit: float | None = None
    seed: int = 0
    progress: Callable[[Round], None] | None = None
    threads: int = 2
    start: Prices | None = None
    held: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    plan: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    cluster: object | None = None
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        if not _is_number(self.gap) or not 0 <= self.gap < math.inf:
            msg = f"gap is {self.gap!r}; expected a relative gap of at least 0, such as 0.001. | gap 应为不小于 0 的数。"
            raise ConfigError(msg)
        if self.time_limit is not None and not (_is_number(self.time_limit) and self.time_limit > 0):
            msg = f"time_limit is {self.time_limit!r}; expected seconds above 0, or None. | time_limit 应为大于 0 的秒数。"
            raise ConfigError(msg)
        for name, least in (("threads", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                msg = f"{name} is {value!r}; expected a whole number of at least {least}. | {name} 应为不小于 {least} 的整数。"
                raise ConfigError(msg)
        if self.cluster is not None:
            from matchmaker.engine.cluster import check_client

            check_client(self.cluster)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def left(self) -> float:
        """Seconds left; infinity without a limit."""
        return math.inf if self.time_limit is None else self.time_limit - self.elapsed

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.left <= 0

    def check(self) -> None:
        """Nothing while there is time.

        Raises
        ------
        TimeUp
            When there is none left.
        """
        if self.over:
            raise TimeUp

    @property
    def target(self) -> float:
        """The relative gap that counts as done."""
        return max(self.gap, PROVEN)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


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
    stopped
        What ended the search before its time, in both languages; empty where nothing did.
    searched
        Whether `bound` is that of a search, which says more than `prices` prove.
    shortage
        The flow that leaves fewest places short, where that is why no plan can exist and it is one of this very programme.
    """

    termination: Status
    officers: NDArray[np.int64] | None = None
    enterprises: NDArray[np.int64] | None = None
    amount: NDArray[np.int64] | None = None
    bound: float = math.inf
    prices: Prices | None = None
    diagnosis: Diagnosis | None = None
    rounds: tuple[Round, ...] = ()
    stopped: str = ""
    searched: bool = False
    shortage: Shortage | None = None
