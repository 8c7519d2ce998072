"""The linear models that one would take instead, made with scikit-learn."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

_TOKENS = r"\w+|[^\w\s]"  # punctuation is kept


class LogCountRatios(BaseEstimator, TransformerMixin):
    """Scale each column by its log-count ratio: the features of NB-SVM (Wang and Manning, 2012)."""

    def fit(self, counts: Any, labels: np.ndarray) -> LogCountRatios:
        """Find the ratios of counts, a sparse matrix (N, columns) of 0 and 1, and labels (N,) of 0 and 1."""
        p, q = (1 + np.asarray(counts[labels == label].sum(axis=0)).ravel() for label in (1, 0))
        self.ratios_ = np.log(p / p.sum()) - np.log(q / q.sum())
        return self

    def transform(self, counts: Any) -> Any:
        """Return the columns, scaled."""
        return counts.multiply(self.ratios_).tocsr()


def linear_models() -> Dict[str, Pipeline]:
    """Return the models, not fitted yet, under their names; each takes texts."""
    return {
        "TF-IDF of words, logistic regression": make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)),
        "TF-IDF of words and pairs, logistic regression": make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
        ),
        "NB-SVM of 1 to 3 words": make_pipeline(
            CountVectorizer(ngram_range=(1, 3), token_pattern=_TOKENS, binary=True, min_df=2),
            LogCountRatios(),
            LogisticRegression(solver="liblinear", dual=True),
        ),
    }
