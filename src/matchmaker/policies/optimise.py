"""The method that finds the best plan, and proves it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from matchmaker.engine import Search, Solution
from matchmaker.instance import Instance
from matchmaker.program import Program


@dataclass(frozen=True)
class Optimise:
    """The best plan of the programme, by column generation, with the prices that prove it. The seed does not matter."""

    seeded: ClassVar[bool] = False

    def make_ready(self, *, rows: bool, loads: bool) -> None:
        """Have modules and machine code before a clock runs; those for side rows and loads where there may be some."""
        from matchmaker.engine.ready import make_ready

        make_ready()
        if rows:
            from matchmaker.engine.repair import make_rows_ready

            make_rows_ready()
        if loads:
            from matchmaker.engine.packing import make_packing_ready

            make_packing_ready()

    def find(self, instance: Instance, program: Program, search: Search) -> Solution:
        """The best plan, its bound and its proof; or why there is none."""
        from matchmaker.engine.optimise import optimise
        from matchmaker.engine.passes import passes_of
        from matchmaker.engine.ruled import optimise_with_rows
        from matchmaker.engine.search import TimeUp
        from matchmaker.engine.space import Space

        if program.returns:
            from matchmaker.engine.returns import optimise_returns

            found = optimise_returns(program, search)
            return replace(found, bound=found.bound + program.constant)
        if program.linear:
            found = optimise_with_rows(program, search)
            return replace(found, bound=found.bound + program.constant)
        try:
            space = Space(program, each=passes_of(search).each)
        except TimeUp:
            return Solution(termination="NOT_FOUND")
        found = optimise(space, search)
        return replace(found, bound=found.bound + program.constant)
