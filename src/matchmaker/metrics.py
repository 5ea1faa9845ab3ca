"""One function, one column: how a plan reads from each side. All take an instance and an assignment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.assignment import Assignment
from matchmaker.instance import Instance


def expected_resolved(instance: Instance, assignment: Assignment) -> float:
    """Sum of affinity over the pairs: with competence times need, the requests we expect to see resolved."""
    return float(instance.affinity.pairs(assignment.officers, assignment.enterprises).sum())


def enterprise_value(instance: Instance, assignment: Assignment) -> NDArray[np.float64]:
    """What each enterprise gets: the affinities of its officers, added up. Shape (n_enterprises,)."""
    values = instance.affinity.pairs(assignment.officers, assignment.enterprises)
    return np.bincount(assignment.enterprises, values, instance.shape[1]).astype(np.float64)


def worst_served(instance: Instance, assignment: Assignment) -> float:
    """What the enterprise with the least gets, among those that ask for an officer; 0 when none asks."""
    asking = instance.demand_high > 0
    values = enterprise_value(instance, assignment)[asking]
    return float(values.min()) if len(values) else 0.0


def unserved(instance: Instance, assignment: Assignment) -> int:
    """How many enterprises have fewer officers than the least they ask for."""
    return int((assignment.served() < instance.demand_low).sum())


def places_short(instance: Instance, assignment: Assignment) -> int:
    """How many officers are missing over all enterprises."""
    return int(np.maximum(instance.demand_low - assignment.served(), 0).sum())


def idle_officers(instance: Instance, assignment: Assignment) -> int:
    """How many officers could serve and serve nobody."""
    return int(((assignment.loads() == 0) & (instance.capacity_high > 0)).sum())


def load_spread(instance: Instance, assignment: Assignment) -> float:
    """Standard deviation of officers' loads, in enterprises."""
    return float(assignment.loads().std())


def churn(instance: Instance, assignment: Assignment) -> float:
    """Share of last round's pairs (those whose two sides are still there) that this plan does not keep; NaN without a last round."""
    if instance.previous is None or not len(instance.previous):
        return float("nan")
    return float(1 - instance.kept(assignment).sum() / len(instance.previous))


def same_district(instance: Instance, assignment: Assignment) -> float:
    """Share of pairs whose officer and enterprise name the same district; NaN where places are not known."""
    if instance.officers is None or instance.enterprises is None or not len(assignment):
        return float("nan")
    if "district" not in instance.officers or "district" not in instance.enterprises:
        return float("nan")
    officer = instance.officers["district"].to_numpy(dtype=object)[assignment.officers]
    enterprise = instance.enterprises["district"].to_numpy(dtype=object)[assignment.enterprises]
    return float((officer == enterprise).mean())


def needs_met_by_district(instance: Instance, assignment: Assignment) -> pd.DataFrame:
    """Per district: enterprises, officers' places used, requests expected open, of them expected resolved, and the share.

    Returns
    -------
    DataFrame
        One row a district (an empty name where the place is not known), sorted by the share, lowest first. Columns district,
        enterprises, pairs, expected_open, expected_resolved, share, unserved.
    """
    opened = np.zeros(instance.shape[1]) if instance.need is None else instance.need.sum(axis=1)
    frame = pd.DataFrame(
        {
            "district": instance.text_of("enterprise", "district"),
            "enterprises": 1,
            "pairs": assignment.served(),
            "expected_open": opened,
            "expected_resolved": enterprise_value(instance, assignment),
            "unserved": (assignment.served() < instance.demand_low).astype(int),
        }
    )
    table = frame.groupby("district", sort=True, as_index=False).sum()
    share = table["expected_resolved"] / table["expected_open"].where(table["expected_open"] > 0)
    table.insert(5, "share", share)
    return table.sort_values(["share", "district"], kind="stable").reset_index(drop=True)
