"""One enterprise after the other takes officers who have room."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine import Search
from matchmaker.policies.columns import Columns
from matchmaker.policies.stages import Counts, Stage

Choice = Callable[[int, NDArray[np.bool_]], NDArray[np.int64]]
"""From an enterprise and who may serve it (shape (n_officers,)): officers in the order in which it takes them."""


def in_turn(order: NDArray[np.int64], choose: Choice, search: Search) -> Stage:
    """A stage in which enterprises come in `order` and each takes the first officers of its choice.

    When the time is up, those who have not had their turn go without.
    """

    def stage(columns: Columns, officer_room: Counts, enterprise_room: Counts) -> NDArray[np.int64]:
        room, taken = officer_room.copy(), [np.empty(0, np.int64)]
        for enterprise in order[enterprise_room[order] > 0]:
            if search.over:
                break
            may = columns.eligible(np.array([enterprise]))[:, 0] & (room > 0)
            officers = choose(int(enterprise), may)[: enterprise_room[enterprise]]
            room[officers] -= 1
            taken.append(officers * columns.shape[1] + enterprise)
        return np.concatenate(taken)

    return stage
