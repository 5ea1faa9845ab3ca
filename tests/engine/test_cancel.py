"""Large flows stop at the time limit, at Ctrl-C and with the program, and leave nothing behind."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import numpy as np
import pytest

from matchmaker.engine import flow, flow_process
from matchmaker.engine.flow import solve_flow
from matchmaker.engine.flow_process import CannotStartError, Keeper, keeper
from matchmaker.engine.search import Search, TimeUp
from matchmaker.engine.space import Limits
from matchmaker.errors import SolverError

SOURCE = Path(__file__).parents[2] / "src"
SLOW_FLOW = """
import numpy as np
from matchmaker.engine.flow import solve_flow
from matchmaker.engine.space import Limits

def slow_flow(search=None, n=30_000, arcs=1_500_000):
    rng = np.random.default_rng(0)
    worth = rng.integers(0, 10**6, arcs).astype(float)
    limits = Limits(officer_low=np.zeros(n, int), officer_high=np.ones(n, int), enterprise_low=np.ones(n, int), enterprise_high=np.ones(n, int))
    return solve_flow(rng.integers(0, n, arcs), rng.integers(0, n, arcs), worth, limits, 2e6, search=search)
"""
"""A flow of some seconds, in which the interpreter lock is never let go."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def slow_flow(search=None):
    names: dict = {}
    exec(SLOW_FLOW, names)
    return names["slow_flow"](search)


def random_case(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 9, 2)
    i, j = np.nonzero(rng.random((n, m)) < 0.7)
    low, least = rng.integers(0, 2, n), rng.integers(0, 3, m)
    limits = Limits(
        officer_low=low, officer_high=low + rng.integers(0, 4, n), enterprise_low=least, enterprise_high=least + rng.integers(0, 2, m)
    )
    return i, j, rng.integers(-5, 6, len(i)).astype(float), limits


@pytest.fixture
def every_flow_apart(monkeypatch):
    monkeypatch.setattr(flow, "QUICK", -1)


@pytest.fixture(autouse=True)
def nothing_left():
    files = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    yield
    assert not keeper._helpers
    assert not keeper._holders
    assert sys.platform != "linux" or len(os.listdir("/proc/self/fd")) == files


def helper_processes() -> set[int]:
    """Running processes that solve flows, whoever started them."""
    found = set()
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue
        if b"flow_child.py" in command:
            found.add(int(folder.name))
    return found


def wait_until(happens, seconds: float = 10.0) -> float:
    start = time.perf_counter()
    while not happens():
        if time.perf_counter() - start > seconds:
            pytest.fail(f"it did not happen within {seconds} s")
        time.sleep(0.01)
    return time.perf_counter() - start


def test_a_flow_is_the_same_in_a_process_of_its_own(monkeypatch):
    with keeper:
        for seed in range(40):
            i, j, worth, limits = random_case(seed)
            answers = []
            for quick in (1e9, -1):
                monkeypatch.setattr(flow, "QUICK", quick)
                answers.append(solve_flow(i, j, worth, limits, 100.0))
            here, apart = answers
            for name in ("amount", "officer_short", "enterprise_short"):
                np.testing.assert_array_equal(getattr(here, name), getattr(apart, name), strict=True)
        assert len(keeper._helpers) == 1


@pytest.mark.usefixtures("every_flow_apart")
def test_a_flow_that_cannot_be_is_said_to_be_infeasible():
    limits = Limits(
        officer_low=np.zeros(1, int), officer_high=np.ones(1, int), enterprise_low=np.ones(2, int), enterprise_high=np.ones(2, int)
    )
    with keeper:
        for _ in range(2):
            with pytest.raises(SolverError, match=r"ended with INFEASIBLE on 3 arcs; expected OPTIMAL"):
                solve_flow(np.zeros(2, int), np.arange(2), np.ones(2), limits, None)


def test_the_time_limit_stops_a_flow_in_the_middle():
    started = time.perf_counter()
    with pytest.raises(TimeUp):
        slow_flow(Search(time_limit=0.8))
    assert 0.8 <= time.perf_counter() - started < 1.6


def test_no_flow_is_begun_when_the_time_is_up():
    search = Search(time_limit=1e-9)
    with pytest.raises(TimeUp):
        solve_flow(*random_case(0), 100.0, search=search)


def test_a_middling_flow_near_the_limit_goes_where_it_can_be_stopped(monkeypatch):
    asked = []
    monkeypatch.setattr(flow.keeper, "solve", lambda network, search: asked.append(search) or flow.least_cost(network))
    monkeypatch.setattr(flow, "expected_seconds", lambda arcs, nodes: 0.15)
    for time_limit in (0.2, 30.0, None):
        solve_flow(*random_case(0), 100.0, search=Search(time_limit=time_limit))
    assert [search.time_limit for search in asked] == [0.2]


@linux
def test_a_process_killed_in_the_middle_is_named():
    with keeper:
        keeper.prepare()
        (helper,) = keeper._helpers
        killer = Timer(1.0, os.kill, (helper.process.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(SolverError, match=r"ended with exit code -9 in the middle of one: it left no message\. .*memory ran out"):
            slow_flow()
        killer.join()


@pytest.mark.usefixtures("every_flow_apart")
def test_what_a_dying_process_says_is_told(monkeypatch, tmp_path):
    child = tmp_path / "child.py"
    child.write_text("import sys\nsys.stdout.write('R')\nsys.stdout.flush()\nsys.stdin.buffer.read(16)\nsys.exit('MemoryError: 9 GB')\n")
    monkeypatch.setattr(flow_process.flow_child, "__file__", str(child))
    with pytest.raises(SolverError, match=r"exit code 1 in the middle of one: MemoryError: 9 GB"):
        solve_flow(*random_case(1), 100.0)


@linux
@pytest.mark.usefixtures("every_flow_apart")
def test_a_process_that_died_while_idle_is_replaced():
    with keeper:
        before = solve_flow(*random_case(2), 100.0)
        (helper,) = keeper._helpers
        os.kill(helper.process.pid, signal.SIGKILL)
        helper.process.wait()
        np.testing.assert_array_equal(solve_flow(*random_case(2), 100.0).amount, before.amount)


@pytest.mark.usefixtures("every_flow_apart")
@pytest.mark.parametrize("reason", ["no program", "not allowed", "not python", "silent"])
def test_where_no_process_can_be_started_the_flow_is_solved_here_with_a_warning(reason, monkeypatch, caplog):
    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    if reason == "no program":
        monkeypatch.setattr(sys, "executable", "")
    elif reason == "not allowed":
        monkeypatch.setattr(flow_process.subprocess, "Popen", refuse)
    elif reason == "not python":
        monkeypatch.setattr(sys, "executable", "/bin/false")
    else:
        monkeypatch.setattr(flow_process, "START_WITHIN", 0.0)
        monkeypatch.setattr(flow_process, "_command", lambda held: [sys.executable, "-c", "import time; time.sleep(60)"])
    expected = flow.least_cost(flow._network(*random_case(3), flow._Slack.of(random_case(3)[3], 100.0, np.zeros(99))))[1]
    with caplog.at_level(logging.WARNING), keeper:
        for _ in range(2):
            found = solve_flow(*random_case(3), 100.0)
            np.testing.assert_array_equal(found.amount, expected[: len(found.amount)])
    assert len(caplog.records) == 1
    assert "No process can be started for large flows" in caplog.text


@pytest.mark.usefixtures("every_flow_apart")
def test_two_flows_at_once_have_a_process_each():
    with keeper, ThreadPoolExecutor(2) as pool:
        alone = [solve_flow(*random_case(seed), 100.0).amount for seed in range(20)]
        together = list(pool.map(lambda seed: solve_flow(*random_case(seed), 100.0).amount, range(20)))
        assert 1 <= len(keeper._helpers) <= 2
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@linux
@pytest.mark.usefixtures("every_flow_apart")
def test_a_process_outlives_the_thread_that_started_it():
    with keeper:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(solve_flow, *random_case(4), 100.0).result()
        (helper,) = keeper._helpers
        solve_flow(*random_case(4), 100.0)
        assert keeper._helpers == {helper}


def test_it_is_started_ahead_for_many_nodes_only(monkeypatch):
    for nodes, expected in ((12_633, 0), (57_000, 1)):
        with flow.large_flows(nodes):
            assert len(keeper._helpers) == expected


def test_nothing_is_started_ahead_that_nobody_would_end():
    own = Keeper()
    own.prepare()
    assert not own._helpers


@linux
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_lets_go_of_its_parents_processes():
    with keeper:
        keeper.prepare()
        (helper,) = keeper._helpers
        child = os.fork()
        if not child:
            os._exit(0 if not keeper._helpers and helper.questions.closed and helper.lifeline.closed else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert helper.process.poll() is None
        assert keeper._helpers == {helper}


def start_script(tmp_path: Path, code: str, **settings) -> subprocess.Popen:
    """A script of its own without a guard of `__main__`, in a group of its own as a terminal starts it; says its large flow has begun."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SLOW_FLOW) + textwrap.dedent(code))
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        process_group=0,
        **settings,
    )


def busy(pid: int) -> bool:
    """Whether a process has worked for some tenths of a second: OR-Tools is loaded, the flow under way."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return int(fields[11]) > 50


@linux
def test_ctrl_c_ends_a_script_within_a_second_and_leaves_no_process(tmp_path):
    before = helper_processes()
    with start_script(tmp_path, "slow_flow()") as script:
        wait_until(lambda: any(busy(pid) for pid in helper_processes() - before))
        started = time.perf_counter()
        os.killpg(script.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
        _, error = script.communicate(timeout=10)
        assert time.perf_counter() - started < 1
    assert script.returncode == -signal.SIGINT
    assert error.count("Traceback") == 1, error
    assert error.strip().endswith("KeyboardInterrupt")
    assert not helper_processes() - before


@linux
def test_ctrl_c_is_an_exception_that_a_script_may_catch_and_go_on(tmp_path):
    before = helper_processes()
    code = """
    try:
        slow_flow()
    except KeyboardInterrupt:
        print(slow_flow(n=300, arcs=9000).short)
    """
    with start_script(tmp_path, code) as script:
        wait_until(lambda: any(busy(pid) for pid in helper_processes() - before))
        os.kill(script.pid, signal.SIGINT)
        output, error = script.communicate(timeout=20)
    assert (script.returncode, output.strip(), error) == (0, "0", "")


@linux
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_program_leaves_no_process(tmp_path, sent):
    before = helper_processes()
    with start_script(tmp_path, "slow_flow()") as script:
        wait_until(lambda: any(busy(pid) for pid in helper_processes() - before))
        script.send_signal(sent)
        script.communicate(timeout=10)
        assert wait_until(lambda: not helper_processes() - before) < 1


@linux
def test_a_program_that_ends_with_an_idle_process_leaves_none(tmp_path):
    before = helper_processes()
    code = """
    from matchmaker.engine.flow_process import keeper
    keeper.__enter__()
    keeper.prepare()
    """
    with start_script(tmp_path, code) as script:
        _, error = script.communicate(timeout=20)
    assert (script.returncode, error) == (0, "")
    assert not helper_processes() - before


def test_a_refusal_says_why():
    with pytest.raises(CannotStartError), keeper:
        keeper._refuse("as a test")
        keeper._take()
