"""20,000 x 37,000, which no peer holds: proven, within so many passes' worth and so much memory."""

from __future__ import annotations

from benchmarks import cities
from benchmarks.measure import in_turn
from benchmarks.report import Table, Target
from benchmarks.run import Found, Work

TITLE = "Three quarters of a billion pairs"
REPEATS = 3
FULL, SMOKE = (20_000, 37_000), (250, 450)
PASSES, MEGABYTES = 25, 2000


def load(*_: str) -> None:
    """What a solve needs."""
    from benchmarks import ours

    ours.load()


def prepare(n_officers: str, n_enterprises: str) -> Work:
    """A city of that size; the work is one solve."""
    import matchmaker as mm
    from benchmarks import ours

    left, right, capacity = cities.city(int(n_officers), int(n_enterprises))

    def work() -> Found:
        return ours.proven(mm.assign(mm.Factors(left, right), capacity=capacity, demand=1), passes=3)

    return work


def table(repeats: int, *, smoke: bool) -> Table:
    """Seconds, passes' worth, memory, rounds."""
    size = SMOKE if smoke else FULL
    ours = in_turn({"matchmaker": ["large", *map(str, size)]}, repeats, smoke=smoke)["matchmaker"]
    one_pass = ours.figures["pass"]
    work = f"{size[0]:,} x {size[1]:,}"
    lines = [
        f"{size[0]:,} officers x {size[1]:,} enterprises, {ours.figures['pairs']:,.0f} pairs, medians of {repeats}.",
        "",
        "| seconds | one pass, s | passes' worth | the engine's own pass, s | peak MB | of which a helper's | objective | gap proven |",
        "|---|---|---|---|---|---|---|---|",
        f"| {ours.seconds:.2f} | {one_pass:.3f} | {ours.seconds / one_pass:.1f} | {ours.figures['engine_pass']:.3f} "
        f"| {ours.megabytes:,.0f} | {ours.helpers:,.0f} | {ours.objective:.6f} | {ours.gap:.1e} |",
    ]
    targets = [
        Target(f"{work}, proven", ours.seconds / one_pass, PASSES, least=False, unit="passes' worth", note=f"{ours.seconds:.1f} s"),
        Target(f"{work}, peak memory", ours.megabytes, MEGABYTES, least=False, unit="MB"),
    ]
    return Table(lines, targets)
