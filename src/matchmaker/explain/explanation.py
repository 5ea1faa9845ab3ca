"""An answer to "why?": in words, in tables and in a notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import pandas as pd

from matchmaker.explain.case import Side
from matchmaker.explain.sentences import sentences
from matchmaker.words import Language


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Why a plan gives one enterprise its officers (or one officer the enterprises), and what else could be.

    Parameters
    ----------
    side
        Who is asked about: "enterprise" or "officer".
    id, name
        Of whom. The name is empty where the tables have none.
    profile
        Columns need, zh, en, amount: requests expected open for an enterprise, probability of resolving one for an officer.
    basis
        What the profile rests on, in English and Chinese.
    pairs
        The pairs that the plan holds: officer_id, enterprise_id, partner (name of the other side), affinity, value, kept, pinned_by,
        pin_reason.
    contributions
        Their affinity need by need: officer_id, enterprise_id, need, zh, en, competence, expected, contribution.
    alternatives
        The next best pairs, best first: officer_id, enterprise_id, partner, affinity, value (in the policy's aims), reduced (value less
        the prices of both places), allowed, forbidden_by and forbidden_by_zh (which rule, in whose name), serves_now (ids),
        loses_at_least (a proven lower bound on what the best plan would lose if the pair were forced; NaN where nothing is proven),
        loses (the same exactly; NaN unless asked for, infinity where no such plan exists), changes (pairs given up and gained), note,
        note_zh.
    """

    side: Side
    id: object
    name: str = ""
    profile: pd.DataFrame = field(repr=False)
    basis: tuple[str, str] = ("", "")
    pairs: pd.DataFrame = field(repr=False)
    contributions: pd.DataFrame = field(repr=False)
    alternatives: pd.DataFrame = field(repr=False)

    def text(self, language: Language = "en") -> str:
        """The answer in sentences, one a line."""
        return "\n".join(sentences(self, language))

    def __str__(self) -> str:
        """Both languages."""
        return f"{self.text('en')}\n\n{self.text('zh')}"

    def to_frame(self) -> pd.DataFrame:
        """The plan's pairs and the alternatives in one table; column role is "in the plan", "allowed" or "forbidden"."""
        chosen = self.pairs.assign(role="in the plan")
        others = self.alternatives.assign(role=["allowed" if may else "forbidden" for may in self.alternatives["allowed"]])
        names = ["role", "officer_id", "enterprise_id", "partner", "affinity", "value", "reduced", "forbidden_by", "forbidden_by_zh"]
        names += ["serves_now", "loses_at_least", "loses", "changes", "note", "note_zh"]
        table = pd.DataFrame([*chosen.to_dict("records"), *others.to_dict("records")], columns=names)
        words = ["forbidden_by", "forbidden_by_zh", "serves_now", "changes", "note", "note_zh"]
        return table.astype(dict.fromkeys(words, object)).fillna(dict.fromkeys(words, ""))

    def _repr_html_(self) -> str:
        """A notebook's view: both languages, then the table."""
        words = "".join(
            f"<p lang='{language}'>" + "<br>".join(html.escape(line) for line in sentences(self, language)) + "</p>"
            for language in ("en", "zh")
        )
        return words + self.to_frame().to_html(index=False, na_rep="", float_format="{:.4g}".format)
