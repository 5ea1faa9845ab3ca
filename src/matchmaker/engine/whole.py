"""What a pass says in whole units: which pairs could still improve a plan, and which are tight.

Shortlists are solved in whole numbers, a pair being worth ``w_ij = rint(a_ij / q)`` units of the quantum q. That is a fixed function of the
pair, so it is a problem over all pairs, of which every search solves some. A plan is optimal in it, exactly, when it is so on the
shortlist and no other pair's whole reduced value ``w_ij - P_i - U_j`` is above 0; P and U are the whole prices.

Passes say how large ``a_ij - p_i - u_j`` is. As worth is rounded by half a unit at the most, pairs above 0 in whole units are above it by
half a quantum or more before rounding, and tight pairs below it by half a quantum at the most. Passes look so deep, and a little deeper for
what double precision rounds; each pair they name is then rounded by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.passes import Passes
from matchmaker.engine.pricing import Ask, Scan, scan
from matchmaker.engine.quantum import Quantum
from matchmaker.engine.space import Floats, Ints, Space
from matchmaker.engine.worth import HALF_ULP64
from matchmaker.program import among

SPARE = 2.5
"""Times what double precision rounds that a pass looks deeper than half a unit."""
HALVES = 2.0**-6
"""Units deeper still: what is exactly halfway may be rounded up."""
CLOSER = 4_000_000
"""Pairs, about, that are looked at one by one at a time."""


@dataclass(frozen=True, eq=False)
class Whole:
    """Prices in whole units.

    Parameters
    ----------
    space
        The eligible pairs.
    quantum
        One unit.
    officers, enterprises
        Shapes (n_officers,) and (n_enterprises,), scaled as the space is: multiples of the quantum.
    """

    space: Space
    quantum: Quantum
    officers: Floats
    enterprises: Floats

    @property
    def error(self) -> float:
        """How far what a pass says of a pair may be from its double-precision value."""
        return self.space.error(HALF_ULP64, float(np.abs(self.officers).max(initial=0.0) + np.abs(self.enterprises).max(initial=0.0)))

    def level(self, *, tight: bool) -> float:
        """What a pass is to look above: for every pair above 0 in whole units, or for the tight ones too."""
        return ((-0.5 if tight else 0.5) - HALVES) * self.quantum.size - SPARE * self.error

    def reduced(self, keys: Ints, values: Floats) -> Floats:
        """Whole reduced values of pairs that are worth so much; exact, as every number is whole and below 2**53. Shape (n_pairs,)."""
        i, j = self.space.split(keys)
        whole: Floats = self.quantum.whole(values) - self.officers[i] / self.quantum.size - self.enterprises[j] / self.quantum.size
        return whole

    def unsure(self, rest: Floats, *, tight: bool) -> NDArray[np.bool_]:
        """Enterprises of which a pass may have left out a pair above 0, or a tight one. Shape (n_enterprises,)."""
        most = (-0.5 if tight else 0.5) * self.quantum.size
        unsure: NDArray[np.bool_] = (rest + self.error >= most) & (self.space.limits.enterprise_high > 0)
        return unsure

    def closer(self, found: Scan, ask: Ask, passes: Passes) -> tuple[Scan, Ints]:
        """The same pass, surer, and the pairs above 0 that it left out for being some of many; of each enterprise the best.

        Some enterprises at a time, all of their pairs that can be above 0 are looked at one by one. When none is, that bounds them.
        """
        unsure = np.flatnonzero(self.unsure(found.rest, tight=False))
        missed = [np.empty(0, np.int64)]
        nobody = np.zeros(self.space.shape[0], dtype=bool)
        for part in np.array_split(unsure, -(-len(unsure) * self.space.shape[0] // CLOSER)) if len(unsure) else []:
            columns = np.zeros(self.space.shape[1], dtype=bool)
            columns[part] = True
            known = None if ask.known is None else ask.known[columns[self.space.split(ask.known)[1]]]
            asked = replace(ask, above=self.level(tight=False), known=known, most=self.space.shape[0], rough=False)
            every = scan(self.space.touching(nobody, columns), asked, passes)
            above = self.reduced(every.keys, every.values)
            new = (above > 0) & ~among(np.empty(0, np.int64) if known is None else known, every.keys)
            missed.append(self._best(every.keys[new], above[new], ask.most))
        keys = np.sort(np.concatenate(missed))
        if not len(keys):
            rest = found.rest.copy()
            rest[unsure] = np.minimum(rest[unsure], 0.5 * self.quantum.size + self.error)
            found = replace(found, rest=rest)
        return found, keys

    def _best(self, keys: Ints, above: Floats, most: int) -> Ints:
        """So many of each enterprise's pairs: those farthest above, of equal ones the first."""
        j = self.space.split(keys)[1]
        order = np.lexsort((keys, -above, j))
        rank = np.arange(len(keys)) - np.searchsorted(j[order], j[order])
        best: Ints = keys[order[rank < most]]
        return best
