"""One pass made by threads and by worker processes of a Dask cluster on this machine: what tasks and messages cost."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from unittest.mock import patch

import numpy as np

from benchmarks import cities
from benchmarks.measure import ROOT, in_turn
from benchmarks.report import Table
from benchmarks.run import Found, Run, Work

TITLE = "Passes on a cluster"
REPEATS = 2
FULL, SMOKE = ((4407, 8226), (20_000, 37_000)), ((60, 110),)
TIMES = 3
"""Passes of each, in turn; the fastest counts."""
LARGE = 4_000_000
"""Numbers in the message that shows what a byte takes."""
RECORD = ROOT / "benchmarks" / "cluster.json"


def load(*_: str) -> None:
    """What a pass needs."""
    import distributed  # noqa: F401 -- loaded before the clock runs

    import matchmaker.engine.cluster  # noqa: F401


def prepare(n_officers: str, n_enterprises: str, piece: str) -> Work:
    """A city, prices that leave some pairs a member, a shortlist; the work is passes over it, each way in turn."""
    from matchmaker.engine.passes import single_blas
    from matchmaker.engine.pricing import Ask
    from matchmaker.engine.space import Space
    from matchmaker.program import Program

    left, right, capacity = cities.city(int(n_officers), int(n_enterprises))
    program = Program(len(left), len(right))
    program.add(_factors(left, right))
    program.limit_officers(0, capacity)
    program.limit_enterprises(1, 1)
    space = Space(program)
    sample = space.left @ space.rows.take(np.arange(min(200, len(right)))).T
    rng = np.random.default_rng(0)
    known = np.unique(space.keys(rng.integers(0, len(left), 5 * len(right)), rng.integers(0, len(right), 5 * len(right))))
    ask = Ask(
        np.quantile(sample, 0.9, axis=1) / 2,
        np.full(len(right), 0.9 * np.quantile(sample, 0.99)),
        above=-0.05,
        known=known,
        most=16,
        rough=True,
    )

    def work() -> Found:
        with ExitStack() as stack:
            stack.enter_context(patch("matchmaker.engine.cluster.PIECE", int(piece)))
            stack.enter_context(single_blas())
            figures, found = _measured(space, ask, stack)
        return Found(found, then=lambda: figures)

    return work


def _factors(left: np.ndarray, right: np.ndarray) -> object:
    import matchmaker as mm

    return mm.Factors(left, right)


def _measured(space, ask, stack: ExitStack) -> tuple[dict[str, float], float]:
    """Seconds of each way, of a task and of a byte; and how many pairs were found, the same ones every time."""
    from distributed import Client, LocalCluster

    from matchmaker.engine.cluster import Cluster
    from matchmaker.engine.passes import Threads
    from matchmaker.engine.pricing import scan

    def clients(workers: int) -> Client:
        given = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": "2 GiB"}
        return stack.enter_context(Client(stack.enter_context(LocalCluster(**given)), set_as_default=False))

    ways = {"threads 1": Threads(1), "threads 2": Threads(2), "workers 1": Cluster(clients(1)), "workers 2": Cluster(clients(2))}
    found = {name: scan(space, ask, passes) for name, passes in ways.items()}  # sends what lasts, too
    if len({one.keys.tobytes() + one.rest.tobytes() for one in found.values()}) != 1:
        msg = "Threads and workers have found different pairs."
        raise RuntimeError(msg)
    seconds: dict[str, float] = {}
    for _ in range(TIMES):
        for name, passes in ways.items():
            taken = _seconds(lambda passes=passes: scan(space, ask, passes))
            seconds[name] = min(taken, seconds.get(name, np.inf))
    one = found["threads 1"]
    figures = {**seconds, **_messages(space, ask, one, ways["workers 2"]), "pairs": float(space.size)}
    return figures, float(len(one.keys))


def _messages(space, ask, found, passes) -> dict[str, float]:
    """What a task takes that does nothing, what a byte takes; and how many bytes of each kind a pass sends."""
    from matchmaker.engine.pieces import ByEnterprise

    small, large = (np.zeros(size) for size in (len(ask.officers), len(ask.officers) + LARGE))
    quick, slow = (
        min(_seconds(lambda array=array: list(passes.over(space, nothing, Prices(array), nothing_own))) for _ in range(TIMES))
        for array in (small, large)
    )
    tasks = len(list(passes.over(space, nothing, Prices(small), nothing_own)))
    hidden = ByEnterprise(space.shape, ask.known).of(np.arange(space.shape[1]))
    workers = len(passes.client.scheduler_info()["workers"])
    return {
        "tasks": float(tasks),
        "task": quick / tasks,
        "byte": max(slow - quick, 0.0) / (LARGE * 8 * workers),
        "out to each": float(ask.officers.nbytes),
        "out once": float(2 * ask.enterprises.nbytes + len(pickle.dumps(hidden, protocol=5))),
        "back": float(found.keys.nbytes + found.rest.nbytes),
    }


class Prices:
    """What a pass of nothing sends to everybody."""

    def __init__(self, officers: np.ndarray) -> None:
        self.officers = officers


def nothing(ground, piece, terms, own) -> float:
    """What a task is without its work: it has everything at hand."""
    return float(terms.officers[0])


def nothing_own(columns) -> None:
    """Nothing of a piece's own."""


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table(repeats: int, *, smoke: bool) -> Table:
    """Seconds of a pass each way, then what tasks and bytes cost, kept for the model of a whole country."""
    sizes, piece = (SMOKE, "1000") if smoke else (FULL, "10000000")
    runs = in_turn({f"{n:,} x {m:,}": ["cluster", str(n), str(m), piece] for n, m in sizes}, repeats, smoke=smoke)
    lines = [
        f"One pass over the random city, the fastest of {TIMES} in turn, medians of {repeats}. Workers are processes on this machine with "
        "one thread each; scheduler and client share another process.",
        "",
        "| officers x enterprises | pairs | 1 thread, s | 2 threads, s | 1 worker, s | 2 workers, s | ns a pair, 1 thread | 1 worker |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(size, one.figures) for size, one in runs.items()),
        "",
        "| officers x enterprises | tasks | ms a task | ns a byte | MB to each worker | MB once | MB back |",
        "|---|---|---|---|---|---|---|",
        *(_costs(size, one.figures) for size, one in runs.items()),
    ]
    return Table(lines, [], {} if smoke else {RECORD: record(list(runs.values())[-1])})


def _row(size: str, seen: Mapping[str, float]) -> str:
    seconds = " | ".join(f"{seen[name]:.3f}" for name in ("threads 1", "threads 2", "workers 1", "workers 2"))
    each = " | ".join(f"{seen[name] / seen['pairs'] * 1e9:.2f}" for name in ("threads 1", "workers 1"))
    return f"| {size} | {seen['pairs']:,.0f} | {seconds} | {each} |"


def _costs(size: str, seen: Mapping[str, float]) -> str:
    megabytes = " | ".join(f"{seen[name] / 1e6:.2f}" for name in ("out to each", "out once", "back"))
    return f"| {size} | {seen['tasks']:.0f} | {seen['task'] * 1e3:.2f} | {seen['byte'] * 1e9:.2f} | {megabytes} |"


def record(one: Run) -> str:
    """What the model of a cluster reads."""
    seen = one.figures
    kept = {
        "seconds_a_block": seen["task"],
        "seconds_a_byte": seen["byte"],
        "pairs_a_block": seen["pairs"] / seen["tasks"],
        "seconds_a_pair_of_a_worker": seen["workers 1"] / seen["pairs"],
        "seconds_a_pair_of_a_thread": seen["threads 1"] / seen["pairs"],
    }
    return json.dumps(kept, indent=1) + "\n"
