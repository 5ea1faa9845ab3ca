"""One min-cost flow; or, run as a script, one after another for whoever asks over standard input.

OR-Tools' ``solve`` holds the interpreter lock and knows no time limit, so a large flow runs in a process of its own, which can be killed
(``flow_process.py`` starts it). The script needs NumPy and OR-Tools and nothing of this package, so that it starts in a tenth of a second.

A question is two int64, the numbers of arcs and of nodes, then the arrays of a network in their order; an answer one int64, the status,
then the flow on each arc where that is OPTIMAL. Arrays go as they lie in memory: both ends are one machine. ``READY`` is said first.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from io import FileIO
from typing import TYPE_CHECKING

if __name__ == "__main__":  # started without site packages: where NumPy and OR-Tools stand is told by the caller
    sys.path.extend(sys.argv[2:])

import numpy as np
from ortools.graph.python import min_cost_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

READY = b"R"
TYPES = (np.int32, np.int32, np.int64, np.int64, np.int64)
"""Of a network's arrays: each arc's tail, head, room and cost, each node's supply."""
OPTIMAL = int(min_cost_flow.SimpleMinCostFlow.OPTIMAL)


def least_cost(network: list[NDArray[np.signedinteger]]) -> tuple[int, NDArray[np.int64] | None]:
    """Status and, where that is OPTIMAL, the flow on each arc; reading it otherwise would crash the process.

    Takes the arrays out of the list: OR-Tools holds copies, and their room is wanted while it works.
    """
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(*network[:4])
    solver.set_nodes_supplies(np.arange(len(network[4]), dtype=np.int32), network[4])
    network.clear()
    status = int(solver.solve())
    return status, solver.flows(arcs).astype(np.int64, copy=False) if status == OPTIMAL else None


def status_name(status: int) -> str:
    """What OR-Tools calls a status."""
    return str(min_cost_flow.SimpleMinCostFlow.Status(status).name)


def fill(stream: FileIO, array: NDArray[np.signedinteger]) -> None:
    """Read an array from a pipe.

    Raises
    ------
    EOFError
        When the other end is closed before the array is whole.
    """
    rest = memoryview(array.data).cast("B")
    while len(rest):
        count = stream.readinto(rest)
        if not count:
            raise EOFError
        rest = rest[count:]


def send(stream: FileIO, array: NDArray[np.signedinteger]) -> None:
    """Write an array into a pipe."""
    rest = memoryview(array.data).cast("B")
    while len(rest):
        rest = rest[stream.write(rest) :]


def widen(stream: FileIO) -> None:
    """Let a pipe hold a megabyte, where the system can: fewer switches between the two ends."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, 2**20)
        except PermissionError:
            return


def die_with(lifeline: int) -> None:
    """Let the end of a pipe end this process at once, even inside ``solve``, where no thread of Python gets a turn.

    Nobody writes into that pipe. When the caller dies, the kernel closes the other end and sends SIGIO, which on Linux ends whoever does
    not handle it. (A parent-death signal would also come when merely the thread that started this process ends.)
    """
    import fcntl

    signal.signal(signal.SIGIO, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGIO})
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # it has ended already
        raise EOFError


def serve(questions: FileIO, answers: FileIO) -> None:
    """Answer until nobody asks."""
    answers.write(READY)
    while True:
        size = np.empty(2, np.int64)
        fill(questions, size)
        network: list[NDArray[np.signedinteger]] = []
        for kind, count in zip(TYPES, size[[0, 0, 0, 0, 1]], strict=True):
            network.append(np.empty(count, kind))
            fill(questions, network[-1])
        status, flows = least_cost(network)
        send(answers, np.array([status]))
        if flows is not None:
            send(answers, flows)


def main(lifeline: int) -> None:
    """Serve standard input; whatever a library prints goes to standard error."""
    with FileIO(os.dup(0)) as questions, FileIO(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        widen(questions)
        widen(answers)
        try:
            if lifeline >= 0:
                die_with(lifeline)
            serve(questions, answers)
        except (EOFError, BrokenPipeError):
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
