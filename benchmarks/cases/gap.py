"""Generalised assignment: the published instances, to the proven optimum or near the best known."""

from __future__ import annotations

from benchmarks import ruled
from benchmarks.cases import rules
from benchmarks.measure import in_turn
from benchmarks.report import Table, Target

TITLE = "Generalised assignment"
REPEATS = 1
INSTANCES = tuple(f"{kind}{agents}{jobs}" for kind in "abcd" for jobs in (100, 200) for agents in ("05", "10", "20"))
PROVEN_LIMIT = 20.0
"""Seconds within which types A to C are to be proven."""
ABSENT = "Left out: its data are not here."
load, prepare = rules.load, rules.prepare


def table(repeats: int, *, smoke: bool) -> Table:
    """Seconds, gaps and how far above the best known, instance by instance."""
    if not ruled.GAP.is_dir():
        return Table([ABSENT], [])
    done = in_turn({name: ["gap", "gap", name] for name in (INSTANCES[:1] if smoke else INSTANCES)}, repeats, smoke=smoke)
    source = "Costs, as a negative value. Types A to D, 5 to 20 agents, 100 and 200 jobs (doi:10.1016/S0305-0548(96)00032-9)."
    lines = [source, "", *rules.rows(done)]
    targets = []
    for name, run in done.items():
        off, hard = 100 * (-run.objective / ruled.best_known(name) - 1), name.startswith("d")
        targets.append(Target(f"{name}: above the best known", off, 0.2 if hard else 0.0, least=False, unit="%"))
        limit = rules.GAP_LIMIT + 1 if hard else PROVEN_LIMIT
        targets.append(Target(f"{name}: time", run.seconds, limit, least=False, unit="s", note=f"gap {run.gap:.0e}"))
    return Table(lines, targets)
