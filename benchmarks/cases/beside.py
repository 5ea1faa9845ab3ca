"""Every rule at once with hours, beside solvers that are given the programme as a whole."""

from __future__ import annotations

from benchmarks import monolith
from benchmarks.cases import rules
from benchmarks.measure import in_turn
from benchmarks.report import Table, Target

TITLE = "The rule book beside other solvers"
REPEATS = 1
load, prepare = rules.load, rules.prepare


def table(repeats: int, *, smoke: bool) -> Table:
    """Seconds, values and gaps of ours and of theirs, in one run."""
    size = tuple(map(str, rules.SMOKE if smoke else rules.FULL))
    works = {"hours": "matchmaker", **monolith.PEERS}
    runs = {f"{name}, {kind}": ["beside", work, kind, *size] for kind in rules.KINDS for work, name in works.items()}
    done = in_turn(runs, repeats, smoke=smoke)
    lines = [
        f"{size[0]} officers, {size[1]} enterprises, every rule at once and hours. Our gap is over all pairs; those of HiGHS, SCIP "
        f"and CP-SAT are over a shortlist, the same for all three, after {rules.PEER_LIMIT[smoke]:.0f} s and as long as they take to stop.",
        "",
        *rules.rows(done),
    ]
    targets = []
    for kind in rules.KINDS:
        theirs = min(done[f"{name}, {kind}"].gap for name in monolith.PEERS.values())
        share = done[f"matchmaker, {kind}"].gap / max(theirs, 1e-9)
        targets.append(Target(f"hours, {kind}: gap, of the least of theirs", share, 1.0, least=False, unit="times theirs"))
    return Table(lines, targets)
