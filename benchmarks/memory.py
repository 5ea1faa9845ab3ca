"""Memory as the system counts it: of this process and of helpers it started, now and at most. Zeros where there is no /proc."""

from __future__ import annotations

import re
from pathlib import Path

PROC = Path("/proc")


def resident(pid: int | str = "self") -> float:
    """Megabytes that a process holds now."""
    return _status(pid, "VmRSS")


def peak(pid: int | str = "self") -> float:
    """The most megabytes a process has held since it began, or since :func:`forget_peak`."""
    return _status(pid, "VmHWM")


def forget_peak() -> None:
    """Count this process's peak from now on, so that what making the input took is left out (where the system allows it)."""
    try:
        (PROC / "self" / "clear_refs").write_text("5")
    except OSError:
        return


def helpers_peak(pid: int) -> float:
    """The peaks of all that a process started and that still runs, added up, megabytes."""
    return sum(peak(child) for child in descendants(pid))


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they started, while they run."""
    found: list[int] = []
    for listed in (PROC / str(pid) / "task").glob("*/children"):
        try:
            children = [int(child) for child in listed.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def _status(pid: int | str, name: str) -> float:
    try:
        text = (PROC / str(pid) / "status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
