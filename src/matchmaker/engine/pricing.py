"""The pass: one look at every eligible pair, for those that prices do not keep out.

The reduced value of a pair is ``a_ij - p_i - u_j``. Blocks are priced in single precision by one matrix product, prices riding along as two
more columns; whatever comes within the rounding error of mattering is looked at again in double. So what is found, and what is said of
all the rest, is true of the double-precision values, whatever the blocks, the threads and the machines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.look import Common, Own, look
from matchmaker.engine.passes import Passes
from matchmaker.engine.pieces import ByEnterprise, scaled_part
from matchmaker.engine.rows import Floats, Ints
from matchmaker.engine.space import Space
from matchmaker.engine.worth import HALF_ULP32, HALF_ULP64
from matchmaker.program import among, sorted_once

FALLEN = 0.5
"""Where more than this share would be priced again, on both sides together, everything is."""
STEPS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
"""Shares of officers whose falls are allowed for rather than priced again: the best of these is taken."""


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
    return _kept(space, space.meeting(keys[~among(space.skipped, keys)]), ask, level - 2 * error, rest)


class Known(NamedTuple):
    """What an earlier look at every pair says of them at other prices.

    Parameters
    ----------
    keys
        Sorted pairs, to be looked at one by one.
    rest
        Shape (n_enterprises,): no other pair's reduced value was above this, in exact arithmetic.
    officers, enterprises
        The prices then.
    """

    keys: Ints
    rest: Floats
    officers: Floats
    enterprises: Floats


def rescan(space: Space, ask: Ask, known: Known, passes: Passes, needed: float) -> Scan:
    """A scan, where there was a look at prices not far off.

    A pair's reduced value has risen by what its two prices have fallen. Only officers and enterprises whose prices have fallen so far that
    a pair may have come above what is needed are priced again; their pairs down to the threshold, so that the next look at prices not far
    off finds less to do.

    Parameters
    ----------
    space, ask, passes
        As for :func:`scan`.
    known
        An earlier look.
    needed
        Every pair above this is found; no less than the threshold.
    """
    level = np.full(space.shape[1], needed)
    blur = 2.0**-48 * (ask.price + float(np.abs(known.officers).max(initial=0.0) + np.abs(known.enterprises).max(initial=0.0)))
    fall = np.maximum(known.officers - ask.officers, 0.0)
    rest = known.rest + np.maximum(known.enterprises - ask.enterprises, 0.0) + blur
    rows, columns, allowed = min((_touched(fall, rest, level, float(most)) for most in np.quantile(fall, STEPS)), key=_share)
    if space.listed is not None or _share((rows, columns, allowed)) > FALLEN:
        return scan(space, ask, passes)
    keys = known.keys if ask.known is None else sorted_once(np.concatenate([known.keys, ask.known]))
    found = scan(space.touching(rows, columns), replace(ask, known=keys), passes)
    return replace(found, rest=np.where(columns, found.rest, np.maximum(found.rest, rest + allowed)))


def _touched(fall: Floats, rest: Floats, level: Floats, most: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_], float]:
    """Officers whose price has fallen more than so far, and enterprises to price again for the others' sake."""
    return fall > most, rest + most > level, most


def _share(touched: tuple[NDArray[np.bool_], NDArray[np.bool_], float]) -> float:
    return float(touched[0].mean() + touched[1].mean())


def _kept(space: Space, keys: Ints, ask: Ask, level: Floats, rest: Floats) -> Scan:
    """Those of the candidates that are above, or so near that double precision alone cannot tell."""
    i, j = space.split(keys)
    values = space.listed_worth if keys is space.listed else space.values(keys)
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
    held = space.single if reduced.dtype == np.float32 else ()
    for whole in held:
        reduced += whole[columns] if len(rows) == space.shape[0] else whole[np.ix_(columns, rows)]
    for term, weight in space.worth.dense[len(held) :]:
        matrix = term.matrix if len(rows) == space.shape[0] else term.matrix[rows]
        reduced += scaled_part(matrix[:, columns], weight, space.exponent, reduced.dtype.type).T
    for bar in space.bars:
        bar.part(columns).hide(reduced, slice(None) if len(rows) == space.shape[0] else rows, slice(None))
    return reduced
