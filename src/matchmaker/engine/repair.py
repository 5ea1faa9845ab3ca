"""A draft that breaks rows made one that breaks none, or fewer, and better: by exchanges and chains, before any solver is asked."""

from __future__ import annotations

import logging
import time

import numpy as np
import scipy.sparse as sp

from matchmaker.engine.columns import Columns, columns
from matchmaker.engine.exchanges import TOP, Choice, Found, Table, climb, mend
from matchmaker.engine.integer import Draft, Neighbourhoods
from matchmaker.engine.lagrangian import make_prices_ready
from matchmaker.engine.lots import lots
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats, Ints

logger = logging.getLogger(__name__)
STEPS, PORTION = 100_000, 1000
"""Steps at broken rows, at most, and steps between two looks at the clock."""
STALE = 5000
"""Steps without fewer broken rows than ever after which there are no more."""
PASSES, FLAT = 10, 1e-5
"""Passes over the chosen columns for more worth, at most; the relative gain of a pass below which there are no more."""
MANY = 500
"""Columns of one pass between two looks at the clock."""
GROWS = 0.02
"""What a unit of a broken row costs at first, and by how much it grows, in largest values a unit of its usual coefficient."""
FIRM = 1.0
"""What a place too many or too few costs, in largest values; so does a unit of any row once all are kept."""
TIMES = 2.0
"""A broken row costs so many times its price, at least."""
_done: list[float] = []


class Repair:
    """Exchanges on a shortlist.

    Parameters
    ----------
    around
        The shortlist, and what drafts come to on it.
    prices
        Shape (n_rows,): side rows' prices.
    search
        When to stop.
    """

    def __init__(self, around: Neighbourhoods, prices: Floats, search: Search) -> None:
        self.around, self.search = around, search
        self.columns = columns(around.list)
        shortlist = around.list
        # rows with variables are paid for at their prices: the variables are set anew afterwards
        self.paid = np.diff(shortlist.extra.indptr) > 0
        size = np.diff(shortlist.matrix.indptr)
        self.live = np.flatnonzero(~self.paid & ((size > 1) | (shortlist.low > 0) | (shortlist.high < 0)))
        self.prices = prices
        self.table, self.usual = self._table(prices)

    def mended(self, draft: Draft) -> Draft:
        """The draft with its broken rows mended as far as can be, and then with more worth; itself where that is no better."""
        nothing = np.zeros(len(draft.chosen), dtype=bool)
        draft, _ = self.around.improved(draft, nothing, gap=0.0, nodes=1)
        choice = self._begun(draft)
        found = Found(np.zeros(TOP, np.int64), np.zeros(TOP, np.int64), np.zeros(TOP))
        least, since = int(choice.left[0]), 0
        while choice.left[0] and choice.clock[0] < STEPS and choice.clock[0] - since < STALE and not self.search.over:
            mend(self.table, choice, found, PORTION)
            if choice.left[0] < least:
                least, since = int(choice.left[0]), int(choice.clock[0])
        logger.debug("exchanges: %d rows broken after %d steps, %.2f s", choice.left[0], choice.clock[0], self.search.elapsed)
        if not choice.left[0]:
            self._climb(choice)
        other = self.around.draft(choice.chosen[self.columns.of_pair], draft.variables)
        other, _ = self.around.improved(other, nothing, gap=0.0, nodes=1)
        logger.debug("exchanges: worth %.9g, %d rows broken, %.2f s", other.value, (other.broken > 0).sum(), self.search.elapsed)
        better = self.around.keeps_members(other) and self.around.merit(other) > self.around.merit(draft)
        return other if better else draft

    def _climb(self, choice: Choice) -> None:
        """Exchanges for more worth, no row broken."""
        choice.weight[:] = np.maximum(choice.weight, FIRM * self.around.list.scale / self.usual)
        choice.barred[:] = 0
        size = max(float(np.abs(self.table.worth[choice.chosen]).sum()), 1e-300)
        for number in range(PASSES):
            chosen = np.flatnonzero(choice.chosen)
            order = chosen[np.argsort(lots(chosen + len(choice.chosen) * number), kind="stable")]
            gained = 0.0
            for start in range(0, len(order), MANY):
                if self.search.over:
                    return
                gained += climb(self.table, choice, order[start : start + MANY], 1e-9 * self.around.list.scale)
                choice.barred[:] = 0
            if gained < FLAT * size:
                return

    def _begun(self, draft: Draft) -> Choice:
        chosen = self.columns.whole(draft.chosen)
        activity = np.zeros(len(self.table.low))
        at = np.repeat(chosen, np.diff(self.table.starts))
        np.add.at(activity, self.table.rows[at], self.table.values[at])
        broken = np.flatnonzero(np.maximum(self.table.low - activity, activity - self.table.high) > self.table.tolerance)
        listed, place = np.zeros(len(activity), np.int64), np.full(len(activity), -1)
        listed[: len(broken)], place[broken] = broken, np.arange(len(broken))
        members = len(activity) - len(self.live)
        dearer = GROWS * self.around.list.scale / self.usual
        dearer[:members] = FIRM * self.around.list.scale
        price = np.concatenate([np.zeros(members), np.abs(self.prices[self.live])])
        return Choice(
            chosen=chosen,
            activity=activity,
            weight=np.maximum(TIMES * price, dearer),
            dearer=dearer,
            broken=listed,
            place=place,
            left=np.array([len(broken)]),
            barred=np.zeros(len(chosen), np.int64),
            clock=np.zeros(1, np.int64),
            lot=np.array([88172645463325252]),
        )

    def _table(self, prices: Floats) -> tuple[Table, Floats]:
        """Columns and rows as the exchanges read them; and each row's usual coefficient."""
        around, shortlist = self.around, self.around.list
        k, c = len(shortlist.keys), len(self.columns)
        joined = sp.csr_array((np.ones(k), (np.arange(k), self.columns.of_pair)), shape=(k, c))
        worth = shortlist.values - shortlist.matrix[np.flatnonzero(self.paid)].T @ prices[self.paid]
        open_to = sp.diags_array(self.columns.possible.astype(np.float64))
        rows = sp.csr_array(sp.vstack([around.members, shortlist.matrix[self.live]]))
        by_row = sp.csr_array(rows @ joined @ open_to)
        by_row.eliminate_zeros()
        by_row.sort_indices()
        by_column = by_row.tocsc()
        by_column.sort_indices()
        home, officer = (_first(self.columns, side) for side in (shortlist.enterprises, shortlist.officers))
        n, m = shortlist.program.shape
        possible = np.flatnonzero(self.columns.possible)
        (at_home, homes), (with_whom, officers) = _listed(home, possible, m), _listed(officer, possible, n)
        table = Table(
            starts=by_column.indptr.astype(np.int64),
            rows=by_column.indices.astype(np.int64),
            values=by_column.data,
            row_starts=by_row.indptr.astype(np.int64),
            row_columns=by_row.indices.astype(np.int64),
            row_values=by_row.data,
            home=home,
            officer=officer,
            home_starts=at_home,
            home_columns=homes,
            officer_starts=with_whom,
            officer_columns=officers,
            low=np.concatenate([around.member_low, shortlist.low[self.live]]).astype(np.float64),
            high=np.concatenate([around.member_high, shortlist.high[self.live]]).astype(np.float64),
            tolerance=np.concatenate([np.full(n + m, 0.5), around.tolerance[self.live]]),
            worth=joined.T @ worth,
        )
        return table, np.concatenate([np.ones(n + m), shortlist.usual[self.live]])


def _first(joined: Columns, side: Ints) -> Ints:
    """The first member of one side in each column. Shape (n_columns,)."""
    found = np.full(len(joined), np.iinfo(np.int64).max)
    np.minimum.at(found, joined.of_pair, side)
    return found


def _listed(member: Ints, some: Ints, size: int) -> tuple[Ints, Ints]:
    """Where each member's columns begin among them, and the columns. Shapes (size + 1,) and (n_some,)."""
    order = some[np.argsort(member[some], kind="stable")]
    return np.searchsorted(member[order], np.arange(size + 1)), order


def make_rows_ready() -> float:
    """Have the machine code for side rows' prices and for exchanges; as :func:`matchmaker.engine.ready.make_ready`."""
    if _done:
        return 0.0
    start, one, none = time.perf_counter(), np.ones(1, np.int64), np.zeros(1, np.int64)
    ends, value = np.array([0, 1]), np.ones(1)
    table = Table(ends, none, value, ends, none, value, none, none, ends, none, ends, none, value, value, value / 2, value)
    choice = Choice(np.zeros(1, dtype=bool), np.zeros(1), value, value, none.copy(), none.copy(), one.copy(), none.copy(), none.copy(), one)
    make_prices_ready()
    mend(table, choice, Found(np.zeros(TOP, np.int64), np.zeros(TOP, np.int64), np.zeros(TOP)), 1)
    climb(table, choice, none, 0.0)
    _done.append(time.perf_counter() - start)
    return _done[0]
