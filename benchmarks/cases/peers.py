"""The plain city, one officer each, against every peer: equal objectives, seconds and memory as ratios."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import cities, measure, solvers

TITLE = "Peers on the random city"
FULL, SMOKE = (4407, 8226), (60, 100)
TARGETS = {"pot": 4, "ortools": 8, "scipy": 15}
"""At least so many times as fast."""


def prepare(solver: str, n_officers: str, n_enterprises: str, seed: str) -> Callable[[], float]:
    """The solver, loaded, and its city, made."""
    solve = solvers.solver(solver)
    given = cities.city(int(n_officers), int(n_enterprises), int(seed))
    return lambda: float(solve(*given))


def table(repeats: int, *, smoke: bool) -> list[str]:
    """Run every solver in turn, `repeats` times; rows of a Markdown table. Raises when objectives differ."""
    go = measure.run_here if smoke else measure.run
    size = SMOKE if smoke else FULL
    runs: dict[str, list[measure.Run]] = {name: [] for name in solvers.NAMES}
    for _ in range(repeats):
        for name, done in runs.items():
            done.append(go(["peers", name, *map(str, size), "0"]))
    medians = {name: measure.median(done) for name, done in runs.items()}
    ours = medians["matchmaker"]
    check_equal(medians, cities.known_optimum(*size, 0))
    rows = ["| solver | seconds | times ours | at least | peak MB | times ours | objective |", "|---|---|---|---|---|---|---|"]
    rows += [
        f"| {solvers.NAMES[name]} | {one.seconds:.2f} | {one.seconds / ours.seconds:.1f} | {TARGETS.get(name, '')} "
        f"| {one.megabytes:,.0f} | {one.megabytes / ours.megabytes:.1f} | {one.objective:.4f} |"
        for name, one in medians.items()
    ]
    return [f"{size[0]} officers x {size[1]} enterprises, medians of {repeats}, run in turn.", "", *rows]


def check_equal(medians: dict[str, measure.Run], optimum: float | None) -> None:
    """Nothing, when every solver found the same optimum (flows in units of 1e-6 round within 1e-4), and the known one."""
    ours = medians["matchmaker"].objective
    wrong = {name: one.objective for name, one in medians.items() if abs(one.objective - ours) > 1e-4}
    if optimum is not None and abs(ours - optimum) > 1e-4:
        wrong["matchmaker"] = ours
    if wrong:
        msg = f"Objectives differ: ours {ours}, known {optimum}, {wrong}"
        raise RuntimeError(msg)
