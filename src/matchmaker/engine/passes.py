"""Who makes a pass: threads here, or the workers of a cluster. The pieces and what is found in them are the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Protocol, TypeVar

from threadpoolctl import ThreadpoolController

from matchmaker.engine.pieces import Ground, Piece, Terms
from matchmaker.engine.rows import Ints
from matchmaker.engine.search import Search
from matchmaker.engine.space import Space

A = TypeVar("A")
T = TypeVar("T")
O = TypeVar("O")  # noqa: E741 -- what is each piece's own
S = TypeVar("S", bound=Terms)
Work = Callable[[Ground, Piece, S, O], T]
"""What is done on a piece: given what lasts, of the space and of the piece, and what this pass asks, of all pieces and of this one.

A function of a module, so that it can be sent to another process.
"""
RUN = 1_000_000
"""Pairs in a thread's piece: about a millisecond."""


class Passes(Protocol):
    """Who makes the passes. Both ways are the same work on the same blocks, so results are the same to the byte."""

    def over(self, space: Space, work: Work[S, O, T], terms: S, own: Callable[[Ints], O]) -> Iterator[tuple[Ints, T]]:
        """The enterprises of each piece of the space, and the work done on it, in order.

        Parameters
        ----------
        space
            Goes out once, whatever the number of passes.
        work
            What is done on each piece.
        terms
            What the pass asks of every piece: goes to everybody once a pass.
        own
            From the enterprises of a piece, what the pass asks of it alone.

        Raises
        ------
        TimeUp
            When the time is up, between pieces.
        ClusterError
            When nobody is left to make the pass.
        """

    def each(self, work: Callable[[A], T], parts: Sequence[A]) -> Iterator[T]:
        """The work done on each part, in order: what has to do with files rather than with a space. Raises as :meth:`over`."""


@dataclass(frozen=True)
class Threads:
    """Passes made in threads of this process.

    Around passes, hold the matrix products to one thread each (:func:`single_blas`).

    Parameters
    ----------
    threads
        How many.
    check
        Called between pieces; what it raises ends the pass.
    """

    threads: int = 2
    check: Callable[[], None] = lambda: None

    def over(self, space: Space, work: Work[S, O, T], terms: S, own: Callable[[Ints], O]) -> Iterator[tuple[Ints, T]]:
        """The enterprises of each piece of the space, and the work done on it, in order. As :meth:`Passes.over`."""
        ground, rows = space.ground, space.rows
        runs = space.runs(RUN)

        def one(number: int) -> tuple[Ints, T]:
            piece = space.piece(runs[number]).read(rows)
            return piece.columns, work(ground, piece, terms, own(piece.columns))

        return self.each(one, range(len(runs)))

    def each(self, work: Callable[[A], T], parts: Sequence[A]) -> Iterator[T]:
        """The work done on each part, in order. As :meth:`Passes.each`."""
        if self.threads == 1 or len(parts) <= 1:
            for part in parts:
                self.check()
                yield work(part)
            return
        pool = ThreadPoolExecutor(self.threads)
        try:
            waiting = deque(pool.submit(work, part) for part in parts)
            while waiting:
                self.check()
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def passes_of(search: Search) -> Passes:
    """Who makes the passes of a search."""
    if search.cluster is None:
        return Threads(search.threads, search.check)
    from matchmaker.engine.cluster import Cluster

    return Cluster(search.cluster, search.check)


_limiting = Lock()


@cache
def _libraries() -> ThreadpoolController:
    """What multiplies matrices in this process: NumPy's was loaded with it, and to look for it takes longer than a small search."""
    return ThreadpoolController()


@contextmanager
def single_blas() -> Iterator[None]:
    """Matrix products on one thread each, as the pieces are what runs side by side; put back afterwards.

    The setting is the process's, so of searches side by side the first one makes it and puts it back; the others let it be.
    """
    if not _limiting.acquire(blocking=False):
        yield
        return
    try:
        with _libraries().limit(limits=1, user_api="blas"):
            yield
    finally:
        _limiting.release()
