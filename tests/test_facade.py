"""The facade: nouns and verbs, loaded late, and never hidden by a module of the same name."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from importlib import import_module
from types import FunctionType, ModuleType

import pytest

import matchmaker as mm

VERBS = sorted(name for name in mm.__all__ if mm._HOME.get(name) == f"matchmaker.{name}")
HEAVY = (
    "altair",
    "dask",
    "jinja2",
    "ortools",
    "pandas",
    "pyarrow",
    "pydantic",
    "python_calamine",
    "scipy",
    "sklearn",
    "typer",
    "vl_convert",
    "xlsxwriter",
)


@pytest.mark.parametrize("name", mm.__all__)
def test_every_name_resolves(name: str) -> None:
    assert getattr(mm, name) is not None
    assert name in dir(mm)


def test_table_and_all_agree() -> None:
    assert set(mm._HOME) <= set(mm.__all__)
    assert mm.__all__ == sorted(mm.__all__)
    assert VERBS, "no verb shares its module's name: the facade class has no reason to exist"
    assert all(isinstance(getattr(mm, name), ModuleType) for name in set(mm.__all__) - set(mm._HOME))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'matchmaker' has no attribute 'sovle'"):
        _ = mm.sovle


def test_import_is_light(in_subprocess: Callable[[str], str]) -> None:
    loaded = in_subprocess("import sys, matchmaker; print(*sys.modules)").split()
    assert "matchmaker" in loaded
    assert not set(HEAVY) & set(loaded)


def test_star_import_gives_the_verbs(in_subprocess: Callable[[str], str]) -> None:
    assert in_subprocess("from matchmaker import *; print(type(solve).__name__, type(errors).__name__)").split() == ["function", "module"]


ORDERS = (
    "import matchmaker.{name}",
    "import matchmaker.{name} as module",
    "from matchmaker.{name} import {name}",
    "from matchmaker import {name}",
    "import importlib; importlib.import_module('matchmaker.{name}')",
    "import matchmaker as mm; mm.{name}; import matchmaker.{name}",
    "import matchmaker as mm, importlib, sys; mm.{name}; importlib.reload(sys.modules['matchmaker.{name}'])",
)
AFTERWARDS = """
import matchmaker as mm, matchmaker.{name}
from matchmaker import {name}
print(type(mm.{name}).__name__, mm.{name} is {name}, mm.{name}.__module__.startswith("matchmaker.{name}"))
for module in [module for module in sys.modules if module.partition(".")[0] == "matchmaker"]:
    del sys.modules[module]
"""


def test_a_verb_stays_a_verb_in_every_import_order(in_subprocess: Callable[[str], str]) -> None:
    """Each case begins without any module of the package, in one interpreter, as others are dear to import."""
    cases = [(order, "build") for order in ORDERS] + [(ORDERS[0], name) for name in VERBS]
    code = "import sys\n" + "".join(f"{order}\n{AFTERWARDS}".format(name=name) for order, name in cases)
    assert in_subprocess(code).splitlines() == ["function True True"] * len(cases)


@pytest.mark.parametrize("name", VERBS)
def test_a_verbs_module_is_still_found_by_its_own_name(name: str) -> None:
    module = import_module(f"matchmaker.{name}")
    assert isinstance(module, ModuleType)
    assert getattr(module, name) is getattr(mm, name)


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_can_be_pickled(name: str) -> None:
    assert pickle.loads(pickle.dumps(getattr(mm, name))) is getattr(mm, name)


def test_a_verb_can_still_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def stand_in() -> None: ...

    monkeypatch.setattr(mm, "solve", stand_in)
    assert mm.solve is stand_in
    monkeypatch.undo()
    assert isinstance(mm.solve, FunctionType)
