"""Features of texts: as a plain count of words and letters would have them."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from veche.learn.features import BLOCKS, LETTERS, SEQUENCES, WORDS, learn_lexicon, matrix_of, words_of

TEXTS = ["Яма, яма на дороге!", "Ещё одна яма у дома 5", "No water, no heating.", "", "水が出ない"]


def sequences(text: str) -> list[str]:
    words = [f" {word} " for word in text.split()]
    return [word[i : i + n] for word in words for n in LETTERS for i in range(len(word) - n + 1)]


@pytest.mark.parametrize(
    ("block", "reference"),
    [
        (WORDS, {"token_pattern": r"[^\W_]+"}),
        (SEQUENCES, {"analyzer": sequences}),
    ],
)
def test_values_are_those_of_another_library(block: int, reference: dict[str, object]) -> None:
    texts = ["яма яма на дороге", "еще одна яма у дома", "water and heating", "water at home"]
    words = words_of(pa.array(texts))
    ours = matrix_of(words, learn_lexicon(words, least_texts=1))[block]
    theirs = TfidfVectorizer(sublinear_tf=True, **reference).fit_transform(texts)
    np.testing.assert_allclose((ours @ ours.T).toarray(), (theirs @ theirs.T).toarray(), atol=1e-6)


def test_case_and_the_dots_of_yo_do_not_matter() -> None:
    assert words_of(pa.array(["ЕЩЁ"])).hashes == words_of(pa.array(["еще"])).hashes


def test_hashes_are_the_same_in_every_process() -> None:
    code = (
        "import pyarrow as pa; from veche.learn.features import words_of;"
        "print(words_of(pa.array(['дорога яма'])).hashes.tolist())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == str(words_of(pa.array(["дорога яма"])).hashes.tolist())


def test_a_feature_of_one_text_alone_is_left_out() -> None:
    words = words_of(pa.array(["яма дорога", "яма улица"]))
    lexicon = learn_lexicon(words, least_texts=2)
    assert (lexicon.block == WORDS).sum() == 1


def test_a_row_has_length_one_with_what_is_not_known() -> None:
    words = words_of(pa.array(TEXTS))
    rows = matrix_of(words, learn_lexicon(words, least_texts=1))
    for block in rows:
        lengths = np.sqrt(block.multiply(block).sum(axis=1)).A1
        assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
    lexicon = learn_lexicon(words_of(pa.array(["яма", "яма"])), least_texts=2)
    half_known = matrix_of(words_of(pa.array(["яма чаща"])), lexicon)[WORDS]
    assert 0 < half_known.sum() < 0.8


def test_texts_without_words_have_no_features() -> None:
    words = words_of(pa.array(["", "!!!", " "]))
    lexicon = learn_lexicon(words, least_texts=1)
    assert len(lexicon) == 0
    assert [block.shape for block in matrix_of(words, lexicon)] == [(3, 0)] * len(BLOCKS)
