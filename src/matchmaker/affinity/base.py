"""What every affinity can do: be read by block and by pair."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.counts import check_unmasked
from matchmaker.errors import DataError, Failure

Index = slice | NDArray[np.int64]


@runtime_checkable
class Affinity(Protocol):
    """How good each pair is: shape (n_officers, n_enterprises), higher is better, never stored whole unless given so."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n_officers, n_enterprises)."""

    def block(self, rows: Index, columns: Index) -> NDArray[np.float64]:
        """The affinities of some officers with some enterprises. Shape (len(rows), len(columns)), float64."""

    def pairs(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """The affinity of each pair (rows[p], columns[p]). Shape (n_pairs,), float64; the same whatever else is asked."""


def checked_numbers(values: ArrayLike, name: str, *, ndim: int = 2) -> NDArray[np.floating]:
    """A float array of finite numbers; nothing of the caller's is changed.

    float32 and float64 pass as they are (memory maps too), integers and booleans become float64.

    Raises
    ------
    DataError
        For an object, complex or text dtype, a wrong number of dimensions, an empty axis, or cells that are masked, NaN or infinite.
    """
    check_unmasked(values, name)
    array = np.asarray(values)
    check_form(array.shape, array.dtype, name, ndim=ndim)
    if array.dtype.kind != "f":
        return array.astype(np.float64)
    if array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float64)
    failures = not_finite(array, name)
    if failures:
        raise DataError(failures)
    return array


def check_form(shape: tuple[int, ...], dtype: np.dtype[Any], name: str, *, ndim: int = 2) -> None:
    """Real numbers, of so many dimensions, and at least one.

    Raises
    ------
    DataError
        When they are not.
    """
    if dtype.kind not in "fiub":
        msg = f"{name} has dtype {dtype}; expected real numbers (float, integer or boolean). | {name} 应为实数。"
        raise DataError(msg)
    if len(shape) != ndim:
        msg = f"{name} has {len(shape)} dimensions, shape {shape}; expected {ndim}. | {name} 应为 {ndim} 维。"
        raise DataError(msg)
    if 0 in shape:
        msg = (
            f"{name} has shape {shape}: it is empty. Give at least one officer and one enterprise. "
            f"| {name} 为空，至少要有一名干部和一家企业。"
        )
        raise DataError(msg)


def not_finite(
    array: NDArray[np.floating], name: str, *, names: tuple[str, ...] | None = None, before: int = 0, most: int = 1000
) -> list[Failure]:
    """The cells that are NaN or infinite, the first `most` of them; columns may have names, and rows may stand before these."""
    failures: list[Failure] = []
    step = max(1, 4_000_000 // max(1, int(np.prod(array.shape[1:]))))
    for start in range(0, len(array), step):
        part = array[start : start + step]
        if np.isfinite(part).all():
            continue
        for place in np.argwhere(~np.isfinite(part))[: most - len(failures)]:
            cell = (int(place[0]) + start, *(int(axis) for axis in place[1:]))
            failures.append(
                Failure(
                    sheet=name,
                    value=float(array[cell]),
                    row=cell[0] + before,
                    column=", ".join(map(str, cell[1:])) if names is None else names[cell[1]],
                    problem="is not a finite number",
                    problem_zh="不是有限数",
                    expected="a finite number",
                    expected_zh="有限数",
                )
            )
    return failures
