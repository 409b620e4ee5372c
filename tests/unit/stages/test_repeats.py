"""The repeats stage gives each appeal what it needs to be compared with all others."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.stages.columns import CONTENT_HASH, MASKED_TEXT, SIGNATURE, TOKENS
from veche.stages.repeats import BANDS, RepeatsStage, normal_form, shingles, text_hash, word_count

LETTER = (
    "Прошу отремонтировать дорогу у школы номер семь, ямы такие, что машины объезжают их по тротуару, "
    "а дети идут по проезжей части каждое утро"
)
STREETLIGHT = (
    "The streetlight at the corner by our school has been out for three weeks and children walk in the dark"
)


def run(texts, tokens=None):
    column = pa.nulls(len(texts), TOKENS.type) if tokens is None else pa.array(tokens, TOKENS.type)
    batch = pa.table({TOKENS.name: column, MASKED_TEXT.name: pa.array(texts, pa.string())})
    return RepeatsStage()(batch)


def hashes(texts):
    return run(texts)[CONTENT_HASH.name].to_pylist()


def likeness(first, second, tokens=None):
    a, b = (np.frombuffer(s, "<u4") for s in run([first, second], tokens)[SIGNATURE.name].to_pylist())
    return (a == b).mean()


def test_case_punctuation_and_spaces_make_no_other_text():
    first, second, third = hashes(["Нет воды!!!", "нет   воды", "Нёт, воды..."])
    assert first == second
    assert third == hashes(["нет воды"])[0]


def test_another_word_or_number_makes_another_text():
    assert len(set(hashes(["Дом 5 без воды", "Дом 15 без воды", "Дом 5 без света"]))) == 3


def test_labels_of_masked_data_stay_in_the_normal_form():
    assert normal_form(pa.array(["Звоните: [phone], спасибо."])).to_pylist() == ["звоните [phone] спасибо"]


def test_two_letters_that_differ_in_the_masked_name_are_one_text():
    first, second = hashes(["[name] просит помочь с ремонтом", "[name], просит помочь с ремонтом"])
    assert first == second


def test_a_text_without_letters_and_digits_has_no_hash_and_no_signature():
    out = run(["???", "", None, "…"])
    assert out[CONTENT_HASH.name].null_count == 4
    assert out[SIGNATURE.name].null_count == 4


@pytest.mark.parametrize("text", ["спасибо", "Did not answer", "нет", "No comment at all"])
def test_a_short_text_has_a_hash_but_no_signature(text):
    out = run([text])
    assert out[CONTENT_HASH.name].null_count == 0
    assert out[SIGNATURE.name].null_count == 1


def test_a_signature_has_its_size():
    assert len(run([LETTER])[SIGNATURE.name][0].as_py()) == 4 * BANDS


def test_one_changed_word_keeps_much_of_the_signature():
    assert likeness(LETTER, LETTER.replace("школы", "больницы")) > 0.25


def test_unrelated_letters_have_hardly_a_value_in_common():
    assert likeness(LETTER, STREETLIGHT) < 0.1


def test_the_signature_is_made_from_the_subword_ids_where_they_are():
    ids = list(range(100, 130))
    assert likeness(LETTER, STREETLIGHT, tokens=[ids, ids]) == 1.0


def test_a_row_without_subwords_gets_no_signature_beside_rows_that_have_them():
    out = run([LETTER, STREETLIGHT], tokens=[list(range(20)), None])
    assert out[SIGNATURE.name].is_valid().to_pylist() == [True, False]


def test_the_hash_of_a_text_never_changes():
    # Computed once with hashlib.blake2b(digest_size=8); groups of older runs rely on it.
    assert text_hash("нет воды") == 0xD9EED5CCF3EC2EBD


def test_an_empty_batch_stays_empty():
    out = run([])
    assert out.num_rows == 0
    assert out.column_names[-2:] == [SIGNATURE.name, CONTENT_HASH.name]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_neighbours_in_the_batch_change_nothing(texts):
    alone = [run([t]) for t in texts]
    together = run(texts)
    for name in (SIGNATURE.name, CONTENT_HASH.name):
        assert together[name].to_pylist() == [a[name][0].as_py() for a in alone]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_the_normal_form_of_a_normal_form_is_itself(text):
    once = normal_form(pa.array([text]))
    assert normal_form(once).to_pylist() == once.to_pylist()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_words_are_counted_as_they_are_split(text):
    normal = normal_form(pa.array([text]))
    assert word_count(normal)[0] == len(normal[0].as_py().split())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2**63), max_size=8), max_size=6), st.integers(1, 4))
def test_every_row_has_its_own_shingles(rows, size):
    flat = np.array([x for r in rows for x in r], np.uint64)
    offsets = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
    made, starts = shingles(flat, offsets, size=size)
    for i, row in enumerate(rows):
        own, _ = shingles(np.array(row, np.uint64), np.array([0, len(row)]), size=size)
        assert made[starts[i] : starts[i + 1]].tolist() == own.tolist()
        assert len(own) == max(len(row) - size + 1, 0)
