"""The made-up city's officers, and how well each truly resolves each need."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.datasets.departments import MANDATES, SIZES
from matchmaker.datasets.enterprises import NEEDS
from matchmaker.datasets.seats import shared_out
from matchmaker.datasets.wording import numbered, officer_names

CITY_SHARE = 104 / 4407
COUNTY_SHARE = 0.3
DECLARES = 0.7


def draw_officers(
    rng: np.random.Generator, size: int, enterprises: pd.DataFrame, *, n_city: int | None = None
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Officers of three tiers, sent where enterprises are, and their true skill.

    Parameters
    ----------
    rng
        Where chance comes from.
    size
        How many.
    enterprises
        Who is to be served: districts and towns get officers in proportion.
    n_city
        How many of the city; by default the programme's share.

    Returns
    -------
    tuple
        The table, without capacities; and shape (size, K), in (0, 1): the probability that the officer resolves a request of that need.
    """
    frame = _tiers(size, round(size * CITY_SHARE) if n_city is None else n_city, enterprises[enterprises["district"] != ""])
    departments = list(MANDATES)
    weight = np.array([SIZES.get(name, 1.0) for name in departments])
    department = rng.choice(len(departments), size, p=weight / weight.sum())
    mandate = np.array([[need in MANDATES[name] for need in NEEDS] for name in departments], dtype=float)[department]
    gift = rng.normal(0, 0.6, (size, len(NEEDS)))
    at_city = (frame["tier"] == "city").to_numpy(dtype=float)[:, None]
    skill = 1 / (1 + np.exp(-(-0.6 + 2.2 * mandate + 1.2 * (gift > 0.7) + 0.5 * at_city + gift)))
    frame.insert(0, "officer_id", numbered("G", size))
    frame.insert(1, "name", officer_names(rng, size))
    frame.insert(2, "department", [departments[k] for k in department])
    frame[["capacity", "min_load"]] = 0
    frame["specialities"] = pd.Series(_declared(rng, skill), dtype=object)
    return frame, skill


def _tiers(size: int, n_city: int, enterprises: pd.DataFrame) -> pd.DataFrame:
    """Tier, district and town of each officer: the city's first, then district by district, town by town."""
    n_city = min(size, max(1, n_city)) if len(enterprises) else size
    city = pd.DataFrame({"tier": ["city"], "district": [""], "town": [""]}).loc[[0] * n_city]
    by_district = enterprises.groupby("district", as_index=False).size()
    by_town = enterprises[enterprises["town"] != ""].groupby(["district", "town"], as_index=False).size()
    n_county = round((size - n_city) * COUNTY_SHARE) if len(by_town) else size - n_city
    county = by_district.assign(tier="county", town="")
    township = by_town.assign(tier="township")
    county = county.loc[county.index.repeat(shared_out(n_county, county["size"].to_numpy(dtype=float)))]
    township = township.loc[township.index.repeat(shared_out(size - n_city - n_county, township["size"].to_numpy(dtype=float)))]
    return pd.concat([city, county, township], ignore_index=True)[["tier", "district", "town"]]


def _declared(rng: np.random.Generator, skill: NDArray[np.float64]) -> list[tuple[str, ...]]:
    """What officers say they are good at: up to three needs that they are indeed good at; some say nothing."""
    best = np.argsort(-skill, axis=1, kind="stable")
    count = np.where(rng.random(len(skill)) < DECLARES, rng.integers(1, 4, len(skill)), 0)
    return [tuple(NEEDS[k] for k in sorted(row[:most])) for row, most in zip(best, count, strict=True)]
