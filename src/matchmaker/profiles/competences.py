"""What officers can do: the probability that each resolves a request of each need, learned from the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from matchmaker.profiles.requests import Day, Requests, by_id, closed_by, positions, read_requests, strings
from matchmaker.profiles.shrinkage import Ladder, Proportions, pool
from matchmaker.profiles.taxonomy import Taxonomy
from matchmaker.tables import Tables

OUTSIDE, UNKNOWN, MANDATE, SPECIALITY = range(4)
"""How an officer is placed to answer a need: outside the department's mandate, mandate not known, within it, a declared speciality."""

RATE = 0.6
"""Share of requests resolved, believed before any record (worth two requests)."""
OFFSETS = np.array([-1.2, 0.0, 0.4, 0.9])
"""What placement adds to the log odds, believed before any record: 0.31, 0.6, 0.69, 0.79 (each worth twenty requests)."""
STRENGTHS: Mapping[str, float] = MappingProxyType({"need": 20.0, "tier": 40.0, "department": 20.0, "officer": 8.0})
"""How many requests the rate above is worth to each group, believed where the record is silent."""

BASES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "record": ("own record", "本人办理记录"),
        "department": ("record of the department", "本部门办理记录"),
        "speciality": ("declared speciality", "申报专长"),
        "mandate": ("mandate of the department", "部门职能"),
        "overall": ("record of all", "总体办理情况"),
    }
)
"""What a competence can rest on, in both languages, the firmest first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Competence:
    """How likely each officer is to resolve a request of each need.

    Parameters
    ----------
    officer_ids
        Shape (n_officers,), sorted.
    codes
        The K needs, in column order.
    matrix
        Shape (n_officers, K), in [0, 1], higher is better.
    handled, resolved
        Shape (n_officers, K), int64: the officer's own record.
    basis
        n_officers rows and K columns by need code: "record", "department", "speciality", "mandate" or "overall" (see ``BASES``).
    strengths
        For "need", "tier", "department" and "officer": how many requests the rate of the group above is worth. `matrix` is
        ``(resolved + strengths["officer"] * rate above) / (handled + strengths["officer"])``.
    """

    officer_ids: NDArray[np.object_] = field(repr=False)
    codes: tuple[str, ...]
    matrix: NDArray[np.float64] = field(repr=False)
    handled: NDArray[np.int64] = field(repr=False)
    resolved: NDArray[np.int64] = field(repr=False)
    basis: pd.DataFrame = field(repr=False)
    strengths: Mapping[str, float]

    def to_frame(self) -> pd.DataFrame:
        """One row an officer and need: officer_id, need, competence, handled, resolved, basis."""
        count = len(self.codes)
        return pd.DataFrame(
            {
                "officer_id": np.repeat(self.officer_ids, count),
                "need": np.tile(np.array(self.codes, dtype=object), len(self.officer_ids)),
                "competence": self.matrix.ravel(),
                "handled": self.handled.ravel(),
                "resolved": self.resolved.ravel(),
                "basis": self.basis.to_numpy(dtype=object).ravel(),
            }
        )


def competence(tables: Tables, taxonomy: Taxonomy, *, as_of: Day | None = None, requests: Requests | None = None) -> Competence:
    """The probability that each officer resolves a request of each need: a hierarchical beta-binomial model, by empirical Bayes.

    An officer's rate for a need is drawn around that of the department's officers of the same tier who are placed alike
    (speciality, mandate, outside it), the department's around the tier's, the tier's around that of the need and placement::

        resolved_ik ~ Binomial(handled_ik, p_ik),  p_ik ~ Beta(s q_gk, s (1 - q_gk)),  q_gk ~ Beta(s' q_tk, s' (1 - q_tk)),  ...

    The strengths s, s', ... are learned by marginal likelihood (see ``shrinkage``). On top, where even the need and placement have no
    record, log odds add up: the need's own rate plus what placement has been worth over all needs, both learned, starting
    from ``RATE`` and ``OFFSETS``. Outcomes of officers who are no longer there count for the need's rate.

    Parameters
    ----------
    as_of
        Leave out what was closed later. By default everything counts.
    requests
        What ``read_requests`` gave for the same tables, when it is at hand.

    Notes
    -----
    The record tells how requests went with those they were handed to, who were not drawn by lot: an officer who was given the easy
    ones looks better than on all.

    References
    ----------
    Efron and Morris (1975), doi:10.1080/01621459.1975.10479864; Kleinman (1973), doi:10.1080/01621459.1973.10481332.
    """
    requests = read_requests(tables, taxonomy, as_of=as_of) if requests is None else requests
    officers = by_id(tables.officers, "officer_id")
    ids = strings(officers, "officer_id")
    all_ids, counts = _counts(ids, closed_by(tables, as_of), requests, taxonomy)
    n, gone = len(ids), len(all_ids) - len(ids)
    placed = np.vstack([_placement(officers, tables.departments, taxonomy), np.full((gone, len(taxonomy)), UNKNOWN)])
    department = np.append(strings(officers, "department"), np.full(gone, "", dtype=object))
    tier = np.append(strings(officers, "tier"), np.full(gone, "", dtype=object))
    ladder = _ladder(placed, tier, department)
    flat = counts.reshape(-1, 2).astype(np.float64)
    rate = _prior(counts, placed)
    pooled = pool(flat, flat.sum(axis=1), np.stack([rate, 1 - rate], axis=1), ladder, Proportions())
    matrix = pooled.means[:, 0].reshape(counts.shape[:2])[:n]
    with_record = np.bincount(ladder.parents[-1], flat.sum(axis=1))[ladder.parents[-1]].reshape(counts.shape[:2])[:n] > 0
    return Competence(
        officer_ids=ids,
        codes=taxonomy.codes,
        matrix=np.clip(matrix, 0.0, 1.0),
        handled=counts[:n].sum(axis=2),
        resolved=counts[:n, :, 0],
        basis=_basis(counts[:n].sum(axis=2) > 0, with_record, placed[:n], taxonomy.codes),
        strengths=MappingProxyType(dict(zip(STRENGTHS, pooled.strengths, strict=True))),
    )


def _counts(
    ids: NDArray[np.object_], outcomes: pd.DataFrame, requests: Requests, taxonomy: Taxonomy
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Officers, then those who have left; and (resolved, not resolved) of each and each need, shape (n_all, K, 2)."""
    who = strings(outcomes, "officer_id")
    gone = sorted(set(who.tolist()) - set(ids.tolist()))
    all_ids = np.append(ids, np.array(gone, dtype=object))
    need = taxonomy.columns(strings(outcomes, "need"), sheet="outcomes")
    place = positions(requests.request_ids, strings(outcomes, "request_id"))
    looked_up = np.append(requests.columns(), -1)[place]
    need = np.where(need >= 0, need, looked_up)
    known = need >= 0
    failed = 1 - outcomes["resolved"].to_numpy(dtype=bool).astype(np.int64)
    cell = (positions(all_ids, who) * len(taxonomy) + need) * 2 + failed
    counts = np.bincount(cell[known], minlength=len(all_ids) * len(taxonomy) * 2)
    return all_ids, counts.reshape(len(all_ids), len(taxonomy), 2).astype(np.int64)


def _placement(officers: pd.DataFrame, departments: pd.DataFrame, taxonomy: Taxonomy) -> NDArray[np.int64]:
    """OUTSIDE, UNKNOWN, MANDATE or SPECIALITY for each officer and need. Shape (n_officers, K)."""
    names = strings(departments, "department")
    mandates = {
        name: _marked(codes, MANDATE, np.full(len(taxonomy), OUTSIDE), taxonomy, "departments")
        for name, codes in zip(names, _lists(departments, "needs"), strict=True)
        if codes
    }
    unknown = np.full(len(taxonomy), UNKNOWN)
    rows = [
        _marked(codes, SPECIALITY, mandates.get(name, unknown), taxonomy, "officers")
        for name, codes in zip(strings(officers, "department"), _lists(officers, "specialities"), strict=True)
    ]
    return np.array(rows, dtype=np.int64).reshape(len(officers), len(taxonomy))


def _marked(codes: tuple[str, ...], mark: int, row: NDArray[np.int64], taxonomy: Taxonomy, sheet: str) -> NDArray[np.int64]:
    if not codes:
        return row
    changed = row.copy()
    changed[taxonomy.columns(codes, sheet=sheet)] = mark
    return changed


def _lists(frame: pd.DataFrame, column: str) -> list[tuple[str, ...]]:
    cells = frame[column].tolist() if column in frame else [()] * len(frame)
    return [tuple(cell) if isinstance(cell, tuple | list) else () for cell in cells]


def _ladder(placed: NDArray[np.int64], tier: NDArray[np.object_], department: NDArray[np.object_]) -> Ladder:
    """(officer, need) within (department, tier, need, placement) within (tier, need, placement) within (need, placement)."""
    count, width = placed.shape[1], 4 * placed.shape[1]
    top = (np.arange(count)[None, :] * 4 + placed).ravel()
    of_tier = np.repeat(np.unique(tier.astype(str), return_inverse=True)[1], count)
    of_department = np.repeat(np.unique(department.astype(str), return_inverse=True)[1], count)
    with_tier, in_tier = np.unique(of_tier * width + top, return_inverse=True)
    with_department, leaf = np.unique(of_department * len(with_tier) + in_tier, return_inverse=True)
    return Ladder(
        parents=(np.arange(width), with_tier % width, with_department % len(with_tier), leaf),
        defaults=tuple(STRENGTHS.values()),
    )


def _prior(counts: NDArray[np.int64], placed: NDArray[np.int64]) -> NDArray[np.float64]:
    """The rate of each need and placement before looking at both together, on additive log odds. Shape (K * 4,)."""
    by_need = counts.sum(axis=0)
    resolved, handled = by_need[:, 0], by_need.sum(axis=1)
    overall = (resolved.sum() + 2 * RATE) / (handled.sum() + 2)
    of_need = (resolved + 10 * overall) / (handled + 10)
    by_place = np.array([counts[placed == mark].sum(axis=0) for mark in range(4)])
    believed = expit(logit(overall) + OFFSETS)
    of_place = (by_place[:, 0] + 20 * believed) / (by_place.sum(axis=1) + 20)
    odds: NDArray[np.float64] = logit(of_need)[:, None] + (logit(of_place) - logit(overall))[None, :]
    return np.asarray(expit(odds).ravel(), dtype=np.float64)


def _basis(own: NDArray[np.bool_], department: NDArray[np.bool_], placed: NDArray[np.int64], codes: tuple[str, ...]) -> pd.DataFrame:
    words = np.select(
        [own, department, placed == SPECIALITY, placed == MANDATE], ["record", "department", "speciality", "mandate"], "overall"
    )
    return pd.DataFrame(words.astype(object), columns=list(codes))
