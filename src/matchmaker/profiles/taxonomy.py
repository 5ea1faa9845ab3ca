"""The needs that enterprises have and officers answer: one list, in two languages, extensible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.errors import ConfigError, DataError, Failure, did_you_mean
from matchmaker.tables import builtin_needs


@dataclass(frozen=True)
class Need:
    """One kind of help that an enterprise may ask for.

    Parameters
    ----------
    code
        What the tables call it, such as ``finance``.
    zh, en
        What people call it.
    keywords
        Words that give it away in a request's text.
    """

    code: str
    zh: str
    en: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """The K needs of a round, in the order of every competence's and need profile's columns.

    Parameters
    ----------
    needs
        Each code once, at least one.

    Raises
    ------
    ConfigError
        When there is no need, or a code is empty or stands twice.
    """

    needs: tuple[Need, ...]

    def __post_init__(self) -> None:
        codes = [need.code for need in self.needs]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if not codes or "" in codes or twice:
            fault = f"has {', '.join(twice)} twice" if twice else "has an empty code" if codes else "is empty"
            fault_zh = f"中 {'、'.join(twice)} 重复" if twice else "中有空代码" if codes else "为空"
            msg = (
                f"The taxonomy {fault}; expected at least one need, each with a code of its own. "
                f"| 需求目录{fault_zh}，应至少有一个需求，且代码各不相同。"
            )
            raise ConfigError(msg)

    @classmethod
    def programme(cls) -> Taxonomy:
        """The programme's own twelve needs, from supply chain to innovation."""
        return cls(tuple(_read(builtin_needs())))

    def extended(self, frame: pd.DataFrame) -> Taxonomy:
        """This taxonomy with the user's own needs: known codes are overridden where they stand, new ones follow by code.

        Parameters
        ----------
        frame
            Columns need, zh, en, keywords. A cell left empty keeps what the known need has; a new need without names goes by its code.
        """
        known = {need.code: need for need in self.needs}
        own = {need.code: _over(known.get(need.code), need) for need in sorted(_read(frame), key=lambda need: need.code)}
        kept = tuple(own.get(need.code, need) for need in self.needs)
        return Taxonomy(kept + tuple(need for code, need in own.items() if code not in known))

    @property
    def codes(self) -> tuple[str, ...]:
        """The needs' codes, in order."""
        return tuple(need.code for need in self.needs)

    def __len__(self) -> int:
        """K, the number of needs."""
        return len(self.needs)

    def __iter__(self) -> Iterator[Need]:
        """The needs, in order."""
        return iter(self.needs)

    def index(self, label: str) -> int:
        """The column of a need, from its code or its name in either language.

        Raises
        ------
        ConfigError
            When no need is called so.
        """
        place = self._places.get(label.strip().casefold())
        if place is None:
            known = [name for need in self.needs for name in (need.code, need.zh, need.en)]
            msg = (
                f"There is no need {label!r}.{did_you_mean(label, known)} Known: {', '.join(self.codes)}. "
                f"| 没有需求 {label!r}，可用：{'、'.join(self.codes)}。"
            )
            raise ConfigError(msg)
        return place

    def columns(self, codes: Iterable[str], *, sheet: str) -> NDArray[np.int64]:
        """The column of each code, -1 where it is empty. Shape (n_codes,).

        Raises
        ------
        DataError
            Naming every code that is not in the taxonomy.
        """
        wanted = list(codes)
        found = np.array([self._places.get(code.casefold(), -1) for code in wanted], dtype=np.int64)
        unknown = sorted({code for code, place in zip(wanted, found, strict=True) if place < 0 and code})
        if unknown:
            raise DataError([self._unknown(code, sheet) for code in unknown])
        return found

    def _unknown(self, code: str, sheet: str) -> Failure:
        return Failure(
            sheet=sheet,
            column="need",
            value=code,
            problem=f"is not a need.{did_you_mean(code, self.codes)}",
            expected=f"one of {', '.join(self.codes)}, or a row for it in the needs table",
            problem_zh="不在需求目录中",
            expected_zh="目录内的需求代码，或在需求目录表中新增",
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        names = [(name, place) for place, need in enumerate(self.needs) for name in (need.en, need.zh, need.code)]
        by_code = [(need.code, place) for place, need in enumerate(self.needs)]
        return {name.casefold(): place for name, place in names + by_code if name}


def _read(frame: pd.DataFrame) -> list[Need]:
    """Needs from a table; absent columns and empty cells read as empty."""
    text = {name: _cells(frame, name) for name in ("need", "zh", "en")}
    words = frame["keywords"].tolist() if "keywords" in frame else [()] * len(frame)
    return [
        Need(code, zh, en, tuple(keywords) if isinstance(keywords, tuple | list) else ())
        for code, zh, en, keywords in zip(text["need"], text["zh"], text["en"], words, strict=True)
    ]


def _cells(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return [str(cell).strip() for cell in frame[name].astype(object).where(frame[name].notna(), "")]


def _over(known: Need | None, own: Need) -> Need:
    base = known or Need(own.code, own.code, own.code)
    return Need(own.code, own.zh or base.zh, own.en or base.en, own.keywords or base.keywords)
