"""The question: why this enterprise, this officer, or this pair?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.explain.alternatives import alternatives
from matchmaker.explain.case import Case, Side, case_of
from matchmaker.explain.contributions import basis, contributions, profile
from matchmaker.explain.explanation import Explanation
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
    """Why an enterprise has its officers, or an officer the enterprises, who would be next, and what the city would lose by each change.

    Parameters
    ----------
    result
        A plan.
    enterprise, officer
        Ids. One of them asks about all that it could be paired with; both ask about that pair alone ("why not her?").
    policy
        The rules and aims that made the plan; by default those that the result holds.
    exact
        Solve again with each allowed alternative forced, for the exact loss; without it the loss is a lower bound, proven by the
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
        name=str(result.instance.text_of(case.side, "name")[case.position]),
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
    pairs, pins = instance.assignment(officers, enterprises), instance.pins
    said = dict(zip(instance.keys(pins).tolist(), zip(pins.actor, pins.reason, strict=True), strict=True))
    pinned = [said.get(key, ("", "")) for key in instance.keys(pairs).tolist()]
    table = pd.DataFrame(
        {
            "officer_id": instance.officer_ids[officers],
            "enterprise_id": instance.enterprise_ids[enterprises],
            "affinity": instance.affinity.pairs(officers, enterprises),
            "value": case.program.values(officers, enterprises),
            "kept": instance.kept(pairs),
            "pinned_by": [str(actor) for actor, _ in pinned],
            "pin_reason": [str(reason) for _, reason in pinned],
        }
    )
    return _with_partner(case, table)


def _with_partner(case: Case, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the other side's names, after the ids."""
    instance = case.result.instance
    other: Side = "officer" if case.side == "enterprise" else "enterprise"
    ids = instance.officer_ids if other == "officer" else instance.enterprise_ids
    places = pd.Index(ids).get_indexer(pd.Index(table[f"{other}_id"], dtype=object))
    table.insert(2, "partner", instance.text_of(other, "name")[places])
    return table
