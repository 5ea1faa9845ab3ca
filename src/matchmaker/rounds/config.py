"""round.toml: what a round is made from, checked key by key."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from matchmaker.errors import ConfigError, did_you_mean

FILE_NAME = "round.toml"


class Part(BaseModel):
    """One rule or aim: its name, or ``module:Class`` in a file beside round.toml, and its parameters.

    Parameters
    ----------
    rule
        Such as "capacity", "serves_area" or "our_rules:NoNewcomers".
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")

    rule: str

    @property
    def parameters(self) -> dict[str, Any]:
        """What stands beside the name."""
        return dict(self.model_extra or {})


class Recipe(BaseModel):
    """The ``[policy]`` table: a named policy and its options.

    Parameters
    ----------
    recipe
        Such as "optimal"; its options stand beside it.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")

    recipe: str

    @property
    def options(self) -> dict[str, Any]:
        """What stands beside the name."""
        return dict(self.model_extra or {})


class Parts(BaseModel):
    """The ``[policy]`` table: a policy from its parts.

    Parameters
    ----------
    name
        What results and reports call it.
    constraints, objectives
        Rules to keep and aims to maximise; at least one aim.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: str
    constraints: list[Part]
    objectives: list[Part] = Field(min_length=1)


def _kind(value: object) -> str:
    if isinstance(value, Recipe) or (isinstance(value, dict) and "recipe" in value):
        return "recipe"
    return "parts" if isinstance(value, dict | Parts) else "name"


PolicyField = Annotated[
    Annotated[str, Tag("name")] | Annotated[Recipe, Tag("recipe")] | Annotated[Parts, Tag("parts")], Discriminator(_kind)
]


class Config(BaseModel):
    """Everything that round.toml may say; paths are relative to its folder.

    Parameters
    ----------
    tables
        A folder of tables, or one workbook.
    aliases
        A CSV file of two columns, the user's own word for a header or sheet and the canonical name, or None.
    sheets
        The file or sheet that holds a table, where its name does not say so.
    name
        What reports call the round.
    output
        The folder that is replaced as a whole by this round's plan.
    previous
        Last round's plan.csv or plan.xlsx, or None.
    departed
        What to do with pairs of last round whose officer or enterprise is gone: "error" names them, "drop" goes on without.
    as_of
        The day the round is planned for; by default what the tables say.
    time_limit
        Seconds, above 0, or None.
    gap
        Relative gap at which a plan counts as optimal, at least 0.
    seed
        For policies that draw.
    language
        Of the workbook and the report: "zh", "en" or "both".
    policy
        A named policy, with options or without, or the parts of one.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    tables: str
    aliases: str | None = None
    sheets: dict[str, str] = Field(default_factory=dict)
    name: str = "round"
    output: str = "out"
    previous: str | None = None
    departed: Literal["error", "drop"] = "error"
    as_of: datetime.date | None = None
    time_limit: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    gap: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    seed: int = Field(default=0, ge=0)
    language: Literal["zh", "en", "both"] = "both"
    policy: PolicyField = "optimal"


def read_config(path: str | Path) -> Config:
    """The settings in a round.toml.

    Raises
    ------
    ConfigError
        When the file is missing, is not TOML in UTF-8, or a key or value is not known: all of them at once, in both languages.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
        settings = tomllib.loads(text)
    except FileNotFoundError as error:
        msg = f"There is no {path}. Write one, or start from `matchmaker demo`. | 找不到 {path}。"
        raise ConfigError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8. | {path} 不是 UTF-8 编码，请另存为 UTF-8。"
        raise ConfigError(msg) from error
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not TOML: {error}. Write paths with / or between single quotes. | {path} 格式有误：路径请用 / 或单引号。"
        raise ConfigError(msg) from error
    return checked_config(settings, str(path))


def checked_config(settings: object, source: str) -> Config:
    """Settings as a :class:`Config`.

    Parameters
    ----------
    source
        Where they stand, for the error.

    Raises
    ------
    ConfigError
        Naming every key and value that is not known.
    """
    try:
        return Config.model_validate(settings)
    except ValidationError as error:
        found = error.errors(include_url=False)
        lines = "\n".join(f"  {_line(one)}" for one in found)
        msg = f"{source}: {len(found)} setting{'s' if len(found) != 1 else ''} cannot be used ({len(found)} 处设置有误):\n{lines}"
        raise ConfigError(msg) from error


CHINESE = {
    "missing": "缺少此项",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "literal_error": "应为 {expected}",
    "too_short": "至少需要 {min_length} 项",
    "string_type": "应为文字（加引号）",
    "float_type": "应为数字",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "list_type": "应为列表",
    "date_type": "应为日期，如 2023-07-01",
    "finite_number": "应为有限数",
    "model_type": "应为 { ... } 形式",
}


def _line(error: Any) -> str:
    """One finding of pydantic in both languages, with the key as the reader wrote it."""
    path = [step for place, step in enumerate(error["loc"]) if place != 1 or error["loc"][0] != "policy"]  # without the union's tag
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    if error["type"] == "extra_forbidden":
        known = Parts.model_fields if path[0] == "policy" else Config.model_fields
        hint = did_you_mean(str(path[-1]), known)
        return f"{key}: is not a setting; expected one of {', '.join(known)}.{hint} | 不是可用的设置项。"
    given = "" if error["type"] == "missing" else f" {error['input']!r}"
    chinese = CHINESE.get(error["type"], "取值无效").format_map(_Context(error.get("ctx", {})))
    return f"{key}:{given} {error['msg'][0].lower()}{error['msg'][1:]} | {chinese}。"


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
