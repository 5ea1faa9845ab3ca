"""Training the reader of request texts: the only place that needs scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from matchmaker.errors import ConfigError

FOLDS = 5
ALIKE = 0.35
"""Texts whose n-grams have this cosine are variants of one another and stay in one fold: a model is not tried on what it has seen."""
MOST_TRIED = 2000
"""Labelled texts on which temperature and trust are chosen, evenly over all: more change nothing and cost the square."""
TEMPERATURES = np.geomspace(0.25, 4.0, 17)
TRUSTS = np.linspace(0.05, 0.95, 19)


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """What training gives.

    Parameters
    ----------
    classes
        Shape (n_classes,), the columns of the needs it knows.
    temperature
        What log odds are divided by.
    trust
        What its probabilities weigh against those of the keywords, where both speak.
    vectorizer, classifier
        scikit-learn's two parts.
    """

    classes: NDArray[np.int64]
    temperature: float
    trust: float
    vectorizer: Any
    classifier: Any


def train(texts: Sequence[str], columns: NDArray[np.int64], words: NDArray[np.float64]) -> Trained:
    """A classifier of character n-grams, with the temperature and trust under which texts unlike those it saw surprised least.

    Parameters
    ----------
    texts, columns
        Labelled requests and the column of each one's need, in an order that does not depend on a file's.
    words
        Shape (n_texts, K). What the keywords make of each.

    Raises
    ------
    ConfigError
        When fewer than two needs are among the labels.
    """
    classes, encoded = np.unique(columns, return_inverse=True)
    if len(classes) < 2:
        msg = (
            f"{len(texts)} labelled requests name {len(classes)} needs; training takes at least 2. Use the Lexicon until then. "
            f"| {len(texts)} 条已标注的诉求只涉及 {len(classes)} 类需求，训练至少需要 2 类，在此之前请用 Lexicon。"
        )
        raise ConfigError(msg)
    tried = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), MOST_TRIED)).astype(np.int64))
    with threadpool_limits(limits=1):  # the same to the last bit whatever the machine, and faster on vectors this short
        vectorizer, classifier = _fitted(texts, encoded)
        odds = _out_of_fold([texts[place] for place in tried.tolist()], encoded[tried], len(classes))
    temperature, trust = _least_surprised(odds, encoded[tried], words[tried][:, classes])
    return Trained(classes=classes, temperature=temperature, trust=trust, vectorizer=vectorizer, classifier=classifier)


def softmax(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as probabilities. Shape (n_texts, n_classes), each row adds up to 1."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def log_odds(classifier: Any, vectors: Any) -> NDArray[np.float64]:
    """A classifier's log odds, two columns where there are two classes. Shape (n_texts, n_classes)."""
    odds = np.asarray(classifier.decision_function(vectors), dtype=np.float64)
    return np.stack([np.zeros_like(odds), odds], axis=1) if odds.ndim == 1 else odds


def _least_surprised(odds: NDArray[np.float64], encoded: NDArray[np.int64], words: NDArray[np.float64]) -> tuple[float, float]:
    """Temperature and trust by log score; one and even where no text could be tried."""
    tried = np.flatnonzero(np.isfinite(odds).all(axis=1))
    if not len(tried):
        return 1.0, 0.5
    right = encoded[tried]
    by_words = words[tried, right]
    learned = np.stack([softmax(odds[tried] / temperature)[np.arange(len(tried)), right] for temperature in TEMPERATURES])
    temperature = int(np.argmax(np.log(learned + 1e-12).sum(axis=1)))
    blended = TRUSTS[:, None] * learned[temperature] + (1 - TRUSTS[:, None]) * by_words
    trust = int(np.argmax(np.log(blended + 1e-12).sum(axis=1)))
    return float(TEMPERATURES[temperature]), float(TRUSTS[trust])


def _out_of_fold(texts: Sequence[str], encoded: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Log odds of each text by a classifier that saw neither it nor its variants; NaN where that was not possible.

    The vectorizer is fitted anew as well: one that knows a text's rare characters would scale it unlike a new one.
    """
    fold = _folds(_vectorizer().fit_transform(texts))
    odds = np.full((len(encoded), count), np.nan)
    for part in range(FOLDS):
        inside, outside = np.flatnonzero(fold == part), np.flatnonzero(fold != part)
        known = np.unique(encoded[outside])
        if not len(inside) or len(known) < 2:
            continue
        vectorizer, classifier = _fitted([texts[place] for place in outside.tolist()], encoded[outside])
        found = log_odds(classifier, vectorizer.transform([texts[place] for place in inside.tolist()]))
        odds[inside] = found.min(axis=1, keepdims=True)
        odds[np.ix_(inside, known)] = found
    return odds


def _folds(vectors: Any) -> NDArray[np.int64]:
    """A fold for each text, variants of one text in the same: the largest group goes to the emptiest fold. Shape (n_texts,)."""
    cosines = sp.csr_array(vectors @ vectors.T)
    cosines.data = (cosines.data > ALIKE).astype(np.int8)
    cosines.eliminate_zeros()
    group = connected_components(cosines, directed=False)[1]
    sizes = np.bincount(group)
    filled, fold_of = [0] * FOLDS, np.zeros(len(sizes), dtype=np.int64)
    for one in np.argsort(-sizes, kind="stable").tolist():
        fold_of[one] = filled.index(min(filled))
        filled[fold_of[one]] += int(sizes[one])
    return fold_of[group]


def _fitted(texts: Sequence[str], encoded: NDArray[np.int64]) -> tuple[Any, Any]:
    """A vectorizer of these texts and a classifier of their needs."""
    from sklearn.linear_model import LogisticRegression

    vectorizer = _vectorizer()
    return vectorizer, LogisticRegression(C=3.0, max_iter=500, tol=1e-3).fit(vectorizer.fit_transform(texts), encoded)


def _vectorizer() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
