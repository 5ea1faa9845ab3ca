"""A small round in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from matchmaker import datasets, report, tables
from matchmaker.rounds import run

ROUND = 'tables = "tables"\nprevious = "last/plan.csv"\n'
LAST = "officer_id,enterprise_id\nG1,E2\nG3,E3\nG6,E5\n"


@pytest.fixture(scope="session")
def finished_round(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round that was run: round.toml, tables/, last/plan.csv and out/. To be copied, not changed."""
    home = tmp_path_factory.mktemp("round")
    tables.write(datasets.small_tables(), home / "tables")
    (home / "last").mkdir()
    (home / "last" / "plan.csv").write_text(LAST, encoding="utf-8")
    (home / "round.toml").write_text(ROUND, encoding="utf-8")
    run(home)
    return home


@pytest.fixture
def plain_page(finished_round: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without charts, where the page is not what is tested: charts take a second."""
    monkeypatch.setattr(
        report, "write_page", lambda result, path: path.write_text(f"{result.policy} {result.objective!r}", encoding="utf-8")
    )


@pytest.fixture
def copied(finished_round: Path, tmp_path: Path, plain_page: None) -> Path:
    """A copy of the finished round, to be tampered with."""
    return Path(shutil.copytree(finished_round, tmp_path / "round"))


@pytest.fixture
def fresh(finished_round: Path, tmp_path: Path) -> Path:
    """A copy of the round that was not run yet."""
    return Path(shutil.copytree(finished_round, tmp_path / "round", ignore=shutil.ignore_patterns("out")))


@pytest.fixture
def edited(fresh: Path, plain_page: None) -> Callable[..., Path]:
    """The round with some text of its files replaced."""

    def edit(name: str, old: str, new: str) -> Path:
        text = (fresh / name).read_text(encoding="utf-8-sig")
        assert old in text
        (fresh / name).write_text(text.replace(old, new), encoding="utf-8")
        return fresh

    return edit
