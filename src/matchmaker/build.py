"""From a planner's tables to one round's problem."""

from __future__ import annotations

import logging
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.counts import whole_numbers
from matchmaker.errors import ConfigError, DataError, Failure, did_you_mean
from matchmaker.instance import Instance, Notes
from matchmaker.profiles import Competence, NeedProfiles, Taxonomy, competence, need_profiles, read_requests
from matchmaker.profiles.requests import Day, Requests, by_id, days, later, positions, strings
from matchmaker.tables import Tables

logger = logging.getLogger(__name__)

Departed = Literal["error", "drop"]


def build(
    tables: Tables,
    previous: Assignment | None = None,
    *,
    departed: Departed = "error",
    as_of: Day | None = None,
    name: str = "instance",
) -> Instance:
    """One round's problem: who can serve, who asks, and how many requests each pair is expected to see resolved.

    Ids are sorted, so that the order of a table's rows changes nothing. Affinity is ``competence @ need.T``: the probability that the
    officer resolves a request of each need, times the requests of that need that the enterprise is expected to have open.

    Parameters
    ----------
    tables
        The planner's tables.
    previous
        Last round's plan; by default the one in ``tables.plan``, if any.
    departed
        What to do with pairs of `previous` whose officer or enterprise is no longer in the tables: "error", or "drop" them, with a
        warning in the log.
    as_of
        Build from what was known on that day. By default everything counts.
    name
        What comparisons and reports call the instance.

    Raises
    ------
    DataError
        When there is no officer or no enterprise, an id or a need is not known, a pair of `previous` has departed, a capacity or demand
        is not a count, or a least is above its most. Every failing cell is named.
    ConfigError
        When `departed` is neither "error" nor "drop", or `as_of` is no day.

    Notes
    -----
    Affinity is one officer's: where an enterprise has several, a request that two of them could resolve counts for both.
    """
    if departed not in ("error", "drop"):
        hint = did_you_mean(str(departed), ("error", "drop"))
        msg = f'departed is {departed!r}; expected "error" or "drop".{hint} | departed 为 {departed!r}，应为 "error" 或 "drop"。'
        raise ConfigError(msg)
    _check_day(as_of)
    taxonomy = Taxonomy.programme().extended(tables.needs)
    requests = read_requests(tables, taxonomy, as_of=as_of)
    able = competence(tables, taxonomy, as_of=as_of, requests=requests)
    asked = need_profiles(tables, taxonomy, as_of=as_of, requests=requests)
    officers, enterprises = _officers(tables, able), _enterprises(tables, asked, requests, as_of)
    return Instance(
        officer_ids=able.officer_ids,
        enterprise_ids=asked.enterprise_ids,
        affinity=Factors(able.matrix, asked.matrix),
        capacity_low=whole_numbers(officers["min_load"].to_numpy(), len(officers), "min_load"),
        capacity_high=whole_numbers(officers["capacity"].to_numpy(), len(officers), "capacity"),
        demand_low=whole_numbers(enterprises["demand_low"].to_numpy(), len(enterprises), "demand_low"),
        demand_high=whole_numbers(enterprises["demand_high"].to_numpy(), len(enterprises), "demand_high"),
        needs=taxonomy.needs,
        competence=able.matrix,
        need=asked.matrix,
        officers=officers,
        enterprises=enterprises,
        recusals=_notes(tables.recusals, "recusals", able.officer_ids, asked.enterprise_ids),
        pins=_notes(tables.pins, "pins", able.officer_ids, asked.enterprise_ids),
        vetoes=_notes(tables.vetoes, "vetoes", able.officer_ids, asked.enterprise_ids),
        previous=_previous(tables, previous, departed, able.officer_ids, asked.enterprise_ids),
        name=name,
    )


def _check_day(as_of: Day | None) -> None:
    try:
        wrong = as_of is not None and pd.isna(pd.Timestamp(as_of))
    except (ValueError, TypeError):
        wrong = True
    if wrong:
        msg = f"as_of is {as_of!r}; expected a day such as 2023-07-01. | as_of 应为日期，如 2023-07-01。"
        raise ConfigError(msg)


def _officers(tables: Tables, able: Competence) -> pd.DataFrame:
    """The officers' table in the order of the ids, with each one's record and what each competence rests on.

    ``handled`` and ``resolved`` are requests, ``record`` is both in words, ``basis`` has one of ``profiles.BASES`` a need, in order.
    """
    handled, resolved = able.handled.sum(axis=1), able.resolved.sum(axis=1)
    record = np.array([f"{good} / {all_}" for good, all_ in zip(resolved.tolist(), handled.tolist(), strict=True)], dtype=object)
    basis = pd.Series(list(map(tuple, able.basis.to_numpy(dtype=object).tolist())), dtype=object)
    return by_id(tables.officers, "officer_id").assign(handled=handled, resolved=resolved, record=record, basis=basis)


def _enterprises(tables: Tables, asked: NeedProfiles, requests: Requests, as_of: Day | None) -> pd.DataFrame:
    """The enterprises' table in the order of the ids, with what each one's need profile rests on and when it first asked."""
    frame = by_id(tables.enterprises, "enterprise_id")
    if "urgency" not in frame:
        frame = frame.assign(urgency=_urgency(requests, asked.enterprise_ids))
    return frame.assign(
        sector=asked.sector,
        open_requests=asked.open,
        first_filed_on=_first_filed(requests, asked.enterprise_ids),
        expected_new=asked.expected_new.sum(axis=1),
        visits=_visits(tables.visits, asked.enterprise_ids, as_of),
        basis=asked.basis,
        basis_zh=asked.basis_zh,
    )


def _urgency(requests: Requests, enterprise_ids: NDArray[np.object_]) -> NDArray[np.object_]:
    """The most urgent of each enterprise's open requests: "red", "yellow" or "green"; empty where none is open. Shape (n_enterprises,)."""
    found = np.full(len(enterprise_ids), "", dtype=object)
    for word in ("green", "yellow", "red"):
        place = positions(enterprise_ids, requests.enterprise_ids[requests.open & (requests.urgency == word)])
        found[place[place >= 0]] = word
    return found


def _first_filed(requests: Requests, enterprise_ids: NDArray[np.object_]) -> pd.Series[pd.Timestamp]:
    """The day of each enterprise's earliest request that is still open, NaT where there is none. Shape (n_enterprises,)."""
    waiting = pd.Series(requests.filed_on[requests.open].astype("datetime64[s]"), index=requests.enterprise_ids[requests.open])
    return waiting.groupby(level=0).min().reindex(enterprise_ids).reset_index(drop=True)


def _visits(visits: pd.DataFrame, enterprise_ids: NDArray[np.object_], as_of: Day | None) -> NDArray[np.int64]:
    """How often each enterprise was visited by that day. Shape (n_enterprises,)."""
    paid = visits if as_of is None else visits.loc[~later(days(visits, "visited_on"), as_of)]
    place = positions(enterprise_ids, strings(paid, "enterprise_id"))
    return np.bincount(place[place >= 0], minlength=len(enterprise_ids)).astype(np.int64)


def _notes(frame: pd.DataFrame, sheet: str, officer_ids: NDArray[np.object_], enterprise_ids: NDArray[np.object_]) -> Notes:
    """Recusals, pins or vetoes as positions, in the order of the ids, actors and reasons."""
    ordered = by_id(frame, "officer_id", "enterprise_id", "actor", "reason")
    rows = positions(officer_ids, strings(ordered, "officer_id"))
    columns = positions(enterprise_ids, strings(ordered, "enterprise_id"))
    failures = [
        Failure(
            sheet=sheet,
            column=column,
            value=ordered[column].iloc[place],
            problem="is not in the tables",
            problem_zh="在表中不存在",
            expected=f"an id of the {kind} table",
            expected_zh=f"{kind_zh}表中的编号",
        )
        for column, found, kind, kind_zh in (("officer_id", rows, "officers", "干部"), ("enterprise_id", columns, "enterprises", "企业"))
        for place in np.flatnonzero(found < 0)
    ]
    if failures:
        raise DataError(failures)
    return Notes(officers=rows, enterprises=columns, actor=strings(ordered, "actor"), reason=strings(ordered, "reason"))


def _previous(
    tables: Tables,
    previous: Assignment | None,
    departed: Departed,
    officer_ids: NDArray[np.object_],
    enterprise_ids: NDArray[np.object_],
) -> Assignment | None:
    """Last round's pairs over this round's ids."""
    if previous is None:
        if not len(tables.plan):
            return None
        previous = Assignment.from_frame(tables.plan)
    kept, lost = previous.aligned(officer_ids, enterprise_ids)
    if not len(lost):
        return kept
    if departed == "error":
        raise DataError([_lost(officer, enterprise) for officer, enterprise in lost.itertuples(index=False)])
    pairs = ", ".join(f"({officer}, {enterprise})" for officer, enterprise in lost.itertuples(index=False))
    logger.warning(
        "%d of last round's %d pairs are dropped, as a side is no longer there: %s | 上轮 %d 对结对因一方不再参加而略去",
        len(lost),
        len(previous),
        pairs,
        len(lost),
    )
    return kept


def _lost(officer: object, enterprise: object) -> Failure:
    return Failure(
        sheet="previous",
        value=(officer, enterprise),
        problem="this pair's officer or enterprise is no longer in the tables",
        expected='ids of this round; departed="drop" leaves such pairs out',
        problem_zh="该结对的干部或企业已不在本轮表中",
        expected_zh='本轮名单内的编号；departed="drop" 可略去此类结对',
    )
