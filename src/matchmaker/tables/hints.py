"""What a strange name may have meant, said in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

NEAR, HINT = 0.8, 0.6
"""How like a known name a strange one must be to be taken for a slip of the pen, and to be hinted at; from 0 to 1."""


def fold_name(name: str) -> str:
    """What spellings of one name share: width, case, blanks, underscores and the star that marks a required column.

    >>> fold_name("*Officer ID") == fold_name("officer_id")
    True
    """
    return re.sub(r"[\s_\-*]", "", unicodedata.normalize("NFKC", name)).casefold()


def nearest(name: str, known: Iterable[str], at_least: float = HINT) -> tuple[str, float]:
    """The known name most like this one and how like it is, from 0 to 1; nothing when none is so like."""
    folded, spelled = fold_name(name), {fold_name(word): word for word in known}
    close = get_close_matches(folded, spelled, n=1, cutoff=at_least)
    return (spelled[close[0]], SequenceMatcher(None, folded, close[0]).ratio()) if close else ("", 0.0)


def hint(name: str) -> tuple[str, str]:
    """A suggestion in English and Chinese; nothing when there is no name to suggest.

    >>> hint("西湖"), hint("")
    ((' Did you mean "西湖"?', '，是否为“西湖”？'), ('', ''))
    """
    return (f' Did you mean "{name}"?', f"，是否为“{name}”？") if name else ("", "")
