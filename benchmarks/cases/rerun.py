"""Solved again after some officers and enterprises changed: from last round's prices, and cold."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np

from benchmarks import cities
from benchmarks.measure import in_turn
from benchmarks.report import Table, Target
from benchmarks.run import Found, Work

TITLE = "Solved again after a change"
REPEATS = 5
FULL, SMOKE = (4407, 8226), (250, 450)
SHARES = {0.01: 25, 0.05: 40, 0.20: 70}
"""Share of rows that change, and at most so many hundredths of the time of a cold solve."""


def load(*_: str) -> None:
    """What a solve needs."""
    from benchmarks import ours

    ours.load()


def prepare(share: str, n_officers: str, n_enterprises: str) -> Work:
    """Last round solved, some rows drawn anew; the work is the cold solve, then the one from last round's prices, and both again."""
    import matchmaker as mm
    from benchmarks import ours

    left, right, capacity = cities.city(int(n_officers), int(n_enterprises))
    last = mm.assign(mm.Factors(left, right), capacity=capacity)
    changed = mm.Factors(*changed_rows(left, right, float(share)))

    def clocked(start: mm.Result | None) -> tuple[mm.Result, float]:
        began = time.perf_counter()
        result = mm.assign(changed, capacity=capacity, start=start)
        return result, time.perf_counter() - began

    def work() -> Found:
        done = [clocked(start) for start in (None, last, last, None)]
        for result, _ in done:
            ours.proven(result)
        cold, warm = done[0][0], done[1][0]
        same = np.array_equal(cold.officers, warm.officers) and np.array_equal(cold.enterprises, warm.enterprises)
        if not math.isclose(cold.objective, warm.objective, rel_tol=1e-9):
            msg = f"Cold finds {cold.objective!r}, warm {warm.objective!r}"
            raise RuntimeError(msg)
        figures = {"cold": (done[0][1] + done[3][1]) / 2, "warm": (done[1][1] + done[2][1]) / 2, "same": float(same)}
        return Found(cold.objective, cold.gap, then=lambda: figures)

    return work


def changed_rows(left: np.ndarray, right: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Factors of which a share of the officers and of the enterprises is drawn anew, as the city itself is drawn."""
    anew = cities.city(len(left), len(right), seed=1)
    rng = np.random.default_rng(2)
    sides = []
    for before, after in zip((left, right), anew, strict=False):
        rows = rng.choice(len(before), round(share * len(before)), replace=False)
        side = before.copy()
        side[rows] = after[rows]
        sides.append(side)
    return sides[0], sides[1]


def table(repeats: int, *, smoke: bool) -> Table:
    """Seconds cold and warm in one process, in turn, for each share of rows changed."""
    size = SMOKE if smoke else FULL
    runs = in_turn({f"{share:.0%}": ["rerun", str(share), *map(str, size)] for share in SHARES}, repeats, smoke=smoke)
    lines = [
        f"{size[0]} officers x {size[1]} enterprises; a share of the officers and of the enterprises gets new factors; solved cold, from "
        f"last round's result, again from it, again cold, in one process; medians of {repeats} such processes.",
        "",
        "| rows changed | cold, s | from last round, s | of cold | objective | the same plan |",
        "|---|---|---|---|---|---|",
        *(_row(share, one.figures, one.objective) for share, one in runs.items()),
    ]
    targets = [
        Target(
            f"again after {share:.0%} of rows changed",
            100 * runs[f"{share:.0%}"].figures["warm"] / runs[f"{share:.0%}"].figures["cold"],
            most,
            least=False,
            unit="% of cold",
            note="the same plan" if runs[f"{share:.0%}"].figures["same"] == 1 else "**another plan**",
        )
        for share, most in SHARES.items()
    ]
    return Table(lines, targets)


def _row(share: str, figures: Mapping[str, float], objective: float) -> str:
    cold, warm = figures["cold"], figures["warm"]
    return f"| {share} | {cold:.3f} | {warm:.3f} | {warm / cold:.0%} | {objective:.6f} | {'yes' if figures['same'] == 1 else 'no'} |"
