"""Texts joined for one native search: offsets come back to their own row."""

import ahocorasick_rs
import pyarrow as pa
import re2
from hypothesis import given
from hypothesis import strategies as st

from veche.core.text import Texts, compile_pattern, fold

word = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_folding_keeps_every_code_point_in_its_place(text):
    assert len(fold(text)) == len(text)


def test_folding_takes_case_yo_and_odd_spaces_away():
    assert fold("ЁЛКА\u00a0Don\u2019t") == "елка don't"


@given(st.lists(st.one_of(st.none(), word), max_size=8))
def test_a_match_points_to_its_row_and_place(texts):
    found = Texts(pa.array(texts, pa.string())).search(re2.compile(r"[a-zа-я]+"))
    for row, start, end in zip(found.row, found.start, found.end, strict=True):
        assert re2.fullmatch(r"[a-zа-я]+", texts[row][start:end])


@given(st.lists(word, max_size=8))
def test_every_row_is_searched(texts):
    found = Texts(pa.array([t + " №7" for t in texts], pa.string())).search(re2.compile("№7"))
    assert set(found.row) == set(range(len(texts)))


def test_a_phrase_is_found_as_whole_words_only():
    texts = Texts(pa.array(["яма на дороге", "Ямал", "ЯМА"]))
    found = texts.phrases(ahocorasick_rs.AhoCorasick(["яма"]))
    assert list(zip(found.row, found.start, found.end, strict=True)) == [(0, 0, 3), (2, 0, 3)]


def test_a_match_that_runs_into_the_next_row_is_dropped():
    found = Texts(pa.array(["ab", "cd"])).search(re2.compile("b[^x]*c"))
    assert len(found.row) == 0


def test_a_slice_is_the_original_text():
    texts = Texts(pa.array(["Ёлка", "в ПАРКЕ"]))
    assert texts.slice(1, 2, 7) == "ПАРКЕ"


@given(st.lists(word, min_size=1, max_size=6), st.data())
def test_chosen_rows_are_texts_of_their_own(texts, data):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=4))
    some = Texts(pa.array(texts, pa.string())).only(rows)
    assert [some.slice(i, 0, int(some.lengths[i])) for i in range(len(some))] == [texts[r] for r in rows]
    assert "".join(map(chr, some.code_points)) == some.joined


def test_a_word_that_fills_its_row_is_found_in_each_of_two_such_rows():
    pattern = compile_pattern(r"(?:^|[^\p{L}])(\p{L}+)(?:[^\p{L}]|$)")
    found = Texts(pa.array(["да", "да", "да"])).search(pattern, folded=True, group=1)
    assert found.row.tolist() == [0, 1, 2]
