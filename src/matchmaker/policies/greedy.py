"""The best pair first, then the next best: what a careful clerk would do by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine import Search, Solution
from matchmaker.instance import Instance
from matchmaker.policies.columns import Columns
from matchmaker.policies.policy import Policy
from matchmaker.policies.proposals import propose
from matchmaker.policies.rules import rules_without_least, usual_aims
from matchmaker.policies.stages import Counts, fill
from matchmaker.program import Program


@dataclass(frozen=True)
class Greedy:
    """Takes pairs by value, highest first, ties by officer then enterprise, while both sides have room.

    The pairs are never listed. When both sides rank pairs by the same number there is one stable matching, and it is what the
    greedy list gives: the best pair blocks any matching without it, and so on down the list. So enterprises propose to
    their officers from the best down and officers keep the best who came [1]_, which needs a short list per enterprise.

    References
    ----------
    .. [1] D. Gale, L. S. Shapley (1962). College admissions and the stability of marriage. The American Mathematical Monthly
       69(1), 9-15. doi:10.2307/2312726
    """

    seeded: ClassVar[bool] = False

    def find(self, instance: Instance, program: Program, search: Search) -> Solution:
        """A plan that keeps the rules on pairs and places; nothing is proven."""

        def stage(columns: Columns, officer_room: Counts, enterprise_room: Counts) -> NDArray[np.int64]:
            return propose(columns, officer_room, enterprise_room, search)

        return fill(instance, program, stage)


def greedy(continuity: float = 0.05) -> Policy:
    """Pairs by value, the best first, until nobody has room.

    Parameters
    ----------
    continuity
        What keeping one of last round's pairs is worth, in requests, as in ``optimal``.
    """
    return Policy(name="greedy", constraints=rules_without_least(), objectives=usual_aims(continuity), method=Greedy())
