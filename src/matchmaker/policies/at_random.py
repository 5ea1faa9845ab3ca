"""By lot: the floor that any policy should be above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from matchmaker.engine import Search, Solution
from matchmaker.instance import Instance
from matchmaker.policies.in_turn import in_turn
from matchmaker.policies.policy import Policy
from matchmaker.policies.rules import rules_without_least, usual_aims
from matchmaker.policies.stages import fill
from matchmaker.program import Program


@dataclass(frozen=True)
class AtRandom:
    """Enterprises come in an order drawn by the search's seed; each takes officers drawn from those who may serve it and have room."""

    seeded: ClassVar[bool] = True

    def find(self, instance: Instance, program: Program, search: Search) -> Solution:
        """A plan that keeps the rules on pairs and places; nothing is proven."""
        draw = np.random.default_rng(search.seed)
        order = draw.permutation(program.shape[1])
        return fill(instance, program, in_turn(order, lambda _, may: draw.permutation(np.flatnonzero(may)), search))


def at_random(continuity: float = 0.05) -> Policy:
    """Enterprises in a random order, each to random officers with room; the seed is that of the solve.

    Parameters
    ----------
    continuity
        What a kept pair counts for in the plan's value, as in ``optimal``; the draw does not look at it.
    """
    return Policy(name="at_random", constraints=rules_without_least(), objectives=usual_aims(continuity), method=AtRandom())
