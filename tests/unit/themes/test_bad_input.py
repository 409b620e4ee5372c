"""Whatever comes in, every appeal is counted once, and no theme is invented."""

import numpy as np
import pytest
from planted import HEATING, around, say, themes_of, write


def top(themes):
    return [row for row in themes.table.to_pylist() if row["parent"] is None]


def all_are_counted(themes, n):
    assert themes.assignments.num_rows == n
    assert sum(row["size"] for row in top(themes)) + themes.digests["rare"]["size"] == n


def nonsense(n, seed=7):
    letters = np.array(list("бвгджзклмнпрстфхцчшщ"))
    random = np.random.default_rng(seed)
    return [" ".join("".join(random.choice(letters, 7)) for _ in range(6)) for _ in range(n)]


def random_vectors(n):
    return np.random.default_rng(3).normal(size=(n, 512)).astype(np.float16)


def test_nothing_in_common_gives_no_theme_though_words_are_looked_at(tmp_path):
    themes = themes_of(write(tmp_path / "work", nonsense(600), vectors=random_vectors(600)))
    assert top(themes) == []
    all_are_counted(themes, 600)


def test_random_words_of_one_small_vocabulary_give_no_theme(tmp_path):
    random = np.random.default_rng(0)
    words = np.array(" ".join(nonsense(20)).split())
    texts = [" ".join(random.choice(words, 12, replace=False)) for _ in range(600)]
    themes = themes_of(write(tmp_path / "work", texts, vectors=random_vectors(600)))
    assert top(themes) == []
    all_are_counted(themes, 600)


@pytest.mark.parametrize("with_vectors", [True, False])
def test_one_matter_in_four_wordings_is_at_most_four_themes(tmp_path, with_vectors):
    texts = say(HEATING, 240)
    vectors = around(0, 240, seed=0, spread=0.5) if with_vectors else None
    themes = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    all_are_counted(themes, 240)
    if with_vectors:
        assert len(top(themes)) <= len(HEATING)


def test_two_hundred_languages_in_one_run(tmp_path):
    alphabets = [[chr(0x4E00 + 30 * i + j) for j in range(30)] for i in range(200)]
    random = np.random.default_rng(1)
    texts = [
        " ".join("".join(random.choice(letters, 5)) for _ in range(4))
        for letters in alphabets
        for _ in range(2)
    ]
    themes = themes_of(write(tmp_path / "work", texts, vectors=random_vectors(400), language=None))
    assert top(themes) == []
    all_are_counted(themes, 400)


def test_a_text_of_a_megabyte_is_one_appeal_among_others(tmp_path):
    texts = [*say(HEATING, 230), "ледяные батареи " * 70_000]
    vectors = around(0, 231, seed=0)
    themes = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    all_are_counted(themes, 231)


def test_vectors_that_are_no_numbers_leave_the_words(tmp_path):
    texts = say(HEATING, 240)
    vectors = around(0, 240, seed=0)
    vectors[::3] = np.nan
    vectors[1::3] = np.inf
    themes = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    all_are_counted(themes, 240)
    assert np.isfinite(themes.assignments["strength"].to_numpy()).all()


def test_all_vectors_are_no_numbers(tmp_path):
    vectors = np.full((240, 512), np.nan, np.float16)
    themes = themes_of(write(tmp_path / "work", nonsense(240), vectors=vectors))
    assert top(themes) == []
    all_are_counted(themes, 240)


@pytest.mark.parametrize("text", ["", " ", "\x00", "…", "​", "a", "😀", "-", "\ud7ff"])
def test_the_same_sign_from_everyone_is_at_most_one_theme(tmp_path, text):
    themes = themes_of(write(tmp_path / "work", [text] * 250))
    assert len(top(themes)) <= 1
    all_are_counted(themes, 250)
