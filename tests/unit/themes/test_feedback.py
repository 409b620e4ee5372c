"""Facts about what the texts themselves teach about given themes."""

import numpy as np

from veche.themes.features import unit_rows
from veche.themes.feedback import WEIGHT, from_the_others, trust


def _two_kinds() -> tuple[np.ndarray, np.ndarray]:
    """Vectors of two kinds of texts (rows 0-39, 40-79), and whose they are."""
    draw = np.random.default_rng(0)
    kind = np.repeat([0, 1], 40)
    rows = draw.normal(size=(80, 16)) + 3 * np.eye(16)[kind]
    return unit_rows((rows - rows.mean(axis=0)).astype(np.float32)), kind


def test_a_text_that_nobody_could_place_is_told_by_its_like():
    vectors, kind = _two_kinds()
    score = np.where(np.eye(2, dtype=bool)[kind], 1.0, -1.0)
    score[[0, 40]] = 0.0
    told = from_the_others(score, vectors)
    assert told[[0, 40]].argmax(axis=1).tolist() == [0, 1]


def test_a_text_is_not_told_its_own_guess():
    vectors, kind = _two_kinds()
    score = np.where(np.eye(2, dtype=bool)[kind], 1.0, -1.0)
    score[0] = -score[0]
    assert from_the_others(score, vectors)[0].argmax() == 0


def test_few_texts_per_theme_are_hardly_trusted_and_many_nearly_wholly():
    assert trust(40, 10) < 0.02
    assert 0.9 * WEIGHT < trust(100_000, 10) < WEIGHT


def test_more_texts_than_a_block_give_what_one_block_gives(monkeypatch):
    vectors, kind = _two_kinds()
    score = np.where(np.eye(2, dtype=bool)[kind], 1.0, -1.0)
    whole = from_the_others(score, vectors)
    monkeypatch.setattr("veche.themes.feedback._BLOCK", 7)
    assert np.allclose(from_the_others(score, vectors), whole)


def test_one_text_and_one_theme_are_fine():
    assert np.isfinite(from_the_others(np.zeros((1, 1)), np.zeros((1, 16), np.float32))).all()
