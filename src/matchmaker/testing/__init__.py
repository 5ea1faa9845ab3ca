"""Test your own rules and aims: every plan of tiny instances, read by a slow and simple reader that shares nothing with the engine.

>>> from matchmaker.constraints import Capacity
>>> from matchmaker.testing import check_constraint
>>> check_constraint(Capacity())
"""

from matchmaker.testing.checks import check_constraint, check_objective
from matchmaker.testing.reader import RuleError, allowed, brute_force, every_plan, worth
from matchmaker.testing.tiny import assignments, examples, instances

__all__ = [
    "RuleError",
    "allowed",
    "assignments",
    "brute_force",
    "check_constraint",
    "check_objective",
    "every_plan",
    "examples",
    "instances",
    "worth",
]
