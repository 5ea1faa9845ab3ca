"""Area rules: thirteen districts, and few officers who may go anywhere. What may not meet is never priced."""

from __future__ import annotations

import numpy as np

import matchmaker as mm
from benchmarks import cities
from benchmarks.measure import check_equal, in_turn
from benchmarks.report import Table, Target
from benchmarks.run import Found, Work

TITLE = "Area rules"
REPEATS = 5
FULL, SMOKE = (4407, 8226, 104), (130, 240, 5)
DISTRICTS, TIMES = 13, 4
RULES = {"areas": "districts and the city's own", "everywhere": "every pair eligible", "ortools": "OR-Tools on the eligible arcs"}


def load(rules: str, *_: str) -> None:
    """What a solve needs."""
    if rules == "ortools":
        from benchmarks import arcs  # noqa: F401 -- loaded for the clock
    else:
        from benchmarks import ours

        ours.load()


def prepare(rules: str, n_officers: str, n_enterprises: str, anywhere: str) -> Work:
    """The city with places; the work is one solve, with area rules or without."""
    from benchmarks import ours
    from matchmaker.constraints import Capacity, Demand, ServesArea
    from matchmaker.objectives import ExpectedResolved

    instance = placed_city(int(n_officers), int(n_enterprises), int(anywhere))
    only = () if rules == "everywhere" else (ServesArea(),)
    policy = mm.Policy(name=rules, constraints=(Capacity(), Demand(), *only), objectives=(ExpectedResolved(),))
    if rules == "ortools":
        from benchmarks.arcs import best_flow

        return lambda: best_flow(policy.program(instance)).objective

    def eligible() -> dict[str, float]:
        allowed = policy.program(instance).allowed(np.arange(instance.shape[0])[:, None], np.arange(instance.shape[1])[None, :])
        return {"eligible": float(allowed.mean())}

    def work() -> Found:
        found = ours.proven(mm.solve(instance, policy))
        return Found(found.objective, found.gap, found.rounds, eligible)

    return work


def placed_city(n_officers: int, n_enterprises: int, anywhere: int) -> mm.Instance:
    """The random city as an instance with districts; its first officers are the city's, the others' places suffice in every district."""
    import pandas as pd

    left, right, capacity = cities.city(n_officers, n_enterprises)
    rng = np.random.default_rng(0)
    enterprise_district = rng.choice(DISTRICTS, n_enterprises, p=rng.dirichlet(np.full(DISTRICTS, 5)))
    asked = np.cumsum(np.bincount(enterprise_district, minlength=DISTRICTS)) / n_enterprises
    given = np.cumsum(capacity[anywhere:]) / capacity[anywhere:].sum()
    own = np.minimum(np.searchsorted(asked, given), DISTRICTS - 1)
    names = np.array([f"district {k}" for k in range(DISTRICTS)], dtype=object)
    return mm.Instance(
        officer_ids=np.arange(n_officers).astype(object),
        enterprise_ids=np.arange(n_enterprises).astype(object),
        affinity=mm.Factors(left, right),
        capacity_low=np.zeros(n_officers, np.int64),
        capacity_high=capacity,
        demand_low=np.ones(n_enterprises, np.int64),
        demand_high=np.ones(n_enterprises, np.int64),
        officers=pd.DataFrame(
            {"tier": ["city"] * anywhere + ["county"] * len(own), "district": [""] * anywhere + list(names[own]), "town": ""}
        ),
        enterprises=pd.DataFrame({"district": names[enterprise_district], "town": ""}),
        name="placed city",
    )


def table(repeats: int, *, smoke: bool) -> Table:
    """Seconds with area rules, without, and of OR-Tools on the eligible arcs alone, in turn."""
    size = list(map(str, SMOKE if smoke else FULL))
    runs = in_turn({rules: ["areas", rules, *size] for rules in RULES}, repeats, smoke=smoke)
    ruled, free = runs["areas"], runs["everywhere"]
    check_equal("area rules", {"ortools": runs["ortools"]}, ruled.objective, 1e-4)
    lines = [
        f"{size[0]} officers, of whom {size[2]} may go anywhere, x {size[1]} enterprises in {DISTRICTS} districts, medians of {repeats}, "
        f"run in turn. {ruled.figures['eligible']:.1%} of the pairs are eligible.",
        "",
        "| | seconds | peak MB above libraries' | objective |",
        "|---|---|---|---|",
        *(f"| {RULES[rules]} | {one.seconds:.2f} | {one.above:,.0f} | {one.objective:.6f} |" for rules, one in runs.items()),
    ]
    note = f"{ruled.seconds:.2f} s against {free.seconds:.2f} s"
    return Table(
        lines, [Target("area rules, against every pair eligible", free.seconds / ruled.seconds, TIMES, least=True, unit="times", note=note)]
    )
