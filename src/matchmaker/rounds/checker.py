"""Can this round be run, and can a plan exist at all? Asked before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from matchmaker.diagnosis import Diagnosis
from matchmaker.result import Termination
from matchmaker.rounds.inputs import Inputs, gather
from matchmaker.solve import solve

ANY_PLAN = 1e9
"""A relative gap at which the first plan found is good enough."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """What checking a round found.

    Parameters
    ----------
    inputs
        Settings and tables, all of which can be used.
    feasible
        Whether a plan can exist; None when time ran out before that was known.
    diagnosis
        Why none can.
    """

    inputs: Inputs
    feasible: bool | None
    diagnosis: Diagnosis | None


def check(path: str | Path) -> Checked:
    """Read a round's settings and tables, and find out whether a plan can exist; nothing is written.

    Parameters
    ----------
    path
        A round.toml, or the folder it stands in.

    Raises
    ------
    ConfigError, DataError
        When a setting, a file or a cell cannot be used: all of them at once.
    """
    inputs = gather(path)
    config = inputs.config
    result = solve(inputs.instance, inputs.policy, time_limit=config.time_limit, gap=ANY_PLAN, seed=config.seed)
    answers = {Termination.INFEASIBLE: False, Termination.NOT_FOUND: None}
    return Checked(inputs=inputs, feasible=answers.get(result.termination, True), diagnosis=result.diagnosis)
