"""Passes made by the workers of a Dask cluster.

A space goes out once, piece by piece, each to one worker; what every piece needs goes to all of them. A pass sends prices and brings back
what was found. All that is sent is the result of a task that hands on its argument, and so has a recipe: what is lost with a worker, data
or work, Dask makes again on another one, and a worker that joins is given its share of what waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from matchmaker.engine.passes import Threads, Work, single_blas
from matchmaker.engine.pieces import Ground, Piece, Terms
from matchmaker.engine.rows import Held, Ints, Rows
from matchmaker.engine.space import Space
from matchmaker.errors import ClusterError, ConfigError

if TYPE_CHECKING:
    from distributed import Client, Future

A = TypeVar("A")
T = TypeVar("T")
Own = TypeVar("Own")
S = TypeVar("S", bound=Terms)
PIECE, PIECES = 10_000_000, 2_048
"""Pairs in a piece, at least: some hundredths of a second, ten times what a task costs. And pieces, about, at most."""
TOGETHER = 256
"""Tasks in one message."""
POLL = 0.002
"""Seconds between looks at what has come in."""
SILENCE = 1.0
"""Seconds without any result after which the scheduler is asked whether it is there."""
PATIENCE, ALONE = 5.0, 60.0
"""Seconds without a scheduler, and without a worker, after which the cluster is given up."""
TRIES = 3
"""How often in a row work that was cancelled is sent again."""


def check_client(client: object) -> None:
    """Nothing for a client that can make passes.

    Raises
    ------
    ConfigError
        When it is none, is closed or asynchronous, or dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError as error:
        msg = "cluster= needs dask: pip install 'matchmaker[cluster]'. | 使用 cluster= 需安装 dask：pip install 'matchmaker[cluster]'。"
        raise ConfigError(msg) from error
    if not isinstance(client, Client):
        msg = f"cluster is a {type(client).__name__}; expected a dask.distributed.Client. | cluster 应为 dask.distributed.Client。"
        raise ConfigError(msg)
    if client.asynchronous:
        msg = "cluster is an asynchronous client; expected one made with asynchronous=False. | cluster 应为同步的 Client。"
        raise ConfigError(msg)
    if client.status != "running":
        msg = f"cluster is {client.status}; expected a client that is connected. | cluster 未连接（{client.status}）。"
        raise ConfigError(msg)


@dataclass(frozen=True)
class Cluster:
    """Passes made by a cluster.

    Parameters
    ----------
    client
        Its client.
    check
        Called several times a second; what it raises ends the pass.
    """

    client: Client
    check: Callable[[], None] = lambda: None

    def over(self, space: Space, work: Work[S, Own, T], terms: S, own: Callable[[Ints], Own]) -> Iterator[tuple[Ints, T]]:
        """The enterprises of each piece of the space, and the work done on it, in order. As :meth:`Passes.over`."""
        if space.size <= PIECE:
            yield from Threads(1, self.check).over(space, work, terms, own)
            return
        sent = _Sent.of(space, self.client)
        asked = [own(columns) for columns in sent.columns]

        def send(numbers: list[int]) -> list[Future]:
            ground, pieces = sent.futures(space)
            everybody = _submit(self.client, _kept, terms)
            return _map(
                self.client,
                _worked,
                [pieces[number] for number in numbers],
                [asked[number] for number in numbers],
                ground=ground,
                terms=everybody,
                work=work,
            )

        yield from zip(sent.columns, self._collected(len(asked), send), strict=True)

    def each(self, work: Callable[[A], T], parts: Sequence[A]) -> Iterator[T]:
        """The work done on each part, in order. As :meth:`Passes.each`."""

        def send(numbers: list[int]) -> list[Future]:
            return _map(self.client, _called, [parts[number] for number in numbers], work=_submit(self.client, _kept, work))

        return self._collected(len(parts), send)

    def _collected(self, count: int, send: Callable[[list[int]], list[Future]]) -> Iterator[Any]:
        """The results of so many tasks, in order. `send` gives out those numbers; what was cancelled is given out again."""
        found: dict[int, Any] = {}
        given, tries = 0, 0
        missing = list(range(count))
        pulse = _Pulse(self.client)
        while missing:
            before = len(missing)
            for number, result in self._results(send, missing, pulse):
                found[number] = result
                while given in found:
                    yield found.pop(given)
                    given += 1
            missing = [number for number in range(given, count) if number not in found]
            tries = tries + 1 if len(missing) == before else 0
            if tries == TRIES:
                msg = (
                    f"The cluster cancelled {before} pieces of a pass {TRIES} times. Look at the scheduler's log. | 集群 {TRIES} 次取消了"
                    f"同一批任务（{before} 个），请查看调度器日志。"
                )
                raise ClusterError(msg)

    def _results(self, send: Callable[[list[int]], list[Future]], numbers: list[int], pulse: _Pulse) -> Iterator[tuple[int, Any]]:
        """Numbers and results as they come; nothing of those that were cancelled."""
        from distributed import as_completed
        from distributed.client import ClosedClientError

        try:
            futures = send(numbers)
        except (OSError, RuntimeError, ClosedClientError) as error:
            raise _lost(error) from error
        number_of = dict(zip(futures, numbers, strict=True))
        completed = as_completed(futures, loop=self.client.loop, with_results=True, raise_errors=False)
        while number_of:
            batch = completed.next_batch(block=False)
            for future, result in batch:
                number = number_of.pop(future)
                if future.status == "finished":
                    yield number, result
                elif future.status == "error":
                    raise _failure(result[1])
            self.check()
            if batch:
                pulse.heard()
            else:
                pulse.feel()
                time.sleep(POLL)


_spaces: WeakKeyDictionary[Space, _Sent] = WeakKeyDictionary()


class _Sent:
    """A space as it lies on a cluster, for as long as there is the space here."""

    def __init__(self, space: Space, client: Client) -> None:
        self.client = client
        self.runs = space.runs(max(PIECE, space.size // PIECES))
        self.columns = [space.columns(run) for run in self.runs]
        self._futures: tuple[Future, list[Future]] | None = None

    @classmethod
    def of(cls, space: Space, client: Client) -> _Sent:
        """The space on this client's cluster."""
        sent = _spaces.get(space)
        if sent is None or sent.client is not client:
            sent = _spaces[space] = cls(space, client)
        return sent

    def futures(self, space: Space) -> tuple[Future, list[Future]]:
        """What every piece needs, and the pieces; sent where they have not been, or where they are gone with a scheduler."""
        if self._futures is None or any(future.status in ("cancelled", "lost") for future in (self._futures[0], *self._futures[1])):
            ground, pieces = _submit(self.client, _kept, space.ground), [space.piece(run) for run in self.runs]
            if isinstance(space.rows, Held):
                futures = _map(self.client, _kept, [piece.read(space.rows) for piece in pieces])
            else:
                futures = _map(self.client, _read, pieces, rows=_submit(self.client, _kept, space.rows))
            self._futures = ground, futures
        return self._futures


@dataclass
class _Pulse:
    """Whether the cluster is still there.

    Parameters
    ----------
    client
        Its client.
    last, staffed
        When it was last heard of, and when it last had a worker.
    """

    client: Client
    last: float = field(default_factory=time.monotonic)
    staffed: float = field(default_factory=time.monotonic)

    def heard(self) -> None:
        """Something has come in."""
        self.last = self.staffed = time.monotonic()

    def feel(self) -> None:
        """Ask, where nothing has come in for a while.

        Raises
        ------
        ClusterError
            When there has been no scheduler, or no worker, for too long.
        """
        from distributed.client import ClosedClientError

        now = time.monotonic()
        if now - self.last < SILENCE:
            return
        try:
            workers = self.client.sync(self.client.scheduler.ncores, callback_timeout=SILENCE / 2)
        except (OSError, RuntimeError, TimeoutError, ClosedClientError) as error:
            if now - self.last > PATIENCE or self.client.status in ("closed", "closing"):
                raise _lost(error) from error
            return
        self.last = time.monotonic()
        if workers:
            self.staffed = self.last
        elif self.last - self.staffed > ALONE:
            msg = f"The cluster has had no worker for {ALONE:.0f} seconds. Start some. | 集群已有 {ALONE:.0f} 秒没有工作节点，请启动。"
            raise ClusterError(msg)


def _lost(error: BaseException) -> ClusterError:
    return ClusterError(f"The cluster's scheduler is lost ({type(error).__name__}: {error}). | 与集群调度器失去联系。")


def _failure(error: BaseException) -> BaseException:
    """What the work itself raised; or that it took its workers with it."""
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        msg = f"Several workers ended in the same piece: {error}. Have they memory enough? | 多个工作节点在同一任务中退出，内存是否足够？"
        return ClusterError(msg)
    return error


def _submit(client: Client, function: Callable[..., Any], *arguments: Any) -> Future:
    """A task that is run again if its result is lost."""
    return _map(client, function, *([argument] for argument in arguments))[0]


def _map(client: Client, function: Callable[..., Any], *parts: list[Any], **shared: Any) -> list[Future]:
    """A task for each of the parts, in messages of moderate size; large arguments are meant, and Dask is told so."""
    import dask

    futures: list[Future] = []
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
        for start in range(0, len(parts[0]), TOGETHER):
            some = (part[start : start + TOGETHER] for part in parts)
            futures += client.map(function, *some, pure=False, **shared)
    return futures


def _kept(thing: A) -> A:
    return thing


def _read(piece: Piece, rows: Rows) -> Piece:
    return piece.read(rows)


def _called(part: A, work: Callable[[A], T]) -> T:
    return work(part)


def _worked(piece: Piece, own: Own, ground: Ground, terms: S, work: Work[S, Own, T]) -> T:
    with single_blas():
        return work(ground, piece, terms, own)
