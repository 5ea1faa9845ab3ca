"""Three tiers: city officers serve anywhere, county officers their district, township officers their town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.errors import DataError
from matchmaker.instance import Instance
from matchmaker.program import Program

TIERS = ("city", "county", "township")


@dataclass(frozen=True, eq=False)
class ServesArea:
    """An officer serves only the area of his or her tier.

    ``x_ij = 0`` unless officer i is of the city, or of the county and in j's district, or of the township and in j's town.
    An enterprise whose district is not known can be served by the city alone; one whose town is not known, by city and county.

    Raises
    ------
    DataError
        When the instance does not know tiers and places.
    """

    def impose(self, program: Program, instance: Instance) -> None:
        """Officers and enterprises fall into classes by place; only some classes may meet."""
        tier, officer_place, enterprise_district, enterprise_town = _places(instance)
        of_officer, officer_classes = pd.factorize(pd.Series(list(zip(tier, officer_place, strict=True)), dtype=object))
        of_enterprise, enterprise_classes = pd.factorize(
            pd.Series(list(zip(enterprise_district, enterprise_town, strict=True)), dtype=object)
        )
        allowed = np.array(
            [
                [
                    kind == 0 or (kind == 1 and place == district != "") or (kind == 2 and place == town != "")
                    for district, town in enterprise_classes
                ]
                for kind, place in officer_classes
            ],
            dtype=bool,
        )
        program.allow(of_officer, of_enterprise, allowed)

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Pairs outside the officer's area."""
        tier, place, district, town = _places(instance)
        i, j = assignment.officers, assignment.enterprises
        inside = (tier[i] == 0) | ((tier[i] == 1) & (place[i] == district[j]) & (district[j] != ""))
        inside |= (tier[i] == 2) & (place[i] == town[j]) & (town[j] != "")
        return [
            Violation(
                rule="serves_area",
                officer=instance.officer_ids[i[p]],
                enterprise=instance.enterprise_ids[j[p]],
                problem=f"a {TIERS[tier[i[p]]]} officer of {place[i[p]]!r} serves in {town[j[p]] or district[j[p]]!r}",
                problem_zh=f"{'市县乡'[tier[i[p]]]}级干部（{place[i[p]]}）服务了辖区外企业（{town[j[p]] or district[j[p]]}）",
            )
            for p in np.flatnonzero(~inside)
        ]


def _places(instance: Instance) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]]:
    """Tier (0 city, 1 county, 2 township) and place of each officer; district and "district/town" of each enterprise."""
    if instance.officers is None or instance.enterprises is None:
        msg = "ServesArea needs officers with tier, district and town, and enterprises with district and town; this instance has none."
        msg += " | 缺少层级与地区，无法按辖区匹配。"
        raise DataError(msg)
    officers, enterprises = instance.officers, instance.enterprises
    tier = pd.Index(TIERS).get_indexer(pd.Index(officers["tier"].astype(object)))
    if (tier < 0).any():
        unknown = sorted({str(t) for t in officers["tier"][tier < 0]})
        msg = f"ServesArea knows the tiers {', '.join(TIERS)}; officers have {', '.join(unknown)}. | 有未知的层级。"
        raise DataError(msg)
    officer_district, officer_town = _district_and_town(officers)
    place = np.where(tier == 0, "", np.where(tier == 1, officer_district, officer_town)).astype(object)
    return tier.astype(np.int64), place, *_district_and_town(enterprises)


def _district_and_town(frame: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """District, and "district/town" (towns of two districts may share a name; empty where the town is not known)."""
    district = frame["district"].fillna("").astype(str)
    town = frame["town"].fillna("").astype(str)
    full = (district + "/" + town).where(town != "", "")
    return district.to_numpy(dtype=object), full.to_numpy(dtype=object)
