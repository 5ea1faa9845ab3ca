"""What runs in a process of its own: ``python -m benchmarks.child peers matchmaker 4407 8226 0``."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable


def measured(case: str, *arguments: str) -> dict[str, float]:
    """Prepare, run the clock over the work alone: seconds, peak megabytes of the process, objective."""
    from benchmarks import cases

    work: Callable[[], float] = cases.CASES[case].prepare(*arguments)
    start = time.perf_counter()
    objective = work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": peak, "objective": objective}


if __name__ == "__main__":
    print(json.dumps(measured(*sys.argv[1:])))
