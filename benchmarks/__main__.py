"""``python -m benchmarks [case ...]``: run the cases, print their tables, and keep them in ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.measure import setting

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = "# Results\n\nSeconds vary from machine to machine and hour to hour; ratios, measured in turn in one run, are what counts.\n"


def main() -> None:
    """Run the cases asked for; write their sections unless it is a smoke run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)}; all when none is given")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, nothing written")
    given = parser.parse_args()
    unknown = set(given.cases) - set(CASES)
    if unknown:
        parser.error(f"unknown case: {', '.join(sorted(unknown))}; known are {', '.join(CASES)}")
    for name in given.cases or CASES:
        case = CASES[name]
        command = f"python -m benchmarks {name} --repeats {given.repeats}"
        section = "\n".join([f"## {case.TITLE}", "", f"`{command}`; {setting()}", "", *case.table(given.repeats, smoke=given.smoke), ""])
        print(section, flush=True)
        if not given.smoke:
            keep(section, case.TITLE)


def keep(section: str, title: str) -> None:
    """Put a section into the results, in the place of the one of the same title."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    old = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = old.sub(lambda _: section + "\n", text) if old.search(text) else f"{text.rstrip()}\n\n{section}"
    RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
