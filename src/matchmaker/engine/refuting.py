"""Prices that prove that no plan keeps every row: where pairs are worth nothing no plan is worth anything; a bound below that refutes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.certificate import bound_with_rows
from matchmaker.engine.lagrangian import DEAR, Dual, Shortlist, price_rows
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import passes_of
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats, Space
from matchmaker.program import Prices, Program

CLEARLY = 1e-6
"""How far below nothing a bound must be to say that there is no plan: usual coefficients of rows are 1 there."""


SEVERAL = 5
"""Rows whose prices run away, from which on it is asked at once whether any plan keeps them with all others; else where none was found."""


def against(
    program: Program, shortlist: Shortlist, dual: Dual, prices: Prices, search: Search, cooling: tuple[float, ...], few: int
) -> Prices | None:
    """Prices at which a bound over all pairs refutes every plan, where rows' prices run away; None where none was found.

    Rows that run away are asked about alone first; then, where they are no fewer than `few`, with all others.
    """
    away = int(np.count_nonzero(run_away(dual, shortlist)))
    if not away:
        return None
    found = alone(program, shortlist, dual, search)
    return refutation(program, shortlist, prices, search, cooling) if found is None and away >= few else found


def run_away(dual: Dual, shortlist: Shortlist) -> NDArray[np.bool_]:
    """Which rows' prices are as high as they may be: no plan on the shortlist may keep them all. Shape (n_rows,)."""
    away: NDArray[np.bool_] = np.abs(dual.rows) > 0.98 * DEAR * shortlist.scale / shortlist.usual
    return away


def alone(program: Program, shortlist: Shortlist, dual: Dual, search: Search) -> Prices | None:
    """Prices of no other rows than those that run away at which a bound refutes every plan; None where they do not.

    One plain programme tells, and who is priced in it are few.
    """
    rows = np.where(run_away(dual, shortlist), dual.rows, 0.0) / (DEAR * shortlist.scale)
    return _refuting(program.worthless(), rows, search)


def refutation(program: Program, shortlist: Shortlist, prices: Prices, search: Search, cooling: tuple[float, ...]) -> Prices | None:
    """Prices at which a bound over all pairs refutes every plan, begun from those given; who and which rows are priced in it clash.

    None where none was found.
    """
    bare = program.worthless()
    start = replace(prices, rows=prices.rows / shortlist.scale)
    dual = price_rows(Shortlist.of(bare, shortlist.keys), start, cooling=cooling, check=search.check)
    return _refuting(bare, dual.rows, search)


def _refuting(bare: Program, rows: Floats, search: Search) -> Prices | None:
    """Rows' prices with members' to go with them, where their bound is below nothing."""
    found = optimise(Space(bare.priced(rows)), replace(search, gap=0.0, progress=None, start=None), again=False)
    if found.prices is None:
        return None
    refuting = replace(found.prices, rows=rows)
    return refuting if bound_with_rows(bare, refuting, passes_of(search)) < -CLEARLY else None
