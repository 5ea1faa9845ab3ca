"""Files and folders are put in place whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_CURRENT_FOLDER, EXCHANGE = -100, 2
NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A path to write a file to, in the same folder; it takes the file's place when the block ends well and vanishes when it does not."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = beside(target, "new")
    try:
        yield partial
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def beside(path: Path, kind: str) -> Path:
    """A hidden name in the same folder that nobody else takes: ``.out.new-1a2b3c4d`` for ``out``."""
    return path.with_name(f".{path.name}.{kind}-{secrets.token_hex(4)}")


def swap(fresh: Path, folder: Path) -> None:
    """A new folder takes the old one's name; what was there, if anything, stands at `fresh` afterwards.

    Where the system cannot exchange two names in one step, the old folder is called ``.name.old-...`` in between.
    """
    if not folder.exists():
        os.rename(fresh, folder)
        return
    if exchanged(fresh, folder):
        return
    aside = beside(folder, "old")
    try:
        os.rename(folder, aside)
        os.rename(fresh, folder)
    finally:
        if aside.exists() and not folder.exists():
            os.rename(aside, folder)
    os.rename(aside, fresh)


def exchanged(one: Path, other: Path) -> bool:
    """Whether two names could be exchanged in one step, which only Linux can; then it is done.

    Raises
    ------
    OSError
        When the system can do it and does not.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    if libc.renameat2(AT_CURRENT_FOLDER, os.fsencode(one), AT_CURRENT_FOLDER, os.fsencode(other), EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in NOT_HERE:
        return False
    raise OSError(code, os.strerror(code), str(other))
