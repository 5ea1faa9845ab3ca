"""A smoke run of every benchmark: tiny sizes, equal objectives, nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("case", ["peers", "families", "demo"])
def test_every_case_runs_small(case: str) -> None:
    results = ROOT / "benchmarks" / "RESULTS.md"
    before = results.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", case, "--smoke", "--repeats", "1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "| matchmaker |" in done.stdout or "| the whole run |" in done.stdout or "| random factors |" in done.stdout
    assert results.read_bytes() == before


def test_an_unknown_case_is_refused() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "pears"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pears" in done.stderr
