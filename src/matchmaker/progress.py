"""A progress bar in a terminal or notebook, nothing when piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from matchmaker.program import Round

QUIET = 2.0
"""Seconds before anything is shown."""


@contextmanager
def shown(progress: Callable[[Round], None] | bool | None) -> Iterator[Callable[[Round], None] | None]:
    """What to call after each round: the user's own function, a bar, or nothing.

    Parameters
    ----------
    progress
        A function; True for a bar, False for nothing; None for a bar where somebody is looking (a terminal or a notebook).
    """
    if callable(progress):
        yield progress
        return
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    if progress is False or (progress is None and not watched):
        yield None
        return
    from tqdm import tqdm

    started = time.perf_counter()
    with tqdm(desc="matchmaker", unit=" rounds", delay=QUIET, leave=False) as bar:

        def step(round_: Round) -> None:
            if time.perf_counter() - started >= QUIET or bar.n:
                bar.set_postfix_str(f"shortlist {round_.pairs:,}, value {round_.objective:.8g}, bound {round_.bound:.8g}", refresh=False)
            bar.update()

        yield step
