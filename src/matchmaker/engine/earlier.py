"""What an earlier result leaves to a search: prices, and the pairs of its plan that still agree with them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matchmaker.engine.space import Floats, Ints, Space

LACKING = 0.1
"""Places that lack somebody, as a share of all, up to which the earlier plan is mended rather than prices settled anew."""
ROUNDED = 2.0**-40
"""What a pair may be worth less than its prices, as a share of the largest value, for having been scaled otherwise."""


class Earlier(NamedTuple):
    """Prices and pairs to begin from.

    Parameters
    ----------
    officers, enterprises
        Prices, shapes (n_officers,) and (n_enterprises,), scaled as the space is; NaN where unknown.
    held
        Sorted pairs of the earlier plan. Shape (n_held,).
    """

    officers: Floats
    enterprises: Floats
    held: Ints

    def kept(self, space: Space) -> Ints:
        """The pairs of the earlier plan that are worth their prices. Shape (n_kept,)."""
        i, j = space.split(self.held)
        loss = self.officers[i] + self.enterprises[j] - space.values(self.held)
        return self.held[loss <= ROUNDED * space.reach]


def mostly_right(space: Space, officers: Floats, enterprises: Floats, pairs: Ints) -> bool:
    """Whether pairs give nearly everybody what prices ask for: the most where a price is above 0, else the least."""
    lacking = 0
    for price, low, high, member in zip((officers, enterprises), *space.limits.sides, space.split(pairs), strict=True):
        load = np.bincount(member, minlength=len(price))
        lacking += int(np.maximum(np.where(price > 0, high, low) - load, 0).sum())
    return lacking <= LACKING * max(len(pairs), int(space.limits.enterprise_low.sum()))
