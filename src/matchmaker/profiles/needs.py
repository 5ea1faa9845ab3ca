"""What enterprises need: the requests each is expected to have open this round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.errors import ConfigError
from matchmaker.profiles.basis import Evidence, wording
from matchmaker.profiles.requests import Day, Requests, by_id, positions, read_requests, strings
from matchmaker.profiles.scope import Sectors
from matchmaker.profiles.shrinkage import Ladder, Proportions, Rates, pool
from matchmaker.profiles.taxonomy import Taxonomy
from matchmaker.tables import Tables, strays

URGENCY: Mapping[str, float] = MappingProxyType({"red": 3.0, "yellow": 2.0, "green": 1.0})
"""What an open request of each colour weighs against the others."""
ROUND_DAYS = 90
"""A round's length: April, July, ..."""
RATE = 0.66
"""New requests per enterprise and round, believed where no request was ever filed: the programme's 7,869 from 8,226 in 130 days."""
RATE_STRENGTHS: Mapping[str, float] = MappingProxyType({"sector": 30.0, "industry": 30.0, "size": 30.0, "enterprise": 1.0})
"""How many rounds of one enterprise the rate of the group above is worth, believed where the record is silent."""
MIX_STRENGTHS: Mapping[str, float] = MappingProxyType({"sector": 20.0, "industry": 20.0, "size": 40.0, "enterprise": 5.0})
"""How many requests the mix of the group above is worth, believed where the record is silent."""
STAFF = (20.0, 300.0, 1000.0)
"""Micro, small, medium, large by staff: the national standard for industry (2011)."""
CAPITAL = (100.0, 1000.0, 10000.0)
"""The same by registered capital in ten thousand yuan, where staff is not known: a rough guide."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NeedProfiles:
    """The requests that each enterprise is expected to have open this round.

    Parameters
    ----------
    enterprise_ids
        Shape (n_enterprises,), sorted.
    codes
        The K needs, in column order.
    matrix
        Shape (n_enterprises, K), at least 0: open requests weighted by urgency, plus expected new ones. In requests: the mean open
        request weighs 1, so the sum over all enterprises is the number of requests expected open.
    open
        Shape (n_enterprises,), int64: open requests.
    expected_new
        Shape (n_enterprises, K): requests expected to be filed this round.
    basis, basis_zh
        Shape (n_enterprises,): what the profile rests on, in words.
    sector
        Shape (n_enterprises,): the sector told from industry or business scope, empty where neither tells.
    """

    enterprise_ids: NDArray[np.object_] = field(repr=False)
    codes: tuple[str, ...]
    matrix: NDArray[np.float64] = field(repr=False)
    open: NDArray[np.int64] = field(repr=False)
    expected_new: NDArray[np.float64] = field(repr=False)
    basis: NDArray[np.object_] = field(repr=False)
    basis_zh: NDArray[np.object_] = field(repr=False)
    sector: NDArray[np.object_] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """One row an enterprise: enterprise_id, a column a need, open, sector, basis, basis_zh."""
        frame = pd.DataFrame(self.matrix, columns=list(self.codes))
        frame.insert(0, "enterprise_id", self.enterprise_ids)
        return frame.assign(open=self.open, sector=self.sector, basis=self.basis, basis_zh=self.basis_zh)


def need_profiles(
    tables: Tables,
    taxonomy: Taxonomy,
    *,
    as_of: Day | None = None,
    urgency: Mapping[str, float] = URGENCY,
    round_days: int = ROUND_DAYS,
    sectors: Sectors | None = None,
    requests: Requests | None = None,
) -> NeedProfiles:
    """What each enterprise is expected to have open this round: what is open now, and what its history and its like make likely.

    Expected new requests are a rate times a mix. An enterprise's rate is Gamma around that of its like, its requests Poisson; its
    mix of needs is Dirichlet around theirs, its requests multinomial; strengths are learned from the record (see ``shrinkage``)::

        rate_j = (requests_j + b rate_g) / (rounds + b),    mix_jk = (requests_jk + c mix_gk) / (requests_j + c)

    Its like: enterprises of its size in its industry, those of its industry, those of its sector (told from industry, else from
    business scope), all. Where a sector has no record, its mix is everybody's times the sector's documented lifts. The rates are scaled
    to add up to the record's requests per round.

    Parameters
    ----------
    as_of
        Leave out what was filed or closed later. By default everything counts.
    urgency
        What a red, yellow and green open request weigh against each other, positive.
    round_days
        How long a round is. History shorter than that counts as one round.
    sectors
        What business scopes tell; by default ``Sectors.builtin()``.
    requests
        What ``read_requests`` gave for the same tables, when it is at hand.

    Raises
    ------
    ConfigError
        When a colour has no weight, a weight is not positive, or a round has no days.

    References
    ----------
    Clayton and Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks, doi:10.2307/2532003.
    """
    _check(urgency, round_days)
    sectors = Sectors.builtin() if sectors is None else sectors
    requests = read_requests(tables, taxonomy, as_of=as_of) if requests is None else requests
    enterprises = by_id(tables.enterprises, "enterprise_id")
    ids = strings(enterprises, "enterprise_id")
    owner = positions(ids, requests.enterprise_ids)
    kept = owner >= 0
    sector = _told(enterprises, sectors)
    history = _by_enterprise(owner[kept], requests.share[kept], len(ids))
    rounds = _rounds(requests.filed_on, round_days)
    expected_new = _expected_new(history, rounds, enterprises, sector, sectors.lifts(taxonomy))
    waiting = kept & requests.open
    weight = _weights(requests.urgency[waiting], urgency)
    opened = _by_enterprise(owner[waiting], requests.share[waiting] * weight[:, None], len(ids))
    evidence = Evidence.gather(requests, owner, strings(enterprises, "industry"), sector, sectors)
    basis, basis_zh = wording(evidence)
    return NeedProfiles(
        enterprise_ids=ids,
        codes=taxonomy.codes,
        matrix=opened + expected_new,
        open=evidence.open,
        expected_new=expected_new,
        basis=basis,
        basis_zh=basis_zh,
        sector=np.array([*(one.code for one in sectors.sectors), ""], dtype=object)[sector],
    )


def _check(urgency: Mapping[str, float], round_days: int) -> None:
    weights = {colour: urgency.get(colour, 0.0) for colour in URGENCY}
    if not all(0 < weight < float("inf") for weight in weights.values()):
        msg = (
            f"urgency is {dict(urgency)}; expected a positive number for each of {', '.join(URGENCY)}. "
            f"| urgency 为 {dict(urgency)}，{'、'.join(URGENCY)} 各应为正数。"
        )
        raise ConfigError(msg)
    if round_days < 1:
        msg = f"round_days is {round_days}; expected at least 1. | round_days 为 {round_days}，应不小于 1。"
        raise ConfigError(msg)


def _weights(colours: NDArray[np.object_], urgency: Mapping[str, float]) -> NDArray[np.float64]:
    """What each open request weighs, 1 on average. An unknown colour is green. Shape (n_open,)."""
    table = [urgency[colour] for colour in URGENCY]
    place = pd.Index(list(URGENCY), dtype=object).get_indexer(pd.Index(colours, dtype=object))
    counts = np.bincount(place % len(table), minlength=len(table))
    mean = sum(count * weight for count, weight in zip(counts.tolist(), table, strict=True)) / max(1, len(colours))
    return np.array(table)[place] / (mean or 1.0)


def _by_enterprise(owner: NDArray[np.int64], share: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Requests of each enterprise and need. Shape (n_enterprises, K)."""
    return np.stack([np.bincount(owner, column, size) for column in share.T], axis=1).astype(np.float64)


def _rounds(filed_on: NDArray[np.datetime64], round_days: int) -> float:
    """How many rounds the record of requests spans, stray days left out; 0 when there is none, else at least 1."""
    if not len(filed_on):
        return 0.0
    known = filed_on[~np.isnat(filed_on) & ~strays(filed_on)]
    span = int((known.max() - known.min()).astype(int)) + 1 if len(known) else 0
    return max(1.0, span / round_days)


def _told(enterprises: pd.DataFrame, sectors: Sectors) -> NDArray[np.int64]:
    """The sector of each enterprise: from its industry, else from its scope, -1 where neither tells. Shape (n_enterprises,)."""
    industry = strings(enterprises, "industry")
    told = sectors.tell(industry.tolist())
    silent = told < 0
    told[silent] = sectors.tell(strings(enterprises, "scope")[silent].tolist())
    return told


def _size(enterprises: pd.DataFrame) -> NDArray[np.int64]:
    """0 not known, 1 micro, 2 small, 3 medium, 4 large: by staff, else by capital. Shape (n_enterprises,)."""
    classes = np.zeros(len(enterprises), dtype=np.int64)
    for column, bounds in (("capital", CAPITAL), ("employees", STAFF)):
        if column in enterprises:
            values = enterprises[column].to_numpy(dtype=np.float64, na_value=np.nan)
            classes = np.where(np.isnan(values), classes, np.digitize(values, bounds) + 1)
    return classes


def _expected_new(
    history: NDArray[np.float64], rounds: float, enterprises: pd.DataFrame, sector: NDArray[np.int64], lifts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Requests that each enterprise is expected to file in a round, by need. Shape (n_enterprises, K)."""
    size, count = history.shape
    filed = np.round(history.sum(axis=1), 6)
    exposure = np.full(size, rounds)
    total = float(filed.sum())
    overall = (total + RATE) / (size * rounds + 1)
    parents = _like(enterprises, sector % len(lifts))
    rates = pool(
        filed[:, None],
        exposure,
        np.array([[overall]]),
        Ladder(parents=(np.zeros(len(lifts), np.int64), *parents), defaults=tuple(RATE_STRENGTHS.values())),
        Rates(),
    )
    usual = lifts * (history.sum(axis=0) + 1 / count)
    prior = usual / usual.sum(axis=1, keepdims=True)
    mixes = pool(
        history, filed, prior, Ladder(parents=(np.arange(len(lifts)), *parents), defaults=tuple(MIX_STRENGTHS.values())), Proportions()
    )
    rate = rates.means[:, 0]
    scale = total / rounds / float(rate.sum()) if total else 1.0
    return np.asarray(scale * rate[:, None] * mixes.means, dtype=np.float64)


def _like(enterprises: pd.DataFrame, sector: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each industry's sector, each (industry, size)'s industry, each enterprise's (industry, size)."""
    industry = np.unique(strings(enterprises, "industry").astype(str), return_inverse=True)[1]
    industries, of_industry = np.unique(sector * (industry.max(initial=0) + 1) + industry, return_inverse=True)
    sizes, of_size = np.unique(of_industry * 5 + _size(enterprises), return_inverse=True)
    return industries // (industry.max(initial=0) + 1), sizes // 5, of_size
