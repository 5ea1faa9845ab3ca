"""Our own runs: proven, with what the engine did, and what a pass takes in the same process."""

from __future__ import annotations

from collections.abc import Mapping

import matchmaker as mm
from benchmarks.run import Found

PROVEN = 1e-9


def load() -> None:
    """Everything that is loaded when first used, as the peers' libraries are."""
    mm.assign([[1.0]], capacity=1)


def proven(result: mm.Result, *, passes: int = 0, within: float = PROVEN) -> Found:
    """What a result found; with `passes`, the median seconds of so many passes, measured afterwards.

    Raises
    ------
    RuntimeError
        When it is not proven within a relative gap.
    """
    if result.termination != mm.Termination.OPTIMAL or not result.gap <= within:
        msg = f"{result.termination} with gap {result.gap}"
        raise RuntimeError(msg)

    def then() -> Mapping[str, float]:
        if not passes:
            return {}
        from benchmarks.passes import pass_seconds

        return pass_seconds(result, passes)

    rounds = [(one.seconds, one.pairs, one.objective, one.bound) for one in result.rounds]
    return Found(result.objective, result.gap, rounds, then)
