"""What happened before: requests, who handled them, visits, recusals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.datasets.enterprises import NEEDS, drawn
from matchmaker.datasets.industries import INDUSTRIES
from matchmaker.datasets.wording import numbered, request_texts
from matchmaker.errors import ConfigError

FROM, UNTIL = np.datetime64("2023-04-01"), np.datetime64("2023-08-09")
DAYS = int((UNTIL - FROM).astype(int)) + 1
FILING_DAYS = DAYS - 8
RESOLVED_SHARE = 7222 / 7869
TEXT_ONLY = 0.04
TRIED_AGAIN = 0.5
RECUSED_SHARE = 0.005
REASONS = ("近亲属任职", "曾任职于该企业", "持有该企业股权")


@dataclass(frozen=True, kw_only=True, eq=False)
class Served:
    """Who stood ready for whom in the months before.

    Parameters
    ----------
    officers, enterprises
        The two tables.
    own
        Shape (n_enterprises,). The officer of each enterprise in that round.
    skill
        Shape (n_officers, K), in (0, 1).
    leaning
        Shape (n_enterprises, K), rows sum to 1.
    """

    officers: pd.DataFrame
    enterprises: pd.DataFrame
    own: NDArray[np.int64]
    skill: NDArray[np.float64]
    leaning: NDArray[np.float64]


def draw_requests(rng: np.random.Generator, served: Served, size: int) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.int64]]:
    """Requests from April to August, larger enterprises first to ask.

    Returns
    -------
    tuple
        The table; and the enterprise and the true need of each request, shapes (size,). In the table a few needs are left to be read
        from the text.
    """
    weight = np.log1p(served.enterprises["employees"].to_numpy(dtype=float))
    enterprise = rng.choice(len(weight), size, p=weight / weight.sum())
    need = drawn(rng, served.leaning[enterprise])
    short = {kind.name: kind.short for kind in INDUSTRIES}
    codes = np.array(NEEDS, dtype=object)[need]
    frame = pd.DataFrame(
        {
            "request_id": numbered("R", size),
            "enterprise_id": served.enterprises["enterprise_id"].to_numpy(dtype=object)[enterprise],
            "need": np.where(rng.random(size) < TEXT_ONLY, "", codes),
            "text": request_texts(rng, list(codes), [short[name] for name in served.enterprises["industry"].iloc[enterprise]]),
            "urgency": rng.choice(np.array(["red", "yellow", "green"], dtype=object), size, p=[0.08, 0.27, 0.65]),
            "filed_on": FROM + np.sort(rng.integers(0, FILING_DAYS, size)),
        }
    )
    return frame, enterprise, need


def draw_outcomes(
    rng: np.random.Generator, served: Served, requests: pd.DataFrame, enterprise: NDArray[np.int64], need: NDArray[np.int64]
) -> pd.DataFrame:
    """Who handled each request: the enterprise's own officer first, then somebody better placed.

    Exactly 7,222 of 7,869 requests (or that share of any other number) end up resolved. Who tries resolves the likelier, the higher
    the true skill in that need.
    """
    first = served.own[enterprise]
    second = _better_placed(rng, served, enterprise, need, first)
    at_once, in_the_end = _resolved(rng, served, need, first, second)
    again = np.flatnonzero(~at_once & (second >= 0) & (in_the_end | (rng.random(len(requests)) < TRIED_AGAIN)))
    which = np.concatenate([np.arange(len(requests)), again])
    resolved = np.concatenate([at_once, in_the_end[again]])
    taken = np.concatenate([rng.integers(1, 11, len(requests)), rng.integers(6, 41, len(again))])
    closed = np.minimum(requests["filed_on"].to_numpy()[which] + taken.astype("timedelta64[D]"), UNTIL)
    return pd.DataFrame(
        {
            "request_id": requests["request_id"].to_numpy(dtype=object)[which],
            "officer_id": served.officers["officer_id"].to_numpy(dtype=object)[np.concatenate([first, second[again]])],
            "enterprise_id": requests["enterprise_id"].to_numpy(dtype=object)[which],
            "need": np.array(NEEDS, dtype=object)[need[which]],
            "resolved": resolved,
            "closed_on": pd.Series(closed).where(resolved),
        }
    )


def draw_visits(rng: np.random.Generator, served: Served, size: int) -> pd.DataFrame:
    """Visits of officers to the enterprises they served, at most one a day.

    Raises
    ------
    ConfigError
        When there are not so many days.
    """
    m = len(served.own)
    if size > m * DAYS:
        msg = (
            f"n_visits is {size}; {m} enterprises can be visited {m * DAYS} times at most, once on each of {DAYS} days. "
            f"| n_visits 为 {size}；{m} 家企业在 {DAYS} 天内每天至多走访一次，最多 {m * DAYS} 次。"
        )
        raise ConfigError(msg)
    cells = np.sort(rng.choice(m * DAYS, size, replace=False, shuffle=False))
    enterprise, day = cells // DAYS, cells % DAYS
    return pd.DataFrame(
        {
            "officer_id": served.officers["officer_id"].to_numpy(dtype=object)[served.own[enterprise]],
            "enterprise_id": served.enterprises["enterprise_id"].to_numpy(dtype=object)[enterprise],
            "visited_on": FROM + day,
        }
    )


def draw_recusals(rng: np.random.Generator, served: Served) -> pd.DataFrame:
    """A few pairs of one district that must not meet; none of them met before."""
    m = len(served.own)
    enterprise = np.sort(rng.choice(m, round(m * RECUSED_SHARE), replace=False))
    officer = _of_district(rng, served, enterprise, 1)[:, 0]
    apart = (officer >= 0) & (officer != served.own[enterprise])
    officer, enterprise = officer[apart], enterprise[apart]
    return pd.DataFrame(
        {
            "officer_id": served.officers["officer_id"].to_numpy(dtype=object)[officer],
            "enterprise_id": served.enterprises["enterprise_id"].to_numpy(dtype=object)[enterprise],
            "actor": served.officers["name"].to_numpy(dtype=object)[officer],
            "reason": np.array(REASONS, dtype=object)[rng.integers(0, len(REASONS), len(officer))],
        }
    )


def _resolved(
    rng: np.random.Generator, served: Served, need: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which requests the first officer resolved, and which were resolved in the end: the luckiest, as many as in 2023. Two shapes (n,)."""
    luck_first = _luck(rng, served.skill[first, need])
    luck_second = np.where(second >= 0, _luck(rng, served.skill[second, need]), -np.inf)
    best = np.where(luck_first > 0, np.inf, np.maximum(luck_first, luck_second))
    in_the_end = np.zeros(len(need), dtype=bool)
    in_the_end[np.lexsort((-luck_first, -best))[: round(len(need) * RESOLVED_SHARE)]] = True
    return in_the_end & ((luck_first > 0) | (second < 0)), in_the_end


def _better_placed(
    rng: np.random.Generator, served: Served, enterprise: NDArray[np.int64], need: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The best of a few officers of the county who happen to be asked, other than the first; -1 where there is none. Shape (n,)."""
    asked = _of_district(rng, served, enterprise, 6)
    skill = np.where((asked >= 0) & (asked != first[:, None]), served.skill[asked, need[:, None]], -1.0)
    best = skill.argmax(axis=1)
    rows = np.arange(len(asked))
    return np.where(skill[rows, best] >= 0, asked[rows, best], -1)


def _of_district(rng: np.random.Generator, served: Served, enterprise: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Some county officers of each enterprise's district, -1 where it has none. Shape (n, count)."""
    districts, code = np.unique(served.enterprises["district"].to_numpy(dtype=str), return_inverse=True)
    county = np.flatnonzero(served.officers["tier"] == "county")
    of_officer = np.searchsorted(districts, served.officers["district"].to_numpy(dtype=str)[county])
    county = county[np.argsort(of_officer, kind="stable")]
    staff = np.bincount(of_officer, minlength=len(districts))
    start = np.cumsum(staff) - staff
    here = code[enterprise]
    at = start[here][:, None] + np.floor(rng.random((len(enterprise), count)) * staff[here][:, None]).astype(np.int64)
    return np.where(staff[here][:, None] > 0, np.append(county, -1)[np.minimum(at, len(county))], -1)


def _luck(rng: np.random.Generator, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Above 0 with that probability, and the higher the likelier: log odds plus logistic noise. Shape (n,)."""
    return np.log(probability / (1 - probability)) + rng.logistic(size=len(probability))
