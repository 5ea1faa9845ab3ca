"""How many: whole numbers, and a least that is not above its most."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.errors import DataError, Failure

MOST = 2**31 - 1
"""The largest capacity or demand."""


def check_unmasked(values: ArrayLike, name: str) -> None:
    """Nothing, when no cell is masked: what a mask hides is nobody's number.

    Raises
    ------
    DataError
        Naming every masked cell.
    """
    if not np.ma.is_masked(values):
        return
    raise DataError(
        [
            Failure(
                sheet=name,
                row=int(cell[0]) if len(cell) else None,
                column=", ".join(map(str, cell[1:])),
                value="--",
                problem="is masked",
                problem_zh="被掩码",
                expected="a number",
                expected_zh="数字",
            )
            for cell in np.argwhere(np.asarray(np.ma.getmask(values)))
        ]
    )


def whole_numbers(values: ArrayLike, size: int, name: str) -> NDArray[np.int64]:
    """Capacities or demands as int64 of shape (size,), from one number or one each.

    Raises
    ------
    DataError
        Naming every cell that is masked, NaN, infinite, fractional, negative or over 2**31 - 1, or when the shape disagrees.
    """
    check_unmasked(values, name)
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        msg = f"{name} has dtype {array.dtype}; expected whole numbers. | {name} 应为整数。"
        raise DataError(msg)
    if array.ndim > 1 or (array.ndim == 1 and len(array) != size):
        msg = f"{name} has shape {array.shape}; expected a number or shape ({size},). | {name} 应为一个数，或 {size} 个数。"
        raise DataError(msg)
    flat = np.atleast_1d(array)
    if flat.dtype.kind in "iub" and (not flat.size or (flat.min() >= 0 and flat.max() <= MOST)):
        return np.full(size, flat, dtype=np.int64)
    as_float = flat.astype(np.float64)
    right = np.isfinite(as_float) & (as_float >= 0) & (as_float <= MOST)
    right &= np.where(right, as_float == np.floor(as_float), False)
    if not right.all():
        raise DataError(
            [
                Failure(
                    sheet=name,
                    row=int(cell) if array.ndim else None,
                    value=flat[cell].item(),
                    problem="is not a count",
                    expected=f"a whole number from 0 to {MOST}",
                    problem_zh="不是有效的数目",
                    expected_zh=f"0 到 {MOST} 的整数",
                )
                for cell in np.flatnonzero(~right)
            ]
        )
    return np.broadcast_to(flat.astype(np.int64), (size,)).copy()


def check_range(low: NDArray[np.int64], high: NDArray[np.int64], low_name: str, high_name: str, ids: NDArray[np.object_]) -> None:
    """Least at or below most, everywhere.

    Raises
    ------
    DataError
        Naming every row whose least is above its most.
    """
    failures = [
        Failure(
            sheet=f"{low_name}, {high_name}",
            row=int(row),
            column=str(ids[row]),
            value=(int(low[row]), int(high[row])),
            problem="the least is above the most",
            problem_zh="下限大于上限",
        )
        for row in np.flatnonzero(low > high)
    ]
    if failures:
        raise DataError(failures)
