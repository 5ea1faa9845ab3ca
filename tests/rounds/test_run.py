"""A run writes its folder whole, the same input gives the same bytes, and trouble writes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matchmaker import report
from matchmaker.assignment import Assignment
from matchmaker.errors import ConfigError, DataError
from matchmaker.result import Termination
from matchmaker.rounds import check, read_result, run, runner, verify
from matchmaker.rounds.folder import held
from matchmaker.rounds.record import OWN_FILES, prices_from, seal

EVERY_FILE = {"plan.csv", "plan.xlsx", "report.html", "result.json", "proof.json"}
SAME_BYTES = EVERY_FILE - {"result.json"}


def listing(home: Path) -> dict[str, bytes]:
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


def record(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "out" / "result.json").read_text(encoding="utf-8"))
    return found


def test_the_folder_holds_the_plan_and_its_record(finished_round: Path) -> None:
    assert {path.name for path in (finished_round / "out").iterdir()} == EVERY_FILE == set(OWN_FILES)
    found = record(finished_round)
    assert found["termination"] == "OPTIMAL"
    assert found["objective"] <= found["bound"]
    assert found["gap"] <= 1e-9
    assert found["terms"]["expected_resolved"] + found["terms"]["continuity"] == pytest.approx(found["objective"])
    assert found["tables"] == "../tables"
    assert found["config"]["policy"] == "optimal"
    assert set(found["versions"]) == {"python", "matchmaker", "numpy", "pandas", "scipy", "ortools"}
    assert found["counts"]["enterprises"] == 9
    assert found["runtime"] > 0


def test_every_input_stands_in_the_record_with_its_hash(finished_round: Path) -> None:
    files = record(finished_round)["inputs"]
    for file in files:
        data = (finished_round / "out" / file["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
    on_disk = {
        path.relative_to(finished_round).as_posix() for path in finished_round.rglob("*") if path.parent.name != "out" and path.is_file()
    }
    assert {file["path"].removeprefix("../") for file in files} == on_disk


def test_prices_come_back_to_the_last_bit(finished_round: Path) -> None:
    result = read_result(finished_round / "out")
    proof = json.loads((finished_round / "out" / "proof.json").read_text(encoding="utf-8"))
    again = prices_from(proof, result.instance)
    assert again is not None
    assert result.prices is not None
    for side in ("officers", "enterprises"):
        before = list(proof["prices"][side].values())
        assert np.array(before).tobytes() == getattr(again, side).tobytes() == getattr(result.prices, side).tobytes()
        assert [repr(value) for value in before] == [repr(float(value)) for value in getattr(again, side)]


def test_the_plan_reads_back(finished_round: Path) -> None:
    result = read_result(finished_round / "out")
    assert Assignment.read(finished_round / "out" / "plan.csv").pairs == result.assignment.pairs
    assert result.termination is Termination.OPTIMAL
    assert result.policy == "optimal"


def test_a_changed_folder_does_not_read_back(copied: Path) -> None:
    with (copied / "out" / "plan.csv").open("a", encoding="utf-8") as file:
        file.write("G1,E9\n")
    with pytest.raises(DataError, match=r"plan\.csv: was changed since the run wrote it | 在生成后被修改"):
        read_result(copied / "out")


def test_the_same_input_gives_the_same_bytes(finished_round: Path, fresh: Path) -> None:
    run(fresh / "round.toml")
    for name in SAME_BYTES:
        assert (fresh / "out" / name).read_bytes() == (finished_round / "out" / name).read_bytes(), name


def test_the_order_of_rows_changes_nothing(finished_round: Path, fresh: Path) -> None:
    for path in (fresh / "tables").glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
        random.Random(3).shuffle(rows)
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    run(fresh)
    for name in SAME_BYTES:
        assert (fresh / "out" / name).read_bytes() == (finished_round / "out" / name).read_bytes(), name


def test_last_rounds_pairs_count(edited: Callable[..., Path]) -> None:
    home = edited("round.toml", 'tables = "tables"', 'tables = "tables"\npolicy = { recipe = "optimal", continuity = 100 }')
    run(home)
    assert record(home)["terms"]["continuity"] == 300
    assert record(home)["counts"]["churn"] == 0


def test_a_departed_officer_is_named_or_dropped(edited: Callable[..., Path]) -> None:
    home = edited("last/plan.csv", "G3,E3", "G77,E3")
    with pytest.raises(DataError, match=r"G77"):
        run(home)
    assert not (home / "out").exists()
    run(edited("round.toml", "previous", 'departed = "drop"\nprevious'))
    assert record(home)["termination"] == "OPTIMAL"


def test_a_users_own_rule_is_kept_and_is_an_input(edited: Callable[..., Path]) -> None:
    own = """
from dataclasses import dataclass

from matchmaker.constraints.base import Violation


@dataclass(frozen=True)
class Rests:
    officer: str

    def impose(self, program, instance):
        i = instance.officer(self.officer)
        program.forbid([i] * instance.shape[1], range(instance.shape[1]))

    def violations(self, instance, assignment):
        load = assignment.loads()[instance.officer(self.officer)]
        return [Violation(rule="rests", officer=self.officer, problem=f"serves {load}")] if load else []
"""
    parts = '[policy]\nname = "with rest"\nconstraints = [{ rule = "capacity" }, { rule = "own:Rests", officer = "G2" }]\nobjectives = [{ rule = "expected_resolved" }]\n'
    home = edited("round.toml", 'previous = "last/plan.csv"\n', parts)
    (home / "own.py").write_text(own, encoding="utf-8")
    done = run(home)
    assert done.result.assignment.loads()[done.result.instance.officer("G2")] == 0
    assert {"role": "rule", "path": "../own.py", "sha256": hashlib.sha256(own.encode()).hexdigest()} in record(home)["inputs"]


def test_no_plan_can_exist(edited: Callable[..., Path]) -> None:
    home = edited("tables/干部.csv", "干部编号", "干部编号")
    run(home)
    lines = (home / "tables" / "干部.csv").read_text(encoding="utf-8-sig").splitlines()
    at = lines[0].split(",").index("可服务企业数")
    rows = [",".join("1" if place == at else cell for place, cell in enumerate(line.split(","))) for line in lines[1:]]
    (home / "tables" / "干部.csv").write_text("\n".join([lines[0], *rows]), encoding="utf-8")
    assert check(home).feasible is False
    done = run(home)
    assert done.result.termination is Termination.INFEASIBLE
    assert set(done.written) == {"report.html", "result.json"} == {path.name for path in (home / "out").iterdir()}
    found = record(home)
    assert found["termination"] == "INFEASIBLE"
    assert found["objective"] is None
    assert "short" in found["diagnosis"]["en"]
    assert "缺" in found["diagnosis"]["zh"]
    assert found["seal"] == seal(found)


@pytest.mark.parametrize(
    ("name", "old", "new", "error", "message"),
    [
        ("round.toml", "tables =", "tabels =", ConfigError, "Did you mean"),
        ("round.toml", '"tables"', '"nowhere"', ConfigError, r"tables: there is nothing at .*找不到数据表"),
        ("round.toml", '"last/plan.csv"', '"last/none.csv"', ConfigError, r"none\.csv cannot be read.*无法读取"),
        ("last/plan.csv", "G1,E2", "G1,", DataError, "an id is empty"),
        ("tables/干部.csv", "干部编号", "编外", DataError, "officer_id"),
        ("round.toml", "previous", 'output = "tables"\nprevious', ConfigError, r"it is the folder of tables.*不能与数据表文件夹相同"),
        ("round.toml", "previous", 'output = ".."\nprevious', ConfigError, r"holds the round's own folder"),
        ("round.toml", "previous", 'output = "round.toml"\nprevious', ConfigError, "it is a file"),
    ],
)
def test_bad_input_writes_nothing(edited: Callable[..., Path], name: str, old: str, new: str, error: type[Exception], message: str) -> None:
    home = edited(name, old, new)
    before = listing(home)
    with pytest.raises(error, match=message):
        run(home)
    assert listing(home) == before
    assert not [path for path in home.rglob("*") if path.name.startswith(".")]


def test_stopped_before_any_plan_writes_nothing(copied: Path) -> None:
    before = listing(copied / "out")
    with (copied / "round.toml").open("a", encoding="utf-8") as file:
        file.write("time_limit = 1e-9\n")
    done = run(copied)
    assert done.result.termination is Termination.NOT_FOUND
    assert done.written == ()
    assert listing(copied / "out") == before
    assert check(copied).feasible is None


def stopped_by(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    """Every solve of a run ends before its time."""
    solved = runner.solve
    monkeypatch.setattr(runner, "solve", lambda *given, **settings: replace(solved(*given, **settings), stopped=reason))


@pytest.mark.parametrize(
    ("reason", "both"),
    [
        ("Interrupted: a | b. | 已中断。", {"en": "Interrupted: a | b.", "zh": "已中断。"}),
        ("enough", {"en": "enough", "zh": "enough"}),
    ],
)
def test_what_stopped_the_search_stands_in_the_record(
    copied: Path, monkeypatch: pytest.MonkeyPatch, reason: str, both: dict[str, str]
) -> None:
    assert record(copied)["stopped"] is None
    assert read_result(copied / "out").stopped == ""
    stopped_by(monkeypatch, reason)
    run(copied)
    assert record(copied)["stopped"] == both
    assert read_result(copied / "out").stopped == reason
    assert verify(copied / "out").holds


def test_a_record_from_before_it_told_what_stopped_the_search_reads_back(copied: Path) -> None:
    older = {key: value for key, value in record(copied).items() if key not in ("stopped", "seal")}
    (copied / "out" / "result.json").write_text(json.dumps(older | {"seal": seal(older)}), encoding="utf-8")
    assert read_result(copied / "out").stopped == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt("Ctrl-C"), OSError(28, "No space left on device")], ids=["Ctrl-C", "OSError"])
@pytest.mark.parametrize("step", ["solve", "write_plan_csv", "write_workbook", "write_page", "write_proof", "write_result"])
def test_whatever_fails_leaves_the_old_plan(copied: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException) -> None:
    def failing(*args: object, **kwargs: object) -> None:
        raise error

    before = listing(copied)
    monkeypatch.setattr(runner if hasattr(runner, step) else report, step, failing)
    with pytest.raises(type(error), match=r"Ctrl-C|No space"):
        run(copied)
    assert listing(copied) == before


def test_two_runs_do_not_mix(copied: Path) -> None:
    before = listing(copied / "out")
    with held((copied / "out").resolve()), pytest.raises(ConfigError, match="Another run is writing"):
        run(copied)
    assert listing(copied / "out") == before


def complete(out: Path) -> bool:
    """Whether the folder holds all of one run."""
    found = json.loads((out / "result.json").read_text(encoding="utf-8"))
    hashes = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in SAME_BYTES}
    return bool(found["seal"] == seal(found) and found["outputs"] == hashes)


@pytest.mark.alone
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_run_killed_at_any_moment_leaves_a_whole_folder(copied: Path) -> None:
    draw = random.Random(0)
    text = (copied / "round.toml").read_text(encoding="utf-8")
    began = time.perf_counter()
    run(copied, progress=False)
    usual = time.perf_counter() - began
    seeds = set()
    for seed in range(8):
        (copied / "round.toml").write_text(text + f"seed = {seed}\n", encoding="utf-8")
        child = os.fork()
        if child == 0:
            while True:
                run(copied, progress=False)
        time.sleep(draw.uniform(0.02, 2.5 * usual))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert complete(copied / "out")
        seeds.add(record(copied)["seed"])
    assert len(seeds) > 1, "no run was fast enough to be seen"
    shutil.rmtree(copied / "out")
    run(copied)
    assert sorted(path.name for path in copied.iterdir()) == ["last", "out", "round.toml", "tables"]


def test_own_words_for_sheets_and_headers(fresh: Path, plain_page: None) -> None:
    officers = fresh / "tables" / "干部.csv"
    assert officers.is_file()
    text = officers.read_text(encoding="utf-8-sig")
    officers.unlink()
    (fresh / "tables" / "花名册.csv").write_text(text.replace("干部编号", "证号", 1), encoding="utf-8")
    (fresh / "words.csv").write_text("证号,officer_id\n", encoding="utf-8")
    config = 'tables = "tables"\naliases = "words.csv"\nsheets = { officers = "花名册" }\n'
    (fresh / "round.toml").write_text(config, encoding="utf-8")
    run(fresh)
    assert verify(fresh / "out").holds
    (fresh / "words.csv").write_text("证号,officer_id\n住处,district\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"words\.csv: was changed since the plan was made"):
        verify(fresh / "out")


def test_last_rounds_workbook_is_last_rounds_plan(finished_round: Path, fresh: Path, plain_page: None) -> None:
    (fresh / "round.toml").write_text('tables = "tables"\nprevious = "last/plan.xlsx"\n', encoding="utf-8")
    shutil.copy(finished_round / "out" / "plan.xlsx", fresh / "last" / "plan.xlsx")
    result = run(fresh).result
    assert result.instance.previous is not None
    assert result.instance.previous.pairs == Assignment.read(finished_round / "out" / "plan.csv").pairs
