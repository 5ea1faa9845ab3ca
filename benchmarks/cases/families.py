"""Every family, not one instance: the same table for inputs that are hard in different ways."""

from __future__ import annotations

import math
from collections.abc import Mapping

from benchmarks.measure import check_equal, in_turn
from benchmarks.report import Table, Target
from benchmarks.run import Found, Run, Work

TITLE = "Families"
REPEATS = 3
FULL, SMOKE = ((600, 1100), (1500, 2800)), ((40, 70),)
TIME_LIMIT = 60
"""Seconds for a run, its start and its input included."""
PEERS = {"pot": "POT", "ortools": "OR-Tools"}


def load(name: str, solver: str, *_: str) -> None:
    """The solver's libraries."""
    from benchmarks import families

    families.problem(name, *SMOKE[0])
    if solver == "matchmaker":
        from benchmarks import ours

        ours.load()
    elif solver == "pot":
        from benchmarks import transport  # noqa: F401 -- loaded before the clock runs
    else:
        from benchmarks import arcs  # noqa: F401 -- loaded before the clock runs


def prepare(name: str, solver: str, n_officers: str, n_enterprises: str) -> Work:
    """The family's input, made; the work is one solve."""
    from benchmarks import families

    given = families.problem(name, int(n_officers), int(n_enterprises))
    if solver == "pot":
        from benchmarks.transport import best_transport

        return lambda: best_transport(given.program)
    if solver == "ortools":
        from benchmarks.arcs import best_flow

        return lambda: best_flow(given.program)

    def work() -> Found:
        from benchmarks import ours

        result = given.solve()
        if result.termination == "INFEASIBLE":
            return Found(math.nan, then=lambda: {"infeasible": 1.0})
        return ours.proven(result)

    return work


def table(repeats: int, *, smoke: bool) -> Table:
    """A table for each size. Raises when objectives differ by more than the peers' own units allow."""
    from benchmarks import bids, families

    lines = [
        f"Medians of {repeats}, run in turn, each in a process of its own with {TIME_LIMIT} s; ours proven to a relative 1e-9. Peers take "
        "the input as it comes and make of it what they need: whole matrices, lists of arcs. POT has no least loads, no limit on a pair "
        "and no areas, so it is left out where these matter. Memory is above what interpreter and libraries held before. Infeasible: the "
        f"time to say so; ours also says who competes for whom. Conference: {bids.provenance()}.",
    ]
    targets = []
    for size in SMOKE if smoke else FULL:
        rows, slower = _rows(families.NAMES, size, repeats, smoke=smoke)
        lines += ["", f"### {size[0]} officers x {size[1]} enterprises", "", *rows]
        note = f"slower: {', '.join(slower)}" if slower else f"{len(families.NAMES)} families"
        targets.append(
            Target(f"families at {size[0]} x {size[1]}, slower than the best peer", len(slower), 0, least=False, unit="of them", note=note)
        )
    return Table(lines, targets)


def _rows(names: tuple[str, ...], size: tuple[int, int], repeats: int, *, smoke: bool) -> tuple[list[str], list[str]]:
    """Rows of a Markdown table, and the families on which a peer is faster."""
    rows = [
        "| family | ours, s | POT, times ours | OR-Tools, times ours | objective | gap proven | ours, MB | POT, MB | OR-Tools, MB | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    slower = []
    for name in names:
        solvers = ["matchmaker", *(peer for peer in PEERS if peer != "pot" or _fits_pot(name))]
        runs = in_turn(
            {solver: ["families", name, solver, *map(str, size)] for solver in solvers}, repeats, smoke=smoke, timeout=TIME_LIMIT
        )
        _check(name, runs)
        fastest = min(runs[peer].seconds for peer in solvers[1:])
        if not runs["matchmaker"].seconds <= fastest:
            slower.append(name)
        rows.append(_row(name, runs, name in slower))
    return rows, slower


def _row(name: str, runs: Mapping[str, Run], slower: bool) -> str:
    ours = runs["matchmaker"]
    times = {peer: _times(runs.get(peer), ours) for peer in PEERS}
    found = "infeasible" if ours.figures.get("infeasible") else f"{ours.objective:.6g}" if ours.in_time else ""
    gap = f"{ours.gap:.0e}" if ours.gap == ours.gap else ""
    memory = [f"{runs[solver].above:,.0f}" if solver in runs and runs[solver].in_time else "" for solver in ("matchmaker", *PEERS)]
    cells = [name, f"{ours.seconds:.3f}", *times.values(), found, gap, *memory, "**slower**" if slower else "not slower"]
    return f"| {' | '.join(cells)} |"


def _times(peer: Run | None, ours: Run) -> str:
    if peer is None:
        return ""
    return f"{peer.seconds / ours.seconds:.1f}" if peer.in_time else f"over {TIME_LIMIT} s"


def _fits_pot(name: str) -> bool:
    from benchmarks import families, transport

    return transport.fits(families.problem(name, 60, 100).program)


def _check(name: str, runs: Mapping[str, Run]) -> None:
    ours = runs["matchmaker"]
    if ours.figures.get("infeasible"):
        check_equal(name, {peer: Run(0, 0, one.figures["infeasible"]) for peer, one in runs.items() if one.in_time}, 1.0, 0)
    elif ours.in_time:
        check_equal(name, runs, ours.objective, 1e-5 * max(1.0, abs(ours.objective)))
