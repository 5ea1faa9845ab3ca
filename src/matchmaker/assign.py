"""The same engine for whoever has just a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from matchmaker.affinity import Affinity, Dense, Factors, ParquetFactors, Sparse
from matchmaker.constraints import Capacity, Constraint, Demand, Pin, Veto, Workload
from matchmaker.counts import MOST, whole_numbers
from matchmaker.errors import ConfigError, DataError, Failure, did_you_mean
from matchmaker.instance import Instance, Notes
from matchmaker.objectives import ExpectedResolved, Leximin, Objective, WorstServed, then
from matchmaker.policies import Policy
from matchmaker.program import Prices, Round
from matchmaker.result import Result
from matchmaker.solve import solve

Matrix = ArrayLike | Affinity | Any
"""An array, scipy.sparse, or an affinity."""


AIMS: dict[str, tuple[Objective, ...]] = {
    "total": (ExpectedResolved(),),
    "maxmin": (WorstServed(), then(ExpectedResolved())),
    "leximin": (Leximin(), then(ExpectedResolved())),
}
"""The aims that have a name here."""


def assign(
    affinity: Matrix,
    capacity: ArrayLike = 2,
    min_load: ArrayLike = 0,
    demand: ArrayLike | tuple[ArrayLike, ArrayLike] = 1,
    load: ArrayLike = 1,
    forbidden: ArrayLike | None = None,
    required: ArrayLike | None = None,
    objective: Literal["total", "maxmin", "leximin"] | Objective = "total",
    gap: float = 0.0,
    time_limit: float | None = None,
    seed: int = 0,
    threads: int = 2,
    progress: Callable[[Round], None] | bool | None = None,
    start: Result | Prices | None = None,
    cluster: object | None = None,
) -> Result:
    """Match rows to columns so that the total affinity is greatest, with the proof.

    Parameters
    ----------
    affinity
        Shape (n_officers, n_enterprises), higher is better: an array; scipy.sparse, whose absent entries are ineligible pairs; or
        :class:`matchmaker.Factors` or :class:`matchmaker.ParquetFactors`. It is not changed, and float32 stays float32.
    capacity
        Number or shape (n_officers,): the most enterprises an officer serves. With `load`: the most an officer carries, in any unit; or of
        several resources, shape (n_officers, n_resources).
    min_load
        Number or shape (n_officers,): the least.
    demand
        Number or shape (n_enterprises,): officers per enterprise. Or a tuple (low, high) of such.
    load
        What one enterprise takes of an officer's capacity, at least 0: a number, shape (n_enterprises,), (n_officers, n_enterprises), or
        (n_enterprises, n_resources). 1 for counting enterprises.
    forbidden
        Pairs that must not meet: shape (n_pairs, 2) of positions, or (n_officers, n_enterprises) of bool.
    required
        Pairs that must meet: shape (n_pairs, 2) of positions.
    objective
        "total"; "maxmin" for the best worst-served enterprise, then the best total at that; "leximin" for the best worst-served, then
        the second worst and so on, then the best total; or an aim of your own (see :class:`matchmaker.objectives.Objective`).
    gap, time_limit, seed, threads, progress, cluster
        As in :func:`matchmaker.solve`.
    start
        As in :func:`matchmaker.solve`: an earlier result, whose prices are taken over by position; it may have more or fewer.

    Returns
    -------
    Result
        ``officers`` and ``enterprises`` are positions, sorted; read ``termination`` first.

    Raises
    ------
    DataError
        For a matrix that is not real and finite, numbers that are not counts, shapes that disagree, positions out of range, or a
        pair both required and forbidden. Every failing cell is named.
    ConfigError
        For an unknown objective, or a setting that cannot be used.

    Examples
    --------
    >>> import matchmaker as mm
    >>> result = mm.assign([[3, 1, 2], [2, 3, 1]], capacity=2)
    >>> result.officers.tolist(), result.enterprises.tolist(), result.objective
    ([0, 0, 1], [0, 2, 1], 8.0)
    """
    counted = np.ndim(load) == 0 and load == 1 and np.ndim(capacity) < 2
    instance = matrix_instance(affinity, capacity if counted else MOST, min_load, demand, forbidden, required)
    rules: tuple[Constraint, ...] = (Capacity(), Demand(), Veto(), Pin())
    policy = Policy(
        name="assign",
        constraints=rules if counted else (*rules, Workload(most=capacity, load=load, name="load")),
        objectives=_aims(objective),
    )
    return solve(
        instance,
        policy,
        time_limit=time_limit,
        gap=gap,
        seed=seed,
        threads=threads,
        progress=progress,
        start=start,
        cluster=cluster,
    )


def matrix_instance(
    affinity: Matrix,
    capacity: ArrayLike,
    min_load: ArrayLike,
    demand: ArrayLike | tuple[ArrayLike, ArrayLike],
    forbidden: ArrayLike | None,
    required: ArrayLike | None,
) -> Instance:
    """An instance whose ids are positions. Parameters and errors as in :func:`assign`."""
    measure = as_affinity(affinity)
    n, m = measure.shape
    low, high = _low_and_high(demand)
    barred = pairs_of(forbidden, (n, m), "forbidden")
    wanted = pairs_of(required, (n, m), "required")
    _check_required(measure, barred, wanted)
    return Instance(
        officer_ids=np.arange(n).astype(object),
        enterprise_ids=np.arange(m).astype(object),
        affinity=measure,
        capacity_low=whole_numbers(min_load, n, "min_load"),
        capacity_high=whole_numbers(capacity, n, "capacity"),
        demand_low=whole_numbers(low, m, "demand"),
        demand_high=whole_numbers(high, m, "demand"),
        vetoes=_notes(barred, "forbidden"),
        pins=_notes(wanted, "required"),
        name="matrix",
    )


def _low_and_high(demand: ArrayLike | tuple[ArrayLike, ArrayLike]) -> tuple[ArrayLike, ArrayLike]:
    if not isinstance(demand, tuple):
        return demand, demand
    if len(demand) != 2:
        msg = (
            f"demand is a tuple of {len(demand)}; expected (low, high), or a list of one number for each enterprise. "
            "| demand 应为（下限，上限），或每家企业一个数的列表。"
        )
        raise DataError(msg)
    return demand


def _array(values: Any, name: str) -> NDArray[Any]:
    """Whatever numpy makes of it, but for rows of several lengths and masked cells, of which something would be lost."""
    if np.ma.is_masked(values):
        msg = (
            f"{name} has masked cells; give scipy.sparse of the eligible pairs, or `forbidden`. "
            f"| {name} 含被遮蔽的单元格，请用 scipy.sparse 只列可选结对，或用 forbidden。"
        )
        raise DataError(msg)
    try:
        return np.asarray(values)
    except ValueError as error:
        msg = f"{name} is no array: {error}. Are its rows of one length? | {name} 不是数组，各行长度是否一致？"
        raise DataError(msg) from error


def as_affinity(affinity: Matrix) -> Affinity:
    """An affinity from whatever the user holds."""
    if isinstance(affinity, Factors | ParquetFactors | Dense | Sparse):
        return affinity
    if sp.issparse(affinity):
        listed: Any = affinity
        return Sparse(listed)
    return Dense(_array(affinity, "affinity"))


def pairs_of(pairs: ArrayLike | None, shape: tuple[int, int], name: str) -> NDArray[np.int64]:
    """Pairs of positions, each once and sorted, from index pairs or a mask. Shape (n_pairs, 2).

    Raises
    ------
    DataError
        Naming every pair out of range, or saying what shape was expected.
    """
    if pairs is None:
        return np.empty((0, 2), np.int64)
    held: Any = pairs
    array = _array(held.toarray() if hasattr(held, "toarray") else held, name)
    if array.dtype == bool:
        if array.shape != shape:
            msg = (
                f"{name} is a mask of shape {array.shape}, expected {shape} = (n_officers, n_enterprises). Is it transposed? "
                f"| {name} 的形状应为 {shape}（干部数, 企业数），是否转置了？"
            )
            raise DataError(msg)
        return np.argwhere(array).astype(np.int64)
    if array.size == 0:
        return np.empty((0, 2), np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "iu":
        msg = (
            f"{name} has shape {array.shape} and dtype {array.dtype}; expected whole positions of shape (n_pairs, 2), "
            f"or a mask of bool of shape {shape}. | {name} 应为 (n_pairs, 2) 的整数位置，或 {shape} 的布尔矩阵。"
        )
        raise DataError(msg)
    outside = ((array < 0) | (array >= np.array(shape))).any(axis=1)
    if outside.any():
        raise DataError(
            [
                Failure(
                    sheet=name,
                    row=int(row),
                    value=tuple(array[row].tolist()),
                    problem="is out of range",
                    problem_zh="超出范围",
                    expected=f"officer 0 to {shape[0] - 1}, enterprise 0 to {shape[1] - 1}",
                    expected_zh=f"干部 0 至 {shape[0] - 1}，企业 0 至 {shape[1] - 1}",
                )
                for row in np.flatnonzero(outside)
            ]
        )
    keys = np.unique(array[:, 0].astype(np.int64) * shape[1] + array[:, 1].astype(np.int64))
    return np.column_stack(np.divmod(keys, shape[1]))


def _check_required(measure: Affinity, barred: NDArray[np.int64], wanted: NDArray[np.int64]) -> None:
    if not len(wanted):
        return
    both = set(map(tuple, barred.tolist())) & set(map(tuple, wanted.tolist()))
    absent = np.isnan(measure.pairs(wanted[:, 0], wanted[:, 1])) if len(wanted) else np.empty(0, bool)
    failures = [
        Failure(sheet="required", value=pair, problem="is both required and forbidden", problem_zh="既被要求又被禁止")
        for pair in sorted(both)
    ] + [
        Failure(sheet="required", value=tuple(pair), problem="is required and not listed as eligible", problem_zh="被要求但不在可选范围内")
        for pair in wanted[absent].tolist()
    ]
    if failures:
        raise DataError(failures)


def _notes(pairs: NDArray[np.int64], reason: str) -> Notes:
    said: NDArray[Any] = np.full(len(pairs), reason, dtype=object)
    return Notes(officers=pairs[:, 0], enterprises=pairs[:, 1], actor=np.full(len(pairs), "caller", dtype=object), reason=said)


def _aims(objective: object) -> tuple[Objective, ...]:
    if isinstance(objective, str) and objective in AIMS:
        return AIMS[objective]
    if isinstance(objective, Objective):
        return (objective,)
    hint = did_you_mean(str(objective), AIMS)
    known = [f'"{name}"' for name in AIMS]
    msg = (
        f"objective is {objective!r}; expected {', '.join(known)} or an objective's instance.{hint} "
        f"| objective 应为 {'、'.join(known)} 或目标对象。"
    )
    raise ConfigError(msg)
