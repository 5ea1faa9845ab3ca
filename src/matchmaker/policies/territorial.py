"""Today's practice: whoever is near and has room, first come first served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.engine import Search, Solution
from matchmaker.errors import DataError
from matchmaker.instance import Instance
from matchmaker.policies.in_turn import in_turn
from matchmaker.policies.policy import Policy
from matchmaker.policies.rules import places_known, rules_without_least, usual_aims
from matchmaker.policies.stages import fill
from matchmaker.program import Program

ARRIVAL = ("first_filed_on", "registered_on")
"""Columns of an instance's enterprises that say when each came: by the first, and those for whom that is empty by the next."""


@dataclass(frozen=True)
class Territorial:
    """Enterprises come in the order in which they filed; each takes the first officer with room in its town, then in its district,
    then at the city. Nobody looks at competence. Officers of one place are taken by id.

    Who filed a request that is open comes first, by the day of the earliest; then who filed none, by the day of registration; then
    whoever has no date. Ties are broken by id.
    """

    seeded: ClassVar[bool] = False

    def find(self, instance: Instance, program: Program, search: Search) -> Solution:
        """A plan that keeps the rules on pairs and places; nothing is proven.

        Raises
        ------
        DataError
            When the instance does not know tiers and places.
        """
        near = _Near(instance)

        def choose(enterprise: int, may: NDArray[np.bool_]) -> NDArray[np.int64]:
            officers = near.officers(enterprise)
            return officers[may[officers]]

        return fill(instance, program, in_turn(arrivals(instance), choose, search))


def territorial(continuity: float = 0.05) -> Policy:
    """Today's practice: own town, then own district, then the city, first come first served, without a look at competence.

    Parameters
    ----------
    continuity
        What a kept pair counts for in the plan's value, as in ``optimal``; the method does not look at it.
    """
    return Policy(name="territorial", constraints=rules_without_least(), objectives=usual_aims(continuity), method=Territorial())


def arrivals(instance: Instance) -> NDArray[np.int64]:
    """Enterprises in the order in which they came. Shape (n_enterprises,)."""
    if instance.enterprises is None:
        return np.arange(instance.shape[1], dtype=np.int64)
    days = [pd.to_datetime(instance.enterprises[column]).to_numpy("datetime64[s]") for column in ARRIVAL if column in instance.enterprises]
    return np.lexsort([np.arange(instance.shape[1]), *reversed(days)]).astype(np.int64)


class _Near:
    """Officers by nearness to an enterprise: its town, the rest of its district, the city's."""

    def __init__(self, instance: Instance) -> None:
        if not places_known(instance):
            msg = (
                "The territorial policy needs officers with tier, district and town, and enterprises with district and town; "
                "this instance has none. Use greedy or at_random, which ask for no places. "
                "| 属地策略需要干部的层级、区县、乡镇与企业的区县、乡镇，数据中没有；请改用 greedy 或 at_random。"
            )
            raise DataError(msg)
        self._tier, self._district, self._town = (instance.text_of("officer", name) for name in ("tier", "district", "town"))
        self._places = list(zip(*(instance.text_of("enterprise", name).tolist() for name in ("district", "town")), strict=True))
        self._known: dict[tuple[str, str], NDArray[np.int64]] = {}

    def officers(self, enterprise: int) -> NDArray[np.int64]:
        """Officers who come into question, nearest first, then by id. Shape (n_near,)."""
        place = self._places[enterprise]
        if place not in self._known:
            self._known[place] = self._nearest(*place)
        return self._known[place]

    def _nearest(self, district: str, town: str) -> NDArray[np.int64]:
        in_district = (self._district == district) & (district != "")
        in_town = in_district & (self._town == town) & (town != "")
        at_city = (self._tier == "city") & ~in_district
        return np.concatenate([np.flatnonzero(in_town), np.flatnonzero(in_district & ~in_town), np.flatnonzero(at_city)])
