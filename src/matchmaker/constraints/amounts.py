"""Amounts that rules take: finite, not negative, of a shape that fits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.counts import check_unmasked
from matchmaker.errors import DataError, Failure

Floats = NDArray[np.float64]
EDGE = 1e-9
"""How far beyond its limit a sum may be, relative to the limit or to 1: rounding."""


def amounts(values: ArrayLike, name: str, *, least: float = 0.0, infinite: bool = False) -> Floats:
    """Numbers of at least `least`, as float64.

    Raises
    ------
    DataError
        Naming every cell that is not.
    """
    check_unmasked(values, name)
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind not in "fiub":
        msg = f"{name} has dtype {array.dtype}; expected numbers. | {name} 应为数字。"
        raise DataError(msg)
    found = array.astype(np.float64)
    wrong = np.isnan(found) | (found < least) | (np.isinf(found) & (not infinite))
    if wrong.any():
        raise DataError(
            [
                Failure(
                    sheet=name,
                    row=int(cell[0]) if len(cell) else None,
                    column=", ".join(map(str, cell[1:])),
                    value=float(found[tuple(cell)]),
                    problem="cannot be used",
                    problem_zh="无法使用",
                    expected=f"a {'' if infinite else 'finite '}number of at least {least:g}",
                    expected_zh=f"不小于 {least:g} 的{'' if infinite else '有限'}数",
                )
                for cell in np.argwhere(wrong)
            ]
        )
    return found


def short_of(value: Floats, low: Floats) -> NDArray[np.bool_]:
    """Where a value is below its least by more than rounding."""
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = value < low - EDGE * np.maximum(1.0, np.abs(low))
    return found


def beyond(value: Floats, high: Floats) -> NDArray[np.bool_]:
    """Where a value is above its most by more than rounding."""
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = value > high + EDGE * np.maximum(1.0, np.abs(high))
    return found
