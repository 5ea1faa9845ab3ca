"""The pass: one look at every eligible pair, for those that prices do not keep out.

The reduced value of a pair is ``a_ij - p_i - u_j``. Blocks are priced in single precision by one matrix product, prices riding along as two
more columns; whatever comes within the rounding error of mattering is looked at again in double. So what is found, and what is said of
all the rest, is true of the double-precision values, whatever the blocks, the threads and the machines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.look import Common, Own, look
from matchmaker.engine.passes import Passes
from matchmaker.engine.pieces import ByEnterprise
from matchmaker.engine.rows import Floats, Ints
from matchmaker.engine.space import Space
from matchmaker.engine.worth import HALF_ULP32, HALF_ULP64
from matchmaker.program import among, sorted_once


@dataclass(frozen=True, eq=False)
class Ask:
    """What a pass is asked: every eligible pair whose reduced value is above a threshold.

    Parameters
    ----------
    officers, enterprises
        Prices, shapes (n_officers,) and (n_enterprises,), scaled as the space is.
    above
        Threshold, or one for each enterprise, shape (n_enterprises,).
    known
        Sorted keys that are looked at one by one in any case, such as a shortlist: they do not count towards `most`.
    most
        About how many pairs of one enterprise are kept where a block has more: those of greatest reduced value, ties drawn by lot.
    rough
        Whether, where a block has more, a quicker look and a looser bound will do.
    """

    officers: Floats
    enterprises: Floats
    above: float | Floats = 0.0
    known: Ints | None = None
    most: int = 64
    rough: bool = False

    @property
    def price(self) -> float:
        """No two prices of a pair add up to more, in size."""
        return float(np.abs(self.officers).max(initial=0.0) + np.abs(self.enterprises).max(initial=0.0))


@dataclass(frozen=True, eq=False)
class Scan:
    """What a pass found.

    Parameters
    ----------
    keys
        Sorted pairs whose reduced value is above what was asked for.
    values, reduced
        Shape (n_found,), what they are worth and their reduced values, in double, scaled.
    rest
        Shape (n_enterprises,): no eligible pair of enterprise j outside `keys` has a reduced value above this, in exact arithmetic.
    errors
        Shape (n_found,): how far each of `reduced` may be from exact arithmetic.
    """

    keys: Ints
    values: Floats
    reduced: Floats
    rest: Floats
    errors: Floats


def scan(space: Space, ask: Ask, passes: Passes) -> Scan:
    """Every eligible pair that is asked for, and a sound word on all the others.

    Raises
    ------
    TimeUp
        When the time is up in the middle of it.
    ClusterError
        When the cluster that makes the passes is lost.
    """
    level = np.broadcast_to(np.asarray(ask.above, dtype=np.float64), (space.shape[1],))
    error = space.error(HALF_ULP64, ask.price)
    if space.listed is not None:
        return _kept(space, space.listed, ask, level - 2 * error, level - error)
    known = ByEnterprise(space.shape, np.empty(0, np.int64) if ask.known is None else ask.known)
    common = Common(ask.officers, ask.most, ask.rough, error, space.error(HALF_ULP32, ask.price) + 3 * error)

    def own(columns: Ints) -> Own:
        return Own(ask.enterprises[columns], level[columns], known.of(columns))

    rest = level - error
    found = [space.live_valued] if ask.known is None else [ask.known, space.live_valued]
    for columns, seen in passes.over(space, look, common, own):
        rest[columns] = np.maximum(rest[columns], seen.top)
        found.append(seen.keys)
    keys = sorted_once(np.concatenate(found))
    return _kept(space, keys[~among(space.skipped, keys)], ask, level - 2 * error, rest)


def _kept(space: Space, keys: Ints, ask: Ask, level: Floats, rest: Floats) -> Scan:
    """Those of the candidates that are above, or so near that double precision alone cannot tell."""
    i, j = space.split(keys)
    values = space.values(keys)
    reduced = values - ask.officers[i] - ask.enterprises[j]
    keep = reduced > level[j]
    i, j, keys, values = i[keep], j[keep], keys[keep], values[keep]
    return Scan(keys, values, reduced[keep], rest, space.errors(keys, values, np.abs(ask.officers[i]) + np.abs(ask.enterprises[j])))


@dataclass(frozen=True, eq=False)
class Lens:
    """Officers' factors with prices riding along, and what it takes to do the same with any enterprises', in one precision."""

    space: Space
    left: NDArray[np.floating]
    enterprises: Floats

    @classmethod
    def of(cls, space: Space, officers: Floats, enterprises: Floats, dtype: type) -> Lens:
        """Factors whose product is the reduced value: [left, 1, -p] times [right, -u, 1]."""
        left = np.empty((len(space.left), space.left.shape[1] + 2), dtype)
        left[:, :-2], left[:, -2], left[:, -1] = space.left, 1, -officers
        return cls(space, left, enterprises)

    def right(self, columns: Ints) -> NDArray[np.floating]:
        """The enterprises' side. Shape (len(columns), rank + 2)."""
        right = np.empty((len(columns), self.left.shape[1]), self.left.dtype)
        right[:, :-2], right[:, -2], right[:, -1] = self.space.rows.take(columns), -self.enterprises[columns], 1
        return right


def block_values(space: Space, lens: Lens, rows: Ints, columns: Ints) -> NDArray[np.floating]:
    """Reduced values of some officers with some enterprises, before single pairs' own. Shape (n_columns, n_rows): one row an enterprise."""
    left = lens.left if len(rows) == len(lens.left) else lens.left[rows]
    reduced: NDArray[np.floating] = lens.right(columns) @ left.T
    for term, weight in space.worth.dense:
        matrix = term.matrix if len(rows) == space.shape[0] else term.matrix[rows]
        part = np.ldexp(matrix[:, columns].T.astype(np.float64), -space.exponent) * weight
        reduced += part.astype(reduced.dtype)
    return reduced
