"""From sheets to every output: the synthetic city's workbook read, matched, proven and written."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.measure import in_turn
from benchmarks.report import Table
from benchmarks.run import Work

TITLE = "From sheets to all outputs"
REPEATS = 3
FULL, SMOKE = (4407, 8226), (90, 170)


def load(*_: str) -> None:
    """Nothing ahead: what is loaded along the way is part of what a planner waits for and pays."""


def prepare(stage: str, n_officers: str, n_enterprises: str) -> Work:
    """The city's workbook and settings written to a folder; the work is what a planner runs on them."""
    from matchmaker import datasets, rounds, tables

    folder = Path(tempfile.mkdtemp())
    city = datasets.hangzhou(0, n_officers=int(n_officers), n_enterprises=int(n_enterprises))
    tables.write(city, folder / "city.xlsx", language="zh")
    (folder / "round.toml").write_text('tables = "city.xlsx"\noutput = "out"\npolicy = "optimal"\n', encoding="utf-8")
    if stage == "read and build":
        import matchmaker as mm

        return lambda: float(mm.build(mm.load(folder / "city.xlsx")).shape[0])

    def whole() -> float:
        rounds.run(folder / "round.toml")
        return float(json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))["objective"])

    return whole


def table(repeats: int, *, smoke: bool) -> Table:
    """Reading and building alone, then the whole run."""
    size = list(map(str, SMOKE if smoke else FULL))
    stages = {"read and build": "", "the whole run": "30 s, 1000 MB"}
    runs = in_turn({stage: ["demo", stage, *size] for stage in stages}, repeats, smoke=smoke)
    rows = ["| stage | seconds | peak MB | target |", "|---|---|---|---|"]
    rows += [f"| {stage} | {one.seconds:.1f} | {one.megabytes:,.0f} | {stages[stage]} |" for stage, one in runs.items()]
    return Table([f"{size[0]} officers x {size[1]} enterprises, one Excel workbook in Chinese, medians of {repeats}.", "", *rows])
