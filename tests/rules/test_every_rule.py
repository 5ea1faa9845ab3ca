"""Every rule of the library at once, from round.toml to a plan that is verified."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

from matchmaker.rounds.parts import rules

EXAMPLE = Path(__file__).parents[2] / "examples" / "every_rule.py"


def test_every_rule_at_once_ends_in_a_plan_that_is_verified(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("every_rule", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    assert example.main([str(tmp_path / "round"), "--officers", "60", "--enterprises", "110", "--time-limit", "120"]) == 0
    said = tomllib.loads((tmp_path / "round" / "round.toml").read_text(encoding="utf-8"))
    assert {part["rule"] for part in said["policy"]["constraints"]} == set(rules())
