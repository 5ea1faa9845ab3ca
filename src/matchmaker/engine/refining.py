"""What a mixed-integer solver says, made as exact as double precision is.

A solver's tolerances are absolute, and aims may be a million apart in size. Any prices of rows prove a bound, and what a choice is worth
less than it is the sum of what its columns and rows lose at these prices. A column that would lose more than the best choice so far stays
where it loses nothing. Of what is left the solver is asked again, in losses, brought to about one (iterative refinement, as for linear
programmes; Gleixner, Steffy and Wolter 2016, doi:10.1287/ijoc.2016.0692), until bound and choice meet or no longer come nearer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linprog

from matchmaker.engine.scaled import most_worth
from matchmaker.engine.search import PROVEN
from matchmaker.engine.space import Floats

ABSOLUTE, EACH = 1e-6, 1e-7
"""The solver's tolerance in a sum of values, and in what each row may add to it, where the largest value is about one."""
FINE = 1024.0
"""What the largest loss is brought to."""
ROUNDS = 6
"""How often the solver is asked again, at most."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Columns to choose: maximise ``worth @ x`` with ``least <= table @ x <= most`` and ``low <= x <= high``, some of them whole.

    Parameters
    ----------
    worth, low, high, whole
        Shape (n_columns,).
    table
        Sparse, shape (n_rows, n_columns).
    least, most
        Shape (n_rows,).
    """

    worth: Floats
    table: sp.csr_array
    least: Floats
    most: Floats
    low: Floats
    high: Floats
    whole: NDArray[np.bool_]

    def without(self, x: Floats, size: int) -> Choice:
        """All choices but those that agree with this one in the first `size` columns, which are 0 or 1."""
        chosen = x[:size] > 0.5
        cut = np.concatenate([np.where(chosen, 1.0, -1.0), np.zeros(len(x) - size)])
        table = sp.vstack([self.table, sp.csr_array(cut[None, :])]).tocsr()
        return replace(self, table=table, least=np.append(self.least, -np.inf), most=np.append(self.most, chosen.sum() - 1.0))

    def value(self, x: Floats) -> float:
        """What a choice is worth."""
        return math.fsum((self.worth * x).tolist())

    def rounded(self, x: Floats) -> Floats:
        """A choice with what must be whole made so."""
        return np.clip(np.where(self.whole, np.rint(x), x), self.low, self.high)

    def blur(self) -> float:
        """How far the solver may be from the best choice, by its tolerances."""
        return float(np.abs(self.worth).max(initial=0.0)) * (ABSOLUTE + EACH * self.table.shape[0])

    def size(self, x: Floats) -> float:
        """What a gap is relative to: the choice's value, or the least of all values where that is more."""
        some = np.abs(self.worth[self.worth != 0])
        return max(abs(self.value(x)), float(some.min()) if len(some) else 0.0)

    def solved(self, options: Any, unit: float = 1.0) -> tuple[Floats | None, float, int]:
        """A choice, a bound to the solver's tolerances, and how it ended."""
        found = most_worth(self.worth, self.table, (self.least, self.most), (self.low, self.high), self.whole, options, unit)
        return found.x, found.bound, found.status


def refined(choice: Choice, x: Floats, options: Any, gap: float) -> tuple[Floats, float]:
    """A choice at least as good, and a bound that rounding alone may be off; infinity where none was found.

    Parameters
    ----------
    choice
        Of what.
    x
        The best choice so far.
    options
        Of the solver.
    gap
        Relative gap at which to stop.
    """
    bound, left = math.inf, math.inf
    for _ in range(ROUNDS):
        prices = _prices(choice)
        if prices is None:
            break
        proven, reduced = _proven(choice, prices)
        bound = min(bound, proven)
        bound = max(bound, choice.value(x))
        far = proven - choice.value(x)
        if bound - choice.value(x) <= max(gap, PROVEN) * choice.size(x) or not far < left / 2:
            break
        left = far
        choice = _narrowed(choice, prices, reduced, far)
        losses, free = _losses(choice, prices, reduced, far)
        found, gain, _ = losses.solved(options, FINE)
        if found is None:
            break
        bound = min(bound, proven + gain - free + far * (ABSOLUTE + EACH * sum(losses.table.shape)) / FINE)
        other = choice.rounded(found[: len(x)])
        x = max(x, other, key=choice.value)
        bound = max(bound, choice.value(x))
        if bound - choice.value(x) <= max(gap, PROVEN) * choice.size(x):
            break
    return x, bound


def _prices(choice: Choice) -> Floats | None:
    """Rows' prices that are optimal for fractional choices. Shape (n_rows,); None where the solver has none."""
    same = choice.least == choice.most
    upper, lower = np.flatnonzero(np.isfinite(choice.most) & ~same), np.flatnonzero(np.isfinite(choice.least) & ~same)
    unit = float(np.abs(choice.worth).max(initial=0.0)) or 1.0
    beside: Any = sp.vstack([choice.table[upper], -choice.table[lower]]).tocsc()
    equal: Any = choice.table[np.flatnonzero(same)].tocsc()
    found: Any = linprog(  # type: ignore[call-overload]
        -choice.worth / unit,
        A_ub=beside,
        b_ub=np.concatenate([choice.most[upper], -choice.least[lower]]),
        A_eq=equal,
        b_eq=choice.most[same],
        bounds=np.stack([choice.low, choice.high], axis=1),
    )
    if found.status != 0:
        return None
    prices: Floats = np.zeros(len(choice.most))
    prices[same] = -found.eqlin.marginals
    prices[upper] += np.maximum(-found.ineqlin.marginals[: len(upper)], 0.0)
    prices[lower] -= np.maximum(-found.ineqlin.marginals[len(upper) :], 0.0)
    return prices * unit


def _proven(choice: Choice, prices: Floats) -> tuple[float, Floats]:
    """The bound that prices prove, and columns' reduced values, shape (n_columns,)."""
    reduced = choice.worth - choice.table.T @ prices
    with np.errstate(invalid="ignore"):
        rows = np.where(prices > 0, prices * choice.most, np.where(prices < 0, prices * choice.least, 0.0))
        columns = np.where(reduced > 0, reduced * choice.high, np.where(reduced < 0, reduced * choice.low, 0.0))
    every = np.concatenate([rows, columns])
    if not np.isfinite(every).all():
        return math.inf, reduced
    size = np.abs(every).sum() + np.abs(choice.worth).sum() + (abs(choice.table.T) @ np.abs(prices)).sum()
    return math.fsum(every.tolist()) + float(size) * 2.0**-50, reduced


def _narrowed(choice: Choice, prices: Floats, reduced: Floats, far: float) -> Choice:
    """Only what may be in a choice that loses no more than so far: whole columns and rows of whole numbers that lose more stay put."""
    put = choice.whole & (np.abs(reduced) > far * (1 + 1e-6))
    low = np.where(put & (reduced > 0), choice.high, choice.low)
    high = np.where(put & (reduced < 0), choice.low, choice.high)
    odd = np.zeros(len(choice.most), dtype=bool)
    entries = choice.table.tocoo()
    odd[entries.coords[0][(np.rint(entries.data) != entries.data) | ~choice.whole[entries.coords[1]]]] = True
    fast = ~odd & (np.abs(prices) > far * (1 + 1e-6))
    least = np.where(fast & (prices > 0), choice.most, choice.least)
    most = np.where(fast & (prices < 0), choice.least, choice.most)
    return replace(choice, low=low, high=high, least=least, most=most)


def _losses(choice: Choice, prices: Floats, reduced: Floats, far: float) -> tuple[Choice, float]:
    """The same columns at reduced values, and one more for each row that may lose; and what they come to where nothing is lost."""
    paid = np.flatnonzero((prices != 0) & (choice.least < choice.most))
    r = len(paid)
    price = np.abs(prices[paid])
    sign = np.sign(prices[paid])
    slack = sp.csr_array((sign * far / price, (paid, np.arange(r))), shape=(len(choice.most), r))
    side = np.where(prices > 0, choice.most, choice.least)
    least, most = choice.least.copy(), choice.most.copy()
    least[paid], most[paid] = side[paid], side[paid]
    fixed = choice.low == choice.high
    worth = np.where(fixed, 0.0, reduced)
    free = math.fsum(np.maximum(worth * choice.low, worth * choice.high)[worth != 0].tolist())
    losses = Choice(
        worth=np.concatenate([worth, np.full(r, -far)]),
        table=sp.hstack([choice.table, slack]).tocsr(),
        least=least,
        most=most,
        low=np.concatenate([choice.low, np.zeros(r)]),
        high=np.concatenate([choice.high, np.ones(r)]),
        whole=np.concatenate([choice.whole, np.zeros(r, dtype=bool)]),
    )
    return losses, free
