"""Prices that prove that no plan keeps every row: where pairs are worth nothing no plan is worth anything; a bound below that refutes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matchmaker.engine.certificate import bound_with_rows
from matchmaker.engine.lagrangian import DEAR, Dual, Shortlist, price_rows
from matchmaker.engine.optimise import optimise
from matchmaker.engine.passes import passes_of
from matchmaker.engine.search import Search
from matchmaker.engine.space import Space
from matchmaker.program import Prices, Program

CLEARLY = 1e-6
"""How far below nothing a bound must be to say that there is no plan: usual coefficients of rows are 1 there."""


def run_away(dual: Dual, shortlist: Shortlist) -> int:
    """How many rows' prices are as high as they may be: no plan on the shortlist may keep them all."""
    return int((np.abs(dual.rows) > 0.98 * DEAR * shortlist.scale / shortlist.usual).sum())


def refutation(program: Program, shortlist: Shortlist, prices: Prices, search: Search, cooling: tuple[float, ...]) -> Prices | None:
    """Prices at which a bound over all pairs refutes every plan, begun from those given; who and which rows are priced in it clash.

    None where none was found.
    """
    bare = program.worthless()
    start = replace(prices, rows=prices.rows / shortlist.scale)
    dual = price_rows(Shortlist.of(bare, shortlist.keys), start, cooling=cooling, check=search.check)
    found = optimise(Space(bare.priced(dual.rows)), replace(search, gap=0.0, progress=None, start=None), again=False)
    if found.prices is None:
        return None
    against = replace(found.prices, rows=dual.rows)
    return against if bound_with_rows(bare, against, passes_of(search)) < -CLEARLY else None
