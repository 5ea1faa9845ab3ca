"""What takes over two seconds says how it is getting on: in a terminal, a notebook, the log; nothing when piped."""

from __future__ import annotations

import io
import logging
import math
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from matchmaker import progress
from matchmaker.program import Round

SLOW = """
import sys, time
sys.path.insert(0, {source!r})
from matchmaker import progress
from matchmaker.program import Round
with progress.shown({asked}) as step:
    for number in range(4):
        time.sleep({seconds} / 5)
        step(Round(1000, 0.9, 1.0 - 0.02 * number, 0.0, number + 1))
    time.sleep({seconds} / 5)
print("the end")
"""
pytestmark = pytest.mark.alone
SOURCE = str(Path(__file__).parents[1] / "src")
LINE = re.compile(r"matchmaker: (\d) rounds?, gap (\d\.\de-\d+), (\d) pass(?:es)?, (\d+) s")


def slow(asked: str = "None", seconds: float = 3.5) -> str:
    return SLOW.format(source=SOURCE, asked=asked, seconds=seconds)


def in_a_terminal(code: str) -> str:
    """What a process shows whose output is a pseudo-terminal."""
    master, terminal = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", code], stdout=terminal, stderr=terminal, stdin=terminal)
    os.close(terminal)
    shown = b""
    try:
        while process.poll() is None or select.select([master], [], [], 0.1)[0]:
            if select.select([master], [], [], 0.1)[0]:
                try:
                    shown += os.read(master, 4096)
                except OSError:  # Linux says so that the other end is closed
                    break
    finally:
        process.wait(30)
        os.close(master)
    assert process.returncode == 0, shown
    return shown.decode()


def test_a_terminal_shows_one_line_that_is_wiped_in_the_end() -> None:
    shown = in_a_terminal(slow())
    found = [tuple(map(float, line)) for line in LINE.findall(shown)]
    assert len(found) >= 2
    assert found[0][3] >= progress.QUIET
    assert found == sorted(found, key=lambda line: (line[0], line[2], line[3]))
    assert found[-1][:3] == (4, 0.044, 4)
    *_, last = shown.split("matchmaker: ")
    assert re.search(r"s *\r +\rthe end\r\n$", last)
    assert "\n" not in shown.split("the end")[0]


def test_a_terminal_is_not_troubled_with_what_is_quick() -> None:
    assert in_a_terminal(slow(seconds=0.2)) == "the end\r\n"


def test_a_terminal_shows_nothing_when_told_so() -> None:
    assert in_a_terminal(slow("False", 2.4)) == "the end\r\n"


def test_nothing_is_shown_when_piped() -> None:
    done = subprocess.run([sys.executable, "-c", slow(seconds=2.4)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("the end\n", "")


def test_lines_when_piped_and_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", slow("True", 2.6)], capture_output=True, text=True, check=True)
    assert LINE.fullmatch(done.stderr.strip())
    assert done.stdout == "the end\n"


def test_a_notebook_shows_one_output_that_stays() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(slow())])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown = [out for out in notebook.cells[0].outputs if out.output_type == "display_data"]
    assert [LINE.fullmatch(out.data["text/plain"]).group(1, 3) for out in shown] == [("4", "4")]
    assert "".join(out.text for out in notebook.cells[0].outputs if out.output_type == "stream") == "the end\n"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET", 0.05)
    monkeypatch.setattr(progress, "TICK", 0.01)


def test_a_log_has_each_round_once_it_takes_long(hasty: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "matchmaker"), progress.shown(False) as step:
        step(Round(10, -math.inf, math.inf, 0.0, 1))
        time.sleep(0.06)
        step(Round(10, -math.inf, 5.0, 0.0, 2))
        step(Round(10, 4.0, 5.0, 0.0, 3))
    assert [record.getMessage() for record in caplog.records] == [
        "matchmaker: 2 rounds, no plan yet, 2 passes, 0 s",
        "matchmaker: 3 rounds, gap 2.5e-01, 3 passes, 0 s",
    ]
    assert {record.levelname for record in caplog.records} == {"INFO"}


def test_your_own_function_hears_every_round(hasty: None) -> None:
    heard: list[Round] = []
    rounds = [Round(10, 1.0, 2.0, 0.0), Round(12, 1.0, 1.5, 0.0, 3)]
    with progress.shown(heard.append) as step:
        for one in rounds:
            step(one)
    assert heard == rounds


def test_a_first_round_that_takes_long_is_not_silent(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.shown(None):
        time.sleep(0.15)
    assert stream.getvalue().startswith("\rmatchmaker: 0 s\rmatchmaker: 0 s")


def test_the_line_ends_with_the_search_whatever_ends_it(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", stream)
    with pytest.raises(KeyboardInterrupt), progress.shown(None):
        time.sleep(0.1)
        raise KeyboardInterrupt
    shown = stream.getvalue()
    assert shown.endswith("\r               \r")
    time.sleep(0.05)
    assert stream.getvalue() == shown


def test_a_terminal_that_is_gone_ends_nothing(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> int:
            tried.append(text)
            raise BrokenPipeError

    tried: list[str] = []
    monkeypatch.setattr(sys, "stderr", Gone())
    with progress.shown(None) as step:
        time.sleep(0.1)
        step(Round(1, 1.0, 1.0, 0.0))
    assert tried


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(4.0, 5.0, 0.25), (4.0, 4.0, 0.0), (-math.inf, 4.0, math.inf), (0.0, 1.0, math.inf), (1.0, math.inf, math.inf)],
)
def test_the_gap_of_a_round(objective: float, bound: float, gap: float) -> None:
    assert Round(1, objective, bound, 0.0).gap == gap
