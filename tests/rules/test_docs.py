"""Every Python block of docs/rules.md runs, in order; its round.toml is read; every rule and aim is in both."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from matchmaker.rounds.config import checked_config
from matchmaker.rounds.parts import aims, make_policy, rules

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
README = Path(__file__).parents[2] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def test_the_page_runs(capsys: Any) -> None:
    namespace: dict[str, Any] = {"__name__": "rules"}
    for code in blocks("python"):
        exec(compile(code, str(PAGE), "exec", dont_inherit=True), namespace)
    said = capsys.readouterr().out
    assert "缺" in said
    assert "名额" in said


def test_the_round_of_the_page_is_read(tmp_path: Path) -> None:
    settings = tomllib.loads(blocks("toml")[0])
    policy = make_policy(checked_config({"tables": "t", **settings}, "page"), tmp_path)
    assert [type(rule).__name__ for rule in policy.constraints][-3:] == ["EachHas", "GroupFloor", "ChurnBudget"]
    assert [rank.slack for rank in policy.ranks] == [0.0, 0.01]


def test_every_rule_and_aim_has_its_place_on_the_page_and_in_the_readme() -> None:
    code, readme = "\n".join(blocks("python")), README.read_text(encoding="utf-8")
    for name in {**rules(), **aims()}:
        shown = camel(name)
        assert f"{shown}(" in code or name in ("then", "leximin") or f'"{name}"' in code, name
        assert f"`{shown}`" in readme or name == "then", name
