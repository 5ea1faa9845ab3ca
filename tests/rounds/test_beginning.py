"""A round begins at the prices beside last round's plan; whatever is the matter with them, its plan is the same."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from matchmaker import datasets, tables
from matchmaker.cli import app
from matchmaker.engine import column_generation
from matchmaker.program import Prices
from matchmaker.rounds import read_result, run, runner, verify
from matchmaker.solve import solve


@pytest.fixture
def second(finished_round: Path, tmp_path: Path, plain_page: None) -> Path:
    """A second round, whose previous plan stands in the first one's output."""
    shutil.copytree(finished_round, tmp_path / "round_1")
    home = tmp_path / "round_2"
    shutil.copytree(finished_round / "tables", home / "tables")
    (home / "round.toml").write_text('tables = "tables"\nprevious = "../round_1/out/plan.csv"\n', encoding="utf-8")
    return home


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Prices | None]:
    """What each solve began from."""
    seen: list[Prices | None] = []

    def spied(*given: Any, start: Prices | None, **named: Any) -> Any:
        seen.append(start)
        return solve(*given, start=start, **named)

    monkeypatch.setattr(runner, "solve", spied)
    return seen


def proof_of(second: Path) -> Path:
    return second.parent / "round_1" / "out" / "proof.json"


def edited(second: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = proof_of(second)
    proof = json.loads(path.read_text(encoding="utf-8"))
    change(proof)
    path.write_text(json.dumps(proof), encoding="utf-8")


@pytest.mark.parametrize("name", ["plan.csv", "plan.xlsx"])
def test_it_begins_at_the_prices_beside_the_plan(second: Path, started: list[Prices | None], name: str) -> None:
    toml = second / "round.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("plan.csv", name), encoding="utf-8")
    run(second)
    before = read_result(second.parent / "round_1" / "out").prices
    (start,) = started
    assert start is not None
    assert start.officers.tobytes() == before.officers.tobytes()
    assert start.enterprises.tobytes() == before.enterprises.tobytes()
    assert verify(second / "out").holds


def test_who_is_new_has_no_price(second: Path, started: list[Prices | None]) -> None:
    edited(second, lambda proof: proof["prices"]["officers"].pop("G4"))
    plan = proof_of(second).with_name("plan.csv")
    lines = plan.read_text(encoding="utf-8-sig").splitlines()
    plan.write_text("\n".join(line for line in lines if "G4" not in line) + "\n", encoding="utf-8")
    run(second)
    (start,) = started
    assert start is not None
    assert np.isnan(start.officers).tolist() == [False, False, False, True, False, False]


def damages() -> dict[str, tuple[Callable[[Path], object], str]]:
    """What can be the matter with a proof, and what is said of it."""
    return {
        "truncated": (lambda path: path.write_text(path.read_text(encoding="utf-8")[:90], encoding="utf-8"), "is damaged"),
        "no text": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "is damaged"),
        "a list": (lambda path: path.write_text("[1, 2]", encoding="utf-8"), "holds no object"),
        "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
        "no sides": (lambda path: path.write_text('{"prices": [1, 2]}', encoding="utf-8"), "no prices of officers by id"),
        "of another plan": (
            lambda path: path.write_text('{"prices": {"officers": {"X": 1.0}, "enterprises": {"Y": 2.0}}}', encoding="utf-8"),
            r"lacks the price of \d+ of the \d+ ids in last round's pairs",
        ),
    }


@pytest.mark.parametrize("kind", damages())
def test_a_proof_that_cannot_be_used_is_noticed_and_the_plan_is_the_same(
    second: Path, started: list[Prices | None], caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    run(second)
    plan = (second / "out" / "plan.csv").read_bytes()
    damage, said = damages()[kind]
    damage(proof_of(second))
    run(second)
    assert started[1] is None
    (notice,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert notice.getMessage().startswith("The prices of last round are not used")
    assert re.search(said, notice.getMessage())
    assert re.search("[\u4e00-\u9fff]", notice.getMessage())
    assert (second / "out" / "plan.csv").read_bytes() == plan
    assert verify(second / "out").holds


@pytest.mark.parametrize("price", ["NaN", "Infinity", '"5"', "null", "true"])
def test_a_price_that_is_no_number_is_noticed(
    second: Path, started: list[Prices | None], caplog: pytest.LogCaptureFixture, price: str
) -> None:
    edited(second, lambda proof: proof["prices"]["enterprises"].update(E4="HERE"))
    path = proof_of(second)
    path.write_text(path.read_text(encoding="utf-8").replace('"HERE"', price), encoding="utf-8")
    run(second)
    assert started == [None]
    assert "1 prices of enterprises are no finite numbers, such as that of E4" in caplog.text


@pytest.mark.parametrize("missing", ["no file", "nothing proven"])
def test_without_a_proof_nothing_is_said_but_in_the_log(
    second: Path, started: list[Prices | None], caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    if missing == "no file":
        proof_of(second).unlink()
    else:
        edited(second, lambda proof: proof.update(prices=None))
    with caplog.at_level(logging.INFO, "matchmaker.rounds.beginning"):
        run(second)
    assert started == [None]
    assert [record.levelname for record in caplog.records if "begins from nothing" in record.getMessage()] == ["INFO"]


def test_the_command_line_shows_the_notice_and_ends_well(second: Path) -> None:
    proof_of(second).write_text("{", encoding="utf-8")
    done = CliRunner().invoke(app, ["run", str(second)])
    assert done.exit_code == 0
    assert "The prices of last round are not used" in done.stderr
    assert "已损坏" in done.stderr


def test_a_citys_next_round_is_the_same_with_and_without_last_rounds_prices(
    tmp_path: Path, plain_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some officers serve more than last time, and last round's pairs count."""
    monkeypatch.setattr(column_generation, "SMALL", 0)
    city = datasets.hangzhou(seed=2, n_officers=260, n_enterprises=460)
    more = city.officers.assign(capacity=city.officers["capacity"] + (np.arange(260) % 20 == 0))
    tables.write(city, tmp_path / "one" / "tables")
    tables.write(replace(city, officers=more), tmp_path / "two" / "tables")
    toml = 'tables = "tables"\npolicy = { recipe = "optimal", continuity = 0.05 }\n'
    (tmp_path / "one" / "round.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "two" / "round.toml").write_text('previous = "../one/out/plan.csv"\n' + toml, encoding="utf-8")
    run(tmp_path / "one")
    first = (tmp_path / "one" / "out" / "plan.csv").read_bytes()
    run(tmp_path / "two")
    warm = (tmp_path / "two" / "out" / "plan.csv").read_bytes()
    assert verify(tmp_path / "two" / "out").holds
    (tmp_path / "one" / "out" / "proof.json").unlink()
    run(tmp_path / "two")
    assert (tmp_path / "two" / "out" / "plan.csv").read_bytes() == warm != first
