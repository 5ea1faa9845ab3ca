"""Where officers and enterprises are: coordinates, and how far apart."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from matchmaker.errors import DataError, Failure
from matchmaker.instance import Instance

Floats = NDArray[np.float64]
EARTH = 6371.0088
"""Mean radius of the Earth, km."""
COLUMNS = ("latitude", "longitude")
MOST = (90.0, 180.0)


def coordinates(instance: Instance, side: Literal["officer", "enterprise"], given: ArrayLike | None) -> Floats:
    """Latitude and longitude of each, degrees. Shape (n_officers, 2) or (n_enterprises, 2).

    Raises
    ------
    DataError
        Naming every cell that is missing or out of range.
    """
    frame, ids = (instance.officers, instance.officer_ids) if side == "officer" else (instance.enterprises, instance.enterprise_ids)
    if given is not None:
        cells = np.asarray(given)
        if cells.shape != (len(ids), 2) or cells.dtype.kind not in "fiu":
            msg = f"Coordinates of {side}s have shape {cells.shape}; expected ({len(ids)}, 2): latitude, longitude. | 坐标形状不符。"
            raise DataError(msg)
        found = cells.astype(np.float64)
    else:
        if frame is None or not set(COLUMNS) <= set(frame.columns) or frame[list(COLUMNS)].isna().to_numpy().all():
            msg = f"The {side}s have no columns latitude and longitude, and no coordinates are given. | 缺少经纬度（latitude、longitude）。"
            raise DataError(msg)
        found = np.column_stack([pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64) for name in COLUMNS])
    wrong = ~(np.abs(found) <= MOST)
    if wrong.any():
        raise DataError(
            [
                Failure(
                    sheet=f"{side}s",
                    row=int(row),
                    column=COLUMNS[k],
                    value=float(found[row, k]),
                    problem="is no place",
                    problem_zh="不是有效坐标",
                    expected=f"degrees between -{MOST[k]:g} and {MOST[k]:g}",
                    expected_zh=f"-{MOST[k]:g} 到 {MOST[k]:g} 度",
                )
                for row, k in np.argwhere(wrong)
            ]
        )
    return found


def on_sphere(places: Floats) -> Floats:
    """Unit vectors of places in degrees. Shape (n, 3)."""
    latitude, longitude = np.radians(places).T
    return np.column_stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])


def distances(officers: Floats, enterprises: Floats) -> Floats:
    """Great-circle distance of each officer from each enterprise, km, by chords, which are exact for near places too. Shape (n, m)."""
    left, right = on_sphere(officers), on_sphere(enterprises)
    squares = np.zeros((len(left), len(right)))
    for k in range(3):
        squares += (left[:, k, None] - right[None, :, k]) ** 2
    return 2 * EARTH * np.arcsin(np.minimum(np.sqrt(squares) / 2, 1.0))
