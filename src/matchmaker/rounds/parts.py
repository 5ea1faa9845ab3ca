"""Rules, aims and named policies by the names that round.toml uses."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from matchmaker import constraints, objectives, policies
from matchmaker.constraints import Constraint
from matchmaker.constraints.base import name_of
from matchmaker.errors import ConfigError, MatchmakerError, did_you_mean
from matchmaker.objectives import Objective
from matchmaker.policies import Policy
from matchmaker.rounds.config import Config, Part, Parts, Recipe

Named = TypeVar("Named")
THEN = "then"
"""What begins a rank of aims after others: ``{ rule = "then", aim = { rule = "travel", weight = 1.0 }, slack = 0.01 }``."""


def make_policy(config: Config, folder: Path) -> Policy:
    """The policy that a round asks for.

    Parameters
    ----------
    folder
        Where round.toml stands; files with the user's own rules stand beside it.

    Raises
    ------
    ConfigError
        For a name or a parameter that is not known, with the nearest one that is.
    """
    if isinstance(config.policy, str | Recipe):
        return _recipe(config.policy if isinstance(config.policy, Recipe) else Recipe(recipe=config.policy))
    parts = config.policy
    made, wrong = [], []
    for key, listed, known, wanted, kind in (
        ("constraints", parts.constraints, rules(), Constraint, ("rule", "规则")),
        ("objectives", parts.objectives, aims(), Objective, ("aim", "目标")),
    ):
        for place, part in enumerate(listed):
            try:
                made.append((key, _make(part, known, wanted, folder, kind)))
            except MatchmakerError as error:
                wrong.append(f"policy.{key}[{place}]: {error}")
    if wrong:
        head = "" if len(wrong) == 1 else f"{len(wrong)} settings cannot be used ({len(wrong)} 处设置有误):\n  "
        raise ConfigError(head + "\n  ".join(wrong))
    return Policy(
        name=parts.name,
        constraints=tuple(part for key, part in made if key == "constraints"),
        objectives=tuple(part for key, part in made if key == "objectives"),
    )


def rules() -> dict[str, type]:
    """Every hard rule of the library by its name."""
    return _catalogue(constraints, "impose")


def aims() -> dict[str, type]:
    """Every aim of the library by its name."""
    return _catalogue(objectives, "price")


def own_files(config: Config, folder: Path) -> list[Path]:
    """The files in which the round's own rules stand, sorted: they are inputs like the tables."""
    if not isinstance(config.policy, Parts):
        return []
    parts = (*config.policy.constraints, *config.policy.objectives)
    inner = (part.parameters.get("aim") for part in parts if part.rule == THEN)
    named = [part.rule for part in parts] + [str(aim.get("rule", "")) for aim in inner if isinstance(aim, dict)]
    return sorted({folder / f"{name.partition(':')[0]}.py" for name in named if ":" in name})


def _recipe(asked: Recipe) -> Policy:
    try:
        return policies.named(asked.recipe, **asked.options)
    except ConfigError as error:
        msg = f"policy: {error}"
        raise ConfigError(msg) from error


def _catalogue(package: ModuleType, method: str) -> dict[str, type]:
    found = (getattr(package, name) for name in package.__all__)
    kinds = (kind for kind in found if inspect.isclass(kind) and hasattr(kind, method) and not getattr(kind, "_is_protocol", False))
    return {name_of(kind): kind for kind in kinds}


def _make(part: Part, known: Mapping[str, type], wanted: type, folder: Path, kind: tuple[str, str]) -> Any:
    given = part.parameters
    if part.rule == THEN and wanted is Objective and "aim" in given:
        given["aim"] = _make(_inner(given["aim"]), known, wanted, folder, kind)
    made = _own(part.rule, folder) if ":" in part.rule else _named(part.rule, known, *kind)
    settable = _parameters(made)
    unknown = [name for name in given if name not in settable]
    missing = [name for name, needed in settable.items() if needed and name not in given]
    if unknown or missing:
        wrong = [f'"{name}" is not a parameter.{did_you_mean(name, settable)}' for name in unknown]
        wrong += [f'"{name}" is missing.' for name in missing]
        msg = f"{part.rule}: {' '.join(wrong)} It takes {', '.join(settable) or 'none'}. | {part.rule}：参数有误。"
        raise ConfigError(msg)
    try:
        rule = made(**given)
    except (TypeError, ValueError) as error:
        msg = f"{part.rule} cannot be made from {given}: {error}. | {part.rule}：参数取值有误。"
        raise ConfigError(msg) from error
    if not isinstance(rule, wanted):
        msg = f"{part.rule} is not a {kind[0]}: it needs the methods of {wanted.__name__}. | {part.rule} 不是{kind[1]}。"
        raise ConfigError(msg)
    return rule


def _inner(aim: object) -> Part:
    """The aim of a later rank, which is written like any other: by its name, or ``{ rule = "travel", weight = 0.01 }``."""
    said = {"rule": aim} if isinstance(aim, str) else aim
    if not isinstance(said, dict) or not isinstance(said.get("rule"), str) or said["rule"] == THEN:
        msg = (
            f'then: aim is {aim!r}; expected the name of an aim, or {{ rule = "expected_resolved", weight = 1.0 }}. '
            "| then：aim 应为目标名称，或 { rule = ... } 形式。"
        )
        raise ConfigError(msg)
    return Part.model_validate(said)


def _parameters(made: type) -> dict[str, bool]:
    """Parameters that a file can set, and whether each must be given; named pairs (Notes) come from the tables instead."""
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    found = [p for p in inspect.signature(made).parameters.values() if p.kind not in kinds and "Notes" not in str(p.annotation)]
    return {p.name: p.default is p.empty for p in found}


def _own(name: str, folder: Path) -> type:
    """A user's own class, from ``module:Class`` beside round.toml."""
    stem, _, attribute = name.partition(":")
    path = folder / f"{stem}.py"
    if not stem.isidentifier() or not path.is_file():
        msg = f'"{name}" is to be read from {path}, which is not there. | 找不到规则文件 {path}。'
        raise ConfigError(msg)
    module = _loaded(path)
    kinds = {key: value for key, value in vars(module).items() if inspect.isclass(value) and value.__module__ == module.__name__}
    return _named(attribute, kinds, f"class in {path.name}:", f"类（{path.name}）")


def _loaded(path: Path) -> ModuleType:
    module = ModuleType(f"round_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    except (SyntaxError, ImportError, NameError) as error:
        msg = f"{path} cannot be read: {error}. | 规则文件 {path} 无法读取。"
        raise ConfigError(msg) from error
    return module


def _named(name: str, known: Mapping[str, Named], kind: str, kind_zh: str) -> Named:
    if name not in known:
        msg = f'There is no {kind} "{name}"; known are {", ".join(sorted(known))}.{did_you_mean(name, known)} | 没有{kind_zh}“{name}”。'
        raise ConfigError(msg)
    return known[name]
