"""An output folder is replaced as a whole or not at all, by one run at a time.

A new folder is filled beside the old one and takes its name in one step of the file system. Killed at any moment, the folder holds
either everything of the old plan or everything of the new one. Whatever else stands in the folder is kept.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from matchmaker.errors import ConfigError
from matchmaker.files import beside, swap

logger = logging.getLogger(__name__)


@contextmanager
def held(output: Path) -> Iterator[None]:
    """Nobody else writes this folder while the block runs; what a killed run left behind is put in order first.

    Raises
    ------
    ConfigError
        When another run holds it, or the folder cannot be replaced: it is a file, a mount point, the current folder or above it, or
        its parent cannot be written.
    """
    check_replaceable(output)
    missing = [parent for parent in output.parents if not parent.exists()]
    try:
        with _locked(output.with_name(f".{output.name}.lock"), output):
            _recover(output)
            yield
    finally:
        for parent in missing:
            with contextlib.suppress(OSError):  # it is not empty: the plan stands in it
                parent.rmdir()


@contextmanager
def replacing(output: Path, own: Collection[str]) -> Iterator[Path]:
    """A new folder to fill; it takes the output's place when the block ends well and vanishes when it does not.

    Parameters
    ----------
    own
        Names that the new folder alone decides about; everything else in the old folder is carried over.
    """
    fresh = beside(output, "new")
    try:
        fresh.mkdir()
        yield fresh
        _flush(fresh)
        if output.exists():
            shutil.copymode(output, fresh)
            _carry(output, fresh, own)
        swap(fresh, output)
        if fresh.exists():
            _carry(fresh, output, own)  # what was saved into the old folder in the meantime
    finally:
        _remove(fresh)


def check_replaceable(output: Path) -> None:
    """Nothing, when a folder can be replaced as a whole.

    Raises
    ------
    ConfigError
        When it is a file, a mount point, the current folder or above it.
    """
    why = None
    if output.exists() and not output.is_dir():
        why = "it is a file", "它是一个文件"
    elif os.path.ismount(output):
        why = "it is a mount point; give a folder inside it", "它是挂载点，请改用其中的子文件夹"
    elif Path.cwd().is_relative_to(output):
        why = "it is the current folder or holds it; run from outside of it", "它是当前文件夹或其上级，请在其外部运行"
    if why is not None:
        msg = f"The output folder {output} is replaced as a whole, which cannot be done: {why[0]}. | 输出文件夹无法整体替换：{why[1]}。"
        raise ConfigError(msg)


@contextmanager
def _locked(path: Path, output: Path) -> Iterator[None]:
    """An advisory lock that ends with the process, however it ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _take(path)
    except BlockingIOError as error:
        msg = f"Another run is writing {output}. Wait for it, or give another output. | 另一个任务正在写入 {output}。"
        raise ConfigError(msg) from error
    except OSError as error:
        msg = f"{output.parent} cannot be written: {error.strerror}. | 无法写入 {output.parent}。"
        raise ConfigError(msg) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def _take(path: Path) -> int:
    """An open handle that holds the lock on the file that stands at `path` now."""
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            _lock(handle)
            if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except OSError:
            os.close(handle)
            raise
        os.close(handle)  # who held it before has just removed the file


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _recover(output: Path) -> None:
    """Put in order what a killed run left: an old folder that was set aside comes back, half-filled new ones go."""
    aside = sorted(output.parent.glob(f".{output.name}.old-*"))
    if aside and not output.exists():
        os.rename(aside.pop(), output)
    for left in (*aside, *output.parent.glob(f".{output.name}.new-*")):
        _remove(left)


def _carry(old: Path, new: Path, own: Collection[str]) -> None:
    """Everything that is not ours stands in the new folder too: the same files (or copies where a file cannot have two names)."""
    for entry in sorted(old.iterdir()):
        place = new / entry.name
        if entry.name in own or os.path.lexists(place):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, place, symlinks=True, copy_function=_link)
        else:
            _link(str(entry), str(place))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _flush(folder: Path) -> None:
    """Our files are on the disk, not only on their way, before they take the old ones' place."""
    for entry in folder.iterdir():
        with entry.open("rb+") as file:
            os.fsync(file.fileno())


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        logger.warning("%s could not be removed; it can be deleted by hand. | 无法自动删除，可手动删除。", folder)
