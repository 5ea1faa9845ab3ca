"""The command line: what it prints, what it writes, and the code it ends with."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from matchmaker import cli, datasets, report, rounds, tables
from matchmaker.rounds.folder import held

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Run a command in this process."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["matchmaker", *map(str, arguments)])
        with pytest.raises(SystemExit, match=r"^[0-4]$") as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    logger = logging.getLogger("matchmaker")
    before = logger.level, list(logger.handlers)
    yield run
    logger.setLevel(before[0])
    logger.handlers[:] = before[1]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("round")
    tables.write(datasets.small_tables(), home / "tables")
    (home / "round.toml").write_text('tables = "tables"\n', encoding="utf-8")
    rounds.run(home)
    return home


@pytest.fixture
def plain_page(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without charts, where the page is not what is tested: charts take a second."""
    monkeypatch.setattr(report, "write_page", lambda result, path: path.write_text(result.policy, encoding="utf-8"))


@pytest.fixture
def home(finished: Path, tmp_path: Path, plain_page: None) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "round"))


def without(home: Path, *names: str) -> Path:
    """The round with too few officers for its enterprises."""
    lines = (home / "tables" / "干部.csv").read_text(encoding="utf-8-sig").splitlines()
    (home / "tables" / "干部.csv").write_text("\n".join(lines[:3]), encoding="utf-8")
    for name in ("办理结果", "回避"):
        (home / "tables" / f"{name}.csv").unlink()
    return home


def test_run_writes_the_plan_and_says_what_came_out(command: Command, home: Path) -> None:
    shutil.rmtree(home / "out")
    ended = command("run", home / "round.toml")
    assert ended.code == 0
    assert "最优，已对全部结对证明" in ended.out
    assert "optimal, proven over all pairs" in ended.out
    assert {path.name for path in (home / "out").iterdir()} == {"plan.csv", "plan.xlsx", "report.html", "result.json", "proof.json"}
    assert ended.err == ""


def test_quiet_says_nothing_and_verbose_says_more(command: Command, home: Path) -> None:
    assert command("run", home, "--quiet") == Ended(0, "", "")
    assert "INFO optimal: OPTIMAL after" in command("run", home, "--verbose").err


def test_verify_proves_the_plan(command: Command, finished: Path) -> None:
    ended = command("verify", finished / "out")
    assert ended.code == 0
    assert "Proven. | 证明成立。" in ended.out


def test_verify_finds_a_changed_plan(command: Command, home: Path) -> None:
    with (home / "out" / "plan.csv").open("a", encoding="utf-8") as file:
        file.write("G1,E9\n")
    ended = command("verify", home / "out")
    assert ended.code == 1
    assert "× changed since the run: plan.csv" in ended.out
    assert ended.err == "Not proven. | 未能证明。\n"


def test_verify_names_a_changed_table(command: Command, home: Path) -> None:
    with (home / "tables" / "干部.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    ended = command("verify", home / "out")
    assert ended.code == 2
    assert "干部.csv: was changed since the plan was made | 在方案生成后被修改" in ended.err


def test_check_says_that_a_plan_exists_and_writes_nothing(command: Command, home: Path) -> None:
    shutil.rmtree(home / "out")
    ended = command("check", home)
    assert ended.code == 0
    assert "A plan exists for 6 officers and 9 enterprises. | 存在可行方案。" in ended.out
    assert not (home / "out").exists()


def test_check_lists_what_was_read_otherwise_and_run_counts_it(command: Command, home: Path) -> None:
    path = next((home / "tables").glob("干部.*"))
    text = path.read_text(encoding="utf-8-sig")
    header, _, rest = text.partition("\n")
    lines = rest.splitlines()
    path.write_text("\n".join([f"{header.rstrip()},车牌", *(f"{line.rstrip()},x" for line in lines)]), encoding="utf-8")
    checked, ran = command("check", home), command("run", home)
    assert "干部.csv, 车牌: an unknown column: kept for rules that name it." in checked.out
    assert "未知的列：供点名此列的规则使用" in checked.out
    assert "matchmaker check lists them" in ran.out
    assert "车牌" not in ran.out


@pytest.mark.parametrize("name", ["check", "run"])
def test_no_plan_exists(command: Command, home: Path, name: str) -> None:
    ended = command(name, without(home))
    assert ended.code == 1
    assert "No plan can exist. | 不存在可行方案。" in ended.err
    assert "short" in ended.err
    assert "缺" in ended.err
    assert (home / "out" / "plan.csv").exists() == (name == "check")


@pytest.mark.parametrize("name", ["check", "run"])
def test_bad_input_is_said_in_two_languages(command: Command, home: Path, name: str) -> None:
    (home / "round.toml").write_text('tabels = "tables"\n', encoding="utf-8")
    ended = command(name, home)
    assert ended.code == 2
    assert 'Did you mean "tables"?' in ended.err
    assert "处设置有误" in ended.err
    assert "Traceback" not in ended.err


def test_bad_cells_are_all_named(command: Command, home: Path) -> None:
    path = home / "tables" / "企业.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("E3,", ",").replace("E5,", ","), encoding="utf-8")
    ended = command("run", home)
    assert ended.code == 2
    assert "row 4" in ended.err
    assert "row 6" in ended.err
    assert "处数据有误" in ended.err


def test_a_missing_round_is_bad_input(command: Command, tmp_path: Path) -> None:
    ended = command("run", tmp_path)
    assert ended.code == 2
    assert "找不到" in ended.err


@pytest.mark.parametrize(("name", "said"), [("run", "nothing was written"), ("check", "Stopped before it was known")])
def test_stopped_by_the_time_limit(command: Command, home: Path, name: str, said: str) -> None:
    shutil.rmtree(home / "out")
    with (home / "round.toml").open("a", encoding="utf-8") as file:
        file.write("time_limit = 1e-9\n")
    ended = command(name, home)
    assert ended.code == 3
    assert said in ended.err
    assert not (home / "out").exists()


def test_another_run_is_bad_input(command: Command, home: Path) -> None:
    with held((home / "out").resolve()):
        ended = command("run", home)
    assert ended.code == 2
    assert "Another run is writing" in ended.err


def test_a_fault_has_a_code_of_its_own(command: Command, home: Path) -> None:
    (home / "own.py").write_text(OWN_RULE.format(body="raise ZeroDivisionError('own fault')"), encoding="utf-8")
    (home / "round.toml").write_text(OWN_ROUND, encoding="utf-8")
    ended = command("run", home)
    assert ended.code == 4
    assert "ZeroDivisionError: own fault" in ended.err
    assert "自定义规则出现故障" in ended.err


def test_a_full_disk_has_the_same_code(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rounds, "run", full)
    ended = command("run", home)
    assert ended.code == 4
    assert "No space left on device" in ended.err
    assert "Traceback" not in ended.err


OWN_RULE = """
class Own:
    def impose(self, program, instance):
        {body}

    def violations(self, instance, assignment):
        return []
"""
OWN_ROUND = """
tables = "tables"
[policy]
name = "own"
constraints = [{ rule = "capacity" }, { rule = "own:Own" }]
objectives = [{ rule = "expected_resolved" }]
"""


def test_ctrl_c_is_one_line_and_writes_nothing(home: Path) -> None:
    body = "import pathlib, time; pathlib.Path(__file__).with_name('started').touch(); time.sleep(60)"
    (home / "own.py").write_text(OWN_RULE.format(body=body), encoding="utf-8")
    (home / "round.toml").write_text(OWN_ROUND, encoding="utf-8")
    shutil.rmtree(home / "out")
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [sys.executable, "-m", "matchmaker.cli", "run", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        for _ in range(600):
            if (home / "started").exists():
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert err == "Stopped; no half-written plan is left. | 已停止，不会留下半份方案。\n"
    assert out == ""
    assert not (home / "out").exists()
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


def test_explain_answers_in_two_languages(command: Command, finished: Path) -> None:
    ended = command("explain", finished / "out", "--enterprise", "E1")
    assert ended.code == 0
    assert "The next best:" in ended.out
    assert "其次可选：" in ended.out


@pytest.mark.parametrize(("arguments", "said"), [((), "Name an enterprise"), (("--enterprise", "E77"), "There is no enterprise 'E77'")])
def test_explain_needs_somebody_known(command: Command, finished: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = command("explain", finished / "out", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_compare_shows_policies_side_by_side(command: Command, finished: Path) -> None:
    ended = command("compare", finished, "--policies", "optimal,greedy")
    assert ended.code == 0
    assert "expected_resolved" in ended.out
    assert ended.out.split().count("greedy") == 1


def test_compare_needs_known_policies(command: Command, finished: Path) -> None:
    ended = command("compare", finished, "--policies", "optimum")
    assert ended.code == 2
    assert "optimal" in ended.err


def test_demo_goes_from_sheets_to_a_proven_plan(command: Command, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    home = tmp_path / "out" / "demo"
    arguments = ("demo", "--output", home, "--officers", 40, "--enterprises", 70, "--seed", 5)
    ended = command(*arguments)
    assert ended.code == 0
    for said in ("目标值", "value", "gap", "差距", "worst served", "各区县需求满足情况", "report.html", f"matchmaker verify {home}"):
        assert said in ended.out, said
    names = {"plan.csv", "plan.xlsx", "report.html", "result.json", "proof.json", "round.toml", "tables"}
    assert {path.name for path in home.iterdir()} == names
    assert tables.load(home / "tables" / "city.xlsx").equals(datasets.hangzhou(5, n_officers=40, n_enterprises=70))
    assert command("verify", home).code == 0
    before = {name: (home / name).read_bytes() for name in ("plan.csv", "plan.xlsx", "proof.json")}
    request.getfixturevalue("plain_page")
    assert command(*arguments, "--quiet") == Ended(0, "", "")
    assert {name: (home / name).read_bytes() for name in before} == before


def test_demo_does_not_replace_the_current_folder(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command("demo", "--output", ".", "--officers", 4, "--enterprises", 7)
    assert ended.code == 2
    assert "run from outside" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["demo", "run", "check", "verify", "explain", "compare"])
def test_help_is_bilingual_and_short(command: Command, name: str) -> None:
    ended = command(name, "--help")
    assert ended.code == 0
    assert any("\u4e00" <= letter <= "\u9fff" for letter in ended.out)
    assert len(ended.out.splitlines()) < 25


def test_help_names_the_exit_codes(command: Command) -> None:
    assert "1 no plan exists 无可行方案" in " ".join(command("--help").out.split())


@pytest.mark.parametrize("arguments", [("rnu",), ("run", "--sped"), ("demo", "--seed", "-1"), ("demo", "--officers", "many")])
def test_a_wrong_command_is_bad_input(command: Command, arguments: tuple[str, ...]) -> None:
    ended = command(*arguments)
    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_a_console_that_cannot_show_everything_still_shows_the_rest(finished: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    arguments = [sys.executable, "-m", "matchmaker.cli", "verify", str(finished / "out")]
    done = subprocess.run(arguments, capture_output=True, env=environment, check=False)
    assert done.returncode == 0
    assert b"Proven." in done.stdout


def test_the_record_is_plain_json(finished: Path) -> None:
    text = (finished / "out" / "result.json").read_text(encoding="utf-8")
    assert json.loads(text)["termination"] == "OPTIMAL"
    assert "NaN" not in text
    assert "Infinity" not in text
