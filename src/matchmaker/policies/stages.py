"""How every heuristic fills a plan: pins first, then the least that each asks for, then the most."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine import Solution
from matchmaker.instance import Instance
from matchmaker.policies.columns import Columns
from matchmaker.program import Program

Counts = NDArray[np.int64]
Stage = Callable[[Columns, Counts, Counts], NDArray[np.int64]]
"""From what may still be paired and the room left with officers (n_officers,) and enterprises (n_enterprises,): keys of new pairs."""


def fill(instance: Instance, program: Program, stage: Stage) -> Solution:
    """Required pairs, then as many stages as there are least numbers to meet, then up to the most.

    Rules on pairs and places are kept throughout. The least numbers (the programme's, and the instance's own where the policy
    asks for none) are met as far as the method can; nothing is proven, so the bound stays infinite. Pins that cannot hold together
    with the other rules are an infeasible programme, whatever the method.
    """
    from matchmaker.engine.feasibility import contradiction
    from matchmaker.engine.space import Space

    clash = contradiction(Space(program)) if len(program.required) else None
    if clash is not None:
        return Solution(termination="INFEASIBLE", diagnosis=clash)
    taken = program.required
    for officers_most, enterprises_most in _targets(instance, program):
        officers, enterprises = program.split(taken)
        officer_room = np.maximum(officers_most - np.bincount(officers, minlength=program.shape[0]), 0)
        enterprise_room = np.maximum(enterprises_most - np.bincount(enterprises, minlength=program.shape[1]), 0)
        if officer_room.any() and enterprise_room.any():
            taken = np.concatenate([taken, stage(Columns(program, taken), officer_room, enterprise_room)])
    officers, enterprises = program.split(np.sort(taken))
    return Solution(termination="FEASIBLE", officers=officers, enterprises=enterprises)


def _targets(instance: Instance, program: Program) -> Iterator[tuple[Counts, Counts]]:
    """How full officers and enterprises may be after each stage. Shapes (n_officers,) and (n_enterprises,)."""
    officer_high, enterprise_high = program.officer_high, program.enterprise_high
    officer_low = np.minimum(np.maximum(program.officer_low, instance.capacity_low), officer_high)
    enterprise_low = np.minimum(np.maximum(program.enterprise_low, instance.demand_low), enterprise_high)
    yield officer_low, enterprise_low
    yield officer_high, enterprise_low
    yield officer_low, enterprise_high
    yield officer_high, enterprise_high
