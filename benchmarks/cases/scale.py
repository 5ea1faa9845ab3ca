"""Where one machine ends: costs measured on small cities, what they foretell for larger ones, and for a country's size on a cluster."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import cities
from benchmarks.measure import ROOT, in_turn
from benchmarks.model import Counted, Messages, Model, fit
from benchmarks.report import Table, Target, figure
from benchmarks.run import Found, Run, Work

TITLE = "Scale"
REPEATS = 3
SMALL, SMOKE_SMALL = ((8000, 15_000), (9000, 17_000), (9000, 18_000)), ((60, 110), (90, 170), (120, 220))
"""Cities that are cheap to solve and do what larger ones do: smaller ones settle in fewer cycles, with scalings that go no farther than
they have to. One of them has hardly a place to spare, as has one of those foretold."""
LARGER, SMOKE_LARGER = ((10_000, 20_000), (12_000, 22_000), (15_000, 28_000), (20_000, 37_000)), ((130, 240), (150, 280))
COUNTRY = (500_000, 3_000_000)
MACHINES = (1, 10, 100)
WITHIN = 25
"""Per cent that a prediction may be off."""
PAGE = ROOT / "docs" / "scale.md"
BLOCK = re.compile(r"(<!-- written by python -m benchmarks scale -->\n).*?(<!-- until here -->)", re.DOTALL)
CLUSTER = Path(__file__).parents[1] / "cluster.json"
"""What a cluster's messages cost, where that has been measured: seconds a block and seconds a byte."""


def load(*_: str) -> None:
    """What a solve needs."""
    from benchmarks import ours, phases  # noqa: F401 -- loaded before the clock runs

    ours.load()


def prepare(n_officers: str, n_enterprises: str, seed: str) -> Work:
    """A city; the work is one solve, counted."""
    import matchmaker as mm
    from benchmarks import ours
    from benchmarks.phases import watched

    left, right, capacity = cities.city(int(n_officers), int(n_enterprises), int(seed))

    def work() -> Found:
        with watched() as seen:
            found = ours.proven(mm.assign(mm.Factors(left, right), capacity=capacity), passes=3)
        figures = seen.figures(len(left) + len(right))
        return Found(found.objective, found.gap, found.rounds, lambda: {**figures, **found.then()})

    return work


def table(repeats: int, *, smoke: bool) -> Table:
    """Fit on small cities, foretell larger ones, then a country's."""
    small, larger = (SMOKE_SMALL, SMOKE_LARGER) if smoke else (SMALL, LARGER)
    seeds = range(1, 2 if smoke else 4)
    learned = in_turn({f"{n} {m} {seed}": ["scale", str(n), str(m), str(seed)] for n, m in small for seed in seeds}, repeats, smoke=smoke)
    model = fit([counted(*map(int, name.split()[:2]), one) for name, one in learned.items()])
    runs = in_turn({f"{n} {m}": ["scale", str(n), str(m), "0"] for n, m in larger}, repeats, smoke=smoke)
    checks = [counted(*map(int, name.split()), one) for name, one in runs.items()]
    off = max(abs(model.seconds(one.officers, one.enterprises) / one.seconds - 1) for one in checks)
    lines = [*_costs(model), "", *_foretold(model, checks), "", *_country(model, cluster_messages())]
    target = Target("the model's predictions for four larger sizes, the worst", 100 * off, WITHIN, least=False, unit="% off")
    return Table(lines, [target], {} if smoke else {PAGE: written(PAGE.read_text(encoding="utf-8"), lines)})


def counted(officers: int, enterprises: int, one: Run) -> Counted:
    """A run as the model wants it."""
    named = ("priced", "flows", "arcs", "flow_seconds")
    return Counted(
        officers=officers,
        enterprises=enterprises,
        seconds=one.seconds,
        one_pass=one.figures["engine_pass"],
        megabytes=one.megabytes,
        **{name: one.figures[name] for name in named},
    )


def written(page: str, lines: Sequence[str]) -> str:
    """The page with these lines between its marks.

    Raises
    ------
    RuntimeError
        When the page has no marks, so that nothing is lost unseen.
    """
    if not BLOCK.search(page):
        msg = f"{PAGE} has no marks to write between; expected {BLOCK.pattern}."
        raise RuntimeError(msg)
    return BLOCK.sub(lambda found: found[1] + "\n" + "\n".join(lines) + "\n\n" + found[2], page)


def cluster_messages() -> Messages | None:
    """What messages cost, where it has been measured."""
    if not CLUSTER.exists():
        return None
    kept: Mapping[str, float] = json.loads(CLUSTER.read_text(encoding="utf-8"))
    return Messages(block=kept["seconds_a_block"], byte=kept["seconds_a_byte"])


def _costs(model: Model) -> list[str]:
    return [
        "| measured on small cities | |",
        "|---|---|",
        f"| a pair, in a pass on 2 cores | {model.pair * 1e9:.2f} ns |",
        f"| passes' worth of pairs priced | {model.passes:.1f} |",
        f"| restricted problems solved | {model.flows:.1f} |",
        f"| pairs on the shortlist for each officer and enterprise | {model.arcs_per_member:.1f} |",
        f"| a shortlist of a million pairs, solved | {model.flow(1e6):.2f} s, growing as pairs to the power {model.flow.exponent:.2f} |",
        f"| the rest, for each officer and enterprise | {model.member * 1e6:.1f} µs, and {model.begin:.3f} s to begin |",
        f"| memory | {model.megabytes:.0f} MB and {model.megabytes_per_member * 1024:.2f} KB for each officer and enterprise |",
    ]


def _foretold(model: Model, checks: Sequence[Counted]) -> list[str]:
    rows = ["| officers x enterprises | foretold, s | measured, s | off | foretold, MB | measured, MB |", "|---|---|---|---|---|---|"]
    for one in checks:
        size = (one.officers, one.enterprises)
        seconds = model.seconds(*size)
        rows.append(
            f"| {size[0]:,} x {size[1]:,} | {seconds:.2f} | {one.seconds:.2f} | {seconds / one.seconds - 1:+.0%} "
            f"| {model.memory(*size):,.0f} | {one.megabytes:,.0f} |"
        )
    return rows


def _country(model: Model, messages: Messages | None) -> list[str]:
    parts = {machines: model.parts(*COUNTRY, machines, messages) for machines in MACHINES}
    head = f"{COUNTRY[0]:,} officers x {COUNTRY[1]:,} enterprises, {math.prod(COUNTRY):,} pairs, machines of 2 cores like this one:"
    rows = [
        head,
        "",
        f"| hours on | {' | '.join(f'{machines} of them' for machines in MACHINES)} |",
        "|---|---|---|---|",
    ]
    for part in parts[1]:
        if part == "messages" and messages is None:
            rows.append(f"| {part} | 0 | not measured | not measured |")
        else:
            rows.append(f"| {part} | {' | '.join(figure(parts[machines][part] / 3600) for machines in MACHINES)} |")
    rows.append(f"| all | {' | '.join(figure(sum(parts[machines].values()) / 3600) for machines in MACHINES)} |")
    memory = model.memory(*COUNTRY) / 1024
    return [*rows, "", f"The machine that solves the restricted problems holds {memory:.1f} GB."]
