"""A smoke run of every benchmark: tiny sizes, equal objectives, nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import CASES, GROUPS, gap
from benchmarks.ruled import GAP

ROOT = Path(__file__).parents[1]
WRITTEN = ("benchmarks/RESULTS.md", "benchmarks/province.json", "docs/growth.svg", "docs/scale.md", "benchmarks/cluster.json")
ROWS = {
    "peers": ("| matchmaker |", "| POT ot.lp.emd |", "passes' worth"),
    "large": ("| 250 x 450, peak memory |",),
    "growth": ("| 40 x 70 |", "| 120 x 200 |"),
    "areas": ("of the pairs are eligible", "| OR-Tools on the eligible arcs |"),
    "rerun": ("| 1% |", "| 5% |", "| 20% |"),
    "families": ("| random factors |", "| the synthetic Hangzhou |", "| infeasible |"),
    "demo": ("| the whole run |",),
    "rules": ("| rules, hangzhou |", "| hours, random |", "| maxmin |", "| leximin |", "| leximin, districts |", "| infeasible, rules |"),
    "beside": ("| matchmaker, hangzhou |", "| HiGHS, random |", "| SCIP, random |", "| CP-SAT, hangzhou |"),
    "gap": ("| a05100 |" if GAP.is_dir() else gap.ABSENT,),
    "province": ("| round | after, s |", "to a relative gap of 1e-06"),
    "cluster": ("| officers x enterprises | tasks |", "| 60 x 110 | 6,600 |"),
    "scale": ("| officers x enterprises | foretold, s |",),
}
"""What must stand in each case's table."""


def contents() -> dict[str, bytes | None]:
    return {name: (ROOT / name).read_bytes() if (ROOT / name).exists() else None for name in WRITTEN}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("names", [tuple(GROUPS), tuple(name for name in ROWS if name not in GROUPS["engine"][1])], ids=" ".join)
def test_every_case_runs_small(names: tuple[str, ...]) -> None:
    before = contents()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *names, "--smoke", "--repeats", "1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    sections = {part.split("\n", 1)[0]: part for part in done.stdout.split("## ") if part}
    for name in names:
        for member in GROUPS[name][1] if name in GROUPS else (name,):
            for row in ROWS[member]:
                assert row in done.stdout, (member, row)
            assert CASES[member].TITLE in sections
    assert contents() == before


def test_every_case_is_in_this_smoke_run() -> None:
    assert set(ROWS) == set(CASES)
    assert all(set(members) <= set(CASES) for _, members in GROUPS.values())


def test_the_group_gathers_its_members_targets() -> None:
    done = subprocess.run([sys.executable, "-c", GATHER], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("| first |") == 2  # in its own section and among all
    assert "**fell short**" in done.stdout


GATHER = """
from types import SimpleNamespace
from benchmarks import __main__ as command, cases
from benchmarks.report import Table, Target
import sys
made = Table(["a line"], [Target("first", 3.0, 4.0, least=True, unit="times")])
command.CASES.update(one=SimpleNamespace(TITLE="One", REPEATS=1, table=lambda repeats, smoke: made))
command.GROUPS.update(all=("All targets", ("one",)))
sys.argv = ["benchmarks", "all", "--smoke"]
command.main()
"""


def test_an_unknown_case_is_refused() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "pears"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pears" in done.stderr
