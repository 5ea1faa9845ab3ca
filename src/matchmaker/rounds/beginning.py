"""Where a round's search begins: at the prices that prove last round's plan, when they stand beside it."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import DataError
from matchmaker.instance import Instance
from matchmaker.program import Prices
from matchmaker.rounds.inputs import Inputs
from matchmaker.rounds.record import PROOF, is_number, read_json

logger = logging.getLogger(__name__)


def prices_beside_previous(inputs: Inputs) -> Prices | None:
    """The prices in the proof.json beside last round's plan, over this round's ids; NaN for who has none there.

    They only decide how soon the plan is found, so a proof that is missing or cannot be used is no error: None, and a word in the log,
    which is a warning where somebody would want to know.
    """
    previous = next((file.path for file in inputs.files if file.role == "previous"), None)
    if previous is None:
        return None
    path = previous.with_name(PROOF)
    if not path.exists():
        logger.info("no %s beside %s: the search begins from nothing", PROOF, previous.name)
        return None
    try:
        return _over_ids(read_json(path), inputs.instance, path)
    except DataError as error:
        logger.warning("The prices of last round are not used, and the search begins from nothing: %s | 未使用上轮价格，从头求解", error)
        return None


def _over_ids(proof: Mapping[str, Any], instance: Instance, path: Path) -> Prices | None:
    """The proof's prices by id.

    Raises
    ------
    DataError
        When they are no numbers by id, or do not price whom last round's plan pairs: it is another plan's proof.
    """
    prices = proof.get("prices")
    if prices is None:
        logger.info("%s proves nothing: the search begins from nothing", path)
        return None
    found = Prices(
        officers=_side(prices, "officers", instance.officer_ids, path),
        enterprises=_side(prices, "enterprises", instance.enterprise_ids, path),
    )
    plan = instance.previous
    if plan is not None:
        lacking = int(np.isnan(found.officers[plan.officers]).sum() + np.isnan(found.enterprises[plan.enterprises]).sum())
        if lacking:
            msg = (
                f"{path} lacks the price of {lacking} of the {2 * len(plan)} ids in last round's pairs, so it proves another plan. "
                f"Keep plan and proof of one run together. | {PROOF} 与上轮方案不是同一次运行的结果，本次不使用其价格。"
            )
            raise DataError(msg)
    return found


def _side(prices: object, side: str, ids: NDArray[np.object_], path: Path) -> NDArray[np.float64]:
    priced = prices.get(side) if isinstance(prices, dict) else None
    if not isinstance(priced, dict):
        msg = f"{path} holds no prices of {side} by id: it is damaged. | {PROOF} 已损坏，本次不使用其价格。"
        raise DataError(msg)
    values = [priced.get(str(one), math.nan) for one in ids]
    wrong = [one for one, value in zip(ids, values, strict=True) if not is_number(value) and value is not math.nan]
    if wrong:
        msg = (
            f"{path}: {len(wrong)} prices of {side} are no finite numbers, such as that of {wrong[0]}. | {PROOF} 中有无效价格，本次不使用。"
        )
        raise DataError(msg)
    return np.array(values, dtype=np.float64)
