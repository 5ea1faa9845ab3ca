"""Mixed-integer programmes for a solver whose tolerances are absolute: rows, columns and values are brought to about one first.

Scales are powers of two, so that nothing is rounded by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from matchmaker.engine.space import Floats


@dataclass(frozen=True, eq=False)
class Answer:
    """What the solver found.

    Parameters
    ----------
    x
        Shape (n_columns,); None where it has nothing.
    bound
        No choice is worth more, to its tolerances; infinity where it says none.
    status
        As ``scipy.optimize.milp``: 0 solved, 1 a limit, 2 impossible.
    """

    x: Floats | None
    bound: float
    status: int


def most_worth(
    worth: Floats,
    table: sp.csr_array,
    sides: tuple[Floats, Floats],
    limits: tuple[Floats, Floats],
    whole: NDArray[np.bool_],
    options: Any,
    unit: float = 1.0,
) -> Answer:
    """Maximise ``worth @ x`` with rows of a table between their sides and columns between their limits.

    Parameters
    ----------
    worth, limits, whole
        Shape (n_columns,): values, least and most, and which must be whole numbers.
    table
        Sparse, shape (n_rows, n_columns).
    sides
        Least and most of each row, shape (n_rows,).
    options
        Of the solver.
    unit
        About what the largest value comes to: the solver's tolerances in values are absolute, so the more the finer they are.
    """
    entries = table.tocoo()
    row, at, size = *entries.coords, np.abs(entries.data)
    free = ~whole  # limits may be far wider than what such a column comes to: it goes by the whole ones beside it
    column = np.ones(len(worth))
    largest = np.zeros(table.shape[0])
    bounded = ~free[at]
    np.maximum.at(largest, row[bounded], (size * column[at])[bounded])
    scale = _power(largest)
    room = np.full(len(worth), np.inf)
    held = free[at] & (size > 0)
    np.minimum.at(room, at[held], scale[row[held]] / size[held])
    column = np.where(free & np.isfinite(room), _power(np.where(np.isfinite(room), room, 1.0)), column)
    unit = float(_power(np.array([np.abs(worth * column).max(initial=0.0)]))[0]) / unit
    scaled = sp.csr_array((entries.data * column[at] / scale[row], (row, at)), shape=table.shape)
    found = milp(
        -worth * column / unit,
        constraints=LinearConstraint(scaled.tocsc(), sides[0] / scale, sides[1] / scale),
        bounds=Bounds(limits[0] / column, limits[1] / column),
        integrality=whole.astype(float),
        options=options,
    )
    bound = np.inf if found.mip_dual_bound is None else -float(found.mip_dual_bound) * unit
    return Answer(None if found.x is None else found.x * column, bound, int(found.status))


def _power(sizes: Floats) -> Floats:
    """The power of two nearest below each, 1 for nothing."""
    known = np.where(sizes > 0, sizes, 1.0)
    found: Floats = np.ldexp(1.0, np.frexp(known)[1] - 1)
    return found
