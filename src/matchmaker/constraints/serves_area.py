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
        areas = _Areas.of(instance)
        kinds, of_officer = np.unique(areas.tier * (len(areas.names) + 1) + areas.place + 1, return_index=True, return_inverse=True)[1:]
        asks, of_enterprise = np.unique(
            (areas.district + 1) * (len(areas.names) + 1) + areas.town + 1, return_index=True, return_inverse=True
        )[1:]
        program.allow(of_officer, of_enterprise, areas.inside(kinds[:, None], asks[None, :]))

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Pairs outside the officer's area."""
        areas = _Areas.of(instance)
        i, j = assignment.officers, assignment.enterprises
        return [
            Violation(
                rule="serves_area",
                officer=instance.officer_ids[i[p]],
                enterprise=instance.enterprise_ids[j[p]],
                problem=f"a {TIERS[areas.tier[i[p]]]} officer of {areas.home(i[p])!r} serves in {areas.where(j[p])!r}",
                problem_zh=f"{'市县乡'[areas.tier[i[p]]]}级干部（{areas.home(i[p])}）服务了辖区外企业（{areas.where(j[p])}）",
            )
            for p in np.flatnonzero(~areas.inside(i, j))
        ]


@dataclass(frozen=True, eq=False)
class _Areas:
    """Where everybody belongs.

    Parameters
    ----------
    tier
        Shape (n_officers,): 0 city, 1 county, 2 township.
    place
        Shape (n_officers,): the district of who is of a county, the town of who is of a township, by number; -1 for none or not known.
    district, town
        Shapes (n_enterprises,): by number; -1 where not known.
    names
        Of districts, and of towns as "district/town": towns of two districts may share a name.
    """

    tier: NDArray[np.int64]
    place: NDArray[np.int64]
    district: NDArray[np.int64]
    town: NDArray[np.int64]
    names: list[str]

    @classmethod
    def of(cls, instance: Instance) -> _Areas:
        """Read from the tables that an instance was built from."""
        if instance.officers is None or instance.enterprises is None:
            msg = "ServesArea needs officers with tier, district and town, and enterprises with district and town; this instance has none."
            msg += " | 缺少层级与地区，无法按辖区匹配。"
            raise DataError(msg)
        tier = _tiers(instance.officers["tier"])
        n = len(tier)
        district, districts = _numbered(instance, "district")
        town, towns = _numbered(instance, "town")
        within = np.where(town < 0, -1, (district + 1) * max(len(towns), 1) + town)
        pairs, found = np.unique(within[within >= 0], return_inverse=True)
        within[within >= 0] = found + len(districts)
        names = [*districts, *(_full(pair, districts, towns) for pair in pairs.tolist())]
        place = np.select([tier == 1, tier == 2], [district[:n], within[:n]], -1)
        return cls(tier, place, district[n:], within[n:], names)

    def inside(self, officers: NDArray[np.int64], enterprises: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether officers may go to enterprises, by their positions. Shape as the two broadcast to."""
        tier, place = self.tier[officers], self.place[officers]
        at_home = (tier == 1) & (place == self.district[enterprises]) | (tier == 2) & (place == self.town[enterprises])
        may: NDArray[np.bool_] = (tier == 0) | (place >= 0) & at_home
        return may

    def home(self, officer: int) -> str:
        """The name of an officer's area."""
        return self.names[self.place[officer]] if self.place[officer] >= 0 else ""

    def where(self, enterprise: int) -> str:
        """The name of the narrowest area an enterprise is known to be in."""
        number = max(self.town[enterprise], self.district[enterprise])  # towns are numbered after all districts
        return self.names[number] if number >= 0 else ""


def _tiers(tier: pd.Series) -> NDArray[np.int64]:
    code, names = pd.factorize(tier)
    number = np.array([*(TIERS.index(name) if name in TIERS else -1 for name in names), -1], dtype=np.int64)[code]
    if (number < 0).any():
        unknown = sorted({str(t) for t in tier[number < 0]})
        msg = f"ServesArea knows the tiers {', '.join(TIERS)}; officers have {', '.join(unknown)}. | 有未知的层级。"
        raise DataError(msg)
    return number


def _numbered(instance: Instance, column: str) -> tuple[NDArray[np.int64], list[str]]:
    """The officers' and then the enterprises' places by number, -1 where not known, and their names. Shape (n_members,)."""
    known: dict[str, int] = {}
    sides = []
    for frame in (instance.officers, instance.enterprises):
        code, names = pd.factorize(frame[column] if frame is not None else np.empty(0, dtype=object))
        number = [known.setdefault(str(name), len(known)) if name else -1 for name in names]
        sides.append(np.array([*number, -1], dtype=np.int64)[code])
    return np.concatenate(sides), list(known)


def _full(pair: int, districts: list[str], towns: list[str]) -> str:
    district, town = divmod(pair, max(len(towns), 1))
    return f"{districts[district - 1] if district else ''}/{towns[town]}"
