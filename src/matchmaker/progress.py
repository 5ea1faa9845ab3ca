"""How a search is getting on: a line in a terminal or a notebook, lines in the log, nothing when piped.

Whatever takes over two seconds says so, also in the middle of a long round: a thread of its own keeps the line up to date.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any, Protocol, TextIO

from matchmaker.errors import ConfigError
from matchmaker.program import Round

logger = logging.getLogger(__name__)
QUIET = 2.0
"""Seconds before anything is shown or logged."""
TICK = 0.5
"""Seconds between two looks of the line."""


@contextlib.contextmanager
def shown(progress: Callable[[Round], None] | bool | None) -> Iterator[Callable[[Round], None]]:
    """What to call after each round: it goes to the log at level INFO, and to the user's own function or a line.

    Parameters
    ----------
    progress
        A function; True for a line, False for none; None for a line where somebody is looking (a terminal or a notebook).

    Raises
    ------
    ConfigError
        When it is none of these.
    """
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        msg = (
            f"progress is {progress!r}; expected True, False, None, or a function that is called after each round. "
            "| progress 应为 True、False、None，或每轮结束后调用的函数。"
        )
        raise ConfigError(msg)
    state = State()
    if callable(progress):
        yield _both(state.note, progress)
        return
    display = None if progress is False else _display(always=progress is True)
    if display is None:
        yield state.note
        return
    with _ticking(state, display):
        yield state.note


def _both(first: Callable[[Round], None], second: Callable[[Round], None]) -> Callable[[Round], None]:
    def call(round_: Round) -> None:
        first(round_)
        second(round_)

    return call


class State:
    """What is known so far."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.rounds = 0
        self.last: Round | None = None

    @property
    def text(self) -> str:
        """One line: rounds, gap, passes, time."""
        parts = [] if self.last is None else [_counted(self.rounds, "round"), _gap(self.last), _counted(self.last.passes, "pass", "es")]
        return "matchmaker: " + ", ".join([*parts, f"{time.perf_counter() - self.started:.0f} s"])

    def note(self, round_: Round) -> None:
        """One more round has ended."""
        self.rounds += 1
        self.last = round_
        if time.perf_counter() - self.started >= QUIET:
            logger.info("%s", self.text)


class Display(Protocol):
    """Where the line is."""

    def show(self, text: str) -> None:
        """Put this in place of what stood there."""

    def close(self) -> None:
        """Nothing comes after."""


class Terminal:
    """The last line of a terminal; it is wiped in the end."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.width = stream, 0

    def show(self, text: str) -> None:
        """Put this in place of what stood there."""
        text = text[: shutil.get_terminal_size().columns - 1]
        self.stream.write("\r" + text.ljust(self.width))
        self.stream.flush()
        self.width = len(text)

    def close(self) -> None:
        """Wipe the line."""
        self.stream.write("\r" + " " * self.width + "\r")
        self.stream.flush()


class Notebook:
    """A cell's output; the last line stays."""

    def __init__(self) -> None:
        self.handle: Any = None

    def show(self, text: str) -> None:
        """Put this in place of what stood there."""
        from IPython.display import display

        line = {"text/plain": text}
        if self.handle is None:
            self.handle = display(line, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self.handle.update(line, raw=True)

    def close(self) -> None:
        """The last line stays."""


class Lines:
    """Lines one under the other, where nothing can be put in the place of what stood there."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.next = 0.0

    def show(self, text: str) -> None:
        """Write a line, when the last one is long enough ago."""
        if time.perf_counter() >= self.next:
            self.stream.write(text + "\n")
            self.stream.flush()
            self.next = time.perf_counter() + 5 * QUIET

    def close(self) -> None:
        """Nothing comes after."""


def _display(*, always: bool) -> Display | None:
    """The place that somebody is looking at; None where nobody is."""
    if _in_notebook():
        return Notebook()
    if sys.stderr.isatty():
        return Terminal(sys.stderr)
    return Lines(sys.stderr) if always else None


def _in_notebook() -> bool:
    """Whether this runs in a kernel, which IPython's terminal is not."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


@contextlib.contextmanager
def _ticking(state: State, display: Display) -> Iterator[None]:
    """Keep a display up to date while the block runs, once it has run for long enough."""
    over = Event()

    def tick() -> None:
        if over.wait(QUIET):
            return
        with contextlib.suppress(OSError):  # nobody is looking any more
            display.show(state.text)
            while not over.wait(TICK):
                display.show(state.text)
            display.show(state.text)
            display.close()

    thread = Thread(target=contextvars.copy_context().run, args=(tick,), daemon=True)  # what is shown goes to the cell that asked
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _counted(number: int, word: str, more: str = "s") -> str:
    return f"{number} {word}{'' if number == 1 else more}"


def _gap(round_: Round) -> str:
    if math.isinf(round_.objective):
        return "no plan yet"
    return "no proof yet" if math.isinf(round_.gap) else f"gap {round_.gap:.1e}"
