"""A saved plan is re-proven from tables and prices alone, and whatever is tampered with is found."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matchmaker.errors import DataError, MatchmakerError, NoAssignmentError
from matchmaker.rounds import Inputs, gather, run, saved, verify
from matchmaker.rounds.inputs import digest
from matchmaker.rounds.record import seal
from matchmaker.rounds.verifier import _below

Json = dict[str, Any]


@pytest.fixture(scope="module")
def read_once(finished_round: Path) -> Inputs:
    return gather(finished_round)


@pytest.fixture
def same_inputs(read_once: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inputs of a copy are known already: reading them again is what takes the time."""

    def moved(source: Path) -> Inputs:
        files = [replace(file, path=source.parent / file.path.relative_to(read_once.folder)) for file in read_once.files]
        return replace(read_once, folder=source.parent, files=tuple(files))

    monkeypatch.setattr(saved, "gather", moved)


def load(home: Path, name: str) -> Json:
    found: Json = json.loads((home / "out" / name).read_text(encoding="utf-8"))
    return found


def store(home: Path, name: str, record: Json) -> None:
    (home / "out" / name).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def forge(home: Path, **claims: Any) -> None:
    """Change claims as a forger would: every hash and the seal are made to fit again."""
    record = load(home, "result.json") | claims
    record["outputs"] = {name: digest(home / "out" / name) for name in record["outputs"]}
    store(home, "result.json", record | {"seal": seal(record)})


def plan_lines(home: Path) -> list[str]:
    return (home / "out" / "plan.csv").read_text(encoding="utf-8-sig").splitlines()


def write_plan(home: Path, lines: list[str]) -> None:
    (home / "out" / "plan.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def caught(home: Path) -> str:
    """What verifying says about a folder that is not as it should be."""
    try:
        verdict = verify(home / "out")
    except MatchmakerError as error:
        return str(error)
    assert not verdict.holds, verdict.text()
    return "\n".join(finding.en for finding in verdict.findings if not finding.holds)


def test_an_untouched_plan_is_proven(finished_round: Path) -> None:
    verdict = verify(finished_round / "out")
    assert verdict.holds
    assert verdict.gap <= 1e-9
    assert verdict.objective <= verdict.bound
    assert "10 pairs keep all 6 rules" in verdict.text("en")
    assert "符合全部 6 条规则" in verdict.text("zh")
    assert "×" not in verdict.text("en").replace("6 × 9", "")


def test_no_solver_is_needed(finished_round: Path, in_subprocess: Callable[[str], str]) -> None:
    code = f"import sys\nfrom matchmaker.rounds import verify\nverdict = verify({str(finished_round / 'out')!r})\n"
    code += "print(verdict.holds, 'ortools' in sys.modules, 'scipy.optimize' in sys.modules)"
    assert in_subprocess(code).split() == ["True", "False", "False"]


PLAN_CHANGES: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a pair is struck out": (lambda lines: lines[:-1], "(?s)value.*counts"),
    "a pair is added": (lambda lines: [*lines, lines[1].replace("G1,", "G2,", 1)], "rules broken|value"),
    "a pair stands twice": (lambda lines: [*lines, lines[1]], "this pair stands twice"),
    "an officer is unknown": (
        lambda lines: [lines[0], lines[1].replace("G1,", "G99,", 1), *lines[2:]],
        "pairs that the tables do not know, such as G99",
    ),
    "an enterprise is empty": (lambda lines: [lines[0], "G1,," + lines[1].split(",", 2)[2], *lines[2:]], "an id is empty"),
    "officers are swapped": (lambda lines: [lines[0], *(swap(line) for line in lines[1:])], "value|rules broken"),
    "affinity is raised": (lambda lines: [lines[0], raised(lines[1]), *lines[2:]], "states another affinity for 1 pairs"),
    "affinity is left out": (lambda lines: [",".join(line.split(",")[:2]) for line in lines], "states another affinity for 10 pairs"),
    "a header is lost": (lambda lines: lines[1:], "column officer_id is missing"),
    "nothing is left": (lambda lines: [], "column officer_id is missing|cannot be read"),
}


def swap(line: str) -> str:
    other = {"G1": "G2", "G2": "G1"}
    officer, _, rest = line.partition(",")
    return f"{other.get(officer, officer)},{rest}"


def raised(line: str) -> str:
    officer, enterprise, affinity, rest = line.split(",", 3)
    return f"{officer},{enterprise},{float(affinity) + 1e-6!r},{rest}"


@pytest.mark.parametrize("change", PLAN_CHANGES)
def test_a_changed_plan_is_caught_though_the_hashes_fit(copied: Path, same_inputs: None, change: str) -> None:
    edit, message = PLAN_CHANGES[change]
    write_plan(copied, edit(plan_lines(copied)))
    forge(copied)
    found = caught(copied)
    assert re.search(message, found), found


def test_a_missing_plan_is_caught(copied: Path) -> None:
    (copied / "out" / "plan.csv").unlink()
    assert "There is no plan" in caught(copied)


@pytest.mark.parametrize("name", ["plan.csv", "plan.xlsx", "report.html", "proof.json"])
def test_a_changed_file_is_caught(copied: Path, same_inputs: None, name: str) -> None:
    with (copied / "out" / name).open("ab") as file:
        file.write(b" ")
    assert f"changed since the run: {name}" in caught(copied)


PROOF_CHANGES: dict[str, tuple[Callable[[Json], object], str]] = {
    "a price is raised": (
        lambda p: p["prices"]["officers"].update(G1=p["prices"]["officers"]["G1"] + 1),
        "no plan is worth more than .* claimed",
    ),
    "a price is lowered": (lambda p: p["prices"]["officers"].update(G1=0.0), "no plan is worth more than .* claimed"),
    "all prices are zero": (lambda p: p["prices"].update(officers=dict.fromkeys(p["prices"]["officers"], 0.0)), "no plan is worth more"),
    "prices are of the wrong sign": (
        lambda p: p["prices"].update(enterprises={k: -v for k, v in p["prices"]["enterprises"].items()}),
        "no plan is worth",
    ),
    "an officer has no price": (lambda p: p["prices"]["officers"].pop("G1"), "does not price each of the 6 officers once"),
    "a stranger has a price": (lambda p: p["prices"]["enterprises"].update(E99=0.0), "does not price each of the 9 enterprises once"),
    "a price is a word": (
        lambda p: p["prices"]["officers"].update(G1="1"),
        "1 prices of officers are not finite numbers, such as that of G1",
    ),
    "a price is infinite": (lambda p: p["prices"]["officers"].update(G1=float("inf")), "not finite numbers"),
    "a price is true": (lambda p: p["prices"]["officers"].update(G1=True), "not finite numbers"),
    "there are no prices": (lambda p: p.update(prices=None), "the bound .* has no proof"),
    "prices are no table": (lambda p: p.update(prices=[1, 2]), "does not price"),
    "the value is raised": (lambda p: p.update(objective=p["objective"] + 0.01), "value"),
    "the bound is lowered": (lambda p: p.update(bound=p["bound"] - 0.01), "claim different bounds"),
}


@pytest.mark.parametrize("change", PROOF_CHANGES)
def test_a_changed_proof_is_caught_though_the_hashes_fit(copied: Path, same_inputs: None, change: str) -> None:
    edit, message = PROOF_CHANGES[change]
    proof = load(copied, "proof.json")
    edit(proof)
    store(copied, "proof.json", proof)
    forge(copied)
    found = caught(copied)
    assert re.search(message, found), found


@pytest.mark.parametrize("prices", [True, False])
@pytest.mark.parametrize("bound", [-1e9, 0.5, 2.0])
def test_a_search_vouches_for_nothing_that_prices_would_prove(copied: Path, same_inputs: None, prices: bool, bound: float) -> None:
    """The policy has no rows: a bound that is said to be a search's is none, below the value or above it."""
    value = load(copied, "result.json")["objective"]
    proof = load(copied, "proof.json") | {"searched": True, "bound": bound * value if bound > 0 else bound}
    store(copied, "proof.json", proof if prices else proof | {"prices": None})
    forge(copied, bound=proof["bound"], gap=0.0)
    assert re.search(r"no plan is worth more than .* claimed|has no proof", caught(copied))


def test_no_plan_is_worth_more_than_a_search_s_bound() -> None:
    assert [one.holds for one in _below(2.0, 1.0)] == [False]
    assert not [*_below(1.0, 1.0), *_below(1.0, math.inf), *_below(-2.0, -1.0)]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"prices": {}}'])
def test_a_broken_proof_is_caught(copied: Path, same_inputs: None, text: str) -> None:
    (copied / "out" / "proof.json").write_text(text, encoding="utf-8")
    assert caught(copied)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every number, word and empty place of a JSON value."""
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def changed(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return "changed"
    if isinstance(value, int | float):
        return value + 1
    return f"{value}x"


def test_every_single_change_of_the_record_is_caught(copied: Path, same_inputs: None) -> None:
    original = load(copied, "result.json")
    paths = list(leaves(original))
    assert len(paths) > 40
    for path in paths:
        record = load(copied, "result.json")
        place = record
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = changed(place[path[-1]])
        store(copied, "result.json", record)
        assert caught(copied), path
        store(copied, "result.json", original)
    assert verify(copied / "out").holds


def test_every_missing_key_of_the_record_is_caught(copied: Path, same_inputs: None) -> None:
    original = load(copied, "result.json")
    for key in original:
        store(copied, "result.json", {name: value for name, value in original.items() if name != key})
        assert caught(copied), key


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"objective": 60.0}, "value .* claimed 60.0"),
        ({"objective": None}, "value .* claimed None"),
        ({"bound": 40.0}, "claim different bounds"),
        ({"bound": None}, "claim different bounds"),
        ({"gap": 0.5}, "gap .* claimed 0.5"),
        ({"gap": None}, "gap .* claimed None"),
        ({"terms": {"expected_resolved": 1.0, "continuity": 0.0}}, "value"),
        ({"terms": {}}, "value"),
        ({"policy": "fair"}, "does not say what round.toml says"),
        ({"seed": 7}, "does not say what round.toml says"),
        ({"config": {}}, "does not say what round.toml says"),
        ({"counts": {}}, "the counts in result.json are not the plan's"),
        ({"inputs": []}, "it names 0 round.toml instead of one"),
        ({"outputs": {}}, "changed since the run: plan.csv, plan.xlsx, report.html, proof.json"),
        ({"termination": "INFEASIBLE"}, "holds no plan: none can exist"),
        ({"termination": "BEST"}, "damaged at termination"),
    ],
)
def test_a_false_claim_is_caught_though_the_hashes_fit(copied: Path, same_inputs: None, claims: Json, message: str) -> None:
    forge(copied, **claims)
    found = caught(copied)
    assert re.search(message, found), found


def test_a_worse_plan_does_not_pass_for_the_best(copied: Path) -> None:
    """Every number is made to fit a plan with one pair less: only the proof of the bound gives it away."""
    lines = plan_lines(copied)
    spare = next(line for line in lines[1:] if line.split(",")[1] == "E2")
    write_plan(copied, [line for line in lines if line != spare])
    lost = float(spare.split(",")[2])
    record, proof = load(copied, "result.json"), load(copied, "proof.json")
    kept_before = spare.startswith("G1,")
    value = record["objective"] - lost - (0.05 if kept_before else 0.0)
    terms = {
        "expected_resolved": record["terms"]["expected_resolved"] - lost,
        "continuity": value - record["terms"]["expected_resolved"] + lost,
    }
    store(copied, "proof.json", proof | {"objective": value})
    forge(copied, objective=value, terms=terms, gap=(record["bound"] - value) / value)
    found = caught(copied)
    assert "not proven optimal" in found
    assert "value" not in found


@pytest.mark.parametrize(
    "name", ["tables/干部.csv", "tables/企业.csv", "tables/诉求.csv", "tables/回避.csv", "round.toml", "last/plan.csv"]
)
def test_a_changed_input_is_named(copied: Path, name: str) -> None:
    with (copied / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(DataError, match=rf"\.\./{name}: was changed since the plan was made \| 在方案生成后被修改"):
        verify(copied / "out")


def test_every_changed_input_is_named_at_once(copied: Path) -> None:
    (copied / "tables" / "干部.csv").unlink()
    (copied / "last" / "plan.csv").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=r"(?s)last/plan\.csv: was changed.*干部\.csv: is not there any more"):
        verify(copied / "out")


def test_an_added_table_is_named(copied: Path) -> None:
    (copied / "tables" / "否决.csv").write_text("干部编号,企业编号,提出人,原因\nG1,E2,甲,乙\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"否决\.csv: was not read when the plan was made"):
        verify(copied / "out")


def test_a_rule_that_the_tables_were_made_to_forget_is_named(copied: Path) -> None:
    (copied / "tables" / "回避.csv").unlink()
    forge(copied, inputs=[file for file in load(copied, "result.json")["inputs"] if "回避" not in file["path"]])
    assert re.search("value|no plan is worth", caught(copied)), caught(copied)


def test_a_folder_that_is_no_output_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"result\.json cannot be read.*Is .* a run's output\?"):
        verify(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"a": 1}', "结果".encode("gbk")])
def test_a_broken_record_is_said(copied: Path, data: bytes) -> None:
    (copied / "out" / "result.json").write_bytes(data)
    with pytest.raises(DataError, match=r"result\.json is damaged"):
        verify(copied / "out")


def test_a_folder_moves_with_its_inputs(copied: Path) -> None:
    moved = copied.rename(copied.with_name("elsewhere"))
    assert verify(moved / "out").holds


def test_a_plan_without_a_bound_is_checked_for_what_it_claims(edited: Callable[..., Path]) -> None:
    home = edited("round.toml", "tables =", 'policy = "greedy"\ntables =')
    run(home)
    verdict = verify(home / "out")
    assert verdict.holds
    assert "not claimed to be optimal" in verdict.text()
    forge(home, termination="OPTIMAL")
    assert "not proven optimal" in caught(home)


def test_no_plan_is_said(fresh: Path, plain_page: None) -> None:
    lines = (fresh / "tables" / "干部.csv").read_text(encoding="utf-8-sig").splitlines()
    (fresh / "tables" / "干部.csv").write_text("\n".join(lines[:3]), encoding="utf-8")
    (fresh / "tables" / "办理结果.csv").unlink()
    (fresh / "tables" / "回避.csv").unlink()
    (fresh / "round.toml").write_text('tables = "tables"\n', encoding="utf-8")
    run(fresh)
    with pytest.raises(NoAssignmentError, match=r"(?s)holds no plan: none can exist.*short"):
        verify(fresh / "out")
