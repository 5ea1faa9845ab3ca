"""One run in a process of its own: seconds of the work itself, and the process's peak memory."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """One measurement.

    Parameters
    ----------
    seconds
        Wall time of the work, imports and input left out.
    megabytes
        Peak memory of the whole process.
    objective
        What it found.
    """

    seconds: float
    megabytes: float
    objective: float


def run(arguments: list[str], timeout: float = 3600) -> Run:
    """Run ``python -m benchmarks.child ...`` and read what it measured."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.child", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode:
        msg = f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}"
        raise RuntimeError(msg)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def run_here(arguments: list[str]) -> Run:
    """The same in this process: for a smoke run, which is about answers and not about seconds."""
    from benchmarks.child import measured

    return Run(**measured(*arguments))


def median(runs: list[Run]) -> Run:
    """The median of each figure."""
    return Run(
        *(statistics.median(getattr(one, name) for one in runs) for name in ("seconds", "megabytes", "objective")),
    )


def setting() -> str:
    """Date, machine, commit and versions, for the head of a table."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    names = ("numpy", "scipy", "ortools", "POT", "lapx")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit or 'none'}, {platform.machine()}, {_cores()} cores, "
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {_version(name)}" for name in names)
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
