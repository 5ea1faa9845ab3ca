"""How fast this machine is, so that what must be quick is held to the same on every one."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

USUAL = 0.25
"""CPU seconds of `_work` on the machine that the tests' seconds were written down on."""


def _work() -> float:
    """CPU seconds of a fixed mix of what tables and profiles do: Python's loops and text, pandas' groups, NumPy's sorts."""
    begin = time.process_time()
    words = [f"{k * 7919 % 10007}部门" for k in range(150_000)]
    pd.Series(words, dtype=object).str.strip().groupby(words).size()
    np.sort(np.arange(2_000_000) * 7919 % 1_000_003, kind="stable")
    return time.process_time() - begin


def seconds(usual: float) -> float:
    """What takes `usual` CPU seconds on the usual machine takes at most so long here, now; never less than asked."""
    return usual * max(1.0, _work() / USUAL)
