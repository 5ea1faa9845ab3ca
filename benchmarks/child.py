"""What runs in a process of its own: ``python -m benchmarks.child peers matchmaker 4407 8226 0``."""

from __future__ import annotations

import dataclasses
import json
import sys
import time

from benchmarks import memory
from benchmarks.run import Found, Run, Work


def measured(name: str, *arguments: str) -> Run:
    """Load, prepare, run the clock over the work alone: seconds, peak megabytes, what was found."""
    from benchmarks import cases

    case = cases.CASES[name]
    case.load(*arguments)
    own = memory.resident()
    work: Work = case.prepare(*arguments)
    memory.forget_peak()
    start = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - start
    peak = memory.peak()
    if not isinstance(found, Found):
        found = Found(found)
    return Run(seconds, peak, found.objective, own, 0.0, found.gap, found.rounds, found.then())


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(measured(*sys.argv[1:]))))
