"""The plain city, one officer each, against every peer: equal objectives, seconds and memory as ratios."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks import cities, solvers
from benchmarks.measure import check_equal, in_turn
from benchmarks.report import Table, Target
from benchmarks.run import Run, Work

TITLE = "Peers on the random city"
REPEATS = 5
FULL, SMOKE = (4407, 8226), (60, 100)
TIMES = {"pot": 12, "ortools": 25, "lapx": 45, "scipy": 50}
"""At least so many times as fast."""
MEGABYTES = 250
"""At most so much memory above the interpreter's and libraries' own."""


def load(solver: str, *_: str) -> None:
    """The solver's libraries."""
    solvers.solver(solver)


def prepare(solver: str, n_officers: str, n_enterprises: str, seed: str) -> Work:
    """The solver, loaded, and its city, made."""
    solve = solvers.solver(solver)
    given = cities.city(int(n_officers), int(n_enterprises), int(seed))
    return lambda: solve(*given)


def table(repeats: int, *, smoke: bool) -> Table:
    """Run every solver in turn, `repeats` times. Raises when objectives differ."""
    size = SMOKE if smoke else FULL
    runs = in_turn({name: ["peers", name, *map(str, size), "0"] for name in solvers.NAMES}, repeats, smoke=smoke)
    objective = runs["matchmaker"].objective
    check_equal("peers", runs, objective, 1e-4)  # flows in units of 1e-6 round within this
    check_equal("the published optimum", {"matchmaker": runs["matchmaker"]}, cities.known_optimum(*size, 0) or objective, 1e-4)
    return Table(
        [f"{size[0]} officers x {size[1]} enterprises, medians of {repeats}, run in turn.", "", *_rows(runs)], _targets(size, runs)
    )


def _rows(runs: Mapping[str, Run]) -> list[str]:
    ours = runs["matchmaker"]
    head = "| solver | seconds | times ours | at least | peak MB above libraries' | times ours | libraries, MB | objective | gap proven |"
    return [
        head,
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {solvers.NAMES[name]} | {one.seconds:.2f} | {one.seconds / ours.seconds:.1f} | {TIMES.get(name, '')} "
            f"| {one.above:,.0f} | {one.above / max(ours.above, 1e-3):.1f} | {one.own:,.0f} | {one.objective:.6f} "
            f"| {f'{one.gap:.1e}' if one.gap == one.gap else ''} |"
            for name, one in runs.items()
        ),
        "",
        f"One pass over all {ours.figures['pairs']:,.0f} pairs takes {ours.figures['pass']:.3f} s in the same process "
        f"(the engine's own, which also keeps what it finds, {ours.figures['engine_pass']:.3f} s): a solve is "
        f"{ours.seconds / ours.figures['pass']:.0f} passes' worth. Of our memory {ours.helpers:,.0f} MB are a helper process's, its own "
        "interpreter and libraries included.",
    ]


def _targets(size: tuple[int, int], runs: Mapping[str, Run]) -> list[Target]:
    ours = runs["matchmaker"]
    work = f"{size[0]} x {size[1]}, cold"
    note = f"{ours.seconds:.2f} s, {ours.seconds / ours.figures['pass']:.0f} passes' worth"
    times = [
        Target(f"{work}, against {solvers.NAMES[name]}", runs[name].seconds / ours.seconds, least, least=True, unit="times", note=note)
        for name, least in TIMES.items()
    ]
    return [*times, Target(f"{work}, peak memory above libraries'", ours.above, MEGABYTES, least=False, unit="MB")]
