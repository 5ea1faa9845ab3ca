"""Who should serve whom: officers matched to enterprises, optimally, with the proof.

Nouns and verbs, each loaded when it is first used::

    import matchmaker as mm

    tables = mm.load("round_2/")
    instance = mm.build(tables)
    result = mm.solve(instance)

Several verbs live in a module of their own name. Here ``mm.solve`` is always the verb; its module is ``from matchmaker.solve import ...``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matchmaker import constraints, datasets, errors, metrics, objectives, policies, report, rounds, testing
    from matchmaker.affinity import Dense, Factors, ParquetFactors, Sparse
    from matchmaker.assign import assign
    from matchmaker.assignment import Assignment
    from matchmaker.build import build
    from matchmaker.compare import compare
    from matchmaker.errors import ClusterError, ConfigError, DataError, MatchmakerError, NoAssignmentError, SolverError
    from matchmaker.explain import explain
    from matchmaker.instance import Instance
    from matchmaker.lottery import lottery
    from matchmaker.policies import Policy
    from matchmaker.result import Result, Termination
    from matchmaker.solve import solve
    from matchmaker.tables import Tables, load

__all__ = [
    "Assignment",
    "ClusterError",
    "ConfigError",
    "DataError",
    "Dense",
    "Factors",
    "Instance",
    "MatchmakerError",
    "NoAssignmentError",
    "ParquetFactors",
    "Policy",
    "Result",
    "SolverError",
    "Sparse",
    "Tables",
    "Termination",
    "assign",
    "build",
    "compare",
    "constraints",
    "datasets",
    "errors",
    "explain",
    "load",
    "lottery",
    "metrics",
    "objectives",
    "policies",
    "report",
    "rounds",
    "solve",
    "testing",
]

_HOME = {
    "Assignment": "matchmaker.assignment",
    "ClusterError": "matchmaker.errors",
    "ConfigError": "matchmaker.errors",
    "DataError": "matchmaker.errors",
    "Dense": "matchmaker.affinity",
    "Factors": "matchmaker.affinity",
    "Instance": "matchmaker.instance",
    "MatchmakerError": "matchmaker.errors",
    "NoAssignmentError": "matchmaker.errors",
    "ParquetFactors": "matchmaker.affinity",
    "Policy": "matchmaker.policies",
    "Result": "matchmaker.result",
    "SolverError": "matchmaker.errors",
    "Sparse": "matchmaker.affinity",
    "Tables": "matchmaker.tables",
    "Termination": "matchmaker.result",
    "assign": "matchmaker.assign",
    "build": "matchmaker.build",
    "compare": "matchmaker.compare",
    "explain": "matchmaker.explain",
    "load": "matchmaker.tables",
    "lottery": "matchmaker.lottery",
    "solve": "matchmaker.solve",
}
"""The module in which each noun and verb lives; a name of `__all__` that is not here is a module itself."""


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in __all__:
        return import_module(f"matchmaker.{name}")
    msg = f"module 'matchmaker' has no attribute {name!r}"
    raise AttributeError(msg, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Facade(ModuleType):
    """The package, in which importing the module ``matchmaker.solve`` does not hide the verb ``mm.solve``."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Facade
