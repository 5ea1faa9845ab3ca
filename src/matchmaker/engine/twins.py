"""Officers alike in everything are one supply of several places; enterprises alike are one demand.

New officers of one department have the same competence until there is a record, and enterprises of one trade the same need; then a
million pairs may tie, and no price tells them apart. Folded, each kind is one member with the places of all, a pair of kinds takes as much
as there are pairs between them, and prices and bound are the same. Unfolded by dealing out in turn, every member gets its even share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Factors
from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.space import Floats, Ints, Limits, Space
from matchmaker.program import Program, sorted_once

WORTH_FOLDING = 0.6
"""Fold when at most this share of the pairs is left."""
TOLD = 3
"""Factors that are asked first whether there is anything to fold."""


@dataclass(frozen=True, eq=False)
class Kinds:
    """Members of one side that are alike.

    Parameters
    ----------
    of
        Shape (n_members,): the kind of each member.
    first
        Shape (n_kinds,): one member of each kind.
    count
        Shape (n_kinds,): how many there are.
    """

    of: Ints
    first: Ints
    count: Ints

    @property
    def by_kind(self) -> tuple[Ints, Ints]:
        """Members kind after kind, in their own order; and where each kind starts."""
        return np.argsort(self.of, kind="stable"), np.cumsum(self.count) - self.count


@dataclass(frozen=True, eq=False)
class Fold:
    """A space with one member for each kind, and the way back.

    Parameters
    ----------
    space
        The folded space.
    officers, enterprises
        Who is alike.
    """

    space: Space
    officers: Kinds
    enterprises: Kinds

    def prices(self, officers: Floats, enterprises: Floats) -> tuple[Floats, Floats]:
        """Every member has the price of its kind. Shapes (n_officers,), (n_enterprises,)."""
        return officers[self.officers.of], enterprises[self.enterprises.of]

    def keys(self, space: Space, keys: Ints) -> Ints:
        """Pairs of kinds, each once, from pairs of members."""
        officers, enterprises = space.split(keys)
        return sorted_once(self.space.keys(self.officers.of[officers], self.enterprises.of[enterprises]))

    def named(self, diagnosis: Diagnosis) -> Diagnosis:
        """The same finding, told of members."""
        officers, enterprises = self.members(diagnosis.officers, diagnosis.enterprises)
        return replace(diagnosis, officers=officers, enterprises=enterprises, officer_ids=officers, enterprise_ids=enterprises)

    def members(self, officers: Ints, enterprises: Ints) -> tuple[Ints, Ints]:
        """Every member of these kinds."""
        return np.flatnonzero(np.isin(self.officers.of, officers)), np.flatnonzero(np.isin(self.enterprises.of, enterprises))

    def unfold(self, keys: Ints, units: Ints) -> tuple[Ints, Ints]:
        """Pairs of members from units on pairs of kinds: dealt out in turn, first to officers, then to enterprises.

        An officer's units with one kind of enterprise come one after the other and are no more than there are members, so no pair is
        dealt twice.
        """
        kind_i, kind_j = (np.repeat(side, units) for side in self.space.split(keys))
        officers = _dealt(self.officers, kind_i)
        order = np.lexsort((officers, kind_j))
        officers, kind_j = officers[order], kind_j[order]
        return officers, _dealt(self.enterprises, kind_j)


def fold(space: Space, share: float = WORTH_FOLDING) -> Fold | None:
    """The space folded; None where more than a share of its pairs would be left, or affinities are not factors."""
    program = space.program
    right = space.right
    if space.listed is not None or space.worth.dense or space.bars or right is None or space.units != 1 or space.limits.per_pair != 1:
        return None
    if _distinct(space.left) * _distinct(right) > share * space.shape[0] * space.shape[1]:
        return None
    single_i, single_j = program.split(np.concatenate([program.forbidden, program.required, program.valued[0]]))
    limits = space.limits
    classes = program.classes
    officers = _kinds(space.left, [limits.officer_low, limits.officer_high, *(part.of_officer for part in classes)], single_i)
    enterprises = _kinds(right, [limits.enterprise_low, limits.enterprise_high, *(part.of_enterprise for part in classes)], single_j)
    if len(officers.first) * len(enterprises.first) > share * space.shape[0] * space.shape[1]:
        return None
    return Fold(_folded(space, officers, enterprises), officers, enterprises)


def _distinct(factors: Floats) -> int:
    """At least so many members are not alike, by what one factor tells."""
    return max((len(np.unique(factors[:, k])) for k in range(min(factors.shape[1], TOLD))), default=1)


def _kinds(factors: Floats, labels: list[Ints], single: Ints) -> Kinds:
    """Alike in factors and in every label; whoever stands in a pair of its own is alike to nobody."""
    own = np.zeros(len(factors), dtype=np.int64)
    own[single] = np.arange(1, len(single) + 1)
    every = np.column_stack([factors + 0.0, *(label.astype(np.float64) for label in labels), own])
    rows = np.ascontiguousarray(every).view(np.dtype((np.void, every.dtype.itemsize * every.shape[1]))).ravel()
    _, first, of = np.unique(rows, return_index=True, return_inverse=True)
    return Kinds(of=of.astype(np.int64), first=first.astype(np.int64), count=np.bincount(of).astype(np.int64))


def _folded(space: Space, officers: Kinds, enterprises: Kinds) -> Space:
    program, rows, columns = space.program, officers.first, enterprises.first
    small = Program(len(rows), len(columns))
    for classes in program.classes:
        small.allow(classes.of_officer[rows], classes.of_enterprise[columns], classes.allowed)
    for term, weight in program.terms:
        if isinstance(term, Factors):
            small.add(Factors(term.left[rows], term.right[columns]), weight)
    for keys, write in ((program.forbidden, small.forbid), (program.required, small.require)):
        i, j = program.split(keys)
        write(officers.of[i], enterprises.of[j])
    keys, extra = program.valued
    i, j = program.split(keys)
    small.add_pairs(officers.of[i], enterprises.of[j], extra)
    limits = space.limits
    return Space(
        small,
        limits=Limits(
            officer_low=limits.officer_low[rows] * officers.count,
            officer_high=limits.officer_high[rows] * officers.count,
            enterprise_low=limits.enterprise_low[columns] * enterprises.count,
            enterprise_high=limits.enterprise_high[columns] * enterprises.count,
            officer_count=officers.count,
            enterprise_count=enterprises.count,
        ),
    )


def _dealt(kinds: Kinds, kind: NDArray[np.int64]) -> Ints:
    """A member for each unit, members of a kind taking turns. `kind` is sorted; shape (n_units,)."""
    members, starts = kinds.by_kind
    turn = np.arange(len(kind)) - np.searchsorted(kind, kind)
    dealt: Ints = members[starts[kind] + turn % kinds.count[kind]]
    return dealt
