"""Paths of a round.toml that no run can use, and what a forged or damaged output folder gives away."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from matchmaker import rounds
from matchmaker.errors import ConfigError, DataError
from matchmaker.report import write_workbook
from matchmaker.rounds.record import seal


def settings(home: Path, text: str) -> Path:
    (home / "round.toml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize("key", ["tables", "output", "previous"])
@pytest.mark.parametrize("path", ["a\\u0000b", "x" * 300, "circle"])
def test_a_path_that_cannot_be_is_a_setting_that_cannot_be_used(tmp_path: Path, key: str, path: str) -> None:
    (tmp_path / "circle").symlink_to("circle")
    others = {"tables": "tables", "output": "out"} | {key: path}
    home = settings(tmp_path, "\n".join(f'{name} = "{value}"' for name, value in others.items()))
    with pytest.raises(ConfigError, match=rf"{key}: .* cannot be a file or folder: .* \| {key} 不是有效的路径"):
        rounds.run(home)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["circle", "round.toml"]


@pytest.mark.parametrize("name", ["plan.csv", "plan.xlsx"])
def test_a_run_does_not_replace_the_plan_it_starts_from(finished_round: Path, tmp_path: Path, name: str) -> None:
    home = Path(shutil.copytree(finished_round, tmp_path / "round"))
    settings(home, f'tables = "tables"\nprevious = "out/../out/{name}"\n')
    before = (home / "out" / "plan.csv").read_bytes()
    with pytest.raises(ConfigError, match=r"stands in the output folder, where this run would replace it.*Copy it elsewhere"):
        rounds.run(home)
    assert (home / "out" / "plan.csv").read_bytes() == before


def forged(home: Path, name: str, change: Callable[[dict[str, object]], object]) -> Path:
    """The folder with one file changed and every hash made to agree again."""
    out = home / "out"
    held = json.loads((out / name).read_text(encoding="utf-8"))
    change(held)
    (out / name).write_text(json.dumps(held), encoding="utf-8")
    record = json.loads((out / "result.json").read_text(encoding="utf-8"))
    record["outputs"] = {one: rounds.inputs.digest(out / one) for one in record["outputs"]}
    (out / "result.json").write_text(json.dumps(record | {"seal": seal(record)}), encoding="utf-8")
    return out


def test_a_proof_of_another_policy_or_with_an_endless_price_is_found(finished_round: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(finished_round, tmp_path / "round"))
    out = forged(home, "proof.json", lambda proof: proof.update(policy="another"))
    assert [finding.en for finding in rounds.verify(out).findings if not finding.holds] == ["result.json does not say what round.toml says"]
    home = Path(shutil.copytree(finished_round, tmp_path / "again"))
    out = forged(home, "proof.json", lambda proof: proof["prices"]["officers"].update(G1=10**400))  # type: ignore[index]
    assert "prices of officers are not finite numbers" in rounds.verify(out).text("en")


def test_a_result_nested_without_end_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"result\.json is damaged"):
        rounds.verify(tmp_path)


def test_a_full_disk_is_the_systems_refusal(finished_round: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = rounds.read_result(finished_round / "out")

    def full(book: Workbook) -> None:
        raise FileCreateError(OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(Workbook, "close", full)
    with pytest.raises(OSError, match="No space left on device"):
        write_workbook(result, tmp_path / "plan.xlsx")
    assert not list(tmp_path.iterdir())
