"""What the benchmarks are made of: clocks and memory that measure what they say, verdicts, the model of scale, the plot."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import matchmaker as mm
from benchmarks import __main__ as command
from benchmarks import arcs, bids, cities, families, memory, transport
from benchmarks.cases import areas, growth, rerun, scale
from benchmarks.measure import check_equal, in_turn, run
from benchmarks.model import Counted, Messages, Model, Power, fit
from benchmarks.passes import plain_pass
from benchmarks.phases import watched
from benchmarks.report import Target, figure, target_lines
from benchmarks.run import OUT_OF_TIME, Run, median
from matchmaker.engine import certificate

pytestmark = pytest.mark.alone
LINUX = pytest.mark.skipif(not memory.PROC.exists(), reason="memory is read from /proc")


@LINUX
def test_a_peak_is_remembered_and_can_be_forgotten(in_subprocess: Callable[[str], str]) -> None:
    """In a process of its own, whose memory nobody else has grown before."""
    said = in_subprocess(
        f"import sys; sys.path.insert(0, {str(memory.__file__.rsplit('/', 2)[0])!r})\n"
        "import numpy as np\n"
        "from benchmarks import memory\n"
        "before = memory.peak(); held = np.ones(40_000_000); at_most = memory.peak(); del held; memory.forget_peak()\n"
        "print(before, at_most, memory.peak(), memory.resident())"
    )
    before, at_most, forgotten, resident = map(float, said.split())
    assert at_most > before + 200
    assert forgotten < before + 150
    assert 10 < resident <= forgotten + 1


@LINUX
def test_helpers_count_with_all_they_started() -> None:
    inner = "import time; held = bytearray(90_000_000); print('ready', flush=True); time.sleep(60)"
    middle = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {middle!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        children = memory.descendants(process.pid)
        try:
            assert len(children) == 2
            assert 85 < memory.helpers_peak(process.pid) < 200
        finally:
            for pid in (*children, process.pid):
                subprocess.run(["kill", "-9", str(pid)], check=False)
    assert memory.helpers_peak(process.pid) == 0


def test_a_run_out_of_time_is_ended_and_said_so() -> None:
    start = time.perf_counter()
    done = run(["large", "20000", "37000"], timeout=0.3)
    assert not done.in_time
    assert time.perf_counter() - start < 10


def test_a_run_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"peers nobody 3 4 0 failed:(?s:.*)with_nobody"):
        run(["peers", "nobody", "3", "4", "0"])


def test_a_child_measures_what_it_does() -> None:
    done, made = run(["large", "60", "100"]), cities.city(60, 100)
    assert done.objective == pytest.approx(mm.assign(mm.Factors(*made[:2]), capacity=made[2]).objective, rel=1e-9)
    assert 0 < done.seconds < 30
    assert done.megabytes > done.own > 20
    assert done.figures["pairs"] == 6000
    assert done.rounds
    assert done.gap <= 1e-9


def test_medians_are_of_each_figure_and_time_out_together() -> None:
    runs = [Run(seconds, 10 * seconds, 5.0, gap=seconds / 10, figures={"x": -seconds}) for seconds in (1.0, 9.0, 2.0)]
    middle = median(runs)
    assert (middle.seconds, middle.megabytes, middle.gap, middle.figures) == (2.0, 20.0, 0.9, {"x": -2.0})
    assert not median([*runs, OUT_OF_TIME]).in_time


def test_whoever_ran_out_of_time_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fake(arguments: list[str], timeout: float) -> Run:
        asked.append(arguments[0])
        return OUT_OF_TIME if arguments[0] == "slow" else Run(1.0, 1.0, 1.0)

    monkeypatch.setattr("benchmarks.measure.run", fake)
    done = in_turn({"a": ["slow"], "b": ["fast"]}, 3, smoke=False)
    assert asked == ["slow", "fast", "fast", "fast"]
    assert not done["a"].in_time


def test_unequal_objectives_are_refused() -> None:
    runs = {"ours": Run(1, 1, 10.0), "late": OUT_OF_TIME, "peer": Run(1, 1, 10.2)}
    check_equal("case", {name: runs[name] for name in ("ours", "late")}, 10.0, 0.1)
    with pytest.raises(RuntimeError, match=r"case: expected 10.0, within 0.1; found \{'peer': 10.2\}"):
        check_equal("case", runs, 10.0, 0.1)
    with pytest.raises(RuntimeError, match="found"):
        check_equal("case", {"none": Run(1, 1, math.nan)}, 10.0, 0.1)


@pytest.mark.parametrize(
    ("found", "wanted", "least", "reached"),
    [
        (12.0, 12.0, True, True),
        (11.9, 12.0, True, False),
        (250.0, 250.0, False, True),
        (251.0, 250.0, False, False),
        (math.nan, 1.0, False, False),
    ],
)
def test_verdicts(found: float, wanted: float, least: bool, reached: bool) -> None:
    target = Target("work", found, wanted, least=least, unit="times")
    assert target.reached is reached
    assert ("| reached |" in target.row()) is reached
    assert target_lines([target])[-1] == target.row()


def test_figures_have_three_digits() -> None:
    assert [figure(x) for x in (0.01234, 1.234, 12.34, 1234.5, math.nan)] == ["0.0123", "1.23", "12.3", "1,234", "not known"]


def test_the_plain_pass_looks_at_every_pair() -> None:
    rng = np.random.default_rng(0)
    left, right, p, u = rng.random((700, 5)), rng.random((1300, 5)), rng.random(700), rng.random(1300)
    reduced = left @ right.T - p[:, None] - u
    best, near = plain_pass(left, right, p, u)
    assert best == pytest.approx(reduced.max(axis=0).sum(), rel=1e-5)
    assert near == pytest.approx((reduced > reduced.max(axis=0) - 1e-3).sum(), abs=20)
    assert near >= 1300


@pytest.mark.parametrize("name", families.NAMES)
def test_families_are_solved_alike_by_all_that_fit(name: str) -> None:
    given = families.problem(name, 30, 50, seed=3)
    ours, theirs = given.solve(), arcs.best_flow(given.program)
    assert (ours.termination == "INFEASIBLE") == bool(theirs.then()["infeasible"]) == (name == "partly infeasible")
    if name != "partly infeasible":
        assert ours.gap <= 1e-9
        assert theirs.objective == pytest.approx(ours.objective, rel=1e-5, abs=1e-5)
    if transport.fits(given.program):
        assert transport.best_transport(given.program) == pytest.approx(ours.objective, rel=1e-9)


def test_what_transport_cannot_say_is_left_out() -> None:
    left_out = {name for name in families.NAMES if not transport.fits(families.problem(name, 30, 50).program)}
    assert left_out == {"three to five officers each", "least loads", "partly infeasible", families.HANGZHOU}


def test_bids_are_massively_tied() -> None:
    for drawn in (bids.real, bids.made_up):
        made = drawn(np.random.default_rng(0), 40, 70)
        assert made.shape == (40, 70)
        assert set(np.unique(made)) <= {0, 0.25, 0.5, 1}


def test_a_share_of_the_rows_changes() -> None:
    left, right = np.zeros((200, 21), np.float32), np.zeros((400, 21), np.float32)
    after = rerun.changed_rows(left, right, 0.05)
    assert [int(side.any(axis=1).sum()) for side in after] == [10, 20]
    assert not left.any()


def test_most_pairs_of_the_placed_city_may_not_meet() -> None:
    city = areas.placed_city(130, 240, 5)
    assert (city.officers["tier"] == "city").sum() == 5
    assert city.enterprises["district"].nunique() == areas.DISTRICTS
    assert mm.solve(city).termination == "OPTIMAL"


def test_phases_are_counted() -> None:
    left, right, capacity = np.ones((300, 2)), np.random.default_rng(0).random((500, 2)), 2
    left[:, 0] = np.linspace(0, 1, 300)
    with watched() as seen:
        result = mm.assign(mm.Factors(left, right), capacity=capacity)
    found = seen.figures(800)
    assert result.termination == "OPTIMAL"
    assert found["priced"] >= 300 * 500
    assert found["flows"] >= 1
    assert found["arcs"] >= 500
    assert found["flow_seconds"] > 0
    with watched() as one:
        certificate.bound(result.recipe.program(result.instance), result.prices)
    assert one.figures(800)["priced"] == 300 * 500  # a pass is a pass
    counted = len(seen.flows)
    mm.assign(mm.Factors(left, right), capacity=capacity)
    assert len(seen.flows) == counted  # all is as it was


MODEL = Model(
    pair=8e-10,
    passes=15.0,
    flows=4.0,
    arcs_per_member=6.0,
    flow=Power(1e-7, 1.2),
    member=2e-5,
    begin=0.05,
    megabytes=120.0,
    megabytes_per_member=0.004,
)


def counted(n: int, m: int) -> Counted:
    """A run that the model is exactly right about."""
    parts, arcs = MODEL.parts(n, m), MODEL.arcs_per_member * (n + m)
    return Counted(
        officers=n,
        enterprises=m,
        seconds=sum(parts.values()),
        one_pass=MODEL.pair * n * m,
        priced=MODEL.passes * n * m,
        flows=MODEL.flows,
        arcs=MODEL.flows * arcs,
        flow_seconds=parts["flows"],
        megabytes=MODEL.memory(n, m),
    )


def test_the_fit_recovers_the_costs() -> None:
    found = fit([counted(*size) for size in ((1000, 2000), (2000, 4000), (4407, 8226))])
    for name in ("pair", "passes", "flows", "arcs_per_member", "member", "begin", "megabytes", "megabytes_per_member"):
        assert getattr(found, name) == pytest.approx(getattr(MODEL, name), rel=1e-6), name
    assert found.flow.exponent == pytest.approx(1.2)
    assert found.seconds(100_000, 200_000) == pytest.approx(MODEL.seconds(100_000, 200_000), rel=1e-6)
    assert found.memory(100_000, 200_000) == pytest.approx(MODEL.memory(100_000, 200_000), rel=1e-6)


def test_sizes_much_alike_tell_no_exponent() -> None:
    noisy = [1.1, 1.0, 0.9]
    assert Power.fit([1e5, 1.1e5, 1.2e5], noisy).exponent == 1.0
    assert Power.fit([1e5, 1.1e5, 3.3e5], noisy).exponent < 0


def test_only_passes_shrink_with_machines() -> None:
    one, hundred = MODEL.parts(500_000, 3_000_000), MODEL.parts(500_000, 3_000_000, 100, Messages(block=1e-3, byte=1e-9))
    assert hundred["passes"] == pytest.approx(one["passes"] / 100)
    assert {name for name in one if one[name] == hundred[name]} == {"flows", "the rest"}
    assert one["messages"] == 0 < hundred["messages"]


def test_costs_are_never_below_nothing() -> None:
    runs = [counted(1000, 2000), counted(2000, 4000)]
    odd = [Counted(**{**vars(one), "seconds": one.flow_seconds, "megabytes": 200 - one.members / 100}) for one in runs]
    found = fit(odd)
    assert min(found.member, found.begin, found.megabytes_per_member, found.megabytes) >= 0


def test_the_page_is_written_between_its_marks_only() -> None:
    page = scale.PAGE.read_text(encoding="utf-8")
    again = scale.written(page, ["| new |"])
    assert "| new |" in again
    assert scale.written(again, ["| newer |"]) == again.replace("| new |", "| newer |")
    assert (again.split("<!--")[0], again.rsplit("-->", 1)[1]) == (page.split("<!--")[0], page.rsplit("-->", 1)[1])
    with pytest.raises(RuntimeError, match="no marks"):
        scale.written("nothing here", [])


def test_the_plot_says_what_it_shows() -> None:
    drawn = growth.drawing([growth.Grown(1000, 2000, 0.1, 0.002), growth.Grown(20_000, 37_000, 30.0, 0.6)])
    root = ElementTree.fromstring(drawn)
    texts = " ".join(root.itertext())
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "title desc"
    for said in ("Time per pair", "每对耗时", "1,000 x 2,000: 50.0", "20,000 x 37,000: 40.5", "求解并证明", "one pass"):
        assert said in texts
    points = [circle.attrib for circle in root.iter("{http://www.w3.org/2000/svg}circle")]
    assert len(points) == 4
    assert float(points[0]["cx"]) < float(points[1]["cx"])
    assert float(points[0]["cy"]) < float(points[1]["cy"])  # 50 ns stand above 40
    assert float(points[1]["cy"]) < float(points[3]["cy"])  # a solve above a pass


def test_results_keep_each_section_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    command.keep("## One\n\n### part\n\nold\n", "One")
    command.keep("## Two\n\nother\n", "Two")
    command.keep("## One\n\nnew\n", "One")
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert text.count("## One") == 1
    assert "old" not in text
    assert text.index("new") < text.index("other")
