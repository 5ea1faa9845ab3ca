"""Many keywords found in one pass over a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Keywords:
    """Keywords with what each stands for, found wherever they begin in a text.

    Parameters
    ----------
    pairs
        (keyword, column it speaks for); a keyword may speak for several. Case is folded.
    """

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        folded = sorted({(word.strip().casefold(), column) for word, column in pairs if word.strip()})
        self._starting: dict[str, list[tuple[str, int]]] = {}
        for word, column in folded:
            self._starting.setdefault(word[0], []).append((word, column))

    def find(self, text: str) -> Iterator[tuple[int, str, int]]:
        """(place, keyword, column) of each occurrence, in the text's order. The text's case is folded already."""
        for place, letter in enumerate(text):
            for word, column in self._starting.get(letter, ()):
                if text.startswith(word, place):
                    yield place, word, column
