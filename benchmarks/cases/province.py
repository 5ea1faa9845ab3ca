"""100,000 x 200,000, twenty billion pairs, proven to a relative gap of 1e-6; once, with its log."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import cities
from benchmarks.measure import ROOT, in_turn, setting
from benchmarks.report import Table, Target
from benchmarks.run import Found, Run, Work

TITLE = "Twenty billion pairs"
REPEATS = 1
FULL, SMOKE = (100_000, 200_000), (250, 500)
GAP, MINUTES, MEGABYTES = 1e-6, 20, 12_000
RECORD = Path(__file__).parents[1] / "province.json"
LOG = ROOT / "out" / "province.log"
"""Rounds as they end, for whoever waits."""


def load(*_: str) -> None:
    """What a solve needs."""
    from benchmarks import ours

    ours.load()


def prepare(n_officers: str, n_enterprises: str, log: str) -> Work:
    """A city of that size; the work is one solve to the gap."""
    import matchmaker as mm
    from benchmarks import ours
    from matchmaker.program import Round

    left, right, capacity = cities.city(int(n_officers), int(n_enterprises))
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    Path(log).write_text("", encoding="utf-8")

    def note(done: Round) -> None:
        with Path(log).open("a", encoding="utf-8") as written:
            written.write(f"{done.seconds:.1f} s, shortlist {done.pairs}, objective {done.objective!r}, bound {done.bound!r}\n")

    def work() -> Found:
        found = mm.assign(mm.Factors(left, right), capacity=capacity, demand=1, gap=GAP, progress=note)
        return ours.proven(found, passes=1, within=GAP)

    return work


def table(repeats: int, *, smoke: bool) -> Table:
    """Its time, memory and log; the record is kept for whoever plots growth."""
    size = SMOKE if smoke else FULL
    with TemporaryDirectory() as elsewhere:
        log = Path(elsewhere) / "log" if smoke else LOG
        ours = in_turn({"matchmaker": ["province", *map(str, size), str(log)]}, repeats, smoke=smoke)["matchmaker"]
    record = {"officers": size[0], "enterprises": size[1], "setting": setting(), **dataclasses.asdict(ours)}
    work = f"{size[0]:,} x {size[1]:,}"
    lines = [
        f"{size[0]:,} officers x {size[1]:,} enterprises, {ours.figures['pairs']:,.0f} pairs, to a relative gap of {GAP:.0e}: "
        f"{ours.seconds / 60:.1f} minutes, {ours.megabytes:,.0f} MB at most, objective {ours.objective:.6f}, gap {ours.gap:.2e}. "
        f"One pass takes {ours.figures['pass']:.1f} s, so this is {ours.seconds / ours.figures['pass']:.1f} passes' worth.",
        "",
        *_log(ours),
    ]
    targets = [
        Target(f"{work} to a gap of {GAP:.0e}", ours.seconds / 60, MINUTES, least=False, unit="minutes", note=f"gap {ours.gap:.1e}"),
        Target(f"{work}, peak memory", ours.megabytes, MEGABYTES, least=False, unit="MB"),
    ]
    return Table(lines, targets, {RECORD: json.dumps(record, indent=1) + "\n"})


def _log(ours: Run) -> list[str]:
    rows = ["| round | after, s | pairs on the shortlist | objective | bound | gap |", "|---|---|---|---|---|---|"]
    for number, (seconds, pairs, objective, bound) in enumerate(ours.rounds, 1):
        gap = (bound - objective) / abs(objective) if objective else float("inf")
        rows.append(f"| {number} | {seconds:,.1f} | {pairs:,.0f} | {objective:.6f} | {bound:.6f} | {gap:.1e} |")
    return rows
