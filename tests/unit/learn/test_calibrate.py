"""Chances are what comes true as often as they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax
from tests.unit.learn.conftest import labels_of

from veche.learn.calibrate import Calibration, binned_error, expected_calibration_error, fit_calibration


def drawn(rng, n, c, *, multi, sharp=2.5):
    """Return scores and labels that came true with chances which follow from the scores in a curve."""
    scores = rng.normal(0, 1, (n, c)) + rng.normal(0, 0.5, c)
    curve = sharp * np.minimum(scores, 1.0) + 0.4 * np.maximum(scores - 1, 0)
    if multi:
        true = rng.random((n, c)) < expit(curve - 1)
        rows = [list(np.flatnonzero(row)) for row in true]
    else:
        chances = softmax(curve, axis=1)
        rows = [[int(rng.choice(c, p=chance))] for chance in chances]
    return scores.astype(np.float32), labels_of(rows, [f"l{i}" for i in range(c)], multi=multi)


@pytest.mark.parametrize("multi", [False, True])
def test_chances_come_true_on_what_was_not_seen(multi):
    rng = np.random.default_rng(4)
    scores, labels = drawn(rng, 6000, 6, multi=multi)
    old, new = np.arange(3000), np.arange(3000, 6000)
    calibration = fit_calibration(scores[old] * 3 + 2, labels.take(old))
    chances = calibration.chances(scores[new] * 3 + 2)
    assert expected_calibration_error(chances, labels.take(new)) < 0.03
    raw = (expit if multi else lambda s: softmax(s, axis=1))(scores[new] * 3 + 2)
    assert expected_calibration_error(raw, labels.take(new)) > 0.06


def test_chances_of_one_label_sum_to_one():
    scores, labels = drawn(np.random.default_rng(1), 300, 5, multi=False)
    chances = fit_calibration(scores, labels).chances(scores)
    assert chances.dtype == np.float32
    assert chances.sum(axis=1) == pytest.approx(np.ones(300), abs=1e-5)


@pytest.mark.parametrize("multi", [False, True])
def test_a_rare_label_stays_with_the_common_curve(multi):
    scores, labels = drawn(np.random.default_rng(2), 2000, 6, multi=multi)
    rows = np.flatnonzero(labels.single() != 5) if not multi else np.arange(1500)
    calibration = fit_calibration(scores[rows], labels.take(rows))
    assert np.abs(calibration.slope).max() < 1
    assert np.isfinite(calibration.chances(scores)).all()


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_few_examples_break_nothing(multi, n):
    scores, labels = drawn(np.random.default_rng(3), 8, 4, multi=multi)
    chances = fit_calibration(scores[:n], labels.take(np.arange(n))).chances(scores)
    assert chances.shape == (8, 4)
    assert np.isfinite(chances).all()
    assert chances.min() > 0
    assert chances.max() < 1


def test_rows_that_nobody_labelled_do_not_count():
    scores, labels = drawn(np.random.default_rng(5), 400, 3, multi=False)
    truth = labels.single()
    some = labels_of([[int(t)] if i % 2 else None for i, t in enumerate(truth)], list("abc"))
    odd = np.arange(1, 400, 2)
    expected = fit_calibration(scores[odd], labels.take(odd)).chances(scores)
    assert fit_calibration(scores, some).chances(scores) == pytest.approx(expected, abs=1e-6)


def test_a_thousand_copies_are_one_example():
    scores, labels = drawn(np.random.default_rng(6), 500, 3, multi=False)
    rows = np.concatenate([np.arange(500), np.zeros(1000, np.int64)])
    one = fit_calibration(scores, labels, np.arange(500)).chances(scores)
    many = fit_calibration(scores[rows], labels.take(rows), rows).chances(scores)
    # How frequent a label is, is still counted in appeals.
    assert np.abs(one - many).max() < 0.1
    counted = fit_calibration(scores[rows], labels.take(rows)).chances(scores)
    assert np.abs(one - counted).max() > 0.1


@pytest.mark.parametrize("multi", [False, True])
def test_the_order_of_rows_changes_nothing(multi):
    rng = np.random.default_rng(7)
    scores, labels = drawn(rng, 300, 4, multi=multi)
    mixed = rng.permutation(300)
    chances = fit_calibration(scores, labels).chances(scores)
    again = fit_calibration(scores[mixed], labels.take(mixed)).chances(scores)
    assert again == pytest.approx(chances, abs=1e-4)


@pytest.mark.parametrize("multi", [False, True])
def test_a_calibration_is_kept_whole(multi):
    scores, labels = drawn(np.random.default_rng(8), 200, 4, multi=multi)
    made = fit_calibration(scores, labels)
    again = Calibration.of(made.parts(), made.settings())
    assert (again.chances(scores) == made.chances(scores)).all()


def test_parts_that_do_not_fit_are_no_calibration():
    scores, labels = drawn(np.random.default_rng(8), 50, 3, multi=True)
    made = fit_calibration(scores, labels)
    with pytest.raises(ValueError, match="calibration"):
        Calibration.of(made.parts() | {"slope": np.zeros(2, np.float32)}, made.settings())
    with pytest.raises(KeyError):
        Calibration.of({"slope": made.slope}, made.settings())


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 0.99), st.integers(1, 5000))
def test_a_chance_that_never_varies_is_off_by_what_it_misses(chance, n):
    right = np.arange(n) % 4 == 0
    off = binned_error(np.full(n, chance), right)
    assert off == pytest.approx(abs(chance - right.mean()), abs=1e-9)


def test_the_error_is_the_mean_over_bins_of_equal_mass():
    chance = np.repeat([0.1, 0.5, 0.9], 100)
    right = np.concatenate([np.arange(100) < 20, np.arange(100) < 50, np.arange(100) < 80])
    assert binned_error(chance, right, bins=3) == pytest.approx(0.2 / 3)
