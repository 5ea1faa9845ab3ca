"""What an enterprise's business scope (经营范围) tells: its sector, and what firms of that sector tend to need.

The table ``sectors.csv`` is a documented starting point, from how firms of each sector usually speak of their troubles; it is not
measured. A record of requests outweighs it as soon as there is one, and a user's own table takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.errors import ConfigError
from matchmaker.profiles.keywords import Keywords
from matchmaker.profiles.taxonomy import Taxonomy

COLUMNS = ("sector", "zh", "en", "keywords", "lifts")
ASIDE = re.compile(r"[(（\[【][^)）\]】]*(?:[)）\]】]|$)|(?:国家限定|依法须经|法律、?法规|涉及资质|须经批准)[^。;；]*")
"""What licences and exceptions say stands in brackets and set phrases; it is not what the firm does."""
SCOPE_READ = 200
"""Characters of a scope that are read: what comes later is rarely the main business."""
HALF = 12
"""A keyword that stands this many characters into the scope counts half of one at its start: the main business is named first."""


@dataclass(frozen=True)
class Sector:
    """A kind of business, and how much more often than others its firms ask for each need.

    Parameters
    ----------
    code, zh, en
        Its code and names.
    keywords
        Words of a business scope that give it away.
    lifts
        (need's code, factor): 2 is twice the usual share. Needs that are not named have 1.
    """

    code: str
    zh: str
    en: str
    keywords: tuple[str, ...]
    lifts: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Sectors:
    """Every sector, and how to tell it from a text.

    Parameters
    ----------
    sectors
        In the order that breaks ties: earlier ones win.
    """

    sectors: tuple[Sector, ...]

    @classmethod
    def builtin(cls) -> Sectors:
        """The package's own table."""
        return _builtin()

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Sectors:
        """Sectors from a table of one's own: columns sector, zh, en, keywords (``a;b``) and lifts (``need=factor;need=factor``).

        Raises
        ------
        ConfigError
            When a column is missing, a code is empty or stands twice, or a lift is not a positive number.
        """
        missing = [column for column in COLUMNS if column not in frame]
        if missing:
            msg = (
                f"The table of sectors lacks {', '.join(missing)}; expected the columns {', '.join(COLUMNS)}. "
                f"| 行业表缺少 {'、'.join(missing)} 列，应有 {'、'.join(COLUMNS)} 各列。"
            )
            raise ConfigError(msg)
        cells = frame.loc[:, list(COLUMNS)].astype(object).where(frame.loc[:, list(COLUMNS)].notna(), "").astype(str)
        sectors = tuple(
            Sector(code, zh, en, _split(keywords), _lifts(code, lifts)) for code, zh, en, keywords, lifts in cells.to_numpy().tolist()
        )
        codes = [sector.code for sector in sectors]
        if not codes or "" in codes or len(set(codes)) < len(codes):
            msg = (
                f"The table of sectors has {len(codes)} rows and {len(set(codes) - {''})} codes; expected a code of its own for each. "
                f"| 行业表有 {len(codes)} 行、{len(set(codes) - {''})} 个代码，每行应各有一个代码。"
            )
            raise ConfigError(msg)
        return cls(sectors)

    def __len__(self) -> int:
        """How many sectors."""
        return len(self.sectors)

    def tell(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The sector of each text, -1 where no keyword stands in it. Shape (n_texts,).

        The sector with the highest sum over its keywords of ``length * 12 / (12 + place)``: longer words say more, and what
        is named first is what the firm does.
        """
        known = {text: self._tell(text) for text in set(texts)}
        return np.array([known[text] for text in texts], dtype=np.int64)

    def words(self, text: str) -> dict[str, tuple[str, ...]]:
        """The keywords that stand in a text, by sector: why it was told so."""
        found: dict[str, dict[str, None]] = {}
        for _, word, sector in self._words.find(_plain(text)):
            found.setdefault(self.sectors[sector].code, {})[word] = None
        return {code: tuple(words) for code, words in found.items()}

    def lifts(self, taxonomy: Taxonomy) -> NDArray[np.float64]:
        """How much more often each sector asks for each need; a last row of ones for the unknown. Shape (n_sectors + 1, K).

        Needs that the taxonomy does not have are left out.
        """
        places = {code: k for k, code in enumerate(taxonomy.codes)}
        table = np.ones((len(self.sectors) + 1, len(taxonomy)))
        for row, sector in enumerate(self.sectors):
            for need, factor in sector.lifts:
                if need in places:
                    table[row, places[need]] = factor
        return table

    def _tell(self, text: str) -> int:
        scores = [0.0] * len(self.sectors)
        seen: set[tuple[str, int]] = set()
        for place, word, sector in self._words.find(_plain(text)):
            if (word, sector) not in seen:
                seen.add((word, sector))
                scores[sector] += len(word) * HALF / (HALF + place)
        best = max(scores, default=0.0)
        return scores.index(best) if best > 0 else -1

    @cached_property
    def _words(self) -> Keywords:
        return Keywords((word, place) for place, sector in enumerate(self.sectors) for word in sector.keywords)


@cache
def _builtin() -> Sectors:
    with resources.files("matchmaker.profiles").joinpath("sectors.csv").open(encoding="utf-8") as file:
        return Sectors.from_frame(pd.read_csv(file, dtype=str, keep_default_na=False))


def _plain(text: str) -> str:
    return ASIDE.sub("", text.casefold())[:SCOPE_READ]


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _lifts(sector: str, cell: str) -> tuple[tuple[str, float], ...]:
    lifts = []
    for part in _split(cell):
        need, _, factor = part.partition("=")
        try:
            value = float(factor)
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf"):
            msg = (
                f"Sector {sector}: the lift {part!r} is not need=factor with a positive factor, such as energy=2. "
                f"| 行业 {sector}：提升倍数 {part!r} 应写作“需求=倍数”且倍数为正，如 energy=2。"
            )
            raise ConfigError(msg)
        lifts.append((need.strip(), value))
    return tuple(lifts)
