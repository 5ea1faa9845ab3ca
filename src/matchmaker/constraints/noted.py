"""What the rules on named pairs share: recusals, vetoes and pins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import Violation
from matchmaker.instance import Instance, Notes


def meeting(instance: Instance, assignment: Assignment, notes: Notes) -> NDArray[np.bool_]:
    """Which of the noted pairs the plan holds. Shape (n_notes,)."""
    return np.isin(instance.keys(notes), instance.keys(assignment))


def noted_violations(rule: str, instance: Instance, notes: Notes, broken: NDArray[np.bool_], fact: tuple[str, str]) -> list[Violation]:
    """One violation for each broken note, with who said so and why."""
    return [
        Violation(
            rule=rule,
            officer=instance.officer_ids[notes.officers[k]],
            enterprise=instance.enterprise_ids[notes.enterprises[k]],
            problem=f"{fact[0]} ({notes.actor[k] or 'nobody named'}: {notes.reason[k] or 'no reason given'})",
            problem_zh=f"{fact[1]}（{notes.actor[k] or '未注明'}：{notes.reason[k] or '未注明原因'}）",
        )
        for k in np.flatnonzero(broken)
    ]
