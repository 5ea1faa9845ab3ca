"""The question: why this enterprise, this officer, or this pair?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.explain.alternatives import alternatives
from matchmaker.explain.case import Case, case_of
from matchmaker.explain.contributions import basis, contributions, profile
from matchmaker.explain.explanation import Explanation
from matchmaker.instance import Instance
from matchmaker.policies import Policy
from matchmaker.result import Result


def explain(
    result: Result,
    *,
    enterprise: object = None,
    officer: object = None,
    policy: Policy | None = None,
    exact: bool = False,
    most: int = 3,
    time_limit: float | None = None,
) -> Explanation:
    """Why an enterprise has its officers, or an officer the enterprises, who would be next, and what each change would cost the city.

    Parameters
    ----------
    result
        A plan.
    enterprise, officer
        Ids. One of them asks about all that it could be paired with; both ask about that pair alone ("why not her?").
    policy
        The rules and aims that made the plan; by default those that the result holds.
    exact
        Solve again with each allowed alternative forced, for its exact cost; without it the cost is a lower bound, proven by the
        plan's prices at once. It takes up to `most` solves.
    most
        How many alternatives that the rules allow to show; as many again that would be better and are forbidden.
    time_limit
        Seconds for each further solve.

    Raises
    ------
    ConfigError
        When nobody is named, or the policy is not known.
    DataError
        When there is no such enterprise or officer.
    NoAssignmentError
        When there is no plan to explain.
    """
    case = case_of(result, policy, enterprise, officer)
    officers, enterprises = _pairs(case)
    others = alternatives(case, most=most, exact=exact, time_limit=time_limit)
    return Explanation(
        side=case.side,
        id=enterprise if case.side == "enterprise" else officer,
        name=str(_names(result.instance, case.side)[case.position]),
        profile=profile(case),
        basis=basis(case),
        pairs=_in_the_plan(case, officers, enterprises),
        contributions=contributions(case, officers, enterprises),
        alternatives=_with_partner(case, others),
    )


def _pairs(case: Case) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The plan's pairs of whoever is asked about."""
    here = np.full(len(case.partners), case.position, dtype=np.int64)
    return (case.partners, here) if case.side == "enterprise" else (here, case.partners)


def _in_the_plan(case: Case, officers: NDArray[np.int64], enterprises: NDArray[np.int64]) -> pd.DataFrame:
    instance = case.result.instance
    keys = officers * instance.shape[1] + enterprises
    before = instance.previous
    kept = np.zeros(len(keys), dtype=bool) if before is None else np.isin(keys, before.officers * instance.shape[1] + before.enterprises)
    pins = instance.pins
    said = dict(
        zip((pins.officers * instance.shape[1] + pins.enterprises).tolist(), zip(pins.actor, pins.reason, strict=True), strict=True)
    )
    table = pd.DataFrame(
        {
            "officer_id": instance.officer_ids[officers],
            "enterprise_id": instance.enterprise_ids[enterprises],
            "affinity": instance.affinity.pairs(officers, enterprises),
            "value": case.program.values(officers, enterprises),
            "kept": kept,
            "pinned_by": [str(said.get(key, ("", ""))[0]) for key in keys.tolist()],
            "pin_reason": [str(said.get(key, ("", ""))[1]) for key in keys.tolist()],
        }
    )
    return _with_partner(case, table)


def _with_partner(case: Case, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the other side's names, after the ids."""
    instance = case.result.instance
    other, ids = ("officer", instance.officer_ids) if case.side == "enterprise" else ("enterprise", instance.enterprise_ids)
    places = pd.Index(ids).get_indexer(pd.Index(table[f"{other}_id"], dtype=object))
    table.insert(2, "partner", _names(instance, other)[places])
    return table


def _names(instance: Instance, side: str) -> NDArray[np.object_]:
    """What each is called; empty where the tables have no name."""
    frame = instance.officers if side == "officer" else instance.enterprises
    if frame is None or "name" not in frame:
        return np.full(instance.shape[0 if side == "officer" else 1], "", dtype=object)
    return frame["name"].fillna("").astype(str).to_numpy(dtype=object)
