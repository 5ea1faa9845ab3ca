"""Large min-cost flows in a process that can be killed, so that a time limit and Ctrl-C act at once.

A process is started when the first large flow comes, or ahead (:meth:`Keeper.prepare`), and kept while somebody holds the keeper open.
Each flow takes a process that is idle or a new one, so flows of several threads run side by side.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import time
from io import FileIO
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import IO, cast

import numpy as np
import ortools
from numpy.typing import NDArray

from matchmaker.engine import flow_child
from matchmaker.engine.search import Search
from matchmaker.errors import SolverError

logger = logging.getLogger(__name__)
POLL = 0.1
"""Seconds between two looks at the clock."""
START_WITHIN = 30.0
"""Seconds in which a process says that it is ready, or it never will: it is no Python, or its libraries are missing."""
SAID = 2000
"""Bytes of a dead process's last words that are shown."""


class CannotStartError(Exception):
    """There is no process to be had here."""


class Helper:
    """A process that solves flows.

    Raises
    ------
    OSError
        When the system does not let it start.
    """

    def __init__(self) -> None:
        with contextlib.ExitStack() as opened:
            self.words: IO[bytes] = opened.enter_context(tempfile.TemporaryFile())  # a pipe could fill up and block
            held, self.lifeline = _pipe(opened)
            self.process = subprocess.Popen(
                _command(held),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.words,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # it multiplies no matrices
                start_new_session=True,  # a terminal's Ctrl-C is for the caller alone
                pass_fds=() if held is None else (held.fileno(),),
            )
            opened.pop_all()
        if held is not None:
            held.close()
        self.questions, self.answers = cast(FileIO, self.process.stdin), cast(FileIO, self.process.stdout)
        self.talk: Talk | None = None
        self.ready = False
        self.started = time.perf_counter()

    def solve(self, network: list[NDArray[np.signedinteger]], search: Search | None) -> tuple[int, NDArray[np.int64] | None]:
        """Status and flows. Whoever is interrupted in here must end the process.

        Raises
        ------
        TimeUp
            When the search's time is up first.
        CannotStartError
            When the process never gets ready; the network is then whole still.
        SolverError
            When it dies.
        """
        talk = self.talk = Talk(self, network)
        talk.start()
        while not talk.done.wait(POLL if search is None else max(min(POLL, search.left), 0)):
            if search is not None:
                search.check()
            if not self.ready and time.perf_counter() > self.started + START_WITHIN:
                msg = f"it said nothing within {START_WITHIN:.0f} s"
                raise CannotStartError(msg)
        talk.join()
        if talk.answer is not None:
            return talk.answer
        code = self.process.wait()
        if not self.ready:
            msg = f"it ended with exit code {code}: {self.last_words()}"
            raise CannotStartError(msg)
        msg = (
            f"The process that solves min-cost flows ended with exit code {code} in the middle of one: {self.last_words()}. "
            "A code of -9 mostly says that memory ran out: close other programs, or ask for a larger gap, and solve again."
        )
        raise SolverError(msg)

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        self.words.seek(max(0, self.words.seek(0, os.SEEK_END) - SAID))
        return self.words.read().decode(errors="replace").strip() or "it left no message"

    def end(self) -> None:
        """End it, whatever it does, and leave nothing behind."""
        self.process.kill()
        self.process.wait()
        if self.talk is not None:
            self.talk.join()  # nobody answers any more
        self.close()

    def close(self) -> None:
        """Close this end of what connects the two."""
        for stream in (self.questions, self.answers, self.words, self.lifeline):
            if stream is not None:
                stream.close()

    def disown(self) -> None:
        """In a fork: this process is the parent's, not ours."""
        self.process.returncode = 0
        self.close()


class Talk(Thread):
    """One question and its answer, in a thread, so that the caller is free to look at the clock and to hear Ctrl-C.

    A thread rather than ready pipes, since those cannot be waited for on every system.
    """

    def __init__(self, helper: Helper, network: list[NDArray[np.signedinteger]]) -> None:
        super().__init__(name="matchmaker-flow", daemon=True)
        self.helper, self.network = helper, network
        self.answer: tuple[int, NDArray[np.int64] | None] | None = None
        self.done = Event()

    def run(self) -> None:
        """Ask, and keep the answer; without one the process has ended."""
        with contextlib.suppress(OSError, EOFError, ValueError):
            self._talk()
        self.done.set()

    def _talk(self) -> None:
        helper, network = self.helper, self.network
        if not helper.ready:
            if helper.answers.read(1) != flow_child.READY:
                return
            helper.ready = True
        n_arcs = len(network[0])
        flow_child.send(helper.questions, np.array([n_arcs, len(network[4])]))
        while network:
            flow_child.send(helper.questions, network.pop(0))
        status = np.empty(1, np.int64)
        flow_child.fill(helper.answers, status)
        flows = None
        if status[0] == flow_child.OPTIMAL:
            flows = np.empty(n_arcs, np.int64)
            flow_child.fill(helper.answers, flows)
        self.answer = int(status[0]), flows


class Keeper:
    """Processes that are kept while somebody holds this open: ``with keeper: ...``, any number of times at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._helpers: set[Helper] = set()
        self._idle: list[Helper] = []
        self._holders = 0
        self._refused = False

    def __enter__(self) -> Keeper:
        """Hold it open."""
        with self._lock:
            self._holders += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go; the last one ends what is idle."""
        with self._lock:
            self._holders -= 1
            if self._holders:
                return
            self._refused = False
            idle, self._idle = self._idle, []
        for helper in idle:
            self._end(helper)

    def prepare(self) -> None:
        """Start a process ahead, where none is idle, so that the first large flow need not wait for it."""
        with self._lock:
            if self._idle or self._refused or not self._holders:
                return
        with contextlib.suppress(CannotStartError):
            self._put_back(self._start())

    def solve(self, network: list[NDArray[np.signedinteger]], search: Search | None) -> tuple[int, NDArray[np.int64] | None]:
        """Status and flows, as :func:`matchmaker.engine.flow_child.least_cost`, but stoppable. Takes the arrays out of the list.

        Raises
        ------
        TimeUp
            When the search's time is up first.
        CannotStartError
            When no process can be had; the network is then whole still.
        SolverError
            When the process dies.
        """
        with self:
            helper = self._take()
            finished = False
            try:
                answer = helper.solve(network, search)
                finished = True
            except CannotStartError as error:
                self._refuse(str(error))
                raise
            finally:
                if finished:
                    self._put_back(helper)
                else:
                    self._end(helper)
            return answer

    def _take(self) -> Helper:
        with self._lock:
            while self._idle:
                helper = self._idle.pop()
                if helper.process.poll() is None:
                    return helper
                self._helpers.discard(helper)
                helper.close()
            if self._refused:
                raise CannotStartError
        return self._start()

    def _start(self) -> Helper:
        try:
            helper = Helper()
        except (OSError, ValueError) as error:
            self._refuse(str(error))
            raise CannotStartError from error
        with self._lock:
            self._helpers.add(helper)
        return helper

    def _refuse(self, why: str) -> None:
        """Do not try again while this is held, and say so once."""
        with self._lock:
            told, self._refused = self._refused, True
        if not told:
            logger.warning("No process can be started for large flows (%s): the time limit and Ctrl-C wait for each flow's end.", why)

    def _put_back(self, helper: Helper) -> None:
        with self._lock:
            self._idle.append(helper)

    def _end(self, helper: Helper) -> None:
        helper.end()
        with self._lock:
            self._helpers.discard(helper)

    def after_fork(self) -> None:
        """In a fork nothing of the parent's is ours, and what we hold open would keep its processes alive."""
        self._lock, self._holders, self._refused = Lock(), 0, False
        for helper in self._helpers:
            helper.disown()
        self._helpers.clear()
        self._idle.clear()

    def end_all(self) -> None:
        """At the end of the program: whatever a thread of its own left."""
        for helper in list(self._helpers):
            self._end(helper)


def _pipe(opened: contextlib.ExitStack) -> tuple[FileIO | None, FileIO | None]:
    """What ends the process when we end, where the system can: see :func:`matchmaker.engine.flow_child.die_with`."""
    if sys.platform != "linux":
        return None, None
    read, write = os.pipe()
    return opened.enter_context(FileIO(read)), opened.enter_context(FileIO(write, "w"))


def _command(held: FileIO | None) -> list[str]:
    """Python, isolated from the caller's settings and folder, with the folders that its libraries stand in."""
    if not sys.executable or getattr(sys, "frozen", False):
        msg = "this Python does not know where its own program stands"
        raise OSError(msg)
    folders = {str(Path(path).resolve().parent) for path in (*np.__path__, *ortools.__path__)}
    script = str(Path(flow_child.__file__))
    return [sys.executable, "-I", "-S", script, str(-1 if held is None else held.fileno()), *sorted(folders)]


keeper = Keeper()
atexit.register(keeper.end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=keeper.after_fork)
