"""result.json and proof.json: what a run says about itself, exact to the last bit."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker import metrics
from matchmaker.assignment import Assignment
from matchmaker.errors import DataError
from matchmaker.face import Face
from matchmaker.instance import Instance
from matchmaker.program import Prices
from matchmaker.report.views import by_hand
from matchmaker.result import Result
from matchmaker.rounds.inputs import PLANS, Inputs, digest
from matchmaker.words import Language, in_language

RESULT, PROOF = "result.json", "proof.json"
PLAN_FILES = (*PLANS, "report.html", PROOF)
OWN_FILES = (*PLAN_FILES, RESULT)
"""Every name that a run may write into its output folder."""
LANGUAGES: tuple[Language, ...] = ("en", "zh")
LIBRARIES = ("matchmaker", "numpy", "pandas", "scipy", "ortools")


def write_proof(path: Path, result: Result) -> None:
    """The prices by id, and what they prove; the same result gives the same bytes."""
    _write(path, proof_of(result))


def proof_of(result: Result) -> dict[str, Any]:
    """What proof.json holds: the claims, and the prices of officers and enterprises by id (None where nothing is proven)."""
    instance, prices = result.instance, result.prices
    return {
        "policy": result.policy,
        "objective": result.objective,
        "bound": _finite(result.bound),
        "prices": None
        if prices is None
        else {
            "officers": _by_id(instance.officer_ids, prices.officers),
            "enterprises": _by_id(instance.enterprise_ids, prices.enterprises),
        }
        | ({"rows": prices.rows.tolist()} if len(prices.rows) else {}),
        "searched": result.searched,
        "earlier": [[name, value, _finite(bound)] for name, value, bound in result.earlier],
        "held": [_held(one) for one in result.held],
    }


def _held(one: float | Face | NDArray[np.float64]) -> Any:
    if isinstance(one, Face):
        return one.plain()
    return [_finite(floor) for floor in one.tolist()] if isinstance(one, np.ndarray) else one


def prices_from(proof: Mapping[str, Any], instance: Instance) -> Prices | None:
    """The prices of a proof.json, over an instance's ids.

    Raises
    ------
    DataError
        When the proof does not price exactly the instance's officers and enterprises, each with a finite number.
    """
    prices = proof.get("prices")
    if prices is None:
        return None
    sides = []
    for side, ids in (("officers", instance.officer_ids), ("enterprises", instance.enterprise_ids)):
        priced = prices.get(side) if isinstance(prices, dict) else None
        if not isinstance(priced, dict) or set(priced) != set(map(str, ids)):
            msg = f"{PROOF} does not price each of the {len(ids)} {side} once. | {PROOF} 中的价格与名单不符。"
            raise DataError(msg)
        values = [priced[str(one)] for one in ids]
        wrong = [one for one, value in zip(ids, values, strict=True) if not is_number(value)]
        if wrong:
            msg = f"{PROOF}: {len(wrong)} prices of {side} are not finite numbers, such as that of {wrong[0]}. | {PROOF} 中有无效价格。"
            raise DataError(msg)
        sides.append(np.array(values, dtype=np.float64))
    rows = prices.get("rows", [])
    if not isinstance(rows, list) or not all(map(is_number, rows)):
        msg = f"{PROOF}: prices of rows are not finite numbers. | {PROOF} 中规则的价格无效。"
        raise DataError(msg)
    return Prices(sides[0], sides[1], np.array(rows, dtype=np.float64))


def earlier_of(proof: Mapping[str, Any], instance: Instance) -> list[float | Face | NDArray[np.float64]]:
    """What the last rank had to hold of those before, as a proof.json says: values, what best plans have in common, or floors of groups.

    Raises
    ------
    DataError
        When that cannot be read.
    """
    said = proof.get("held")
    held: list[float | Face | NDArray[np.float64]] = []
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict):
            try:
                held.append(Face.from_plain(one, instance.shape))
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                msg = f"{PROOF} does not say which plans are best in the earlier aims. | {PROOF} 中前级目标的记录无法读取。"
                raise DataError(msg) from error
        elif isinstance(one, list):
            held.append(np.array([float(floor) if is_number(floor) else -np.inf for floor in one]))
        elif is_number(one):
            held.append(float(one))
    return held


def reached_of(proof: Mapping[str, Any]) -> tuple[tuple[str, float, float], ...]:
    """What ranks before the last have reached, as a proof.json says: their aims, the value, and a bound on it."""
    said = proof.get("earlier")
    rows = [row for row in said if isinstance(row, list) and len(row) == 3 and is_number(row[1])] if isinstance(said, list) else []
    return tuple((str(name), float(value), float(most) if is_number(most) else math.inf) for name, value, most in rows)


def write_result(path: Path, inputs: Inputs, result: Result) -> None:
    """What was asked, what came out, and the hashes of every file read and written."""
    written = [name for name in PLAN_FILES if path.with_name(name).exists()]
    record = result_of(inputs, result) | {"outputs": {name: digest(path.with_name(name)) for name in written}}
    _write(path, record | {"seal": seal(record)})


def result_of(inputs: Inputs, result: Result) -> dict[str, Any]:
    """What result.json holds, but for the hashes of the other output files."""
    output = inputs.output
    return {
        "policy": result.policy,
        "termination": str(result.termination),
        "stopped": {language: in_language(result.stopped, language) for language in LANGUAGES} if result.stopped else None,
        "objective": _finite(result.objective),
        "bound": _finite(result.bound),
        "gap": _finite(result.gap),
        "terms": dict(result.terms),
        "diagnosis": {language: result.diagnosis.text(language) for language in LANGUAGES} if result.diagnosis else None,
        "ways_out": [[{"en": mend.en, "zh": mend.zh, "by": mend.by} for mend in way] for way in result.diagnosis.ways]
        if result.diagnosis
        else None,
        "earlier": [{"aims": name, "value": value, "bound": _finite(bound)} for name, value, bound in result.earlier],
        "by_hand": [
            {name: row[name] for name in ("kind", "officer_id", "enterprise_id", "actor", "note")} | {"in_plan": bool(row["in_plan"])}
            for row in by_hand(result).to_dict("records")
        ],
        "got_less": None
        if result.plan is None
        else [
            {name: row[name] for name in ("enterprise_id", "asked", "served", "rule", "why", "why_zh")}
            for row in result.shortfall.to_dict("records")
        ],
        "counts": counts_of(result.instance, result.plan),
        "runtime": result.runtime,
        "seed": result.seed,
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in LIBRARIES},
        "config": inputs.config.model_dump(mode="json"),
        "tables": relative((inputs.folder / inputs.config.tables).resolve(), output),
        "inputs": [{"role": file.role, "path": relative(file.path, output), "sha256": file.sha256} for file in inputs.files],
    }


def seal(record: Mapping[str, Any]) -> str:
    """A hash over everything in a result.json but itself: any changed character of meaning shows."""
    kept = {key: value for key, value in record.items() if key != "seal"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises
    ------
    DataError
        When it is missing, or is not a JSON object in UTF-8.
    """
    try:
        found = json.loads(path.read_bytes().decode())
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}. Is {path.parent} a run's output? | 无法读取 {path}。"
        raise DataError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{path} is damaged: {error}. | {path} 已损坏。"
        raise DataError(msg) from error
    if not isinstance(found, dict):
        msg = f"{path} is damaged: it holds no object. | {path} 已损坏。"
        raise DataError(msg)
    return found


def relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with forward slashes; absolute where they share no drive."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.as_posix()


def counts_of(instance: Instance, plan: Assignment | None) -> dict[str, float | None]:
    """The plan in a dozen numbers."""
    counts: dict[str, float | None] = {"officers": instance.shape[0], "enterprises": instance.shape[1]}
    if plan is None:
        return counts
    return counts | {
        "pairs": len(plan),
        "enterprises_served": int((plan.served() > 0).sum()),
        "enterprises_short": metrics.unserved(instance, plan),
        "officers_serving": int((plan.loads() > 0).sum()),
        "expected_open": None if instance.need is None else float(instance.need.sum()),
        "expected_resolved": metrics.expected_resolved(instance, plan),
        "worst_served": metrics.worst_served(instance, plan),
        "churn": _finite(metrics.churn(instance, plan)),
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"  # run from a checkout


def _by_id(ids: NDArray[np.object_], prices: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(map(str, ids), prices.tolist(), strict=True))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def is_number(value: object) -> bool:
    """Whether it is a finite number as JSON has it."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _write(path: Path, record: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
