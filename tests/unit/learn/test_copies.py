"""One text with several labels, and signs that the answer is given away."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.learn.conftest import inputs_of, labels_of

from veche.learn.copies import same_text, settle
from veche.learn.leaks import find_leaks

NO_DATE = np.full(4, np.datetime64("NaT", "s"))


def test_texts_are_the_same_but_for_case_and_punctuation():
    same = same_text(pa.array(["No water!", "no water", "...", "???", "No light"]))
    assert same[0] == same[1]
    assert len(set(same.tolist())) == 4


def test_the_label_that_most_copies_have_holds():
    labels = labels_of([[0], [1], [1], [0]], ["a", "b"])
    held, changed = settle(labels, same=np.array([5, 5, 5, 9]), received=NO_DATE)
    assert held.single().tolist() == [1, 1, 1, 0]
    assert changed.tolist() == [True, False, False, False]


def test_of_equally_many_the_later_decision_holds():
    labels = labels_of([[0], [1]], ["a", "b"])
    days = np.array(["2025-03-01", "2025-01-01"], "datetime64[s]")
    held, changed = settle(labels, same=np.array([1, 1]), received=days)
    assert held.single().tolist() == [0, 0]
    assert changed.tolist() == [False, True]


def test_an_appeal_without_a_label_gets_none_from_its_copies():
    labels = labels_of([None, [1], [1]], ["a", "b"])
    held, changed = settle(labels, same=np.array([1, 1, 1]), received=NO_DATE[:3])
    assert held.single().tolist() == [-1, 1, 1]
    assert not changed.any()


def test_each_of_several_labels_is_settled_by_itself():
    labels = labels_of([[0, 1], [0], [0, 2]], ["a", "b", "c"], multi=True)
    held, changed = settle(labels, same=np.array([1, 1, 1]), received=NO_DATE[:3])
    assert held.given.toarray().tolist() == [[True, False, False]] * 3
    assert changed.tolist() == [True, False, True]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_settled_labels_agree_and_settling_again_changes_nothing(rows):
    labels = labels_of([[label] for _text, label in rows], list("abcd"))
    same = np.array([text for text, _label in rows])
    received = np.datetime64("2025-01-01", "s") + np.arange(len(rows))
    held, _changed = settle(labels, same=same, received=received)
    for text in set(same.tolist()):
        assert len(set(held.single()[same == text].tolist())) == 1
    again, changed = settle(held, same=same, received=received)
    assert not changed.any()
    assert (again.given != held.given).nnz == 0


def test_a_label_that_stands_in_the_texts_is_told():
    names = ["Street light", "Water"]
    texts = [f"Category: {names[i % 2]}. It is number {i}" for i in range(40)]
    labels = labels_of([[i % 2] for i in range(40)], names)
    assert [leak.where for leak in find_leaks(inputs_of(texts), labels)] == ["text"]


def test_a_code_of_the_label_in_the_texts_is_told():
    names = ["A-12 Street light", "B-34 Water"]
    texts = [f"case {names[i % 2].split()[0]} of {i}" for i in range(40)]
    labels = labels_of([[i % 2] for i in range(40)], names)
    assert [leak.where for leak in find_leaks(inputs_of(texts), labels)] == ["text"]


def test_a_trait_that_alone_tells_the_label_is_told():
    labels = labels_of([[i % 2] for i in range(40)], ["a", "b"])
    inputs = inputs_of(["it is dark"] * 40, channel=["web", "phone"] * 20)
    assert [leak.where for leak in find_leaks(inputs, labels)] == ["channel"]


def test_people_who_name_the_matter_give_nothing_away():
    texts = [("the water is cold" if i % 4 == 0 else "it is dark here") for i in range(40)]
    labels = labels_of([[i % 2] for i in range(40)], ["water", "dark"])
    assert find_leaks(inputs_of(texts, channel=["web"] * 40), labels) == ()
