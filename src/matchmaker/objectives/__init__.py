"""Aims, one a file: each prices pairs in a programme and values a whole plan."""

from matchmaker.objectives.balance import Balance
from matchmaker.objectives.base import Objective
from matchmaker.objectives.continuity import Continuity
from matchmaker.objectives.diminishing_returns import DiminishingReturns
from matchmaker.objectives.expected_resolved import ExpectedResolved
from matchmaker.objectives.leximin import Leximin
from matchmaker.objectives.ranks import Then, then
from matchmaker.objectives.served import Served, Unmet
from matchmaker.objectives.travel import Travel
from matchmaker.objectives.worst_served import WorstServed

__all__ = [
    "Balance",
    "Continuity",
    "DiminishingReturns",
    "ExpectedResolved",
    "Leximin",
    "Objective",
    "Served",
    "Then",
    "Travel",
    "Unmet",
    "WorstServed",
    "then",
]
