"""Whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker.files import replacing


def test_a_failing_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def stop_half_way() -> None:
        with replacing(target) as partial:
            partial.write_text("half")
            msg = "half way"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="half way"):
        stop_half_way()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_block_that_ends_well_takes_the_files_place(tmp_path: Path) -> None:
    with replacing(tmp_path / "new" / "a.txt") as partial:
        partial.write_text("whole")
        assert not (tmp_path / "new" / "a.txt").exists()
    assert [(file.name, file.read_text()) for file in (tmp_path / "new").iterdir()] == [("a.txt", "whole")]
