"""Aims, one a file: each prices pairs in a programme and values a whole plan."""

from matchmaker.objectives.base import Objective
from matchmaker.objectives.continuity import Continuity
from matchmaker.objectives.expected_resolved import ExpectedResolved

__all__ = ["Continuity", "ExpectedResolved", "Objective"]
