"""The command line: demo, run, check, verify, explain, compare. The only place that prints, configures logging and exits."""

from __future__ import annotations

import io
import logging
import math
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from matchmaker.errors import ConfigError, DataError, NoAssignmentError

if TYPE_CHECKING:
    from matchmaker.rounds import Inputs

MOST_NOTICES = 50

ASSIGNED, NONE_EXISTS, BAD_INPUT, STOPPED, FAULT = 0, 1, 2, 3, 4

app = typer.Typer(
    name="matchmaker",
    help="Who should serve whom: officers matched to enterprises, optimally, with the proof. 干部与企业精准匹配，附最优性证明。",
    epilog="Exit codes 退出码: 0 assigned 已分配, 1 no plan exists 无可行方案, 2 bad input 输入有误, 3 stopped 已停止, 4 fault 故障.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what is being done. 显示过程。")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors. 仅显示错误。")]
RoundFile = Annotated[Path, typer.Argument(help="A round.toml or its folder. round.toml 或其文件夹。")]
OutputFolder = Annotated[Path, typer.Argument(help="A run's output folder. 方案输出文件夹。")]


def _version(asked: bool) -> None:
    if asked:
        _say(f"matchmaker {version('matchmaker')}")
        raise typer.Exit


@app.callback()
def matchmaker(
    *,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else. 版本。")] = False,
) -> None:
    """Who should serve whom: officers matched to enterprises, optimally, with the proof. 干部与企业精准匹配，附最优性证明。"""


@app.command(short_help="This round's plan, with its proof. 生成本轮方案。")
def run(path: RoundFile = Path("round.toml"), *, verbose: Verbose = False, quiet: Quiet = False) -> None:
    """Make this round's plan, with workbook, report and proof. 生成本轮方案。"""
    with _answering(verbose, quiet):
        _run(path, quiet, verbose)


@app.command(short_help="Can a plan exist? Writes nothing. 检查数据与可行性。")
def check(path: RoundFile = Path("round.toml"), *, verbose: Verbose = False, quiet: Quiet = False) -> None:
    """Can the tables be used, and can a plan exist? Writes nothing. 检查数据与可行性，不写任何文件。"""
    with _answering(verbose, quiet):
        from matchmaker import rounds

        found = rounds.check(path)
        _list_notices(found.inputs, quiet)
        if found.feasible is False:
            _complain(f"No plan can exist. | 不存在可行方案。\n{found.diagnosis or ''}".rstrip())
            raise typer.Exit(NONE_EXISTS)
        if found.feasible is None:
            _complain("Stopped before it was known whether a plan exists; raise time_limit. | 时间用尽，尚不能判断，请增大 time_limit。")
            raise typer.Exit(STOPPED)
        officers, enterprises = found.inputs.instance.shape
        _say(f"A plan exists for {officers:,} officers and {enterprises:,} enterprises. | 存在可行方案。", quiet)


@app.command(short_help="Prove a saved plan again. 复核已有方案。")
def verify(folder: OutputFolder = Path("out"), *, verbose: Verbose = False, quiet: Quiet = False) -> None:
    """Check a saved plan's rules, value and proof again, without a solver. 不用求解器复核方案。"""
    with _answering(verbose, quiet):
        from matchmaker import rounds

        verdict = rounds.verify(folder)
        for language in ("zh", "en"):
            _say(verdict.text(language), quiet)
        if not verdict.holds:
            _complain("Not proven. | 未能证明。")
            raise typer.Exit(NONE_EXISTS)
        if math.isinf(verdict.bound):
            _say("Every claim holds; none is made about the best plan. | 各项声明成立，未声称最优。", quiet)
        elif verdict.searched:
            _say("Every claim holds; the bound is that of the run's own search. | 各项声明成立；上界依据本次运行的搜索。", quiet)
        else:
            _say("Proven. | 证明成立。", quiet)


@app.command(short_help="Why this pair, and who is next. 说明结对理由。")
def explain(
    folder: OutputFolder = Path("out"),
    *,
    enterprise: Annotated[str | None, typer.Option(help="An enterprise's id. 企业编号。")] = None,
    officer: Annotated[str | None, typer.Option(help="An officer's id. 干部编号。")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Solve again: what each alternative loses, exactly. 精确计算损失。")] = False,
    verbose: Verbose = False,
) -> None:
    """Why this pair, who would be next, and what the city would lose. 说明结对理由与替代方案的损失。"""
    with _answering(verbose, quiet=False):
        from matchmaker import rounds
        from matchmaker.explain import explain as ask

        answer = ask(rounds.read_result(folder), enterprise=enterprise, officer=officer, exact=exact)
        for language in ("zh", "en"):
            _say(answer.text(language) + "\n")


@app.command(short_help="What other policies give. 比较不同策略。")
def compare(
    path: RoundFile = Path("round.toml"),
    *,
    policies: Annotated[str, typer.Option(help="Names, with commas. 策略名，以逗号分隔。")] = "optimal,territorial,greedy",
    verbose: Verbose = False,
) -> None:
    """What other policies would give this round. 比较不同策略。"""
    with _answering(verbose, quiet=False):
        from matchmaker import rounds
        from matchmaker.compare import compare as run_all

        inputs = rounds.gather(path)
        names = [name.strip() for name in policies.split(",") if name.strip()]
        found = run_all([inputs.instance], names, seeds=[inputs.config.seed], time_limit=inputs.config.time_limit)
        _say(found.by_instance().droplevel("instance").to_string(float_format="{:.6g}".format))


@app.command(short_help="A made-up city, matched. 以虚构城市演示。")
def demo(
    *,
    output: Annotated[Path, typer.Option(help="Where to. 输出文件夹。")] = Path("out/demo"),
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another city. 随机种子。")] = 0,
    officers: Annotated[int, typer.Option(min=1, help="How many officers. 干部数。")] = 4407,
    enterprises: Annotated[int, typer.Option(min=1, help="How many enterprises. 企业数。")] = 8226,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """A made-up city of the 2023 size, from Excel sheets to a proven plan. 按 2023 年规模的虚构城市演示。"""
    with _answering(verbose, quiet):
        _write_city(output, seed, officers, enterprises)
        _run(output, quiet, verbose, districts=True)
        _say(f"\nOpen next 请打开: {output / 'report.html'}, {output / 'plan.xlsx'}", quiet)
        _say(f"The city's sheets 数据表: {output / 'tables' / 'city.xlsx'}", quiet)
        _say(f"Check the proof 复核证明: {_as_called()} verify {output}", quiet)


def _as_called() -> str:
    """How to call the command again: by its name where a shell finds it, else by where it stands."""
    called = Path(sys.argv[0])
    return called.name if called.name != "matchmaker" or shutil.which("matchmaker") else str(called)


def _write_city(output: Path, seed: int, officers: int, enterprises: int) -> None:
    """The made-up city as a planner would bring it: one workbook with Chinese headers, and a round.toml beside it."""
    from matchmaker import datasets, tables
    from matchmaker.files import replacing
    from matchmaker.rounds.folder import check_replaceable

    check_replaceable(output.resolve())
    city = datasets.hangzhou(seed, n_officers=officers, n_enterprises=enterprises)
    (output / "tables").mkdir(parents=True, exist_ok=True)
    tables.write(city, output / "tables" / "city.xlsx", language="zh")
    with replacing(output / "round.toml") as partial:
        partial.write_text(DEMO_ROUND.format(seed=seed), encoding="utf-8")


DEMO_ROUND = """\
# A made-up city. 虚构城市。
name = "demo {seed}"
tables = "tables/city.xlsx"
output = "."
seed = {seed}

[policy]
name = "demand leads 需求导向"
constraints = [
  {{ rule = "capacity" }},
  {{ rule = "demand" }},
  {{ rule = "recusal" }},
  {{ rule = "veto" }},
  {{ rule = "pin" }},
  {{ rule = "serves_area" }},
]
objectives = [{{ rule = "expected_resolved" }}, {{ rule = "continuity", weight = 0.05 }}]
"""


def _run(path: Path, quiet: bool, verbose: bool, *, districts: bool = False) -> None:
    """Run a round, say what came out, and end with its exit code."""
    from matchmaker import metrics, rounds
    from matchmaker.result import Termination

    done = rounds.run(path, progress=False if quiet or verbose else None)  # the log of --verbose has the same lines
    result = done.result
    if result.termination is Termination.INFEASIBLE:
        _complain(f"No plan can exist. | 不存在可行方案。\n{result.diagnosis or ''}".rstrip())
        raise typer.Exit(NONE_EXISTS)
    if result.termination is Termination.NOT_FOUND:
        _complain("Stopped before any plan was found; nothing was written. Raise time_limit. | 未找到方案即停止，未写入任何文件。")
        raise typer.Exit(STOPPED)
    _say_notices(done.inputs, quiet)
    for language in ("zh", "en"):
        _say(result.summary(language) + "\n", quiet)
    if districts and result.instance.need is not None:
        table = metrics.needs_met_by_district(result.instance, result.assignment)
        _say(f"Needs met by district 各区县需求满足情况\n{table.to_string(index=False, float_format='{:.4g}'.format)}\n", quiet)
    _say(f"{done.inputs.output}: {', '.join(done.written)}", quiet)


def _say_notices(inputs: Inputs, quiet: bool) -> None:
    """How often the tables were read otherwise than they stood."""
    count = len(inputs.tables.notices)
    if count:
        _say(f"{count:,} notices about the tables: matchmaker check lists them. | 数据表提示 {count:,} 条：见 matchmaker check。\n", quiet)


def _list_notices(inputs: Inputs, quiet: bool) -> None:
    """What in the tables was read otherwise than it stood, or left out."""
    import pandas as pd

    notices = inputs.tables.notices
    if not len(notices):
        return
    _say(f"Notices about the tables 数据表提示 ({len(notices):,}):", quiet)
    for row in notices.head(MOST_NOTICES).to_dict("records"):
        at = [row["sheet"], "" if pd.isna(row["row"]) else f"row {row['row']}", row["column"]]
        shown = f" {row['value']!r}" if row["value"] else ""
        _say(f"  {', '.join(part for part in at if part)}:{shown} {row['notice']} | {row['notice_zh']}", quiet)
    if len(notices) > MOST_NOTICES:
        _say(f"  ... {len(notices) - MOST_NOTICES:,} more: matchmaker.load(...).notices | 其余见 matchmaker.load(...).notices", quiet)
    _say("", quiet)


@contextmanager
def _answering(verbose: bool, quiet: bool) -> Iterator[None]:
    """Logging as asked, and an exit code with one bilingual message for everything that is expected to go wrong."""
    logger = logging.getLogger("matchmaker")
    logger.setLevel(logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.handlers[:] = [handler]
    try:
        yield
    except KeyboardInterrupt:
        _complain("Stopped; no half-written plan is left. | 已停止，不会留下半份方案。")
        raise typer.Exit(STOPPED) from None
    except NoAssignmentError as error:
        _complain(str(error))
        raise typer.Exit(NONE_EXISTS) from None
    except (ConfigError, DataError) as error:
        _complain(f"{error}")
        raise typer.Exit(BAD_INPUT) from None
    except OSError as error:
        _complain(f"The system refused: {error}. | 系统错误：{error}。")
        raise typer.Exit(FAULT) from None


class _Faults:
    """What nobody expected ends with its traceback and a code of its own, so that it never passes for "no plan exists"."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and not issubclass(kind, SystemExit):
            traceback.print_exception(kind, error, trace)
            _complain("A fault in matchmaker or in a rule of your own. | matchmaker 或自定义规则出现故障。")
            sys.exit(STOPPED if kind is KeyboardInterrupt else FAULT)


def _say(text: str, quiet: bool = False) -> None:
    if not quiet:
        print(text)


def _complain(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> NoReturn:
    """The command ``matchmaker``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that cannot show a character still shows the rest
    with _Faults():
        app(prog_name="matchmaker")
    sys.exit(ASSIGNED)


if __name__ == "__main__":
    main()
