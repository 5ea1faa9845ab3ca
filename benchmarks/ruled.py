"""Cities with rules that bite and can be kept: limits are read off a plan made for other affinities, which keeps them all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import matchmaker as mm
from benchmarks import cities
from matchmaker.constraints import Capacity, ChurnBudget, Constraint, Coverage, Demand, GroupFloor, Quota, Workload
from matchmaker.objectives import DiminishingReturns, ExpectedResolved, Leximin, WorstServed, then
from matchmaker.policies import Policy, optimal
from matchmaker.profiles import Need

HOURS = (2.0, 4.0, 8.0, 16.0)
GAP = Path(__file__).parents[2] / "shared" / "data" / "gap"


def city(kind: str, n_officers: int, n_enterprises: int, seed: int = 0) -> mm.Instance:
    """The synthetic Hangzhou, or the random city with 26 departments, 13 districts and its factors for needs."""
    if kind == "hangzhou":
        from matchmaker import datasets

        return mm.build(datasets.hangzhou(seed=seed, n_officers=n_officers, n_enterprises=n_enterprises))
    left, right, capacity = cities.city(n_officers, n_enterprises)
    rng = np.random.default_rng(seed)
    district = right[:, 8:].argmax(axis=1) if right.shape[1] > 8 else rng.integers(0, 13, n_enterprises)
    ones = np.ones(n_enterprises, np.int64)
    return mm.Instance(
        officer_ids=np.arange(n_officers).astype(object),
        enterprise_ids=np.arange(n_enterprises).astype(object),
        affinity=mm.Factors(left, right),
        capacity_low=np.zeros(n_officers, np.int64),
        capacity_high=capacity,
        demand_low=ones,
        demand_high=ones,
        needs=tuple(Need(f"need{k}", f"需求{k}", f"need {k}") for k in range(8)),
        competence=np.clip(left[:, :8], 0, 1),
        need=np.maximum(right[:, :8], 0),
        officers=pd.DataFrame({"department": [f"department {k}" for k in rng.integers(0, 26, n_officers)]}),
        enterprises=pd.DataFrame({"district": [f"district {k}" for k in district]}),
        name="random city",
    )


def all_at_once(instance: mm.Instance, kind: str, *, hours: bool, seed: int = 0) -> tuple[mm.Instance, mm.Assignment, Policy]:
    """The instance with a last round, a plan that keeps the rules, and a policy: quotas, coverage, floors, churn, perhaps hours."""
    rng = np.random.default_rng(seed + 1)
    plain: tuple[Constraint, ...] = tuple(optimal().constraints) if kind == "hangzhou" else (Capacity(), Demand())
    threshold = float(np.quantile(instance.competence, 0.7))

    def other(scale: float) -> mm.Assignment:
        shaken = instance.affinity.right * rng.uniform(1 - scale, 1 + scale, instance.affinity.right.shape)
        changed = instance.replace(affinity=mm.Factors(instance.affinity.left, shaken))
        return mm.solve(changed, Policy(name="other", constraints=plain, objectives=(ExpectedResolved(),))).assignment

    kept, last = other(0.15), other(0.2)
    instance = instance.replace(previous=last)
    i, j = kept.officers, kept.enterprises
    pairs = pd.DataFrame(
        {"department": instance.text_of("officer", "department")[i], "district": instance.text_of("enterprise", "district")[j]}
    )
    count = pairs.value_counts().unstack(fill_value=0)
    able = np.zeros(instance.need.shape, dtype=bool)
    np.logical_or.at(able, j, instance.competence[i] >= threshold)
    first = np.eye(instance.need.shape[1], dtype=bool)[instance.need.argmax(axis=1)]
    values = pd.Series(instance.affinity.pairs(i, j)).groupby(pairs["district"]).sum()
    asking = pd.Series(instance.text_of("enterprise", "district")[instance.demand_high > 0]).value_counts()
    floors = (values / asking.reindex(values.index)) * 0.99
    gone = len(last) - int(instance.kept(kept).sum()) + len(last) // 50
    rules = [
        Quota("department", "district", least=np.floor(0.93 * count), most=np.ceil(1.07 * count)),
        Coverage(threshold, needs=first & able),
        GroupFloor(floors.to_dict()),
        ChurnBudget(most=gone),
    ]
    if hours:
        takes = rng.choice(HOURS, instance.shape[1])
        carried = np.bincount(i, takes[j], instance.shape[0])
        rules.append(Workload(np.maximum(carried, rng.choice([12.0, 16.0, 20.0, 24.0], instance.shape[0])), load=takes, name="hours"))
    return instance, kept, Policy(name="all at once", constraints=(*plain, *rules), objectives=(ExpectedResolved(),))


def needy(n_officers: int, n_enterprises: int, needs: int = 10, seed: int = 1) -> mm.Instance:
    """Officers who are good at little, enterprises with few large needs, two officers each."""
    rng = np.random.default_rng(seed)
    able, asked = rng.beta(1, 3, (n_officers, needs)), rng.gamma(0.3, 1, (n_enterprises, needs))
    two = np.full(n_enterprises, 2)
    return mm.Instance(
        officer_ids=np.arange(n_officers).astype(object),
        enterprise_ids=np.arange(n_enterprises).astype(object),
        affinity=mm.Factors(able, asked),
        capacity_low=np.zeros(n_officers, np.int64),
        capacity_high=np.full(n_officers, 2),
        demand_low=two,
        demand_high=two,
        needs=tuple(Need(f"need{k}", f"需求{k}", f"need {k}") for k in range(needs)),
        competence=able,
        need=asked,
        name="needy",
    )


def two_each() -> Policy:
    """Returns that diminish, within capacities and demands."""
    return Policy(name="two each", constraints=(Capacity(), Demand()), objectives=(DiminishingReturns(),))


FAIR, CLASHES = ("two", "districts", "levels"), ("places", "clash")


def fair(work: str, n_officers: int, n_enterprises: int) -> tuple[mm.Instance, Policy]:
    """The worst served of those who have two officers each; districts, worst first; the 200 worst-served enterprises, worst first."""
    instance = city("random", n_officers, n_enterprises)
    if work == "two":
        two = np.full(n_enterprises, 2)
        instance = instance.replace(
            demand_low=two, demand_high=two, capacity_high=instance.capacity_high + (2 * n_enterprises > n_officers)
        )
    levels = min(200, n_enterprises // 4)
    first = {"two": WorstServed(), "districts": Leximin(by="district"), "levels": Leximin(levels=levels)}[work]
    aims = (first, then(ExpectedResolved()))
    return instance, Policy(name=work, constraints=(Capacity(), Demand()), objectives=aims)


def clashing(work: str, n_officers: int, n_enterprises: int) -> tuple[mm.Instance, Policy]:
    """A city in which a district's own officers have no places and the city's officers none at all; or floors that ask for too much."""
    if work == "places":
        instance = city("hangzhou", n_officers, n_enterprises)
        poorest = pd.Series(instance.text_of("enterprise", "district")).value_counts().index[-1]
        gone = (instance.text_of("officer", "district") == poorest) | (instance.text_of("officer", "tier") == "city")
        return instance.replace(capacity_high=np.where(gone, 0, instance.capacity_high)), optimal()
    instance, _, policy = all_at_once(city("random", n_officers, n_enterprises), "random", hours=False)
    raised = [
        GroupFloor({name: 1.3 * least for name, least in rule.floor.items()})
        if isinstance(rule, GroupFloor) and isinstance(rule.floor, dict)
        else rule
        for rule in policy.constraints
    ]
    return instance, Policy(name="too much", constraints=raised, objectives=(ExpectedResolved(),))


def gap_instance(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Costs and loads, (n_agents, n_jobs) each, and capacities of a generalised assignment instance."""
    numbers = np.array((GAP / name).read_text().split(), dtype=np.float64)
    n, m = int(numbers[0]), int(numbers[1])
    cost, load = numbers[2 : 2 + n * m].reshape(n, m), numbers[2 + n * m : 2 + 2 * n * m].reshape(n, m)
    return cost, load, numbers[2 + 2 * n * m :]


def best_known(name: str) -> float:
    """The best known cost."""
    table = pd.read_csv(GAP / "best_known.csv").set_index("instance")
    return float(table.loc[name, "best_known_value"])
