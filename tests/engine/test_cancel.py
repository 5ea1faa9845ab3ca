"""Large searches stop at the time limit and at Ctrl-C, within a second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pace import seconds

import matchmaker as mm
from matchmaker.engine.search import Search, TimeUp
from matchmaker.engine.space import Limits
from matchmaker.engine.transport import solve_transport

pytestmark = pytest.mark.alone
SOURCE = Path(__file__).parents[2] / "src"
SLOW = """
import matchmaker as mm
left, right, capacity = mm.datasets.random_city(20_000, 37_000, seed=1)
mm.assign([[1.0]], capacity=1)
print("ready", flush=True)
mm.assign(mm.Factors(left, right), capacity=capacity)
"""


def test_what_check_raises_ends_it():
    ones = np.ones(2, np.int64)
    search = Search(time_limit=1e-9)
    with pytest.raises(TimeUp):
        solve_transport(
            np.array([0, 1]), np.array([0, 1]), np.ones(2), Limits(ones, ones, ones, ones), (np.zeros(2), np.zeros(2)), check=search.check
        )


def test_the_time_limit_holds_in_the_middle_of_a_large_search():
    left, right, capacity = mm.datasets.random_city(8_000, 15_000, seed=1)
    mm.assign([[1.0]], capacity=1)
    start = time.perf_counter()
    result = mm.assign(mm.Factors(left, right), capacity=capacity, time_limit=0.5)
    taken = time.perf_counter() - start
    assert taken < seconds(1.5)
    assert result.termination in ("FEASIBLE", "NOT_FOUND")


@pytest.mark.skipif(sys.platform != "linux", reason="process groups")
def test_ctrl_c_ends_a_script_within_a_second(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SLOW)
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, process_group=0
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        time.sleep(1.5)
        started = time.perf_counter()
        os.killpg(running.pid, signal.SIGINT)
        _, error = running.communicate(timeout=10)
        taken = time.perf_counter() - started
        assert taken < seconds(1.5)
    assert running.returncode == -signal.SIGINT
    assert error.strip().endswith("KeyboardInterrupt")
