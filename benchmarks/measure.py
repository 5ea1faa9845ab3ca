"""Runs in processes of their own, in turn: seconds of the work itself, and peak memory."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import memory
from benchmarks.run import OUT_OF_TIME, Run, median

ROOT = Path(__file__).parents[1]
LOOK = 0.05
"""Seconds between two looks at the helpers' memory."""


def run(arguments: Sequence[str], timeout: float = 3600) -> Run:
    """Run ``python -m benchmarks.child ...`` and read what it measured; out of time after `timeout` seconds, input included."""
    command = [sys.executable, "-m", "benchmarks.child", *arguments]
    helpers, waited = 0.0, 0.0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while True:
            try:
                said, complaint = process.communicate(timeout=LOOK)
                break
            except subprocess.TimeoutExpired:
                helpers, waited = max(helpers, memory.helpers_peak(process.pid)), waited + LOOK
            if waited > timeout:
                for pid in (process.pid, *memory.descendants(process.pid)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                process.communicate()
                return OUT_OF_TIME
    if process.returncode:
        msg = f"{' '.join(arguments)} failed:\n{complaint[-2000:]}"
        raise RuntimeError(msg)
    found = Run(**json.loads(said.splitlines()[-1]))
    return replace(found, megabytes=found.megabytes + helpers, helpers=helpers)


def run_here(arguments: Sequence[str], timeout: float = 0) -> Run:
    """The same in this process: for a smoke run, which is about answers and not about seconds."""
    from benchmarks.child import measured

    return measured(*arguments)


def in_turn(runs: Mapping[str, Sequence[str]], repeats: int, *, smoke: bool, timeout: float = 3600) -> dict[str, Run]:
    """Medians of runs by name, measured one after the other and again; who ran out of time once is not asked again."""
    go = run_here if smoke else run
    done: dict[str, list[Run]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, arguments in runs.items():
            if all(one.in_time for one in done[name]):
                done[name].append(go(arguments, timeout))
    return {name: median(several) for name, several in done.items()}


def check_equal(what: str, runs: Mapping[str, Run], objective: float, within: float) -> None:
    """Nothing, when all that ended in time found the same objective.

    Raises
    ------
    RuntimeError
        When one did not, naming it.
    """
    wrong = {name: one.objective for name, one in runs.items() if one.in_time and not abs(one.objective - objective) <= within}
    if wrong:
        msg = f"{what}: expected {objective}, within {within}; found {wrong}"
        raise RuntimeError(msg)


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
