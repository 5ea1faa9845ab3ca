"""What a solve gives back: a checked plan, its value, its proof, and why it stopped."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from matchmaker import metrics
from matchmaker.assignment import Assignment
from matchmaker.diagnosis import Diagnosis
from matchmaker.errors import NoAssignmentError
from matchmaker.face import Face
from matchmaker.instance import Instance
from matchmaker.program import Prices, Round, relative_gap

if TYPE_CHECKING:
    import pandas as pd


class Termination(StrEnum):
    """Why a solve stopped, and what it holds."""

    OPTIMAL = "OPTIMAL"
    """A plan, proven best within the gap that was asked for (a relative 1e-9 at the least; where values are of so different size that sums
    in double precision tell no better, up to 1e-6)."""
    FEASIBLE = "FEASIBLE"
    """A plan that keeps every rule; whether it is best is not proven."""
    INFEASIBLE = "INFEASIBLE"
    """Proven: no plan keeps every rule. ``diagnosis`` says why."""
    NOT_FOUND = "NOT_FOUND"
    """Time ran out before any plan was found."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """An answer: read `termination` first.

    Parameters
    ----------
    instance
        What was solved.
    policy
        The policy's name.
    termination
        Why it stopped, and what it holds.
    objective
        The plan's value in the policy's aims; NaN without a plan.
    bound
        No plan at all is worth more, proven over all pairs; infinity where nothing is proven.
    prices
        The proof of `bound`: officers' and enterprises' prices. None where nothing is proven.
    terms
        What each aim contributes to `objective`.
    diagnosis
        Why no plan can exist, when INFEASIBLE.
    runtime
        Seconds.
    seed
        The seed that was given.
    rounds
        What the engine did.
    plan
        The pairs; None when there are none to give. :attr:`assignment` says why.
    stopped
        What ended the search before its time, such as a cluster that was lost, in both languages; empty where nothing did.
    recipe
        The policy itself, with its rules and aims, for explanations; None where it is not known.
    searched
        Whether `bound` is that of a search, with a solver's tolerances, which says more than the prices prove.
    earlier
        Where aims have ranks, what the ranks before the last have reached: the aims, the value, and a bound on it. `objective` and `bound`
        are the last rank's.
    unheeded
        Recusals, vetoes and pins of the instance that the policy has no rule for, told in English and Chinese.
    held
        What the last rank had to hold of each: a value, or with leximin the plans that are best in it, or a floor for each group.
    """

    instance: Instance = field(repr=False)
    policy: str
    termination: Termination
    objective: float
    bound: float
    prices: Prices | None = field(default=None, repr=False)
    terms: Mapping[str, float] = field(default_factory=dict)
    diagnosis: Diagnosis | None = field(default=None, repr=False)
    runtime: float = 0.0
    seed: int = 0
    rounds: tuple[Round, ...] = field(default=(), repr=False)
    plan: Assignment | None = field(default=None, repr=False)
    stopped: str = ""
    recipe: object = field(default=None, repr=False)
    searched: bool = False
    earlier: tuple[tuple[str, float, float], ...] = ()
    unheeded: tuple[tuple[str, str], ...] = ()
    held: tuple[float | Face | NDArray[np.float64], ...] = field(default=(), repr=False)

    @property
    def assignment(self) -> Assignment:
        """The plan.

        Raises
        ------
        NoAssignmentError
            When there is none; says why.
        """
        if self.plan is None:
            why = self.diagnosis or "Raise time_limit. | 请延长 time_limit。"
            msg = f"There is no assignment ({self.termination}). | 没有结对方案（{self.termination}）。\n{why}"
            raise NoAssignmentError(msg)
        return self.plan

    @property
    def officers(self) -> NDArray[np.int64]:
        """Officer of each pair, sorted. Shape (n_pairs,)."""
        return self.assignment.officers

    @property
    def enterprises(self) -> NDArray[np.int64]:
        """Enterprise of each pair. Shape (n_pairs,)."""
        return self.assignment.enterprises

    @property
    def shortfall(self) -> pd.DataFrame:
        """Enterprises with fewer officers than they ask for, and why: see :func:`matchmaker.shortfall.shortfall`.

        Raises
        ------
        NoAssignmentError
            When there is no plan.
        """
        return self._shortfall.copy()

    @cached_property
    def _shortfall(self) -> pd.DataFrame:
        from matchmaker.shortfall import shortfall

        return shortfall(self)

    @property
    def gap(self) -> float:
        """How far the plan may be from the best, relative to its value: (bound - objective) / |objective|.

        A plan worth nothing that is OPTIMAL is so to 1e-9 of the largest pair, and has gap 0.
        """
        if self.objective == 0 and self.termination == Termination.OPTIMAL:
            return 0.0
        return relative_gap(self.objective, self.bound)

    def summary(self, language: Literal["en", "zh"] = "en") -> str:
        """What a planner wants to know first, in a dozen lines."""
        from matchmaker.words import summary_lines

        colon = "：" if language == "zh" else ": "
        return "\n".join(f"{name}{colon}{value}" for name, value in summary_lines(self, language))

    def _repr_html_(self) -> str:
        """A notebook's view: the summary, then needs met by district."""
        from matchmaker.words import summary_lines

        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(n)}</th><td>{html.escape(v)}</td></tr>" for n, v in summary_lines(self)
        )
        table = ""
        if self.plan is not None and self.instance.enterprises is not None:
            table = metrics.needs_met_by_district(self.instance, self.plan).to_html(index=False, float_format="{:.3g}".format)
        return f"<table>{rows}</table>{table}"
