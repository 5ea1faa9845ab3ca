"""Groups of officers or enterprises, from columns, labels or lists of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.errors import DataError, Failure, did_you_mean
from matchmaker.instance import Instance

Side = Literal["officer", "enterprise"]
Ints = NDArray[np.int64]
SIDES = {"officer": "干部", "enterprise": "企业"}


def column(instance: Instance, side: Side, name: str) -> NDArray[np.object_]:
    """A column of one side's table, as text. Shape (n_officers,) or (n_enterprises,).

    Raises
    ------
    DataError
        When there is no such column.
    """
    frame = instance.officers if side == "officer" else instance.enterprises
    known = [] if frame is None else list(map(str, frame.columns))
    if frame is None or name not in frame:
        hint = did_you_mean(name, known)
        msg = f"The {side}s have no column {name!r}.{hint} | {SIDES[side]}表没有列 {name!r}。"
        raise DataError(msg)
    return instance.text_of(side, name)


def labels(instance: Instance, side: Side, given: str | Sequence[str] | ArrayLike | None) -> NDArray[np.object_]:
    """The group of each member: by a column, by several columns joined with "/", by labels of one's own, or one for all.

    Shape (n_officers,) or (n_enterprises,); empty for nobody's.

    Raises
    ------
    DataError
        When there is no such column, or labels are not one each.
    """
    size = instance.shape[side == "enterprise"]
    if given is None:
        return np.full(size, "*", dtype=object)
    if isinstance(given, str):
        return column(instance, side, given)
    listed = np.asarray(given, dtype=object)
    frame = instance.officers if side == "officer" else instance.enterprises
    names = [] if frame is None else list(map(str, frame.columns))
    if listed.ndim == 1 and len(listed) > 0 and all(isinstance(one, str) and one in names for one in listed.tolist()):
        parts = [column(instance, side, one) for one in listed.tolist()]
        return np.array(["/".join(cells) for cells in zip(*parts, strict=True)], dtype=object)
    if listed.shape != (size,):
        msg = f"Groups of {side}s have shape {listed.shape}; expected a column's name or shape ({size},). | 分组数应与{SIDES[side]}数一致。"
        raise DataError(msg)
    return np.array([str(one) for one in listed.tolist()], dtype=object)


def classes(label: NDArray[np.object_]) -> tuple[Ints, list[str]]:
    """Each member's class, negative where the label is empty, and the classes' names in order."""
    names = sorted({str(one) for one in label.tolist() if str(one)})
    place = {name: k for k, name in enumerate(names)}
    return np.array([place.get(str(one), -1) for one in label.tolist()], dtype=np.int64), names


def members(instance: Instance, side: Side, given: str | Sequence[Sequence[object]]) -> list[Ints]:
    """Groups of at least two: equal cells of a column, or lists of ids; positions, sorted.

    Raises
    ------
    DataError
        Naming every id that is not known.
    """
    ids = instance.officer_ids if side == "officer" else instance.enterprise_ids
    if isinstance(given, str):
        of, names = classes(column(instance, side, given))
        found = [np.flatnonzero(of == k) for k in range(len(names))]
    else:
        place = {one: k for k, one in enumerate(ids.tolist())}
        failures = [
            Failure(
                sheet=f"groups of {side}s",
                row=row,
                value=one,
                problem=f"is no {side}",
                problem_zh=f"不是{SIDES[side]}编号",
                expected=f"an id such as {ids[0]!r}",
                expected_zh=f"如 {ids[0]!r} 的编号",
            )
            for row, group in enumerate(given)
            for one in group
            if one not in place
        ]
        if failures:
            raise DataError(failures)
        found = [np.unique([place[one] for one in group]).astype(np.int64) for group in given]
    return [group for group in found if len(group) > 1]


def layers(groups: list[Ints], size: int) -> list[Ints]:
    """The groups as classes of members: several where groups overlap, so that each member is in one group of each. Shape (size,) each."""
    found: list[Ints] = []
    for number, group in enumerate(groups):
        for layer in found:
            if (layer[group] < 0).all():
                layer[group] = number
                break
        else:
            layer = np.full(size, -1, dtype=np.int64)
            layer[group] = number
            found.append(layer)
    return found
