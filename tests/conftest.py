"""What every test may rely on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from matchmaker.engine.ready import make_ready

ROOT = Path(__file__).parents[1]


@pytest.fixture
def in_subprocess(tmp_path: Path) -> Callable[[str], str]:
    """Run Python code in a fresh interpreter and give back what it printed; fail with its traceback when it raises."""

    def run(code: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=environment, check=False
        )
        if done.returncode:
            pytest.fail(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    return run


@pytest.fixture(scope="session", autouse=True)
def compiled_before_anything_is_timed() -> None:
    """The engine's machine code is made once, so that no test's clock runs while it is."""
    make_ready()
