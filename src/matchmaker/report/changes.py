"""What a plan changes against an earlier one, pair by pair."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matchmaker.assignment import Assignment
from matchmaker.errors import DataError
from matchmaker.result import Result


def changes(result: Result, before: Assignment | None = None) -> pd.DataFrame:
    """Pairs that this plan gives up and pairs that it adds, those of one enterprise side by side.

    Parameters
    ----------
    before
        The earlier plan; by default last round's, which the instance holds. Pairs whose officer or enterprise is not in this round's
        tables are left out.

    Returns
    -------
    DataFrame
        One row a changed pair, by enterprise, given up before new. Columns enterprise_id, enterprise_name, change (given_up or new),
        officer_id, officer_name, affinity.

    Raises
    ------
    DataError
        When there is no earlier plan.
    NoAssignmentError
        When the result holds no plan.
    """
    instance, plan = result.instance, result.assignment
    before = instance.previous if before is None else before
    if before is None:
        msg = (
            "There is no earlier plan to compare with: give before=, or build the instance with previous=. "
            "| 没有可比较的上轮方案：请给出 before=，或建立实例时给出 previous=。"
        )
        raise DataError(msg)
    old, _ = before.aligned(instance.officer_ids, instance.enterprise_ids)
    width = instance.shape[1]
    old_keys, new_keys = instance.keys(old), instance.keys(plan)
    keys = np.concatenate([np.setdiff1d(old_keys, new_keys), np.setdiff1d(new_keys, old_keys)])
    officers, enterprises = keys // width, keys % width
    frame = pd.DataFrame(
        {
            "enterprise_id": instance.enterprise_ids[enterprises],
            "enterprise_name": instance.text_of("enterprise", "name")[enterprises],
            "change": np.where(np.isin(keys, old_keys), "given_up", "new").astype(object),
            "officer_id": instance.officer_ids[officers],
            "officer_name": instance.text_of("officer", "name")[officers],
            "affinity": instance.affinity.pairs(officers, enterprises),
        }
    )
    return frame.iloc[np.lexsort((officers, np.isin(keys, new_keys), enterprises))].reset_index(drop=True)
