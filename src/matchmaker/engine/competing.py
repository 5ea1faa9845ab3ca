"""A deficient set taken apart: enterprises that compete for the same officers stand together, those that do not stand apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from matchmaker.diagnosis import Diagnosis
from matchmaker.engine.feasibility import Shortage, deficient, meeting
from matchmaker.engine.space import Space

LARGE = 4_000_000
"""Pairs of the set above which it is left whole."""


def competing(space: Space, shortage: Shortage, known: Diagnosis | None = None) -> Diagnosis:
    """Who competes for whom, from the least shortage: sets that have no contested officer in common, the smallest first.

    `known` is :func:`matchmaker.engine.feasibility.deficient` of it where that is known.
    """
    whole = deficient(space, shortage) if known is None else known
    if whole.side != "demand" or len(whole.officers) * len(whole.enterprises) > LARGE or not len(whole.officers):
        return whole
    asking, full = whole.enterprises, np.flatnonzero((shortage.officers > 0.5) & (space.limits.officer_high > 0))
    i, j = meeting(space, whole.officers, asking)
    contested = np.isin(i, full)
    n, m = space.shape
    links = sp.csr_array((np.ones(int(contested.sum())), (i[contested], n + j[contested])), shape=(n + m, n + m))
    _, label = connected_components(links, directed=False)
    found = []
    for one in np.unique(label[n + asking]):
        mine, theirs = asking[label[n + asking] == one], full[label[full] == one]
        once = ~contested & (label[n + j] == one)
        officers = np.union1d(theirs, i[once])
        places = int(space.limits.officer_high[theirs].sum()) + int(space.limits.room(i[once], j[once]).sum())
        found.append(
            Diagnosis(
                side="demand",
                officers=officers,
                enterprises=mine,
                officer_ids=officers,
                enterprise_ids=mine,
                asked=int(space.limits.enterprise_low[mine].sum()) // space.units,
                available=places // space.units,
            )
        )
    short = sorted((part for part in found if part.short > 0), key=lambda part: (len(part.enterprises), part.enterprises[0]))
    return replace(short[0], others=tuple(short[1:])) if short else whole
