"""What each request asks for, how urgent it is, and whether it is still open."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.profiles.taxonomy import Taxonomy
from matchmaker.profiles.text import Reading, read
from matchmaker.tables import Tables

logger = logging.getLogger(__name__)

Day = str | date


@dataclass(frozen=True, kw_only=True, eq=False)
class Requests:
    """Every request of the tables, sorted by id.

    Parameters
    ----------
    request_ids
        Shape (n_requests,).
    enterprise_ids
        Shape (n_requests,). Who asks.
    share
        Shape (n_requests, K), each row adds up to 1: which needs it is about. One-hot where the table names the need.
    source
        Shape (n_requests,): "need" where the table names it, "text" where it was read from the words, "unclear" where neither says
        (its row of `share` is then the mix of the others, or uniform).
    urgency
        Shape (n_requests,): "red", "yellow" or "green".
    filed_on
        Shape (n_requests,), days; NaT where not known.
    open
        Shape (n_requests,): no outcome says that it is resolved.
    """

    request_ids: NDArray[np.object_]
    enterprise_ids: NDArray[np.object_]
    share: NDArray[np.float64]
    source: NDArray[np.object_]
    urgency: NDArray[np.object_]
    filed_on: NDArray[np.datetime64]
    open: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many requests."""
        return len(self.request_ids)

    def columns(self) -> NDArray[np.int64]:
        """The need each request is most about, -1 where that is less than even. Shape (n_requests,)."""
        if not len(self):
            return np.empty(0, dtype=np.int64)
        return np.where((self.share.max(axis=1) >= 0.5) & (self.source != "unclear"), self.share.argmax(axis=1), -1)


def read_requests(tables: Tables, taxonomy: Taxonomy, *, as_of: Day | None = None) -> Requests:
    """Every request that was filed by `as_of`, with its need from the table or from its text, and whether it was open then."""
    frame = by_id(tables.requests, "request_id")
    filed = days(frame, "filed_on")
    if as_of is not None:
        known = ~later(filed, as_of)
        frame, filed = frame.loc[known], filed[known]
    ids = strings(frame, "request_id")
    columns = taxonomy.columns(strings(frame, "need"), sheet="requests")
    share, source = _shares(columns, strings(frame, "text"), taxonomy)
    if (source == "unclear").any():
        unclear = ids[source == "unclear"]
        logger.warning(
            "%d of the requests say neither need nor clear text, and count by the usual mix: %s "
            "| %d 条诉求既无需求类别、内容又不明确，按通常构成计入",
            len(unclear),
            ", ".join(unclear[:10]),
            len(unclear),
        )
    return Requests(
        request_ids=ids,
        enterprise_ids=strings(frame, "enterprise_id"),
        share=share,
        source=source,
        urgency=strings(frame, "urgency"),
        filed_on=filed,
        open=~np.isin(ids.astype(str), _resolved(tables, as_of).astype(str)),
    )


def closed_by(tables: Tables, as_of: Day | None) -> pd.DataFrame:
    """The outcomes known on a day: those closed by then, or without a date."""
    if as_of is None:
        return tables.outcomes
    return tables.outcomes.loc[~later(days(tables.outcomes, "closed_on"), as_of)]


def _resolved(tables: Tables, as_of: Day | None) -> NDArray[np.object_]:
    outcomes = closed_by(tables, as_of)
    return strings(outcomes.loc[outcomes["resolved"].astype(bool)], "request_id")


def _shares(columns: NDArray[np.int64], texts: NDArray[np.object_], taxonomy: Taxonomy) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Share of each need in each request, and where that comes from."""
    named = columns >= 0
    share = np.zeros((len(columns), len(taxonomy)))
    share[named, columns[named]] = 1.0
    source = np.where(named, "need", "unclear").astype(object)
    silent = np.flatnonzero(~named)
    if len(silent):
        labelled = named & (texts != "")
        reading = _read(texts[silent], texts[labelled], columns[labelled], taxonomy)
        counts = np.bincount(columns[named], minlength=len(taxonomy)) + 1.0
        share[silent] = np.where(reading.clear[:, None], reading.share, counts / counts.sum())
        source[silent] = np.where(reading.clear, "text", "unclear")
    return share, source


def _read(texts: NDArray[np.object_], labelled: NDArray[np.object_], columns: NDArray[np.int64], taxonomy: Taxonomy) -> Reading:
    return read(texts.tolist(), taxonomy, labelled=labelled.tolist(), needs=[taxonomy.codes[k] for k in columns])


def by_id(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The same rows in the order of their ids as text, so that a file's row order does not matter."""
    keys = [strings(frame, column).astype(str) for column in reversed(columns)]
    return frame.iloc[np.lexsort(keys) if len(frame) else []].reset_index(drop=True)


def strings(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """A column as Python strings, empty where the cell or the whole column is missing. Shape (n_rows,)."""
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    cells = frame[column].astype(object)
    return np.array([*map(str, cells.where(cells.notna(), "")), ""], dtype=object)[:-1]


def days(frame: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    """A column as days, NaT where the cell or the whole column is missing. Shape (n_rows,)."""
    if column not in frame:
        return np.full(len(frame), np.datetime64("NaT"), dtype="datetime64[D]")
    return pd.to_datetime(frame[column]).to_numpy().astype("datetime64[D]")


def later(dates: NDArray[np.datetime64], as_of: Day) -> NDArray[np.bool_]:
    """Which days come after `as_of`; a day that is not known does not. Shape (n_rows,)."""
    return np.asarray(dates > np.datetime64(pd.Timestamp(as_of), "D"))


def positions(ids: NDArray[np.object_], wanted: Sequence[str] | NDArray[np.object_]) -> NDArray[np.int64]:
    """Where each wanted id stands among `ids`, -1 where it does not. Shape (n_wanted,)."""
    return pd.Index(ids, dtype=object).get_indexer(pd.Index(wanted, dtype=object)).astype(np.int64)
