"""The made-up city's enterprises, and what each tends to ask for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.datasets.industries import INDUSTRIES
from matchmaker.datasets.places import DISTRICTS, towns
from matchmaker.datasets.wording import ASKS, enterprise_names, numbered

NEEDS = tuple(ASKS)
TOWN_UNKNOWN = 0.01
OPENED, SEEN = np.datetime64("1990-01-01"), np.datetime64("2023-03-31")


def draw_enterprises(rng: np.random.Generator, size: int) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Enterprises by district, and how likely each request of theirs is of each need.

    Parameters
    ----------
    rng
        Where chance comes from.
    size
        How many.

    Returns
    -------
    tuple
        The table, without demands; and shape (size, K), rows sum to 1.
    """
    district, town = _places(rng, size)
    industry = _industries(rng, district)
    kinds = [INDUSTRIES[k] for k in industry]
    employees = np.ceil(rng.lognormal(3.6, 1.2, size))
    frame = pd.DataFrame(
        {
            "enterprise_id": numbered("E", size),
            "name": enterprise_names(rng, [kind.short for kind in kinds]),
            "district": district,
            "town": town,
            "industry": [kind.name for kind in kinds],
            "scope": _scopes(rng, industry),
            "capital": np.round(employees * rng.lognormal(2.2, 0.8, size), 1),
            "employees": employees,
            "registered_on": OPENED + rng.integers(0, (SEEN - OPENED).astype(int), size),
        }
    )
    habits = np.array([[kind.needs.get(need, 1.0) for need in NEEDS] for kind in INDUSTRIES])
    leaning = habits[industry] * rng.gamma(2.0, 0.5, (size, len(NEEDS)))
    return frame, leaning / leaning.sum(axis=1, keepdims=True)


def _places(rng: np.random.Generator, size: int) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """District and town of each; a few towns are not known."""
    names = np.array(list(DISTRICTS), dtype=object)
    share = np.array(list(DISTRICTS.values()))
    of_district = rng.choice(len(names), size, p=share / share.sum())
    lists = [towns(name, part) for name, part in DISTRICTS.items()]
    place = rng.beta(1.0, 1.4, size)
    town = np.array([lists[d][int(at * len(lists[d]))] for d, at in zip(of_district, place, strict=True)], dtype=object)
    town[rng.random(size) < TOWN_UNKNOWN] = ""
    return names[of_district], town


def _industries(rng: np.random.Generator, district: NDArray[np.object_]) -> NDArray[np.int64]:
    """Industry of each enterprise, likelier where it gathers. Shape (size,)."""
    shares = np.array([[kind.share * kind.districts.get(name, 1.0) for kind in INDUSTRIES] for name in DISTRICTS])
    of_district = pd.Index(list(DISTRICTS)).get_indexer(pd.Index(district))
    return drawn(rng, shares[of_district])


def _scopes(rng: np.random.Generator, industry: NDArray[np.int64]) -> list[str]:
    """Business scopes of two to five items of each industry's own."""
    order = np.argsort(rng.random((len(industry), 5)), axis=1)
    count = rng.integers(2, 6, len(industry))
    return ["；".join(INDUSTRIES[k].scope[w] for w in row[:most]) for k, row, most in zip(industry, order, count, strict=True)]


def drawn(rng: np.random.Generator, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """One column of each row, as likely as its weight. Shape (n_rows,)."""
    sums = np.cumsum(weights, axis=1)
    below = sums < (rng.random(len(weights)) * sums[:, -1])[:, None]
    column: NDArray[np.int64] = below.sum(axis=1, dtype=np.int64)
    return column
