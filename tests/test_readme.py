"""Every Python block of the README runs, in order, as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[tuple[int, str]]:
    """First line and code of every Python block."""
    return [(text[: found.start(1)].count("\n"), found.group(1)) for found in BLOCK.finditer(text)]


def run(text: str, name: str) -> dict[str, Any]:
    """Run every block in one namespace; a failure names the line it stands in."""
    namespace: dict[str, Any] = {"__name__": "readme"}
    for line, code in blocks(text):
        exec(compile("\n" * line + code, name, "exec", dont_inherit=True), namespace)
    return namespace


def test_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8")
    assert text.startswith("# matchmaker")
    assert run(text, str(README))["__name__"] == "readme"


def test_blocks_share_one_namespace_in_order() -> None:
    assert run("```python\nx = 1\n```\ntext\n```bash\nno\n```\n```python\ny = x + 1\n```\n", "readme")["y"] == 2


def test_a_block_that_does_not_run_is_found() -> None:
    with pytest.raises(ZeroDivisionError, match="division by zero") as caught:
        run("# Title\n\n```python\n1 / 0\n```\n", "readme")
    assert caught.traceback[-1].lineno == 3
