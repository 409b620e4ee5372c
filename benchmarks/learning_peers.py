"""What others would do with the same labels: TF-IDF and a linear support vector machine."""

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from veche.learn.examples import Inputs, Labels

#: Why `model2vec` with a logistic regression is not measured.
NO_MODEL2VEC = (
    "model2vec + logistic regression: not measured; the package brings no model, and fetches one from a hub."
)

#: Rounds of the machine at most, so that a label that does not settle costs seconds.
_ROUNDS = 100


def svm_scores(inputs: Inputs, labels: Labels, part: np.ndarray) -> np.ndarray:
    """Return the balanced machine's decision values (float32 [n, c]), each row's by the other parts."""
    texts = inputs.texts.to_pylist()
    truth = labels.given.toarray().astype(bool)
    out = np.full(truth.shape, -10, np.float32)
    for fold in np.unique(part):
        old, new = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        features = _features()
        learnt = features.fit_transform([texts[i] for i in old])
        asked = features.transform([texts[i] for i in new])
        for label in np.flatnonzero(truth[old].any(axis=0) & ~truth[old].all(axis=0)):
            machine: Any = LinearSVC(class_weight="balanced", max_iter=_ROUNDS)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                machine.fit(learnt, truth[old, label])
            out[new, label] = machine.decision_function(asked)
    return out


def _features() -> FeatureUnion:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", words), ("letters", letters)])
