"""Training the reader of request texts: the only place that needs scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import ConfigError

FOLDS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """What training gives: columns of the needs it knows, the temperature, and scikit-learn's two parts."""

    classes: NDArray[np.int64]
    temperature: float
    vectorizer: Any
    classifier: Any


def train(texts: Sequence[str], columns: Sequence[int], temperatures: NDArray[np.float64]) -> Trained:
    """A classifier of character n-grams, and the temperature under which predictions out of fold were least surprised.

    Parameters
    ----------
    texts, columns
        Labelled requests and the column of each one's need.
    temperatures
        Shape (n_temperatures,). Those to try.

    Raises
    ------
    ConfigError
        When fewer than two needs are among the labels.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    if len(set(columns)) < 2:
        msg = f"{len(texts)} labelled requests name {len(set(columns))} needs; training takes at least 2. Use the Lexicon until then."
        raise ConfigError(msg)
    ordered = sorted(zip(texts, columns, strict=True))
    labels = np.array([column for _, column in ordered], dtype=np.int64)
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    vectors = vectorizer.fit_transform([text for text, _ in ordered])
    classes, encoded = np.unique(labels, return_inverse=True)
    odds, seen = _out_of_fold(vectors, encoded, len(classes))
    surprise = [-float(np.log(softmax(odds / t)[np.arange(len(seen)), encoded[seen]] + 1e-12).mean()) for t in temperatures]
    temperature = float(temperatures[int(np.argmin(surprise))]) if len(seen) else 1.0
    return Trained(classes=classes, temperature=temperature, vectorizer=vectorizer, classifier=_classifier().fit(vectors, encoded))


def softmax(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as probabilities. Shape (n_texts, n_classes), each row adds up to 1."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def log_odds(classifier: Any, vectors: Any) -> NDArray[np.float64]:
    """A classifier's log odds, two columns where there are two classes. Shape (n_texts, n_classes)."""
    odds = np.asarray(classifier.decision_function(vectors), dtype=np.float64)
    return np.stack([np.zeros_like(odds), odds], axis=1) if odds.ndim == 1 else odds


def _out_of_fold(vectors: Any, encoded: NDArray[np.int64], count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Log odds of each text by a classifier that did not see it, and which texts those are. Every fifth text of a need is a fold."""
    order = np.argsort(encoded, kind="stable")
    rank = np.empty(len(encoded), dtype=np.int64)
    rank[order] = np.arange(len(encoded)) - np.repeat(*_starts(encoded, count))
    fold = rank % FOLDS
    odds, seen = [], []
    for part in range(FOLDS):
        inside, outside = np.flatnonzero(fold == part), np.flatnonzero(fold != part)
        if len(inside) and len(np.unique(encoded[outside])) == count:
            odds.append(log_odds(_classifier().fit(vectors[outside], encoded[outside]), vectors[inside]))
            seen.append(inside)
    if not seen:
        return np.empty((0, count)), np.empty(0, dtype=np.int64)
    return np.concatenate(odds), np.concatenate(seen)


def _starts(encoded: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    sizes = np.bincount(encoded, minlength=count)
    return np.cumsum(sizes) - sizes, sizes


def _classifier() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=10.0, max_iter=500, tol=1e-6)
