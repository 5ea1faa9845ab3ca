"""What an enterprise's need profile rests on, in words that a planner can read out, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.profiles.requests import Requests
from matchmaker.profiles.scope import Sectors


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What is known of each enterprise's needs.

    Parameters
    ----------
    open, from_text, unclear
        Shape (n_enterprises,), int64: open requests; those of them read from their text; those that say nothing clear.
    filed
        Shape (n_enterprises,), int64: requests ever filed, the open ones too.
    peers
        Shape (n_enterprises,), int64: enterprises of the same stated industry, itself too; 0 where no industry is stated.
    sector
        Shape (n_enterprises,): the sector's place in `sectors`, -1 where not known.
    sectors
        What the places mean.
    record
        There is at least one request in all.
    """

    open: NDArray[np.int64]
    from_text: NDArray[np.int64]
    unclear: NDArray[np.int64]
    filed: NDArray[np.int64]
    peers: NDArray[np.int64]
    sector: NDArray[np.int64]
    sectors: Sectors
    record: bool

    @classmethod
    def gather(
        cls, requests: Requests, owner: NDArray[np.int64], industry: NDArray[np.object_], sector: NDArray[np.int64], sectors: Sectors
    ) -> Evidence:
        """Count it: `owner` (n_requests,) is each request's enterprise, -1 where it is gone."""
        size, mine = len(industry), owner >= 0
        waiting = mine & requests.open

        def count(chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
            return np.bincount(owner[chosen], minlength=size).astype(np.int64)

        _, place, sizes = np.unique(industry.astype(str), return_inverse=True, return_counts=True)
        return cls(
            open=count(waiting),
            from_text=count(waiting & (requests.source == "text")),
            unclear=count(waiting & (requests.source == "unclear")),
            filed=count(mine),
            peers=np.where(industry == "", 0, sizes[place]),
            sector=sector,
            sectors=sectors,
            record=bool(mine.any()),
        )


def wording(evidence: Evidence) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """One phrase an enterprise, in English and in Chinese. Two shapes (n_enterprises,)."""
    told = [_enterprise(evidence, *numbers) for numbers in _numbers(evidence)]
    words = pd.DataFrame(told, columns=["en", "zh"], dtype=object)
    return words["en"].to_numpy(dtype=object), words["zh"].to_numpy(dtype=object)


def _numbers(evidence: Evidence) -> Iterator[tuple[int, ...]]:
    columns = (evidence.open, evidence.from_text, evidence.unclear, evidence.filed, evidence.peers, evidence.sector)
    return zip(*(column.tolist() for column in columns), strict=True)


def _enterprise(evidence: Evidence, opened: int, text: int, unclear: int, filed: int, peers: int, sector: int) -> tuple[str, str]:
    parts = []
    if opened:
        parts.append((_many(opened, "open request"), f"未办结诉求 {opened} 件"))
    if text:
        parts.append((f"request text ({_many(text, 'request')})", f"诉求文本（{text} 件）"))
    if unclear:
        parts.append((f"{_many(unclear, 'request')} of unclear need", f"需求不明诉求 {unclear} 件"))
    if filed > opened:
        parts.append((f"own history of {_many(filed, 'request')}", f"本企业历史诉求 {filed} 件"))
    parts.append(_like(evidence, peers, sector))
    return "; ".join(en for en, _ in parts), "；".join(zh for _, zh in parts)


def _like(evidence: Evidence, peers: int, sector: int) -> tuple[str, str]:
    """Whose rate stands in for what the enterprise itself does not tell."""
    if peers:
        return f"industry of {_many(peers, 'enterprise')}", f"同行业 {peers} 家企业"
    if sector >= 0:
        named = evidence.sectors.sectors[sector]
        return f"business scope ({named.en})", f"经营范围（{named.zh}）"
    if evidence.record:
        return f"all {_many(len(evidence.open), 'enterprise')}", f"全部 {len(evidence.open)} 家企业"
    return "the usual rate", "一般诉求率"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
