"""Which need a request's words speak of: by keywords at first, by the user's own labelled requests as they come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.profiles.keywords import Keywords
from matchmaker.profiles.taxonomy import Taxonomy
from matchmaker.profiles.training import Trained, log_odds, softmax, train

FEWEST_LABELS = 40
"""With fewer labelled requests (or but one need among them) nothing is trained."""
SMOOTHING = 0.05
"""What every need gets beside the characters of its keywords: no word is proof."""
NOT_ASKED = re.compile(
    r"(?:暂无|目前无|(?:没有|无)(?!办法|法|力|渠道|地方|门路|途径|人))[^,，。;；!！?？]{0,8}?(?:需求|诉求)"
    r"|(?:不需要|不再需要|无需|不缺|不用|并非)[^,，。;；!！?？]{0,8}"
)
"""What a request says it does *not* ask for; keywords in there do not count. "没有" alone is no denial: 没有贷款渠道 asks for loans."""
NOTHING_SAID = re.compile(r"(?:无|没有|暂无|none|n/?a|nil|[\W_])*", re.IGNORECASE)


@dataclass(frozen=True)
class Match:
    """One keyword that stands in a text.

    Parameters
    ----------
    need
        The code of the need it speaks of.
    word
        The keyword.
    start
        Where in the text it begins.
    """

    need: str
    word: str
    start: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """What texts are about.

    Parameters
    ----------
    share
        Shape (n_texts, K), each row adds up to 1: the probability of each need. Uniform where the text is not clear.
    clear
        Shape (n_texts,): the text says something about its need.
    """

    share: NDArray[np.float64]
    clear: NDArray[np.bool_]


def read(texts: Sequence[str], taxonomy: Taxonomy, *, labelled: Sequence[str] = (), needs: Sequence[str] = ()) -> Reading:
    """What texts are about, with what labelled requests teach where there are enough of them.

    Parameters
    ----------
    texts
        Requests in the enterprises' words.
    labelled, needs
        Texts whose need is known, and its code; equally long.
    """
    if len(labelled) < FEWEST_LABELS or len(set(needs)) < 2:
        return Lexicon(taxonomy).read(texts)
    return TextModel.fit(labelled, needs, taxonomy=taxonomy).read(texts)


@dataclass(frozen=True)
class Lexicon:
    """Keywords of each need: no training, and every reading can be shown word by word.

    A need's probability grows with the characters of its keywords that the text holds (longer words say more), keywords within a
    denial ("不需要贷款") left out.

    Parameters
    ----------
    taxonomy
        Whose needs and keywords to use. A need's Chinese and English names are keywords too.
    """

    taxonomy: Taxonomy

    def matches(self, text: str) -> tuple[Match, ...]:
        """The keywords that a text holds, in its order, none within another of the same need."""
        folded = NOT_ASKED.sub(lambda denial: "\n" * len(denial[0]), text.casefold())
        found = [Match(self.taxonomy.codes[need], word, place) for place, word, need in self._words.find(folded)]
        return tuple(sorted(_outermost(found), key=lambda match: (match.start, match.need)))

    def read(self, texts: Sequence[str]) -> Reading:
        """What each text is about, from its keywords."""
        places = {code: k for k, code in enumerate(self.taxonomy.codes)}
        scores = np.zeros((len(texts), len(places)))
        for row, text in enumerate(texts):
            for match in self.matches(text):
                scores[row, places[match.need]] += len(match.word)
        shares = scores + SMOOTHING
        return Reading(share=shares / shares.sum(axis=1, keepdims=True), clear=np.asarray(scores.any(axis=1)))

    @cached_property
    def _words(self) -> Keywords:
        return Keywords((word, k) for k, need in enumerate(self.taxonomy) for word in (*need.keywords, need.zh, need.en))


@dataclass(frozen=True, kw_only=True, eq=False)
class TextModel:
    """A reader trained on the user's own labelled requests, blended with the keywords.

    Logistic regression on single characters and pairs, so that Chinese needs no segmenter. It is tried on labelled requests whose
    variants it has not seen; on these its probabilities are calibrated by one temperature (Guo et al. 2017, arXiv:1706.04599), and what
    it is trusted against the keywords is chosen, both by log score. Where a text holds no keyword it stands alone.

    Parameters
    ----------
    taxonomy
        The needs, in column order.
    labels
        How many labelled requests it learned from.
    trained
        What it learned.
    """

    taxonomy: Taxonomy = field(repr=False)
    labels: int
    trained: Trained = field(repr=False)

    @classmethod
    def fit(cls, texts: Sequence[str], needs: Sequence[str], *, taxonomy: Taxonomy | None = None) -> TextModel:
        """Learn from labelled requests; their order does not matter.

        Parameters
        ----------
        texts, needs
            Requests in the enterprises' words, and the code of each one's need. Equally long, at least two needs.
        taxonomy
            By default the programme's.

        Raises
        ------
        ConfigError
            When a need is not in the taxonomy, or all labels are the same.
        """
        taxonomy = Taxonomy.programme() if taxonomy is None else taxonomy
        ordered = sorted(zip(texts, map(taxonomy.index, needs), strict=True))
        known = [text for text, _ in ordered]
        columns = np.array([column for _, column in ordered], dtype=np.int64)
        return cls(taxonomy=taxonomy, labels=len(known), trained=train(known, columns, Lexicon(taxonomy).read(known).share))

    def read(self, texts: Sequence[str]) -> Reading:
        """What each text is about."""
        words = Lexicon(self.taxonomy).read(texts)
        if not len(texts):
            return words
        vectors = self.trained.vectorizer.transform(texts)
        learned = np.zeros_like(words.share)
        learned[:, self.trained.classes] = softmax(log_odds(self.trained.classifier, vectors) / self.trained.temperature)
        speaks = np.diff(vectors.indptr) > 0
        speaks &= np.array([_says_something(text) for text in texts])
        trust = np.where(words.clear, self.trained.trust, 1.0) * speaks
        share = np.round(trust[:, None] * learned + (1 - trust)[:, None] * words.share, 9)
        return Reading(share=share / share.sum(axis=1, keepdims=True), clear=words.clear | speaks)


def _says_something(text: str) -> bool:
    return NOTHING_SAID.fullmatch(NOT_ASKED.sub("", text)) is None


def _outermost(found: list[Match]) -> list[Match]:
    """Matches that do not lie within a longer one."""
    if len(found) < 2:
        return found
    return [
        inner
        for inner in found
        if not any(
            len(outer.word) > len(inner.word)
            and outer.start <= inner.start
            and inner.start + len(inner.word) <= outer.start + len(outer.word)
            for outer in found
        )
    ]
