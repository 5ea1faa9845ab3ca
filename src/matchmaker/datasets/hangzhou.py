"""The 2023 figures of "thousand officers help thousand enterprises" as a made-up city."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.datasets.departments import MANDATES
from matchmaker.datasets.enterprises import draw_enterprises
from matchmaker.datasets.history import Served, draw_outcomes, draw_recusals, draw_requests, draw_visits
from matchmaker.datasets.officers import draw_officers
from matchmaker.datasets.places import DISTRICTS
from matchmaker.datasets.staff import first_round
from matchmaker.datasets.wording import officer_names
from matchmaker.errors import ConfigError
from matchmaker.tables import Tables

OFFICERS, ENTERPRISES, REQUESTS, VISITS = 4407, 8226, 7869, 41250
HARD_SHARE, WELCOME_SHARE = 0.007, 0.03


def hangzhou(
    seed: int = 0,
    *,
    n_officers: int = OFFICERS,
    n_enterprises: int = ENTERPRISES,
    n_requests: int | None = None,
    n_visits: int | None = None,
) -> Tables:
    """A made-up city with the programme's figures of 2023: who serves, who asks, and what happened from April to August.

    4,407 officers (104 of the city) of 26 departments, 8,226 enterprises in 13 districts, 7,869 requests of which 7,222 are resolved,
    41,250 visits, some recusals; or any other size, in the same shares. A plan that keeps capacities, demands, areas and recusals
    always exists. Nobody and nothing in it is real but the districts' names and the kinds of departments.

    Parameters
    ----------
    seed
        The same seed and sizes give the same tables.
    n_officers, n_enterprises
        How many, at least 1.
    n_requests, n_visits
        How many; by default as many for each enterprise as in 2023.

    Raises
    ------
    ConfigError
        When a number is too small, or there are more visits than days.
    """
    n_requests = round(n_enterprises * REQUESTS / ENTERPRISES) if n_requests is None else n_requests
    n_visits = round(n_enterprises * VISITS / ENTERPRISES) if n_visits is None else n_visits
    _check_sizes({"n_officers": n_officers, "n_enterprises": n_enterprises}, 1)
    _check_sizes({"n_requests": n_requests, "n_visits": n_visits}, 0)
    served, rng = draw_city(seed, n_officers, n_enterprises)
    requests, enterprise, need = draw_requests(rng[0], served, n_requests)
    return Tables.from_frames(
        officers=served.officers,
        enterprises=served.enterprises,
        requests=requests,
        outcomes=draw_outcomes(rng[1], served, requests, enterprise, need),
        visits=draw_visits(rng[2], served, n_visits),
        recusals=draw_recusals(rng[3], served),
        departments=pd.DataFrame(
            {"department": list(MANDATES), "needs": list(MANDATES.values()), "contact": officer_names(rng[4], len(MANDATES))}
        ),
        districts=pd.DataFrame({"district": list(DISTRICTS), "aliases": [(name[:-1],) for name in DISTRICTS]}),
    )


def _check_sizes(sizes: dict[str, int], least: int) -> None:
    for name, value in sizes.items():
        if value < least:
            msg = f"{name} is {value}; expected at least {least}. | {name} 为 {value}，应不小于 {least}。"
            raise ConfigError(msg)


def draw_city(seed: int, n_officers: int, n_enterprises: int) -> tuple[Served, list[np.random.Generator]]:
    """Officers, enterprises and what is true of them, with the generators that what follows is to be drawn from."""
    rng = np.random.default_rng(seed).spawn(8)
    enterprises, leaning = draw_enterprises(rng[0], n_enterprises)
    officers, skill = draw_officers(rng[1], n_officers, enterprises)
    own, capacity = first_round(rng[2], officers, enterprises)
    low, high = _demands(rng[2], officers, own, capacity)
    officers = officers.assign(capacity=capacity)
    enterprises = enterprises.assign(demand_low=low, demand_high=high, credit_code="")
    return Served(officers=officers, enterprises=enterprises, own=own, skill=skill, leaning=leaning), rng[3:]


def _demands(
    rng: np.random.Generator, officers: pd.DataFrame, own: NDArray[np.int64], capacity: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Least and most officers of each enterprise: a few hard cases need two, for which the city has seats left."""
    m = len(own)
    at_city = (officers["tier"] == "city").to_numpy()
    seats_left = int((capacity - np.bincount(own, minlength=len(capacity)))[at_city].sum())
    others = rng.permutation(np.flatnonzero(~at_city[own]))
    hard = others[: min(round(m * HARD_SHARE), seats_left // 2)]
    low, high = np.ones(m, np.int64), np.ones(m, np.int64)
    high[rng.random(m) < WELCOME_SHARE] = 2
    low[hard], high[hard] = 2, 3
    return low, high
