"""Tiny instances with everything in them, from hypothesis or from a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.instance import Instance, Notes
from matchmaker.profiles import Need

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

Choose = Callable[[int, int], int]

EXAMPLES = 20


def instances(max_officers: int = 3, max_enterprises: int = 4) -> SearchStrategy[Instance]:
    """Tiny instances with everything in them: places, tiers, notes, a last round. A hypothesis strategy.

    Affinities are multiples of a sixteenth, so sums are exact. About a third of them have a plan that keeps all rules.

    Parameters
    ----------
    max_officers, max_enterprises
        The largest size; the smallest is 1 x 1.
    """
    from hypothesis import strategies as st

    @st.composite
    def build(draw: DrawFn) -> Instance:
        return tiny_instance(lambda low, high: draw(st.integers(low, high)), max_officers, max_enterprises)

    return build()


def assignments(instance: Instance) -> SearchStrategy[Assignment]:
    """Any set of pairs, whether it keeps the rules or not. A hypothesis strategy."""
    from hypothesis import strategies as st

    n, m = instance.shape
    pairs = st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1)))
    return pairs.map(lambda chosen: instance.assignment([i for i, _ in chosen], [j for _, j in chosen]))


def examples(count: int = EXAMPLES, seed: int = 0, *, max_officers: int = 3, max_enterprises: int = 3) -> list[Instance]:
    """Tiny instances without hypothesis, always the same for a seed: what the checks try when they are given none."""
    rng = np.random.default_rng(seed)
    return [tiny_instance(lambda low, high: int(rng.integers(low, high + 1)), max_officers, max_enterprises) for _ in range(count)]


def tiny_instance(choose: Choose, max_officers: int, max_enterprises: int) -> Instance:
    """A tiny instance from a function that picks a whole number between two, both included."""
    n, m = choose(1, max_officers), choose(1, max_enterprises)
    competence = np.array([[choose(0, 4) / 4 for _ in range(2)] for _ in range(n)])
    need = np.array([[choose(0, 4) / 4 for _ in range(2)] for _ in range(m)])
    capacity_low, capacity_high = _ranges(choose, n, m)
    demand_low, demand_high = _ranges(choose, m, n)
    instance = Instance(
        officer_ids=np.array([f"G{i}" for i in range(n)], dtype=object),
        enterprise_ids=np.array([f"E{j}" for j in range(m)], dtype=object),
        affinity=Factors(competence, need),
        capacity_low=capacity_low,
        capacity_high=capacity_high,
        demand_low=demand_low,
        demand_high=demand_high,
        needs=(Need("land", "用地", "land"), Need("finance", "金融", "finance")),
        competence=competence,
        need=need,
        officers=pd.DataFrame([_officer(choose) for _ in range(n)]),
        enterprises=pd.DataFrame([_enterprise(choose) for _ in range(m)]),
        recusals=_notes(choose, n, m, choose(0, 2)),
        pins=_notes(choose, n, m, choose(0, 3) // 3),
        vetoes=_notes(choose, n, m, choose(0, 2)),
    )
    chosen = sorted({(choose(0, n - 1), choose(0, m - 1)) for _ in range(choose(0, 3))})
    return instance.replace(previous=instance.assignment([i for i, _ in chosen], [j for _, j in chosen]))


def _ranges(choose: Choose, size: int, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Least and most: mostly none at the least, so that many instances have a plan."""
    low = np.array([choose(0, 3) // 3 for _ in range(size)], dtype=np.int64)
    return low, low + np.array([choose(0, most - 1) for _ in range(size)], dtype=np.int64)


def _officer(choose: Choose) -> dict[str, str]:
    tier = ("city", "county", "township")[choose(0, 2)]
    return {
        "name": "甲某",
        "department": ("land", "finance")[choose(0, 1)],
        "tier": tier,
        "district": "" if tier == "city" else ("east", "west")[choose(0, 1)],
        "town": ("old", "new")[choose(0, 1)] if tier == "township" else "",
    }


def _enterprise(choose: Choose) -> dict[str, str]:
    district = ("east", "west", "")[choose(0, 2)]
    return {
        "name": "示例企业",
        "district": district,
        "town": ("old", "new", "")[choose(0, 2)] if district else "",
        "industry": ("software", "textiles")[choose(0, 1)],
    }


def _notes(choose: Choose, n: int, m: int, count: int) -> Notes:
    chosen = sorted({(choose(0, n - 1), choose(0, m - 1)) for _ in range(count)})
    who = np.array(["甲某"] * len(chosen), dtype=object)
    officers, enterprises = (np.array([pair[side] for pair in chosen], dtype=np.int64) for side in (0, 1))
    return Notes(officers=officers, enterprises=enterprises, actor=who, reason=who)
