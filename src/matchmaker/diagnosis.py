"""Why no plan can exist: who competes for whom, and how many places are short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Mend:
    """A change with which a plan exists: one was found that keeps every rule once all mends of one way are made.

    Parameters
    ----------
    en, zh
        What to change.
    by
        By how much.
    way
        Mends of the same way are made together; any one way is enough.
    """

    en: str
    zh: str
    by: float
    way: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagnosis:
    """A deficient set: these enterprises ask for more than these officers have (or the other way round).

    Parameters
    ----------
    side
        "demand": `enterprises` can go to `officers` only, who have too few places.
        "min_load": `officers` must serve at least so many, and can serve `enterprises` only, who ask for too few.
        "pins": what is pinned by hand cannot hold together with the other rules: see `notes`.
        "rules": rules that cannot hold together: see `notes`.
    officers, enterprises
        int64 positions of those who cannot be reconciled.
    officer_ids, enterprise_ids
        Their ids, in the same order.
    asked
        Places that one side asks for at the least.
    available
        Places that the other side has at the most.
    notes
        What else is to be said, one line each, in English and Chinese.
    mends
        The cheapest changes that were found: those of any one way, made together, leave a plan, which was tried.
    common
        What the enterprises have in common, and what the officers have, each in English and Chinese; empty for nothing.
    others
        Further sets like this one, which compete for other officers.
    rests_on
        Rules besides limits and eligibility that the deficiency rests on, such as "coverage".
    """

    side: Literal["demand", "min_load", "pins", "rules"]
    officers: NDArray[np.int64]
    enterprises: NDArray[np.int64]
    officer_ids: NDArray[Any]
    enterprise_ids: NDArray[Any]
    asked: int
    available: int
    notes: tuple[tuple[str, str], ...] = ()
    mends: tuple[Mend, ...] = ()
    common: tuple[tuple[str, str], tuple[str, str]] = (("", ""), ("", ""))
    rests_on: tuple[str, ...] = ()
    others: tuple[Diagnosis, ...] = ()

    @property
    def ways(self) -> tuple[tuple[Mend, ...], ...]:
        """The mends of each way."""
        return tuple(tuple(mend for mend in self.mends if mend.way == way) for way in sorted({mend.way for mend in self.mends}))

    @property
    def short(self) -> int:
        """How many places are missing."""
        return self.asked - self.available

    def text(self, language: Literal["en", "zh"] = "en") -> str:
        """The finding in a sentence or two."""
        lines = [note[language == "zh"] for note in self.notes]
        if self.side not in ("pins", "rules"):
            lines[:0] = [one._sentence(language) for one in (self, *self.others[: SHOWN - 1])]
            more = len(self.others) - SHOWN + 1
            if more > 0:
                lines.append(f"另有 {more} 组类似情形。" if language == "zh" else f"There are {more} more sets like these.")
        if self.rests_on:
            rules = ", ".join(self.rests_on)
            lines.append(f"这也依据以下规则：{rules}。" if language == "zh" else f"This rests on the rules of {rules} too.")
        return "\n".join(lines + self._mending(language))

    def _mending(self, language: Literal["en", "zh"]) -> list[str]:
        """The ways out, a line each; the mends of a single way a line each."""
        ways = [[mend.zh if language == "zh" else mend.en for mend in way] for way in self.ways]
        if not ways:
            return []
        more = [f"另有 {len(way) - SHOWN} 项" if language == "zh" else f"and {len(way) - SHOWN} more" for way in ways]
        told = [way[:SHOWN] + [rest] * (len(way) > SHOWN) for way, rest in zip(ways, more, strict=True)]
        if len(told) == 1:
            head = (
                "可行的调整（一并作出后即有方案，已验证）："
                if language == "zh"
                else "A plan exists once these are changed together (tried):"
            )
            return [head, *(f"- {line}" for line in told[0])]
        head = "以下任一调整均可得到方案（均已验证）：" if language == "zh" else "Any one of these leaves a plan (each was tried):"
        return [head, *("- " + ("；" if language == "zh" else "; ").join(way) for way in told)]

    def _sentence(self, language: Literal["en", "zh"]) -> str:
        shared = [pair[language == "zh"] for pair in self.common]
        who = _some(self.enterprise_ids), _some(self.officer_ids)
        m, n = len(self.enterprises), len(self.officers)
        if language == "zh":
            who = (who[0] + shared[0], who[1] + shared[1])
        if self.side == "demand":
            if language == "zh":
                return (
                    f"{m} 家企业（{who[0]}）共需干部 {self.asked} 人次，只能由 {n} 名干部（{who[1]}）服务，"
                    f"他们最多可服务 {self.available} 家次：缺 {self.short}。"
                )
            return (
                f"{_many(m, 'enterprise')}{shared[0]} ({who[0]}) ask{'s' * (m == 1)} for {_many(self.asked, 'place')} and can only go to "
                f"{_many(n, 'officer')}{shared[1]} ({who[1]}) "
                f"who have {self.available} for them: {self.short} short."
            )
        if language == "zh":
            return (
                f"{n} 名干部（{who[1]}）至少要服务 {self.asked} 家次，但只能服务 {m} 家企业（{who[0]}），"
                f"最多接受 {self.available} 人次：多出 {self.short}。"
            )
        return (
            f"{_many(n, 'officer')}{shared[1]} ({who[1]}) must serve at least {self.asked} and can only go to "
            f"{_many(m, 'enterprise')}{shared[0]} ({who[0]}) "
            f"who take {self.available} at the most: {self.short} too many."
        )

    def __str__(self) -> str:
        """Both languages."""
        return f"{self.text('en')}\n{self.text('zh')}"


SHOWN = 10
"""Mends that are told one by one."""


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _some(ids: NDArray[Any], most: int = 5) -> str:
    shown = ", ".join(map(str, ids[:most])) or "-"
    return shown + (", ..." if len(ids) > most else "")
