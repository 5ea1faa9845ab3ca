"""Why no plan can exist: who competes for whom, and how many places are short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Mend:
    """A change with which a plan exists: one was found that keeps every rule once all mends of a diagnosis are made.

    Parameters
    ----------
    en, zh
        What to change.
    by
        By how much.
    """

    en: str
    zh: str
    by: float


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
        The cheapest changes that were found; made together, they leave a plan, which was tried.
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

    @property
    def short(self) -> int:
        """How many places are missing."""
        return self.asked - self.available

    def text(self, language: Literal["en", "zh"] = "en") -> str:
        """The finding in a sentence or two."""
        lines = [note[language == "zh"] for note in self.notes]
        if self.side not in ("pins", "rules"):
            lines.insert(0, self._sentence(language))
        if self.mends:
            lines.append("可行的调整（一并作出后即有方案）：" if language == "zh" else "A plan exists once these are changed together:")
            lines += [f"- {mend.zh if language == 'zh' else mend.en}" for mend in self.mends[:SHOWN]]
            more = len(self.mends) - SHOWN
            if more > 0:
                lines.append(f"- 另有 {more} 项" if language == "zh" else f"- and {more} more")
        return "\n".join(lines)

    def _sentence(self, language: Literal["en", "zh"]) -> str:
        who = _some(self.enterprise_ids), _some(self.officer_ids)
        m, n = len(self.enterprises), len(self.officers)
        if self.side == "demand":
            if language == "zh":
                return (
                    f"{m} 家企业（{who[0]}）共需干部 {self.asked} 人次，只能由 {n} 名干部（{who[1]}）服务，"
                    f"他们最多可服务 {self.available} 家次：缺 {self.short}。"
                )
            return (
                f"{m} enterprises ({who[0]}) ask for {self.asked} places and can only go to {n} officers ({who[1]}) "
                f"who have {self.available} for them: {self.short} short."
            )
        if language == "zh":
            return (
                f"{n} 名干部（{who[1]}）至少要服务 {self.asked} 家次，但只能服务 {m} 家企业（{who[0]}），"
                f"最多接受 {self.available} 人次：多出 {self.short}。"
            )
        return (
            f"{n} officers ({who[1]}) must serve at least {self.asked} and can only go to {m} enterprises ({who[0]}) "
            f"who take {self.available} at the most: {self.short} too many."
        )

    def __str__(self) -> str:
        """Both languages."""
        return f"{self.text('en')}\n{self.text('zh')}"


SHOWN = 10
"""Mends that are told one by one."""


def _some(ids: NDArray[Any], most: int = 5) -> str:
    shown = ", ".join(map(str, ids[:most])) or "-"
    return shown + (", ..." if len(ids) > most else "")
