"""What the rules on numbers share: capacity and demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.counts import check_range, whole_numbers

Counts = NDArray[np.int64]


def between(low: int, high: int) -> tuple[str, str]:
    """From a least to a most, in English and Chinese; one number where they are the same."""
    return (f"{low}", f"{low}") if low == high else (f"{low} to {high}", f"{low} 至 {high}")


def checked_limits(
    own: tuple[ArrayLike | None, ArrayLike | None], usual: tuple[Counts, Counts], ids: NDArray[np.object_]
) -> tuple[Counts, Counts]:
    """The least and the most of each: the rule's own numbers, and the instance's where it has none. Two shapes (len(ids),).

    Parameters
    ----------
    own
        The rule's least and most: numbers, shape (len(ids),) or None.
    usual
        The instance's least and most, shape (len(ids),).
    ids
        Of whom, for the error.

    Raises
    ------
    DataError
        When a number is not a count, or a least is above its most.
    """
    low, high = (
        counts if given is None else whole_numbers(given, len(ids), name)
        for given, counts, name in zip(own, usual, ("least", "most"), strict=True)
    )
    check_range(low, high, "least", "most", ids)
    return low, high
