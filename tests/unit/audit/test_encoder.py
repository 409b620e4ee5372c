"""The audit's own encoder: texts about the same matter are near, whatever the endings of their words."""

import numpy as np

from veche.audit import audit_texts
from veche.audit.encoder import Encoder

ROADS = ["Яма на дороге у школы", "Разбитая дорога у школы", "Дороги возле школы разбиты"]
CLINIC = ["В поликлинике нет врача", "Нет врачей в нашей поликлинике", "Поликлиника без врача второй месяц"]
WATER = ["Water is cut off again", "They cut the water off", "No water, it was cut off"]
TEXTS = [*ROADS, *CLINIC, *WATER]


def test_texts_of_one_matter_are_nearer_than_others():
    vectors = Encoder(TEXTS, seed=7).encode(TEXTS)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    assert (likeness.argmax(axis=1) // 3).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_text_without_a_known_word_is_a_row_of_zeros():
    vectors = Encoder(TEXTS, seed=7).encode(["", "🙂", "12345", TEXTS[0]])
    assert vectors.any(axis=1).tolist() == [False, False, False, True]


def test_texts_of_which_nothing_can_be_learnt_are_not_comparable():
    for texts in ([], [""], ["one"], ["", "...", "!"]):
        assert not Encoder(texts, seed=7).encode(["one", ""]).any()


def test_the_same_texts_give_the_same_bytes():
    first, second = (Encoder(TEXTS, seed=7).encode(TEXTS).tobytes() for _ in range(2))
    assert first == second


def test_a_text_of_a_megabyte_is_read_from_its_beginning():
    vectors = Encoder(TEXTS, seed=7).encode([ROADS[0] + " " * 1000 + "вода " * 200_000, ROADS[0]])
    assert np.allclose(vectors[0], vectors[1])


def test_quotations_are_compared_as_they_stand_and_samples_are_cut_alike():
    texts = [f"{t}. И ещё много слов о другом деле, о соседях и о погоде." for t in TEXTS]
    found = audit_texts(texts, ["Яма на дороге у школы", "яма на дороге  у школы"], samples=50)
    assert (found.k, found.quoted, found.voices) == (1, 1, 9)
