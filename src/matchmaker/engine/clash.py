"""Which rules clash when no plan keeps them all, and the least that would have to give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matchmaker.diagnosis import Diagnosis, Mend
from matchmaker.engine.integer import Draft, Neighbourhoods
from matchmaker.engine.lagrangian import Shortlist
from matchmaker.engine.parts import Parts
from matchmaker.engine.repair import Repair
from matchmaker.engine.scaled import most_worth
from matchmaker.engine.search import Search
from matchmaker.engine.space import Floats, Ints
from matchmaker.program import Prices, Program
from matchmaker.siderows import spans

SECONDS = 4.0
"""Seconds after which no further neighbourhood is begun."""
TRIED = 60
"""Rows up to which each is left out in turn, to see whether the others clash without it."""
PARTS = 12
"""Neighbourhoods that look for the least mends where pairs are many."""
SHOWN = 8
"""Rows and mends that are told one by one."""


def clash(shortlist: Shortlist, search: Search, against: Prices | None, start: NDArray[np.bool_]) -> Diagnosis:
    """What clashes, and what would mend it.

    Parameters
    ----------
    shortlist
        Pairs of the programme; every eligible one where `against` is None.
    search
        Time.
    against
        Prices that prove the clash; None where a complete search has.
    start
        Shape (n_pairs,): a choice that keeps members' limits, where one is known; else none of them.
    """
    bare = Shortlist.of(shortlist.program.worthless(), shortlist.keys)
    chosen = start
    rows = _clashing(bare, search) if against is None else np.flatnonzero(np.abs(against.rows) > 1e-9)
    draft = _least_broken(bare, search, chosen, whole=against is None)
    # one row that no plan keeps, whatever the others: there are plans without it
    minimal = len(rows) <= (TRIED if against is None else 1)
    return told(shortlist.program, rows, draft, minimal=minimal)


def _least_broken(bare: Shortlist, search: Search, chosen: NDArray[np.bool_], *, whole: bool) -> Draft | None:
    """A choice that breaks rows by as little as was found, each measured in its usual coefficient; None where there is none."""
    around = Neighbourhoods(bare, search, 1.0 / bare.usual)
    variables = np.clip(np.zeros(len(bare.program.variables)), bare.program.variables.low, bare.program.variables.high)
    draft = around.draft(chosen, variables)
    if whole:
        every = np.ones(len(bare.keys), dtype=bool)
        found, _ = around.improved(draft, every, gap=0.0, nodes=10_000)
        return found if around.keeps_members(found) else None
    parts = Parts(bare, np.zeros(len(bare.keys)))
    since, brief = search.elapsed, replace(search, time_limit=search.elapsed + min(search.left, SECONDS / 2))
    draft = Repair(around, np.zeros(len(bare.low)), brief).mended(draft)
    for _ in range(PARTS):
        if search.over or search.elapsed - since > SECONDS or not draft.broken.any():
            break
        seconds = SECONDS - (search.elapsed - since)
        better, _ = around.improved(draft, parts.broken(draft), gap=0.0, nodes=50, seconds=seconds)
        parts.on()
        draft = better
    return draft


def _clashing(bare: Shortlist, search: Search) -> Ints:
    """Rows that clash over every eligible pair: a minimal set where rows are few (deletion filter; Chinneck and Dravnieks 1991,
    doi:10.1287/ijoc.3.2.157)."""
    kept = np.ones(len(bare.low), dtype=bool)
    families = [np.arange(span.start, span.stop) for _, span in spans(bare.program.side_rows)]
    for part in families:
        _drop(kept, part, lambda rows: _impossible(bare, rows, search))
    left = np.flatnonzero(kept)
    if len(left) <= TRIED:
        for row in left:
            _drop(kept, np.array([row]), lambda rows: _impossible(bare, rows, search))
    return np.flatnonzero(kept)


def _drop(kept: NDArray[np.bool_], rows: Ints, impossible: Callable[[NDArray[np.bool_]], bool]) -> None:
    without = kept.copy()
    without[rows] = False
    if impossible(without):
        kept[:] = without


def _impossible(bare: Shortlist, rows: NDArray[np.bool_], search: Search) -> bool:
    """Whether no choice keeps these rows and members' limits, by a complete search."""
    extra, k = bare.program.variables, len(bare.keys)
    low_i, high_i, low_j, high_j = bare.limits
    if not k + len(extra):  # what pins give is all there is
        return bool((bare.low[rows] > 0).any() or (bare.high[rows] < 0).any() or max(low_i.max(initial=0), low_j.max(initial=0)) > 0)
    n, m = bare.program.shape
    every, ones = np.arange(k), np.ones(k)
    members = sp.vstack(
        [sp.csr_array((ones, (bare.officers, every)), shape=(n, k)), sp.csr_array((ones, (bare.enterprises, every)), shape=(m, k))]
    )
    table = sp.vstack(
        [sp.hstack([members, sp.csr_array((n + m, len(extra)))]), sp.hstack([bare.matrix, bare.extra]).tocsr()[np.flatnonzero(rows)]]
    )
    options = {"time_limit": max(search.left, 0.01)} if np.isfinite(search.left) else {}
    found = most_worth(
        np.zeros(k + len(extra)),
        table.tocsr(),
        (np.concatenate([low_i, low_j, bare.low[rows]]), np.concatenate([high_i, high_j, bare.high[rows]])),
        (np.concatenate([np.zeros(k), extra.low]), np.concatenate([np.ones(k), extra.high])),
        np.concatenate([np.ones(k, dtype=bool), extra.whole]),
        options,
    )
    return found.status == 2


def told(program: Program, rows: Ints, draft: Draft | None, *, minimal: bool) -> Diagnosis:
    """The finding in words."""
    nobody = np.empty(0, np.int64)
    said = [_said(program, int(row)) for row in rows[:SHOWN]]
    names = sorted({rule for _, rule in (_row(program, int(row)) for row in rows)})
    kind = (
        ("cannot all be kept", "无法同时满足")
        if not minimal
        else ("clash; without any one of them the others could be kept", "相互冲突，去掉任何一条即可满足其余")
    )
    notes = [
        (
            f"{len(rows)} rules of {', '.join(names) or 'limits'} and the limits on officers and enterprises {kind[0]}.",
            f"{'、'.join(names) or '名额'}中的 {len(rows)} 条规则与干部、企业名额{kind[1]}。",
        ),
        *said,
    ]
    mends = () if draft is None else tuple(_mends(program, draft.broken))
    return Diagnosis(
        side="rules",
        officers=nobody,
        enterprises=nobody,
        officer_ids=nobody,
        enterprise_ids=nobody,
        asked=len(rows),
        available=0,
        notes=tuple(notes),
        mends=mends,
    )


def _row(program: Program, row: int) -> tuple[int, str]:
    for family, span in spans(program.side_rows):
        if row < span.stop:
            return row - span.start, family.rule
    msg = f"There is no row {row}. | 没有第 {row} 条规则。"
    raise IndexError(msg)


def _said(program: Program, row: int) -> tuple[str, str]:
    for family, span in spans(program.side_rows):
        if row < span.stop:
            return family.said(row - span.start)
    msg = f"There is no row {row}. | 没有第 {row} 条规则。"
    raise IndexError(msg)


def _mends(program: Program, broken: Floats) -> list[Mend]:
    """Each broken row, loosened by what it is missed by: the plan that was found keeps all rules then."""
    found = []
    for row in np.flatnonzero(broken > 0).tolist():
        by, (en, zh) = float(broken[row]), _said(program, row)
        found.append(Mend(en=f"loosen by {by:.6g}: {en}", zh=f"放宽 {by:.6g}：{zh}", by=by))
    return found
