"""An output folder is replaced whole or not at all, whatever goes wrong and whenever."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kill_everywhere import GUEST, NEW, OLD, OWN, content, fill

from matchmaker import files
from matchmaker.errors import ConfigError
from matchmaker.rounds import folder as module
from matchmaker.rounds.folder import held, replacing


def write_new(output: Path) -> None:
    with held(output), replacing(output, OWN) as fresh:
        fill(fresh, NEW)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    fill(tmp_path / "out", OLD | GUEST)
    return tmp_path / "out"


@pytest.fixture(params=["exchange", "rename"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "rename":
        monkeypatch.setattr(files, "exchanged", lambda one, other: False)
    return str(request.param)


def test_the_new_folder_takes_the_old_ones_place_and_guests_stay(output: Path, way: str) -> None:
    inode = (output / "notes.docx").stat().st_ino
    write_new(output)
    assert content(output) == NEW | GUEST
    assert (output / "notes.docx").stat().st_ino == inode
    assert sorted(path.name for path in output.parent.iterdir()) == ["out"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    write_new(tmp_path / "a" / "b" / "out")
    assert content(tmp_path) == {f"a/b/out/{name}": text for name, text in NEW.items()}


def test_nothing_is_left_when_the_block_fails(tmp_path: Path) -> None:
    output = tmp_path / "a" / "b" / "out"
    with pytest.raises(RuntimeError, match="disk is full"), held(output), replacing(output, OWN) as fresh:
        fill(fresh, {"plan.csv": "half"})
        raise RuntimeError("disk is full")
    assert list(tmp_path.iterdir()) == []


def test_links_and_guests_that_cannot_be_linked_are_kept(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(1, "no hard links here")

    (output / "shortcut").symlink_to("notes.docx")
    monkeypatch.setattr(os, "link", refuse)
    write_new(output)
    assert content(output) == NEW | GUEST | {"shortcut": "mine"}
    assert (output / "shortcut").is_symlink()


def test_a_linked_output_stays_a_link(tmp_path: Path) -> None:
    fill(tmp_path / "disk", OLD)
    (tmp_path / "out").symlink_to("disk")
    write_new((tmp_path / "out").resolve())
    assert (tmp_path / "out").is_symlink()
    assert content(tmp_path / "out") == NEW


def test_the_old_folders_permissions_are_kept(output: Path) -> None:
    output.chmod(0o750)
    write_new(output)
    assert output.stat().st_mode & 0o777 == 0o750


class Fault:
    """Every step of the file system fails in its turn."""

    STEPS = (
        (os, "rename"),
        (os, "link"),
        (os, "fsync"),
        (os, "open"),
        (shutil, "copymode"),
        (shutil, "copytree"),
        (shutil, "rmtree"),
        (files, "exchanged"),
        (module, "_carry"),
        (module, "beside"),
    )

    def __init__(self, at: int, error: BaseException) -> None:
        self.at, self.error, self.count = at, error, 0

    def wrap(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                raise self.error
            return step(*args, **kwargs)

        return failing

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for home, name in self.STEPS:
            monkeypatch.setattr(home, name, self.wrap(getattr(home, name)))


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["OSError", "Ctrl-C"])
def test_a_fault_at_any_step_leaves_old_or_new(tmp_path: Path, way: str, error: BaseException) -> None:
    at, seen = 0, set()
    while True:
        at += 1
        output = tmp_path / str(at) / "out"
        fill(output, OLD | GUEST)
        fault = Fault(at, error)
        with pytest.MonkeyPatch.context() as patch:
            if way == "rename":
                patch.setattr(files, "exchanged", lambda one, other: False)
            fault.install(patch)
            with suppress(OSError, ConfigError, KeyboardInterrupt):
                write_new(output)
        assert content(output) in (OLD | GUEST, NEW | GUEST), f"step {at}"
        seen.add(content(output)["plan.csv"])
        write_new(output)
        assert content(output) == NEW | GUEST, f"after step {at}"
        assert [path.name for path in output.parent.iterdir()] == ["out"], f"after step {at}"
        if fault.count < at:
            break
    assert at > 10
    assert seen == {"old", "new"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(("way", "expected"), [("exchange", {"new", "old"}), ("rename", {"aside", "new", "old"})])
def test_killed_at_any_line_the_folder_is_old_or_new(tmp_path: Path, way: str, expected: set[str]) -> None:
    script = Path(__file__).with_name("kill_everywhere.py")
    done = subprocess.run([sys.executable, str(script), str(tmp_path), way], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines, *seen = done.stdout.split()
    assert int(lines) > 50
    assert set(seen) == expected


def test_what_was_set_aside_comes_back(output: Path) -> None:
    output.rename(output.with_name(".out.old-0123"))
    with held(output):
        assert content(output) == OLD | GUEST


def test_two_runs_cannot_write_the_same_folder(output: Path) -> None:
    with held(output), pytest.raises(ConfigError, match=r"Another run is writing .*另一个任务正在写入"), held(output):
        pytest.fail("held twice")
    with held(output):
        assert content(output) == OLD | GUEST


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_killed_run_holds_nothing(output: Path) -> None:
    child = os.fork()
    if child == 0:
        with held(output):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert output.with_name(".out.lock").exists()
    write_new(output)
    assert content(output) == NEW | GUEST


def test_a_file_is_not_an_output_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"it is a file.*它是一个文件"), held(tmp_path / "out"):
        pytest.fail("held")


@pytest.mark.parametrize("inside", [".", "tables"])
def test_the_current_folder_is_not_replaced(output: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    monkeypatch.chdir(output / inside)
    with pytest.raises(ConfigError, match="it is the current folder or holds it; run from outside"), held(output):
        pytest.fail("held")


def test_a_mount_point_is_not_replaced(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: path == output)
    with pytest.raises(ConfigError, match="mount point; give a folder inside it"), held(output):
        pytest.fail("held")


def test_a_parent_that_cannot_be_written_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cannot be written.*无法写入"), held(tmp_path / "file" / "out"):
        pytest.fail("held")
