"""``python -m benchmarks [case ...]``: run the cases, print their tables, and keep them in ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from benchmarks.cases import CASES, GROUPS
from benchmarks.measure import setting
from benchmarks.report import Target, target_lines

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = "# Results\n\nSeconds vary from machine to machine and hour to hour; ratios, measured in turn in one run, are what counts.\n"


def main() -> None:
    """Run the cases asked for; write their sections unless it is a smoke run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = [*GROUPS, *CASES]
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(known)}; all but the long ones when none is given")
    parser.add_argument("--repeats", type=int, help="medians of so many; each case has its own number")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, nothing written")
    given = parser.parse_args()
    unknown = set(given.cases) - set(known)
    if unknown:
        parser.error(f"unknown case: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    for name in given.cases or [name for name, case in CASES.items() if case.REPEATS > 1]:
        if name in GROUPS:
            title, members = GROUPS[name]
            targets = [target for member in members for target in measured(member, given.repeats, smoke=given.smoke)]
            show(title, name, given.repeats, target_lines(targets), smoke=given.smoke)
        else:
            measured(name, given.repeats, smoke=given.smoke)


def measured(name: str, repeats: int | None, *, smoke: bool) -> list[Target]:
    """Run one case, print it, keep it."""
    case = CASES[name]
    repeats = repeats or case.REPEATS
    table = case.table(repeats, smoke=smoke)
    verdicts = ["", *target_lines(table.targets)] if table.targets else []
    show(case.TITLE, name, repeats, [*table.lines, *verdicts], smoke=smoke)
    if not smoke:
        for path, text in table.files.items():
            path.write_text(text, encoding="utf-8")
    return list(table.targets)


def show(title: str, name: str, repeats: int | None, lines: list[str], *, smoke: bool) -> None:
    """Print a section, and keep it unless it is a smoke run."""
    command = f"python -m benchmarks {name}" + (f" --repeats {repeats}" if repeats else "")
    section = "\n".join([f"## {title}", "", f"`{command}`; {setting()}", "", *lines, ""])
    print(section, flush=True)
    if not smoke:
        keep(section, title)


def keep(section: str, title: str) -> None:
    """Put a section into the results, in the place of the one of the same title."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    old = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = old.sub(lambda _: section + "\n", text) if old.search(text) else f"{text.rstrip()}\n\n{section}"
    RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
