"""Which labels are said."""

import numpy as np
from scipy import sparse

from veche.learn.examples import Labels, LabelSet
from veche.learn.saying import Saying, learn_saying


def labels_of(truth: np.ndarray, *, multi: bool) -> Labels:
    names = tuple(f"label {i}" for i in range(truth.shape[1]))
    known = np.ones(len(truth), bool)
    return Labels(LabelSet(names, names, np.full(len(names), -1), (), multi), sparse.csr_matrix(truth), known)


def test_one_label_is_said_where_only_one_can_hold() -> None:
    chances = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.2]])
    rule = learn_saying(chances, labels_of(np.eye(3, dtype=bool)[[1, 2]], multi=False))
    np.testing.assert_array_equal(rule.said(chances), np.eye(3, dtype=bool)[[1, 2]])


def test_the_threshold_follows_people() -> None:
    rng = np.random.default_rng(1)
    chances = rng.random((400, 4))
    for threshold in (0.3, 0.6):
        truth = chances > threshold
        rule = learn_saying(chances, labels_of(truth, multi=True))
        assert (rule.said(chances) == truth).mean() > 0.97


def test_something_is_said_of_every_appeal_where_people_did_so() -> None:
    chances = np.array([[0.04, 0.02], [0.9, 0.8]] * 20)
    everywhere = learn_saying(chances, labels_of(np.array([[1, 0], [1, 1]] * 20, bool), multi=True))
    sometimes = learn_saying(chances, labels_of(np.array([[0, 0], [1, 1]] * 20, bool), multi=True))
    assert everywhere.said(chances)[0].tolist() == [True, False]
    assert not sometimes.said(chances)[0].any()


def test_a_stored_rule_is_the_same() -> None:
    rule = Saying(multi=True, threshold=0.35, at_least_one=True)
    assert Saying.of(rule.settings()) == rule


def test_no_appeals_get_no_labels() -> None:
    rule = learn_saying(np.zeros((0, 2)), labels_of(np.zeros((0, 2), bool), multi=True))
    assert rule.said(np.zeros((0, 2))).shape == (0, 2)
