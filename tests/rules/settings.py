"""Every rule and aim in the settings in which it is tried: a new one without a setting fails a test."""

from __future__ import annotations

from matchmaker.constraints import (
    Apart,
    Capacity,
    ChurnBudget,
    Constraint,
    Coverage,
    Demand,
    EachHas,
    GroupFloor,
    MinimumAffinity,
    Pin,
    Quota,
    Recusal,
    ServesArea,
    Together,
    Veto,
    WithinDistance,
    Workload,
)
from matchmaker.objectives import Balance, Continuity, DiminishingReturns, ExpectedResolved, Objective, Served, Travel, Unmet, WorstServed

PLACES = [[30.0, 120.0], [30.1, 120.0], [30.0, 120.2], [30.2, 120.1]]

RULES: tuple[Constraint, ...] = (
    Capacity(),
    Demand(),
    Recusal(),
    Veto(),
    Pin(),
    ServesArea(),
    Workload(2.0, load=1.0),
    Workload(1.5, load=1.5),
    Coverage(0.5),
    Coverage(0.6, share=0.0),
    Coverage(0.25, needs=["land"]),
    Coverage(0.7, share=0.2, jointly=True),
    Coverage(0.5, served_only=True),
    Together(enterprises="industry"),
    Together(officers="department"),
    Together(enterprises="district", officers="tier"),
    Apart(enterprises="industry"),
    Apart(officers="department"),
    Apart(enterprises="district", officers="tier"),
    Quota("department", "industry", least=1),
    Quota("department", "industry", most=1),
    Quota(["tier", "department"], "industry", most=1),
    Quota("tier", None, limits=[["*", "*", 1, 3]]),
    EachHas({"tier": ["city", "county"]}, {"industry": ["software"]}),
    EachHas({"department": ["land"]}, {}, least=None, most=1),
    EachHas({"department": ["land"]}, {}, most=1, served_only=True),
    GroupFloor(0.25),
    GroupFloor(0.5, by="industry"),
    MinimumAffinity(pair=0.3),
    MinimumAffinity(total=0.3),
    MinimumAffinity(pair=0.1, total=0.5),
    ChurnBudget(most=0),
    ChurnBudget(share=0.5),
    ChurnBudget(most=1, by="district"),
)
AIMS: tuple[Objective, ...] = (
    ExpectedResolved(),
    Continuity(0.25),
    Balance(0.3),
    Served(0.7),
    Unmet(0.4),
    DiminishingReturns(),
    WorstServed(),
    WorstServed(0.5, by="district"),
)
WITH_PLACES = (WithinDistance, Travel)
"""Tried on instances with coordinates, by a test of their own."""


def name_of(part: object) -> str:
    """For a test's name."""
    shown = {key: value for key, value in vars(part).items() if value is not None}
    return f"{type(part).__name__}({', '.join(f'{key}={value}' for key, value in shown.items())})"[:80]
