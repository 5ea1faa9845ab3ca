"""The house rules that a machine can check. Each check is first shown to be able to fail."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "matchmaker"

LAYERS = (
    ("errors", "files"),
    ("tables", "assignment", "counts"),
    ("profiles", "affinity"),
    ("instance", "siderows"),
    ("program", "metrics", "diagnosis", "places"),
    ("constraints", "objectives", "engine", "result", "progress"),
    ("build", "policies", "start", "naming", "unheeded"),
    ("solve",),
    ("assign",),
    ("lottery", "compare", "explain", "report"),  # a lottery reads a bare matrix as assign does
    ("rounds",),  # a round is written with a report, so it stands above it
    ("cli",),
)
SAME_UNIT = {"words": "result", "shortfall": "result", "face": "program"}
"""Modules that are one unit with another: the words of a result's summary, and whom its plan leaves short; what the best plans of a
programme have in common."""
ANYWHERE = ("datasets", "testing")
"""May import anything; only the command line and the tests import them."""
FACADE = ""
SOLVERS = ("ortools", "scipy.optimize", "dask", "distributed")

LEVEL = {unit: level for level, units in enumerate(LAYERS) for unit in units}

Check = Callable[[str, ast.Module], list[str]]


def unit_of(module: str) -> str:
    """``matchmaker.tables.read`` is of the unit "tables"; the package itself is the facade."""
    parts = module.split(".")
    unit = parts[1] if len(parts) > 1 else FACADE
    return SAME_UNIT.get(unit, unit)


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports, inside functions and for type checkers too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, "." * node.level + f"{node.module or ''}.{alias.name}") for alias in node.names)


def imports_downward(module: str, tree: ast.Module) -> list[str]:
    """Import downward only; siblings never import each other; nobody below the command line uses the facade."""
    unit = unit_of(module)
    problems = [f"{line}: relative import {name}" for line, name in imported(tree) if name.startswith(".")]
    if unit in (FACADE, *ANYWHERE):
        return problems
    if unit not in LEVEL:
        return [f"{module} stands in no layer"]
    for line, name in imported(tree):
        if name.split(".")[0] != "matchmaker" or unit_of(name) in (unit, *ANYWHERE):
            continue
        other = unit_of(name)
        if other not in LEVEL and unit != "cli":
            problems.append(f"{line}: {module} imports {name}, which stands in no layer")
        elif other in LEVEL and LEVEL[other] >= LEVEL[unit]:
            problems.append(f"{line}: {unit} (layer {LEVEL[unit]}) imports {other} (layer {LEVEL[other]})")
    return problems


def only_cli_imports_datasets(module: str, tree: ast.Module) -> list[str]:
    """Synthetic data and test strategies stay out of the library."""
    if unit_of(module) in ("cli", FACADE, *ANYWHERE):
        return []
    return [f"{line}: imports {name}" for line, name in imported(tree) if name.startswith("matchmaker.") and unit_of(name) in ANYWHERE]


def only_engine_imports_solvers(module: str, tree: ast.Module) -> list[str]:
    """A solver is known in one place."""
    if unit_of(module) in ("engine", "testing"):
        return []
    return [
        f"{line}: imports {name}"
        for line, name in imported(tree)
        if any(name == solver or name.startswith(f"{solver}.") for solver in SOLVERS)
    ]


def no_print(module: str, tree: ast.Module) -> list[str]:
    """The library logs; only the command line prints and configures logging."""
    if unit_of(module) == "cli":
        return []
    forbidden = ("print", "logging.basicConfig", "basicConfig")
    return [f"{node.lineno}: {ast.unparse(node.func)}" for node in calls(tree) if ast.unparse(node.func) in forbidden]


def no_assert(module: str, tree: ast.Module) -> list[str]:
    """An assert vanishes under -O: raise instead."""
    return [f"{node.lineno}: assert" for node in ast.walk(tree) if isinstance(node, ast.Assert)]


def no_broad_except(module: str, tree: ast.Module) -> list[str]:
    """Catch what is expected, by name."""
    problems = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {"" if kind is None else ast.unparse(kind) for kind in caught}
            if names & {"", "Exception", "BaseException"}:
                problems.append(f"{node.lineno}: except {', '.join(sorted(names))}".rstrip())
    return problems


def short_functions(module: str, tree: ast.Module, most: int = 60) -> list[str]:
    """No function body, without its docstring, over 60 lines."""
    problems = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > most:
                problems.append(f"{node.lineno}: {node.name} has {lines} lines, at most {most}")
    return problems


def short_modules(module: str, tree: ast.Module, most: int = 400) -> list[str]:
    """No module over 400 lines."""
    last = max((getattr(node, "end_lineno", 0) or 0 for node in ast.walk(tree)), default=0)
    return [f"{last} lines, at most {most}"] if last > most else []


def docstrings(module: str, tree: ast.Module) -> list[str]:
    """Every module, public class, public function and public method says what it means."""
    problems = [] if ast.get_docstring(tree) else ["1: the module has no docstring"]
    return problems + [f"{node.lineno}: {node.name} has no docstring" for node in public(tree) if not ast.get_docstring(node)]


def public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public classes and functions of a module, and public methods of public classes."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if any(ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in node.decorator_list):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from public(node)


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


CHECKS: tuple[Check, ...] = (
    imports_downward,
    only_cli_imports_datasets,
    only_engine_imports_solvers,
    no_print,
    no_assert,
    no_broad_except,
    short_functions,
    short_modules,
    docstrings,
)

BAD = [
    (imports_downward, "matchmaker.engine.flow", "from matchmaker.solve import solve", "engine (layer 5) imports solve (layer 7)"),
    (imports_downward, "matchmaker.engine.flow", "def f():\n    import matchmaker.solve", "engine (layer 5) imports solve"),
    (imports_downward, "matchmaker.tables", "from matchmaker import assignment", "tables (layer 1) imports assignment (layer 1)"),
    (imports_downward, "matchmaker.explain.why", "from matchmaker.report import page", "explain (layer 9) imports report (layer 9)"),
    (imports_downward, "matchmaker.words", "import matchmaker.policies", "result (layer 5) imports policies (layer 6)"),
    (imports_downward, "matchmaker.solve", "import matchmaker as mm", "imports matchmaker, which stands in no layer"),
    (imports_downward, "matchmaker.solve", "from . import errors", "relative import"),
    (imports_downward, "matchmaker.brand_new", "import os", "stands in no layer"),
    (only_cli_imports_datasets, "matchmaker.report", "from matchmaker import datasets", "imports matchmaker.datasets"),
    (only_cli_imports_datasets, "matchmaker.solve", "from matchmaker.testing import x", "imports matchmaker.testing.x"),
    (only_engine_imports_solvers, "matchmaker.solve", "from scipy import optimize", "imports scipy.optimize"),
    (only_engine_imports_solvers, "matchmaker.assign", "def f():\n    import ortools", "imports ortools"),
    (only_engine_imports_solvers, "matchmaker.rounds.x", "from ortools.graph.python import min_cost_flow", "imports ortools.graph"),
    (no_print, "matchmaker.solve", "print(1)", "print"),
    (no_print, "matchmaker.solve", "import logging\nlogging.basicConfig()", "logging.basicConfig"),
    (no_assert, "matchmaker.solve", "assert True", "assert"),
    (no_broad_except, "matchmaker.solve", "try:\n    f()\nexcept:\n    pass", "except"),
    (no_broad_except, "matchmaker.solve", "try:\n    f()\nexcept (KeyError, Exception):\n    pass", "except Exception, KeyError"),
    (no_broad_except, "matchmaker.solve", "try:\n    f()\nexcept BaseException:\n    raise", "except BaseException"),
    (short_functions, "matchmaker.solve", "def f():\n" + "    x = 1\n" * 61, "f has 61 lines"),
    (short_modules, "matchmaker.solve", "x = 1\n" * 401, "401 lines"),
    (docstrings, "matchmaker.solve", "x = 1", "the module has no docstring"),
    (docstrings, "matchmaker.solve", "'''Doc.'''\ndef f(): ...", "f has no docstring"),
    (docstrings, "matchmaker.solve", "'''Doc.'''\nclass C:\n    '''Doc.'''\n    def g(self): ...", "g has no docstring"),
]

GOOD = [
    (imports_downward, "matchmaker.cli", "import matchmaker as mm\nfrom matchmaker import datasets, rounds"),
    (imports_downward, "matchmaker.solve", "import numpy\nfrom matchmaker.engine import flow\nfrom matchmaker.solve import x"),
    (imports_downward, "matchmaker.datasets", "from matchmaker.rounds import run"),
    (only_engine_imports_solvers, "matchmaker.engine.flow", "from ortools.graph.python import min_cost_flow"),
    (only_engine_imports_solvers, "matchmaker.solve", "import scipy.sparse, dask_free"),
    (no_print, "matchmaker.cli", "print(1)"),
    (no_broad_except, "matchmaker.solve", "try:\n    f()\nexcept KeyError:\n    pass"),
    (short_functions, "matchmaker.solve", "def f():\n    '''" + "Doc.\n" * 70 + "'''\n" + "    x = 1\n" * 60),
    (docstrings, "matchmaker.solve", "'''Doc.'''\ndef _f(): ...\nclass _C:\n    def g(self): ..."),
]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the package, by its full name."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_rules_hold(check: Check) -> None:
    problems = [f"{module}:{problem}" for module, tree in modules() for problem in check(module, tree)]
    assert not problems, "\n".join([check.__doc__ or "", *problems])


def test_there_are_modules_to_check() -> None:
    assert {"matchmaker", "matchmaker.errors", "matchmaker.affinity.dense"} <= {name for name, _ in modules()}


@pytest.mark.parametrize(("check", "module", "source", "problem"), BAD)
def test_each_check_can_fail(check: Check, module: str, source: str, problem: str) -> None:
    assert any(problem in found for found in check(module, ast.parse(source)))


@pytest.mark.parametrize(("check", "module", "source"), GOOD)
def test_no_check_cries_wolf(check: Check, module: str, source: str) -> None:
    assert check(module, ast.parse(source)) == []


def test_every_check_is_shown_to_fail() -> None:
    assert {check for check, *_ in BAD} == set(CHECKS)
