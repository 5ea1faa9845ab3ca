"""A run's output folder, read back against the inputs that it was made from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from matchmaker.assignment import Assignment
from matchmaker.errors import DataError, Failure, NoAssignmentError
from matchmaker.instance import Instance
from matchmaker.result import Result, Termination
from matchmaker.rounds.inputs import Inputs, Role, digest, gather
from matchmaker.rounds.record import PLAN_FILES, PROOF, RESULT, earlier_of, prices_from, reached_of, read_json, relative, seal
from matchmaker.unheeded import unheeded


class RecordedFile(BaseModel):
    """A file that a run read."""

    model_config = ConfigDict(strict=True, frozen=True)

    role: Role
    path: str
    sha256: str


class Said(BaseModel):
    """The same in both languages."""

    model_config = ConfigDict(strict=True, frozen=True)

    en: str
    zh: str

    def __str__(self) -> str:
        """English, then Chinese, as a result has it."""
        return self.en if self.en == self.zh else f"{self.en} | {self.zh}"


class Record(BaseModel):
    """What a result.json says, as far as anything depends on it."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")

    policy: str
    termination: Literal["OPTIMAL", "FEASIBLE", "INFEASIBLE"]
    stopped: Said | None = None
    objective: float | None
    bound: float | None
    gap: float | None
    terms: dict[str, float]
    counts: dict[str, float | None]
    runtime: float
    seed: int
    config: dict[str, Any]
    inputs: list[RecordedFile]
    outputs: dict[str, str]
    seal: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Saved:
    """An output folder and what it was made from.

    Parameters
    ----------
    record
        What its result.json says.
    raw
        The same, key by key as in the file.
    proof
        What its proof.json says.
    inputs
        The inputs, unchanged since (their hashes agree).
    """

    record: Record
    raw: dict[str, Any] = field(repr=False)
    proof: dict[str, Any] = field(repr=False)
    inputs: Inputs


def reopen(folder: str | Path) -> Saved:
    """Read an output folder and the inputs that it names.

    Raises
    ------
    DataError
        When the folder is not a run's output or is damaged, or an input was changed, removed or added since: every such file is named.
    NoAssignmentError
        When the run found that no plan can exist.
    """
    home = Path(folder).resolve()
    raw = read_json(home / RESULT)
    try:
        record = Record.model_validate(raw)
    except ValidationError as error:
        keys = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))
        msg = f"{home / RESULT} is damaged at {keys}. | {RESULT} 已损坏：{keys}。"
        raise DataError(msg) from error
    if record.termination == "INFEASIBLE":
        why = (raw.get("diagnosis") or {}).values()
        msg = "\n".join([f"{home} holds no plan: none can exist. | 无可行方案。", *map(str, why)])
        raise NoAssignmentError(msg)
    source = _check_unchanged(home, record)
    inputs = gather(source)
    _check_complete(home, record, inputs)
    return Saved(record=record, raw=raw, proof=read_json(home / PROOF), inputs=inputs)


def read_result(folder: str | Path) -> Result:
    """The result that a run saved, as ``solve`` gave it: to explain it, to compare it, to go on from it.

    Raises
    ------
    DataError
        When the folder or one of its inputs was changed since.
    NoAssignmentError
        When the run found that no plan can exist.
    """
    home = Path(folder).resolve()
    saved = reopen(home)
    instance, record = saved.inputs.instance, saved.record
    if changed := changed_files(home, saved):
        raise DataError([_failure(name, "was changed since the run wrote it", "在生成后被修改") for name in changed])
    plan = read_plan(home, instance)
    return Result(
        instance=instance,
        policy=record.policy,
        termination=Termination(record.termination),
        objective=math.nan if record.objective is None else record.objective,
        bound=math.inf if record.bound is None else record.bound,
        prices=prices_from(saved.proof, instance),
        terms=record.terms,
        runtime=record.runtime,
        seed=record.seed,
        plan=plan,
        stopped="" if record.stopped is None else str(record.stopped),
        recipe=saved.inputs.policy,
        unheeded=unheeded(instance, saved.inputs.policy.constraints, plan),
        searched=saved.proof.get("searched") is True,
        earlier=reached_of(saved.proof),
        held=tuple(earlier_of(saved.proof, instance)),
    )


def changed_files(home: Path, saved: Saved) -> list[str]:
    """Names of the files in an output folder that are not as the run wrote them."""
    changed = [] if seal(saved.raw) == saved.record.seal else [RESULT]
    recorded = saved.record.outputs
    return changed + [name for name in PLAN_FILES if not (home / name).is_file() or digest(home / name) != recorded.get(name)]


def read_plan(home: Path, instance: Instance) -> Assignment:
    """The pairs of an output folder's plan.csv over an instance's ids.

    Raises
    ------
    DataError
        When it is not there or cannot be read, or names pairs that the instance does not know.
    """
    plan, strangers = Assignment.read(home / "plan.csv").aligned(instance.officer_ids, instance.enterprise_ids)
    if len(strangers):
        pair = ", ".join(strangers.iloc[0])
        msg = f"plan.csv names {len(strangers)} pairs that the tables do not know, such as {pair} | plan.csv 中有未知编号：{pair}"
        raise DataError(msg)
    return plan


def _check_unchanged(home: Path, record: Record) -> Path:
    """Every input stands where it stood and has the bytes it had; gives round.toml back."""
    failures = []
    for file in record.inputs:
        path = home / file.path
        if not path.is_file():
            failures.append(_failure(file.path, "is not there any more", "已不存在"))
        elif digest(path) != file.sha256:
            failures.append(_failure(file.path, "was changed since the plan was made", "在方案生成后被修改"))
    if failures:
        raise DataError(failures)
    sources = [file.path for file in record.inputs if file.role == "config"]
    if len(sources) != 1:
        msg = f"{home / RESULT} is damaged: it names {len(sources)} round.toml instead of one. | {RESULT} 已损坏。"
        raise DataError(msg)
    return (home / sources[0]).resolve()


def _check_complete(home: Path, record: Record, inputs: Inputs) -> None:
    """What is read today is what was read then."""
    then = {(file.role, file.path) for file in record.inputs}
    now = {(file.role, relative(file.path, home)) for file in inputs.files}
    failures = [_failure(path, "was not read when the plan was made", "生成方案时未读取") for _, path in sorted(now - then)]
    failures += [_failure(path, "was read when the plan was made, not now", "仅在生成方案时读取") for _, path in sorted(then - now)]
    if failures:
        raise DataError(failures)


def _failure(path: str, problem: str, problem_zh: str) -> Failure:
    return Failure(sheet=path, problem=problem, problem_zh=problem_zh)
