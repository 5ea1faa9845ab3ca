"""One round, from its round.toml to its output folder."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matchmaker import report
from matchmaker.program import Round
from matchmaker.result import Result, Termination
from matchmaker.rounds.beginning import prices_beside_previous
from matchmaker.rounds.folder import held, replacing
from matchmaker.rounds.inputs import Inputs, gather
from matchmaker.rounds.record import OWN_FILES, PROOF, RESULT, write_proof, write_result
from matchmaker.solve import solve

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Finished:
    """A run that came to its end.

    Parameters
    ----------
    result
        The answer; read its `termination` first.
    inputs
        What it was made from.
    written
        The files in ``inputs.output`` that the run wrote; none when it was stopped before it had an answer.
    """

    result: Result
    inputs: Inputs
    written: tuple[str, ...]


def run(path: str | Path, *, progress: Callable[[Round], None] | bool | None = None) -> Finished:
    """Solve the round and write its output folder, whole or not at all.

    Where last round's plan stands beside its proof.json, the search begins at those prices: the same plan, sooner.

    With a plan the folder holds plan.csv, plan.xlsx, report.html, proof.json and result.json. When no plan can exist it holds
    report.html and result.json with the reason, and no older plan that could pass for this round's. When time ran out before any
    plan was found, it stays as it was.

    Parameters
    ----------
    path
        A round.toml, or the folder it stands in.
    progress
        A function called with each round of the engine, True or False for a bar or not; None shows one in a terminal only.

    Raises
    ------
    ConfigError, DataError
        When a setting, a file or a cell cannot be used, or another run writes the same folder; nothing is written then.
    """
    inputs = gather(path)
    config = inputs.config
    with held(inputs.output):
        result = solve(
            inputs.instance,
            inputs.policy,
            time_limit=config.time_limit,
            gap=config.gap,
            seed=config.seed,
            progress=progress,
            start=prices_beside_previous(inputs),
        )
        logger.info("%s: %s after %.1f s", inputs.policy.name, result.termination, result.runtime)
        if result.termination is Termination.NOT_FOUND:
            return Finished(result=result, inputs=inputs, written=())
        with replacing(inputs.output, OWN_FILES) as folder:
            _fill(folder, inputs, result)
            written = tuple(sorted(entry.name for entry in folder.iterdir()))
    return Finished(result=result, inputs=inputs, written=written)


def _fill(folder: Path, inputs: Inputs, result: Result) -> None:
    if result.plan is not None:
        report.write_plan_csv(result, folder / "plan.csv")
        report.write_workbook(result, folder / "plan.xlsx", inputs.config.language)
        write_proof(folder / PROOF, result)
    report.write_page(result, folder / "report.html")
    write_result(folder / RESULT, inputs, result)
