"""The rule book: every rule at once, hours, the worst served, what is infeasible; with a gap proven over all pairs."""

from __future__ import annotations

import math

from benchmarks import monolith, ruled
from benchmarks.measure import in_turn
from benchmarks.report import Table, Target
from benchmarks.run import Found, Run, Work

TITLE = "The rule book"
REPEATS = 1
FULL, SMOKE = (4407, 8226), (60, 110)
LADDER, SMALL_LADDER = (500, 900), (20, 36)
KINDS = ("hangzhou", "random")
LIMIT, HOURS_LIMIT, FAIR, GAP_LIMIT, RETURNS_LIMIT = 60.0, 120.0, 300.0, 60.0, 100.0
DISTRICTS, DIAGNOSED = 60.0, 10.0
BRIEF, SMALL_FAIR = 5.0, 200
"""Seconds of a work about the worst served with fewer officers than so many: a smoke run is about answers."""
PAIRED, SMALL_PAIRED = 2000, 30
PEER_LIMIT = (HOURS_LIMIT, 1.0)
"""Seconds for solvers from elsewhere: at full size, and in a smoke run."""


def load(*_: str) -> None:
    """What a solve needs."""
    from benchmarks import ours

    ours.load()


def prepare(work: str, kind: str, *size: str) -> Work:
    """One of the works: ``rules hangzhou 4407 8226``, ``gap c20200``."""
    import matchmaker as mm
    from matchmaker.engine.packing import make_packing_ready

    if work == "gap":
        make_packing_ready()
        cost, takes, capacity = ruled.gap_instance(kind)
        return lambda: _found(mm.assign(-cost, capacity=capacity, load=takes, demand=1, time_limit=GAP_LIMIT))
    n, m = map(int, size)
    if work in ("plain", "maxmin", "leximin"):
        left, right, capacity = ruled.cities.city(n, m)
        objective = "total" if work == "plain" else work
        return lambda: _found(mm.assign(mm.Factors(left, right), capacity=capacity, objective=objective, time_limit=FAIR))
    if work in ruled.FAIR:
        instance, policy = ruled.fair(work, n, m)
        limit = BRIEF if n < SMALL_FAIR else DISTRICTS if work == "districts" else FAIR
        return lambda: _found(mm.solve(instance, policy, time_limit=limit, gap=1e-3))
    if work in ruled.CLASHES:
        instance, policy = ruled.clashing(work, n, m)
        return lambda: _told(mm.solve(instance, policy, time_limit=DIAGNOSED * 6))
    if work == "returns":
        alone = ruled.needy(n, m)
        return lambda: _found(mm.solve(alone, ruled.two_each(), time_limit=RETURNS_LIMIT, gap=0.005))
    instance, kept, policy = ruled.all_at_once(ruled.city(kind, n, m), kind, hours=work != "rules")
    if work in monolith.PEERS:
        return monolith.work(work, monolith.shortlist(instance, kept, policy), PEER_LIMIT[(n, m) == SMOKE])
    limit, gap = (LIMIT, 5e-4) if work == "rules" else (HOURS_LIMIT, 5e-3)
    return lambda: _found(mm.solve(instance, policy, time_limit=limit, gap=gap))


def _found(result: object) -> Found:
    """What a result says; not a number where there is no plan."""
    import matchmaker as mm

    if not isinstance(result, mm.Result) or result.plan is None:
        return Found(math.nan, math.inf)
    earlier = {f"{name}_gap": (bound - value) / abs(value) for name, value, bound in result.earlier if value}
    return Found(result.objective, result.gap, then=lambda: earlier)


def _told(result: object) -> Found:
    """How many the diagnosis names, members and lines: 0 where there is none."""
    import matchmaker as mm

    told = result.diagnosis if isinstance(result, mm.Result) and result.termination == "INFEASIBLE" else None
    return Found(0.0 if told is None else float(len(told.enterprises) + len(told.officers) + len(told.notes)), 0.0)


def table(repeats: int, *, smoke: bool) -> Table:
    """Seconds, gaps and memory of every work."""
    size = tuple(map(str, SMOKE if smoke else FULL))
    ladder = tuple(map(str, SMALL_LADDER if smoke else LADDER))
    runs = {f"{work}, {kind}": ["rules", work, kind, *size] for work in ("rules", "hours") for kind in KINDS}
    runs |= {work: ["rules", work, "random", *size] for work in ("plain", "maxmin")}
    runs["leximin"] = ["rules", "leximin", "random", *ladder]
    runs["maxmin, two each"] = ["rules", "two", "random", size[0], str(SMALL_PAIRED if smoke else PAIRED)]
    runs |= {"leximin, districts": ["rules", "districts", "random", *size], "leximin, 200 levels": ["rules", "levels", "random", *size]}
    runs |= {"infeasible, places": ["rules", "places", "hangzhou", *size], "infeasible, rules": ["rules", "clash", "random", *size]}
    runs["diminishing returns"] = ["rules", "returns", "random", size[0], str(SMALL_PAIRED if smoke else PAIRED)]
    done = in_turn(runs, repeats, smoke=smoke)
    lines = [
        f"{size[0]} officers, {size[1]} enterprises; quotas of 26 departments x 13 districts, coverage of each first need, floors of 13 "
        "districts, a churn budget; with hours, 2 to 16 an enterprise. Gaps are over all pairs.",
        "",
        *rows(done),
    ]
    return Table(lines, targets(done))


def rows(done: dict[str, Run]) -> list[str]:
    """A line for each work."""
    return [
        "| work | seconds | value | gap proven | peak MB |",
        "|---|---|---|---|---|",
        *(f"| {name} | {run.seconds:.1f} | {run.objective:.6g} | {run.gap:.2e} | {run.megabytes:,.0f} |" for name, run in done.items()),
    ]


def targets(done: dict[str, Run]) -> list[Target]:
    """What was to be reached."""
    found = []
    for kind in KINDS:
        for work, most, limit in (("rules", 0.1, LIMIT), ("hours", 1.0, HOURS_LIMIT)):
            run = done[f"{work}, {kind}"]
            found.append(Target(f"{work}, {kind}: gap", 100 * run.gap, most, least=False, unit="%", note=f"{run.seconds:.0f} s"))
            found.append(Target(f"{work}, {kind}: time", run.seconds, limit, least=False, unit="s"))
    times = done["maxmin"].seconds / done["plain"].seconds
    found.append(Target("max-min and the best total at it", times, 10, least=False, unit="times the plain optimum"))
    found.append(Target("leximin, complete", done["leximin"].seconds, FAIR, least=False, unit="s", note=f"gap {done['leximin'].gap:.0e}"))
    two = 100 * max(done["maxmin, two each"].figures.get("worst_served_gap", math.inf), 0.0)
    found.append(Target("max-min, two officers each: gap of the least", two, 0.1, least=False, unit="%"))
    for name, limit in (("leximin, districts", DISTRICTS), ("leximin, 200 levels", FAIR)):
        found.append(Target(name, done[name].seconds, limit, least=False, unit="s", note=f"gap {done[name].gap:.0e}"))
    for name in ("infeasible, places", "infeasible, rules"):
        run = done[name]
        found.append(Target(f"{name}: diagnosis", run.seconds, DIAGNOSED, least=False, unit="s", note=f"{run.objective:.0f} named"))
    run = done["diminishing returns"]
    found.append(
        Target("diminishing returns, two officers each: gap", 100 * run.gap, 1.0, least=False, unit="%", note=f"{run.seconds:.0f} s")
    )
    return found
