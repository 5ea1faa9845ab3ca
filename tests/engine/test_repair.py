"""Pairs that stand or fall together, exchanges that mend broken rows, and descents that do not end too soon."""

from __future__ import annotations

import numpy as np
import pytest

from matchmaker.affinity import Dense
from matchmaker.engine.columns import columns, with_mates
from matchmaker.engine.integer import Neighbourhoods
from matchmaker.engine.lagrangian import Shortlist, Smoothed, price_rows
from matchmaker.engine.repair import Repair
from matchmaker.engine.ruled import optimise_with_rows
from matchmaker.engine.search import Search
from matchmaker.program import Prices, Program
from matchmaker.siderows import SideRows


def program(n: int, m: int, seed: int, hours: float = np.inf) -> Program:
    """Two enterprises each for officers who have few hours; the first two enterprises of four stay together."""
    rng = np.random.default_rng(seed)
    made = Program(n, m)
    made.limit_officers(0, 3)
    made.limit_enterprises(1, 1)
    made.add(Dense(rng.random((n, m))))
    takes = rng.choice([1.0, 2.0, 4.0], m)
    takes[:4] = 1.0
    everybody = np.arange(n)
    made.add_rows(
        SideRows(
            rule="workload",
            shape=(n, m),
            low=np.full(n, -np.inf),
            high=np.full(n, hours),
            officer_class=everybody,
            enterprise_class=np.zeros(m, np.int64),
            row=everybody[:, None],
            weights=((Dense(np.tile(takes, (n, 1))), 1.0),),
        )
    )
    sign, link = np.zeros(m), np.full(m, -1)
    sign[:4], link[:4] = [1.0, -1.0, 1.0, -1.0], [0, 0, 1, 1]
    made.add_rows(
        SideRows(
            rule="together",
            shape=(n, m),
            low=np.zeros(2 * n),
            high=np.zeros(2 * n),
            officer_class=everybody,
            enterprise_class=link,
            row=np.arange(2 * n).reshape(n, 2),
            weights=((Dense(np.tile(sign, (n, 1))), 1.0),),
        )
    )
    return made


def every(made: Program) -> Shortlist:
    return Shortlist.of(made, np.arange(made.shape[0] * made.shape[1]))


def test_pairs_that_rules_ask_to_be_alike_are_one_column() -> None:
    shortlist = every(program(3, 6, 0))
    joined = columns(shortlist)
    assert len(joined) == 3 * 4
    assert joined.possible.all()
    for officer in range(3):
        mine = shortlist.officers == officer
        one, two, three, four = (joined.of_pair[mine & (shortlist.enterprises == j)][0] for j in range(4))
        assert one == two != three == four


def test_a_pair_whose_mate_may_not_be_is_impossible() -> None:
    made = program(3, 6, 0)
    made.forbid([1], [0])
    shortlist = with_mates(made, np.array([made.keys(k, 1) for k in range(3)]))
    assert set(map(tuple, zip(shortlist.officers.tolist(), shortlist.enterprises.tolist(), strict=True))) == {
        (0, 0),
        (0, 1),
        (1, 1),
        (2, 0),
        (2, 1),
    }
    joined = columns(shortlist)
    assert not joined.possible[joined.of_pair[shortlist.officers == 1]].any()
    assert joined.possible[joined.of_pair[shortlist.officers != 1]].all()


@pytest.mark.parametrize("seed", range(6))
def test_exchanges_mend_every_row_and_keep_members_limits(seed: int) -> None:
    n, m = 30, 60
    made = program(n, m, seed, hours=6.0)
    shortlist = every(made)
    around = Neighbourhoods(shortlist, Search(), 2.0 * shortlist.scale / shortlist.usual)
    first = np.zeros(len(shortlist.keys), dtype=bool)
    first[np.flatnonzero(shortlist.officers == shortlist.enterprises // 3)] = True
    draft = around.draft(first, np.empty(0))
    assert draft.broken.any()
    mended = Repair(around, np.zeros(made.n_rows), Search()).mended(draft)
    assert not mended.broken.any()
    assert around.keeps_members(mended)
    again = Repair(around, np.zeros(made.n_rows), Search()).mended(draft)
    assert (mended.chosen == again.chosen).all()
    assert mended.value >= 0.85 * shortlist.values.reshape(m, n).max(axis=1).sum()


def test_a_descent_goes_on_although_its_first_steps_are_short() -> None:
    made = program(12, 24, 1, hours=5.0)
    shortlist = every(made)
    start = Prices(np.zeros(12), np.zeros(24), np.zeros(made.n_rows))
    far = price_rows(shortlist, start, flat=1e-9)
    found = price_rows(shortlist, start)
    assert far.value <= found.value <= far.value * (1 + 2e-3)


def test_rows_that_nothing_can_break_have_no_price() -> None:
    loose, tight = (Smoothed(every(program(5, 8, 0, hours))) for hours in (40.0, 4.0))
    assert len(tight.most) == len(loose.most) + 5


def test_a_row_that_no_plan_keeps_is_told_alone() -> None:
    n, m = 20, 40
    made = program(n, m, 3, hours=8.0)
    made.add_rows(
        SideRows(
            rule="quota",
            shape=(n, m),
            low=np.array([7.0]),
            high=np.array([np.inf]),
            officer_class=np.where(np.arange(n) < 2, 0, -1),
            enterprise_class=np.zeros(m, np.int64),
            row=np.zeros((1, 1), np.int64),
        )
    )
    found = optimise_with_rows(made, Search(time_limit=30.0))
    assert found.termination == "INFEASIBLE"
    assert found.diagnosis is not None
    assert found.diagnosis.asked == 1
    assert "1 rules of quota" in found.diagnosis.notes[0][0]
    assert "without any one of them the others could be kept" in found.diagnosis.notes[0][0]
    assert [mend.by for mend in found.diagnosis.mends] == [1.0]
