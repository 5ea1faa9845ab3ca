"""Passes on a cluster: the same plan to the byte, whatever becomes of the workers; and a clear end when the scheduler is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from pace import seconds

import matchmaker as mm
from matchmaker.engine import cluster, column_generation, passes, pieces, pricing
from matchmaker.engine.cluster import Cluster
from matchmaker.engine.passes import Threads, single_blas
from matchmaker.engine.pricing import Ask, scan
from matchmaker.engine.search import Search, TimeUp
from matchmaker.engine.space import Space
from matchmaker.program import Program

distributed = pytest.importorskip("distributed")
slow = pytest.importorskip("slow")
slow_look = slow.slow_look
HERE = Path(__file__).parent
PIECES = 15
"""Of the test's space, when pieces are small."""
pytestmark = [pytest.mark.timeout(60), pytest.mark.alone]


@pytest.fixture(scope="module")
def in_process():
    """A client of a cluster of two workers in this process: what is sent to them goes through the same messages."""
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0") as local,
        distributed.Client(local) as client,
    ):
        yield client


@pytest.fixture
def small_pieces(monkeypatch):
    """Small blocks and pieces, so that a small city is a pass of many tasks."""
    monkeypatch.setattr(pieces, "BLOCK", 1_000)
    monkeypatch.setattr(passes, "RUN", 5_000)
    monkeypatch.setattr(cluster, "PIECE", 2_500)
    monkeypatch.setattr(column_generation, "SMALL", 0)


class Workers:
    """A scheduler and workers, each in a process of its own, to be ended one by one."""

    def __init__(self, folder: Path, slowly: float) -> None:
        self.log = folder / "log"
        self.log.touch()
        paths = os.pathsep.join([str(HERE), str(HERE.parents[1] / "src")])
        self.environment = {**os.environ, "PYTHONPATH": paths, "LOOKED_AT": str(self.log), "SLOWLY": str(slowly)}
        self.started: list[subprocess.Popen] = []
        places = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(places))
        until(places.exists)
        self.client = distributed.Client(scheduler_file=str(places), timeout=20, set_as_default=False)
        self.address = self.client.scheduler.address

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.started.append(
            subprocess.Popen([sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments], env=self.environment, **quiet)
        )
        return self.started[-1]

    def worker(self) -> subprocess.Popen:
        return self._start(
            "worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard", "--memory-limit", "1GB", "--death-timeout", "5"
        )

    def ready(self, count: int) -> None:
        self.client.wait_for_workers(count, timeout=30)

    def looked(self) -> list[tuple[int, int]]:
        """Piece and process of every look that was begun."""
        lines = self.log.read_text().splitlines()
        return [(int(line.split()[0]), int(line.split()[1])) for line in lines]

    def close(self) -> None:
        self.client.close(timeout=1)
        for process in reversed(self.started):
            process.kill()
            process.wait()


@pytest.fixture
def workers(tmp_path, monkeypatch):
    made = Workers(tmp_path, 0.05)
    monkeypatch.setenv("LOOKED_AT", str(made.log))  # what is too small to be sent is looked at here
    yield made
    made.close()


def until(happens, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def city(n: int = 150, m: int = 260, seed: int = 3) -> mm.Factors:
    rng = np.random.default_rng(seed)
    return mm.Factors(rng.gamma(0.6, 0.3, (n, 8)), rng.dirichlet(np.full(8, 0.3), m))


def space_and_ask() -> tuple[Space, Ask]:
    factors = city()
    program = Program(*factors.shape)
    program.add(factors)
    program.limit_officers(0, 3)
    program.limit_enterprises(1, 1)
    program.forbid([1, 2], [3, 4])
    space = Space(program)
    rng = np.random.default_rng(0)
    known = np.unique(rng.integers(0, space.size, 500))
    return space, Ask(rng.random(150) * 0.2, rng.random(260) * 0.2, known=known, most=5)


def same_scan(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, name).view(np.int64), getattr(other, name).view(np.int64))
        for name in ("keys", "values", "reduced", "rest", "errors")
    )


def sparse(rng) -> sp.csr_array:
    listed = rng.random((150, 260)) < 0.1
    listed[np.arange(260) % 150, np.arange(260)] = True
    return sp.csr_array(listed * rng.random((150, 260)))


FAMILIES = {
    "city": lambda rng: {"affinity": city()},
    "city, demand 2 to 3": lambda rng: {"affinity": city(), "demand": (2, 3), "capacity": 6, "min_load": 1},
    "whole numbers, many ties": lambda rng: {"affinity": rng.integers(0, 4, (150, 260))},
    "pins and bars": lambda rng: {"affinity": city(), "required": [[0, 0], [5, 7]], "forbidden": rng.random((150, 260)) < 0.3},
    "listed pairs": lambda rng: {"affinity": sparse(rng)},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_plan_is_the_same_as_with_threads(family, in_process, small_pieces):
    given = {"capacity": 3, **FAMILIES[family](np.random.default_rng(1))}
    here, there = mm.assign(**given), mm.assign(**given, cluster=in_process)
    assert there.termination == here.termination == "OPTIMAL"
    assert there.officers.tobytes() == here.officers.tobytes()
    assert there.enterprises.tobytes() == here.enterprises.tobytes()
    assert (there.objective, there.bound) == (here.objective, here.bound)
    assert there.prices.officers.tobytes() == here.prices.officers.tobytes()
    assert there.stopped == ""


def test_a_city_with_areas_is_the_same(in_process, small_pieces):
    instance = mm.build(mm.datasets.hangzhou(0, n_officers=120, n_enterprises=220))
    here, there = mm.solve(instance), mm.solve(instance, cluster=in_process)
    assert there.officers.tobytes() == here.officers.tobytes()
    assert (there.objective, there.bound) == (here.objective, here.bound)


def test_workers_do_make_the_passes(in_process, small_pieces, monkeypatch, tmp_path):
    log = tmp_path / "log"
    monkeypatch.setenv("LOOKED_AT", str(log))
    monkeypatch.setenv("SLOWLY", "0")
    space, ask = space_and_ask()
    with single_blas():
        here = scan(space, ask, Threads(1))
        monkeypatch.setattr(pricing, "look", slow_look)
        there = scan(space, ask, Cluster(in_process))
    assert same_scan(here, there)
    looked = [line.split()[2] for line in log.read_text().splitlines()]
    assert len(looked) == PIECES
    assert len({name for name in looked if "Dask" in name}) == 2


def test_what_a_pass_needs_goes_out_once(in_process, small_pieces, monkeypatch):
    sent = []
    real = cluster._map

    def noted(client, function, *parts, **shared):
        sent.append(function.__name__)
        return real(client, function, *parts, **shared)

    monkeypatch.setattr(cluster, "_map", noted)
    space, ask = space_and_ask()
    for _ in range(3):
        scan(space, ask, Cluster(in_process))
    assert Counter(sent) == {"_kept": 2 + 3, "_worked": 3}, "what lasts, pieces; and each time what is asked, and the work"


def test_a_worker_killed_in_mid_pass_costs_its_blocks_only(workers, small_pieces, monkeypatch):
    first, _ = workers.worker(), workers.worker()
    workers.ready(2)
    space, ask = space_and_ask()
    here = scan(space, ask, Threads(1))
    pids = set(workers.client.run(os.getpid).values())
    assert first.pid in pids
    monkeypatch.setattr(pricing, "look", slow_look)

    def kill():
        until(lambda: sum(pid == first.pid for _, pid in workers.looked()) >= 2)
        os.kill(first.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    there = scan(space, ask, Cluster(workers.client))
    killer.join()
    assert same_scan(here, there)
    looked = workers.looked()
    by_killed = {piece for piece, pid in looked if pid == first.pid}
    times = Counter(piece for piece, _ in looked)
    assert len(times) == PIECES
    assert len(by_killed) >= 1
    assert {piece for piece, count in times.items() if count > 1} <= by_killed
    assert max(times.values()) <= 2


def test_a_whole_search_survives_a_killed_worker_and_uses_one_that_joins(workers, small_pieces, monkeypatch):
    first = workers.worker()
    workers.ready(1)
    here = mm.assign(city(), capacity=3)
    monkeypatch.setattr(pricing, "look", slow_look)
    joined = []

    def replace():
        until(lambda: len(workers.looked()) >= 3)
        joined.append(workers.worker())
        until(lambda: len({pid for _, pid in workers.looked()}) == 2)
        os.kill(first.pid, signal.SIGKILL)

    replacer = threading.Thread(target=replace)
    replacer.start()
    for _ in range(20):
        there = mm.assign(city(), capacity=3, cluster=workers.client)
        assert there.officers.tobytes() == here.officers.tobytes()
        assert there.termination == "OPTIMAL"
        if not replacer.is_alive():
            break
    replacer.join()
    assert first.wait(5) == -signal.SIGKILL
    there = mm.assign(city(), capacity=3, cluster=workers.client)
    assert there.officers.tobytes() == here.officers.tobytes()
    assert workers.looked()[-1][1] == joined[0].pid


def test_a_scheduler_lost_before_any_plan_is_told(workers, small_pieces, monkeypatch):
    workers.worker()
    workers.ready(1)
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    monkeypatch.setattr(pricing, "look", slow_look)
    space, ask = space_and_ask()
    ended = threading.Thread(target=lambda: (until(lambda: len(workers.looked()) >= 1), workers.scheduler.kill()))
    ended.start()
    started = time.monotonic()
    with pytest.raises(mm.ClusterError, match=r"scheduler is lost.*失去联系"):
        scan(space, ask, Cluster(workers.client))
    ended.join()
    assert time.monotonic() - started < 15


def test_a_scheduler_lost_later_leaves_the_best_plan_so_far(workers, small_pieces, monkeypatch, caplog):
    workers.worker()
    workers.ready(1)
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    best = mm.assign(city(), capacity=3)

    def lose(note):
        if np.isfinite(note.objective):
            workers.scheduler.kill()
            workers.scheduler.wait()

    monkeypatch.setattr(column_generation.ColumnGeneration, "within", lambda self, gap: False)  # or it might be done by then
    monkeypatch.setattr(column_generation.ColumnGeneration, "_fine", lambda self: False)
    result = mm.assign(city(), capacity=3, cluster=workers.client, progress=lose)
    assert result.termination == "FEASIBLE"
    assert re.search(r"scheduler is lost.*失去联系", result.stopped)
    assert best.objective * 0.9 < result.objective <= best.objective * (1 + 1e-9)
    assert result.bound >= best.objective * (1 - 1e-9)
    assert "best plan so far" in caplog.text
    assert "scheduler is lost" in result.summary()
    assert "失去联系" in result.summary("zh")


def test_a_pass_stops_within_a_second_of_the_time_limit(workers, small_pieces, monkeypatch):
    workers.environment["SLOWLY"] = "0.5"
    workers.worker()
    workers.ready(1)
    monkeypatch.setattr(pricing, "look", slow_look)
    space, ask = space_and_ask()
    search = Search(time_limit=0.7, cluster=workers.client)
    with pytest.raises(TimeUp):
        scan(space, ask, passes.passes_of(search))
    taken = search.elapsed
    assert taken < seconds(1.7)


@pytest.mark.parametrize("where", ["threads", "cluster"])
def test_a_pass_stops_within_a_second_of_ctrl_c(where, workers, small_pieces, monkeypatch):
    monkeypatch.setenv("SLOWLY", "0.4")
    workers.environment["SLOWLY"] = "0.4"
    if where == "cluster":
        workers.worker()
        workers.ready(1)
    monkeypatch.setattr(pricing, "look", slow_look)
    monkeypatch.setattr(passes, "RUN", 2_000)
    space, ask = space_and_ask()
    pressed = []

    def press():
        until(lambda: len(workers.looked()) >= 2)
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        scan(space, ask, Cluster(workers.client) if where == "cluster" else Threads(2))
    taken = time.monotonic() - pressed[0]
    assert taken < seconds(1)


@pytest.mark.parametrize("what", ["cluster", "client"])
def test_a_cluster_closed_in_mid_pass_is_told(what, small_pieces, monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    monkeypatch.setenv("LOOKED_AT", str(tmp_path / "log"))
    monkeypatch.setenv("SLOWLY", "0.3")
    monkeypatch.setattr(pricing, "look", slow_look)
    space, ask = space_and_ask()
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0") as local,
        distributed.Client(local, set_as_default=False) as client,
    ):
        closing = threading.Thread(target=lambda: (until((tmp_path / "log").exists), {"cluster": local, "client": client}[what].close()))
        closing.start()
        started = time.monotonic()
        with pytest.raises(mm.ClusterError, match=r"is lost.*失去联系"):
            scan(space, ask, Cluster(client))
        assert time.monotonic() - started < 10
        closing.join()


def test_a_piece_that_ends_its_workers_is_told(small_pieces, monkeypatch, tmp_path):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    made = Workers(tmp_path, 0.0)
    try:
        made.worker()
        made.ready(1)
        monkeypatch.setattr(pricing, "look", slow.deadly_look)
        space, ask = space_and_ask()
        with pytest.raises(mm.ClusterError, match=r"workers ended in the same piece.*memory enough.*内存"):
            scan(space, ask, Cluster(made.client))
    finally:
        made.close()


def test_no_worker_for_long_is_told(workers, small_pieces, monkeypatch):
    monkeypatch.setattr(cluster, "ALONE", 1.0)
    monkeypatch.setattr(cluster, "SILENCE", 0.2)
    space, ask = space_and_ask()
    with pytest.raises(mm.ClusterError, match=r"no worker for 1 seconds.*没有工作节点"):
        scan(space, ask, Cluster(workers.client))


def test_what_a_piece_raises_comes_out(in_process, small_pieces, monkeypatch):
    def broken(*given):
        raise ZeroDivisionError("in a worker")

    monkeypatch.setattr(pricing, "look", broken)
    space, ask = space_and_ask()
    with pytest.raises(ZeroDivisionError, match="in a worker"):
        scan(space, ask, Cluster(in_process))


@pytest.mark.parametrize("wrong", ["tcp://127.0.0.1:8786", 2, object()])
def test_what_is_no_client_is_refused(wrong):
    with pytest.raises(mm.ConfigError, match=r"expected a dask.distributed.Client.*应为"):
        mm.assign([[1.0]], cluster=wrong)


def test_a_closed_client_is_refused():
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as local:
        client = distributed.Client(local, set_as_default=False)
        client.close()
        with pytest.raises(mm.ConfigError, match=r"cluster is closed.*未连接"):
            mm.assign([[1.0]], cluster=client)


def test_without_dask_the_extra_is_named(in_subprocess):
    said = in_subprocess(
        "import sys; sys.modules['distributed'] = None\n"
        "import matchmaker as mm\n"
        "try: mm.assign([[1.0]], cluster=object())\n"
        "except mm.ConfigError as error: print(error)"
    )
    assert "matchmaker[cluster]" in said
    assert "需安装 dask" in said


def test_neither_import_nor_a_solve_by_threads_loads_dask(in_subprocess):
    said = in_subprocess("import sys, matchmaker as mm\nmm.assign([[1.0]])\nprint('dask' in sys.modules, 'distributed' in sys.modules)")
    assert said.split() == ["False", "False"]
