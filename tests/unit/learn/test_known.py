"""A test is told from the history that a model learnt from, and no text can be read from what is kept."""

import base64

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.learn.known import both_known, check_known, count_known, texts_known

OLD = pa.array([f"the lamp at the corner of street {i} is out" for i in range(300)])
NEW = pa.array([f"there is a deep hole in front of house {i}" for i in range(300)])


def test_texts_that_a_model_learnt_from_are_counted_whatever_their_case():
    known = texts_known(OLD)
    assert count_known(OLD, known) == 300
    assert count_known(pa.array([f"  {text.as_py().upper()}!" for text in OLD][:40]), known) == 40
    assert count_known(pa.concat_arrays([NEW, OLD[:20]]), known) == 20


def test_texts_that_it_has_not_seen_are_none_of_its_own():
    assert count_known(NEW, texts_known(OLD)) == 0


def test_what_people_say_in_the_same_few_words_is_not_counted():
    short = pa.array(["nothing to add", "very good service", ""] * 20)
    assert texts_known(short) == ""
    assert count_known(short, texts_known(pa.concat_arrays([short, OLD]))) == 0


def test_what_fits_by_chance_is_not_counted():
    many = texts_known(pa.array([f"a b c d e text number {i}" for i in range(300_000)]))
    assert count_known(pa.array([f"one two three four five {i}" for i in range(500)]), many) == 0


def test_three_bytes_are_kept_of_a_text():
    assert len(base64.b64decode(texts_known(OLD))) == 3 * 300


@given(st.lists(st.text(max_size=60), max_size=8), st.lists(st.text(max_size=60), max_size=8))
def test_what_is_kept_of_two_histories_is_what_is_kept_of_both_together(one, other):
    together = texts_known(pa.array([*one, *other], pa.string()))
    assert both_known(texts_known(pa.array(one, pa.string())), texts_known(pa.array(other, pa.string()))) == (
        together
    )


@pytest.mark.parametrize("known", ["AAA", "*", "AAAAAA=="])
def test_what_is_none_of_ours_is_told(known):
    with pytest.raises(ValueError, match=r"reshape|base64|padding|Excess|character"):
        check_known(known)
