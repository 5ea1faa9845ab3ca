"""Time per pair from two million pairs to twenty billion: does it stay?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import plots
from benchmarks.cases import province
from benchmarks.cases.large import load, prepare
from benchmarks.measure import ROOT, in_turn
from benchmarks.report import Table, Target

__all__ = ["FULL", "PLOT", "REPEATS", "SMOKE", "TITLE", "Grown", "drawing", "load", "prepare", "table"]

TITLE = "Growth"
REPEATS = 3
FULL = ((1000, 2000), (2000, 4000), (4407, 8226), (10_000, 20_000), (20_000, 37_000))
SMOKE = ((40, 70), (120, 200))
PLOT = ROOT / "docs" / "growth.svg"


@dataclass(frozen=True)
class Grown:
    """One size: nanoseconds per pair of a whole solve and of one pass."""

    officers: int
    enterprises: int
    seconds: float
    one_pass: float
    note: str = ""

    @property
    def pairs(self) -> int:
        """How many."""
        return self.officers * self.enterprises

    @property
    def per_pair(self) -> float:
        """Nanoseconds of a solve for each pair."""
        return self.seconds / self.pairs * 1e9

    @property
    def pass_per_pair(self) -> float:
        """Nanoseconds of a pass for each pair."""
        return self.one_pass / self.pairs * 1e9


def table(repeats: int, *, smoke: bool) -> Table:
    """A row for each size, the largest from its stored record, and the plot."""
    sizes = SMOKE if smoke else FULL
    runs = in_turn({f"{n} x {m}": ["growth", str(n), str(m)] for n, m in sizes}, repeats, smoke=smoke)
    grown = [Grown(n, m, runs[f"{n} x {m}"].seconds, runs[f"{n} x {m}"].figures["pass"]) for n, m in sizes]
    grown += [] if smoke else recorded()
    first, worst = grown[0], max(grown[1:], key=lambda one: one.per_pair)
    target = Target(
        f"time per pair, {first.officers:,} x {first.enterprises:,} to {grown[-1].officers:,} x {grown[-1].enterprises:,}",
        worst.per_pair,
        first.per_pair,
        least=False,
        unit="ns a pair",
        note=f"the most beyond the first size, at {worst.officers:,} x {worst.enterprises:,}",
    )
    head = f"The random city, one solve proven, medians of {repeats}; plotted in [docs/growth.svg](../docs/growth.svg)."
    return Table([head, "", *rows(grown)], [target], {PLOT: drawing(grown)})


def rows(grown: Sequence[Grown]) -> list[str]:
    """Rows of a Markdown table."""
    return [
        "| officers x enterprises | pairs | seconds | ns a pair | one pass, ns a pair | passes' worth | |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {one.officers:,} x {one.enterprises:,} | {one.pairs:,} | {one.seconds:.2f} | {one.per_pair:.1f} | {one.pass_per_pair:.2f} "
            f"| {one.seconds / one.one_pass:.0f} | {one.note} |"
            for one in grown
        ),
    ]


def recorded() -> list[Grown]:
    """The province's run, where it has been made."""
    if not province.RECORD.exists():
        return []
    kept = json.loads(province.RECORD.read_text(encoding="utf-8"))
    note = f"to a gap of {province.GAP:.0e}, once, {kept['setting'].split(', x86')[0]}"
    return [Grown(kept["officers"], kept["enterprises"], kept["seconds"], kept["figures"]["pass"], note)]


def drawing(grown: Sequence[Grown]) -> str:
    """The plot as SVG."""
    described = "Nanoseconds a pair of a whole solve, proven: " + "; ".join(
        f"{one.officers:,} x {one.enterprises:,}: {one.per_pair:.1f}" for one in grown
    )
    described += f". One pass takes {grown[-1].pass_per_pair:.2f} at the largest. 图示：问题规模增大时，平均每对的求解时间。"
    return plots.log_log(
        "Time per pair as problems grow · 规模增大时的每对耗时",
        described,
        "officers x enterprises, pairs · 干部 × 企业，对数",
        "nanoseconds a pair · 每对纳秒",
        [
            plots.Line("a solve, proven · 求解并证明", [(one.pairs, one.per_pair, _short(one.per_pair)) for one in grown], "#0b5fa5"),
            plots.Line("one pass · 单次扫描", [(one.pairs, one.pass_per_pair, _short(one.pass_per_pair)) for one in grown], "#b3541e"),
        ],
    )


def _short(nanoseconds: float) -> str:
    return f"{nanoseconds:.0f}" if nanoseconds >= 10 else f"{nanoseconds:.2g}"
