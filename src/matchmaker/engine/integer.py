"""Whole plans under side rows: the undecided pairs as mixed-integer programmes, one neighbourhood after the other.

Prices leave most enterprises with one pair that is clearly theirs. What is left is small: it goes to a solver (HiGHS; Huangfu and Hall
2018, doi:10.1007/s12532-017-0130-5) with everything else held fast, rows that cannot be kept yet being paid for. Then other parts are set
free in turn (large neighbourhood search; Shaw 1998, doi:10.1007/3-540-49481-2_30): first those in rows that are broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.refining import Choice, refined
from matchmaker.engine.scaled import most_worth
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats

Mask = NDArray[np.bool_]
SURE = 1e-6
"""The relative gap up to which a complete search counts as proven: what a solver's tolerances leave open."""
CUTS = 100
"""Choices that a solver's tolerance let pass and that break a row, at most: each is ruled out by itself."""
SLACK, EDGE = 1e-7, 1e-9
"""A row counts as kept when it is off by at most these shares: of its usual coefficient, and of its limit or of 1."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A choice of pairs from a shortlist that keeps members' limits, and perhaps not yet every row.

    Parameters
    ----------
    chosen
        Shape (n_pairs,), bool.
    variables
        Shape (n_variables,): the variables' best values.
    value
        What it is worth.
    broken
        Shape (n_rows,): by how much each row is missed.
    """

    chosen: Mask
    variables: Floats
    value: float
    broken: Floats


class Neighbourhoods:
    """Plans of a shortlist, improved part by part.

    Parameters
    ----------
    shortlist
        Its pairs are all there are.
    search
        When to stop.
    dear
        Shape (n_rows,): what a unit of a broken row costs.
    """

    def __init__(self, shortlist: Shortlist, search: Search, dear: Floats) -> None:
        self.list, self.search, self.dear = shortlist, search, dear
        n, m = shortlist.program.shape
        every, ones = np.arange(len(shortlist.keys)), np.ones(len(shortlist.keys))
        by_officer = sp.csr_array((ones, (shortlist.officers, every)), shape=(n, len(every)))
        by_enterprise = sp.csr_array((ones, (shortlist.enterprises, every)), shape=(m, len(every)))
        self.members = sp.vstack([by_officer, by_enterprise]).tocsc()
        self.rows = shortlist.matrix.tocsc()
        low_i, high_i, low_j, high_j = shortlist.limits
        self.member_low, self.member_high = np.concatenate([low_i, low_j]), np.concatenate([high_i, high_j])
        self.tolerance = tolerance(shortlist)

    def draft(self, chosen: Mask, variables: Floats) -> Draft:
        """A choice with its value and the rows it breaks."""
        shortlist = self.list
        activity = self.rows @ chosen.astype(np.float64) + shortlist.extra @ variables
        broken = np.maximum(shortlist.low - activity, 0) + np.maximum(activity - shortlist.high, 0)
        broken[broken <= self.tolerance] = 0
        value = float(shortlist.values[chosen].sum() + shortlist.program.variables.value @ variables + shortlist.made)
        return Draft(chosen, variables, value, broken)

    def merit(self, draft: Draft) -> float:
        """Its value less what its broken rows cost."""
        return draft.value - float(self.dear @ draft.broken)

    def improved(self, draft: Draft, free: Mask, *, gap: float, nodes: int, seconds: float = np.inf) -> tuple[Draft, float]:
        """The draft with its free pairs chosen anew, where that is better; and a bound on any choice of them with the rest as it is.

        Parameters
        ----------
        free
            Shape (n_pairs,), bool.
        gap, nodes, seconds
            How far the solver looks: relative gap, branch-and-bound nodes, time.
        """
        shortlist, extra = self.list, self.list.program.variables
        at = np.flatnonzero(free)
        if not len(at) + len(extra):
            return draft, self.merit(draft)
        held = draft.chosen & ~free
        members, rows = self.members[:, at], self.rows[:, at]
        made, done = self.members @ held.astype(np.float64), self.rows @ held.astype(np.float64)
        touched = np.flatnonzero(np.diff(members.tocsr().indptr) > 0)
        live = np.flatnonzero((np.diff(rows.tocsr().indptr) > 0) | (np.diff(shortlist.extra.indptr) > 0))
        low, high = shortlist.low[live] - done[live], shortlist.high[live] - done[live]
        k, v, r = len(at), len(extra), len(live)
        own = sp.hstack([members.tocsr()[touched], sp.csr_array((len(touched), v + 2 * r))])
        eye = sp.eye_array(r, format="csr")
        table = sp.vstack([own, sp.hstack([rows.tocsr()[live], shortlist.extra[live], eye, -eye])]) if r else own
        least = np.concatenate([self.member_low[touched] - made[touched], low])
        most = np.concatenate([self.member_high[touched] - made[touched], high])
        worth = np.concatenate([shortlist.values[at], extra.value, -np.tile(self.dear[live], 2)])
        lower = np.concatenate([np.zeros(k), extra.low, np.zeros(2 * r)])
        upper = np.concatenate([np.ones(k), extra.high, np.full(2 * r, np.inf)])
        whole = np.concatenate([np.ones(k, dtype=bool), extra.whole, np.zeros(2 * r, dtype=bool)])
        found = most_worth(worth, table.tocsr(), (least, most), (lower, upper), whole, self._options(gap, nodes, seconds))
        bound = found.bound
        if found.x is None:
            return draft, bound
        chosen = held.copy()
        chosen[at] = found.x[:k] > 0.5
        other = self.draft(chosen, self._polished(chosen, found.x[k : k + v]))
        better = self.merit(other) > self.merit(draft) or not self.keeps_members(draft)
        return (other if better else draft), bound

    def keeps_members(self, draft: Draft) -> bool:
        """Whether a draft keeps members' limits."""
        made = self.members @ draft.chosen.astype(np.float64)
        return bool(((made >= self.member_low) & (made <= self.member_high)).all())

    def complete(self, *, gap: float, nodes: int) -> tuple[Draft | None, float, bool]:
        """The best choice of all pairs with every row kept, a bound, and whether the search was complete; None where there is none."""
        shortlist, extra = self.list, self.list.program.variables
        k, v = len(shortlist.keys), len(extra)
        if not k + v:
            draft = self.draft(np.zeros(0, dtype=bool), np.zeros(0))
            idle = bool((self.member_low > 0).any() or draft.broken.any())
            return (None, np.inf, True) if idle else (draft, draft.value, True)
        members = sp.hstack([self.members.tocsr(), sp.csr_array((self.members.shape[0], v))])
        table = sp.vstack([members, sp.hstack([self.rows.tocsr(), shortlist.extra])]).tocsr()
        least, most = np.concatenate([self.member_low, shortlist.low]), np.concatenate([self.member_high, shortlist.high])
        worth = np.concatenate([shortlist.values, extra.value])
        low, high = np.concatenate([np.zeros(k), extra.low]), np.concatenate([np.ones(k), extra.high])
        choice = Choice(worth, table, least, most, low, high, np.concatenate([np.ones(k, dtype=bool), extra.whole]))
        bound = np.inf
        for _ in range(CUTS):
            x, bound, status = choice.solved(self._options(gap, nodes))
            if x is None:
                return None, np.inf, status == 2
            x = choice.rounded(x)
            x[k:] = self._polished(x[:k] > 0.5, x[k:])
            if np.isfinite(bound) or status == 0:  # solved before any bound was needed
                bound = (max(bound, choice.value(x)) if np.isfinite(bound) else choice.value(x)) + choice.blur()
            x, proven = refined(choice, x, self._options(gap, nodes), gap)
            chosen = x[:k] > 0.5
            draft = self.draft(chosen, self._polished(chosen, x[k:]))
            bound = max(min(bound, proven), draft.value - shortlist.made)
            off = np.flatnonzero(draft.broken)
            if not len(off) or np.diff(shortlist.extra.indptr)[off].any():  # variables might mend it: then it is not ruled out
                sure = not len(off) and bound - (draft.value - shortlist.made) <= max(gap, SURE) * choice.size(x)
                return draft, bound + shortlist.made, status == 0 and sure
            choice = choice.without(x, k)
        return None, bound + shortlist.made, False

    def _options(self, gap: float, nodes: int, seconds: float = np.inf) -> Any:
        """How far the solver looks: never longer than there is time."""
        left = min(seconds, self.search.left)
        limit = {"time_limit": max(left, 0.01)} if np.isfinite(left) else {}
        return {"mip_rel_gap": gap, "node_limit": nodes} | limit

    def _polished(self, chosen: Mask, variables: Floats) -> Floats:
        """The variables within their limits, whole where they must be."""
        extra = self.list.program.variables
        found: Floats = np.clip(np.where(extra.whole, np.rint(variables), variables), extra.low, extra.high)
        if not len(extra):
            return found
        table = self.list.extra.tocsc()
        done = self.rows @ chosen.astype(np.float64) + table @ found
        for v in np.flatnonzero(~extra.whole).tolist():  # what a solver's tolerance left open is made good, one variable after the other
            span = slice(table.indptr[v], table.indptr[v + 1])
            rows, each = table.indices[span], table.data[span]
            rest = done[rows] - each * found[v]
            ends = np.sort(np.vstack([(self.list.low[rows] - rest) / each, (self.list.high[rows] - rest) / each]), axis=0)
            low, high = max(extra.low[v], ends[0].max(initial=-np.inf)), min(extra.high[v], ends[1].min(initial=np.inf))
            if low <= high:
                new = float(np.clip(found[v], low, high))
                done[rows] += each * (new - found[v])
                found[v] = new
        return found


def tolerance(shortlist: Shortlist) -> Floats:
    """By how much a row may be off and count as kept: no more than the rules that look at plans let pass. Shape (n_rows,)."""
    sides = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (shortlist.low, shortlist.high)]
    return np.asarray(np.minimum(SLACK * shortlist.usual, EDGE * np.maximum(1.0, np.maximum(*sides))))
