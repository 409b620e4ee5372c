"""Facts about pairs of words that are a threat only together."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from veche.core.text import Texts
from veche.packs.model import Cue, Pair
from veche.stages.cue_pairs import NEAR, PairMatcher

DOGS = Cue(
    "life",
    {"ru": ()},
    not_={"ru": ("рвут пакеты",)},
    pairs=(Pair({"ru": ("собак*", "пес")}, {"ru": ("вцепил*", "рвут")}),),
)
MATCHER = PairMatcher([Cue("none", {}), DOGS], negations={"ru": ("не",)})
NO_ENDS = np.zeros(0, np.int64)


def found(*texts: str, ends: np.ndarray = NO_ENDS) -> list[tuple[int, str]]:
    column = Texts(pa.array(texts))
    hits = MATCHER.find(column, sentence_ends=ends)
    assert set(hits.cue.tolist()) <= {1}
    return [
        (row, texts[row][start:end])
        for row, start, end in zip(hits.row.tolist(), hits.start.tolist(), hits.end.tolist(), strict=True)
    ]


def test_two_words_near_each_other_are_a_pair_in_either_order() -> None:
    assert found("Собака вцепилась в руку") == [(0, "Собака вцепилась")]
    assert found("вцепился чужой пес") == [(0, "вцепился чужой пес")]


def test_one_word_alone_is_no_pair() -> None:
    assert found("Собака лает", "Бульдозер вцепился в забор") == []


def test_words_of_two_appeals_are_no_pair() -> None:
    assert found("Собака", "вцепилась") == []


def test_words_far_from_each_other_are_no_pair() -> None:
    assert found("Собака " + "и " * NEAR + "вцепилась") == []


def test_words_of_two_sentences_are_no_pair() -> None:
    text = "Собака лает! Муж вцепился в поручень"
    assert found(text, ends=np.array([text.index("!")])) == []


def test_what_only_looks_so_is_no_pair() -> None:
    assert found("Собаки рвут пакеты с мусором") == []


def test_a_negation_before_the_second_word_is_told() -> None:
    hits = MATCHER.find(Texts(pa.array(["собака не вцепилась", "собака вцепилась"])), sentence_ends=NO_ENDS)
    assert hits.before.tolist()[0] == 0
    assert hits.before.tolist()[1] > 2


@given(st.lists(st.sampled_from(["собака", "вцепилась", "и", "рвут пакеты", "пес", "."]), max_size=8))
def test_a_batch_finds_what_its_rows_find_alone(words: list[str]) -> None:
    texts = (" ".join(words), "собака вцепилась", " ".join(reversed(words)))
    alone = [(row, hit) for row, text in enumerate(texts) for _, hit in found(text)]
    assert found(*texts) == alone
