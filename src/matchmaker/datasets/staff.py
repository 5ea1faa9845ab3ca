"""Made-up officers for enterprises that may be real, in three tiers and with capacities under which a plan exists."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.datasets.officers import CITY_SHARE, draw_officers
from matchmaker.datasets.seats import grown, seated
from matchmaker.errors import ConfigError

LEAST_CAPACITY = 2
SPARE = 1.05


def made_up_officers(enterprises: pd.DataFrame, size: int = 4407, *, seed: int = 0) -> pd.DataFrame:
    """A table of officers who do not exist, sent where the enterprises are.

    The city sends as many as enterprises of unknown district need, since nobody else may serve those.

    Parameters
    ----------
    enterprises
        Columns district and town; empty where they are not known.
    size
        How many officers, at least 1.
    seed
        The same seed and enterprises give the same officers.

    Raises
    ------
    ConfigError
        When `size` is below 1.
    """
    if size < 1:
        msg = f"size is {size}; expected at least 1 officer. | size 为 {size}，应至少有 1 名干部。"
        raise ConfigError(msg)
    rng = np.random.default_rng(seed)
    unknown = int((enterprises["district"] == "").sum())
    n_city = max(round(size * CITY_SHARE), int(np.ceil(SPARE * unknown / usual_capacity(size, len(enterprises)))))
    officers, _ = draw_officers(rng, size, enterprises, n_city=n_city)
    _, capacity = first_round(rng, officers, enterprises)
    return officers.assign(capacity=capacity)


def usual_capacity(n_officers: int, n_enterprises: int) -> int:
    """How many enterprises most officers can serve: two, or as many as there are for each."""
    return max(LEAST_CAPACITY, round(n_enterprises / n_officers))


def first_round(rng: np.random.Generator, officers: pd.DataFrame, enterprises: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An officer for each enterprise, from its town, else its county, else the city; and capacities under which that is possible."""
    n, m = len(officers), len(enterprises)
    luck = rng.random(n)
    capacity = usual_capacity(n, m) + (luck < 0.10).astype(np.int64) + (luck < 0.01)
    own = np.full(m, -1, np.int64)
    town_of = _codes(officers["district"] + "/" + officers["town"], enterprises["district"] + "/" + enterprises["town"])
    district_of = _codes(officers["district"], enterprises["district"])
    anywhere = (np.zeros(n, np.int64), np.zeros(m, np.int64))
    for tier, (officer_place, enterprise_place) in (("township", town_of), ("county", district_of), ("city", anywhere)):
        staff = np.flatnonzero(officers["tier"] == tier)
        left = np.flatnonzero(own < 0)
        asking, place = enterprise_place[left], officer_place[staff]
        n_places = int(max(officer_place.max(), enterprise_place.max())) + 1
        if tier != "township":
            capacity[staff] = grown(asking, place, capacity[staff], n_places)
        found = seated(asking, place, capacity[staff], n_places)
        own[left] = np.where(found >= 0, staff[np.maximum(found, 0)] if len(staff) else -1, -1)
    return own, capacity


def _codes(officers: pd.Series[str], enterprises: pd.Series[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Names as integers that mean the same on both sides. Shapes (n_officers,) and (n_enterprises,)."""
    codes, _ = pd.factorize(pd.concat([officers, enterprises], ignore_index=True).astype(object))
    return codes[: len(officers)], codes[len(officers) :]
