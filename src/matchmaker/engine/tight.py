"""Rules on single enterprises, as bars for their pairs: where an enterprise has one officer, this officer must meet them alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.affinity import Affinity, Factors
from matchmaker.engine.space import Floats, Ints
from matchmaker.program import Program
from matchmaker.siderows import SideRows

EDGE = 1e-9
"""How far below its least a pair may be, relative to it: rounding."""


@dataclass(frozen=True, eq=False)
class Tight:
    """A programme without side rows, whose pairs come up to what those rows ask of an enterprise's only officer.

    Parameters
    ----------
    program
        Every plan that keeps the rows is one of its plans.
    rules
        Whose rows they are.
    """

    program: Program
    rules: tuple[str, ...]


def tightened(program: Program) -> Tight | None:
    """Such a programme, or None where no row is of that kind."""
    alone = (program.enterprise_low >= 1) & (program.enterprise_high == 1)
    tight, rules = program.without_rows(), set()
    for family in program.side_rows:
        asked = _asked(family, alone)
        if asked is None:
            continue
        measure, level = asked
        tight.at_least(measure, level)
        rules.add(family.rule)
    return Tight(tight, tuple(sorted(rules))) if rules else None


def _asked(family: SideRows, alone: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Affinity, Floats] | None:
    """What a pair comes to in the row of its enterprise, and the least it must; None where rows are not of single enterprises."""
    a, b, row = family.officer_class, family.enterprise_class, family.row
    if a is None or b is None or row is None or len(family.rows) or len(family.variables) or len(family.weights) != 1:
        return None
    whose = _row_of_each(b, row)
    inside = a >= 0
    kind = np.where(inside, a, 0)
    if whose is None or len(np.unique(kind[inside])) > 1 or not inside.any():
        return None
    level = np.where((whose >= 0) & alone, family.low[np.maximum(whose, 0)], -np.inf)
    if not (level > 0).any():
        return None
    level = np.where(level > 0, level * (1 - EDGE), -np.inf)
    affinity, times = family.weights[0]
    ones = inside[:, None].astype(np.float64)
    if affinity is None:
        return Factors(ones, np.full((family.shape[1], 1), times)), level
    return (Factors(affinity.left * ones, times * affinity.right), level) if isinstance(affinity, Factors) else None


def _row_of_each(enterprise_class: Ints, row: Ints) -> Ints | None:
    """The row of each enterprise, negative for none; None where a row has several enterprises, or an enterprise several rows."""
    if row.shape[0] != 1:
        return None
    found = np.where(enterprise_class >= 0, row[0][np.maximum(enterprise_class, 0)], -1)
    held = found[found >= 0]
    return found if len(np.unique(held)) == len(held) else None
