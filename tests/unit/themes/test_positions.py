"""Opposing positions are shown apart where two witnesses agree, and never invented."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import HEATING, PITS, around, say, themes_of, write

from veche.core.i18n import set_language
from veche.core.shares import STEPS, counted, share_in_words, thresholds
from veche.themes.positions import SIDE_SHARE, positions_of
from veche.themes.stances import lean

PRAISE = ("Врачи очень внимательные, спасибо за {}.", "Отличная поликлиника на улице {}, мы довольны.")
BLAME = ("В поликлинике на улице {} ужасные очереди.", "Регистратура на улице {} хамит, безобразие.")


def test_phrases_say_which_side_a_text_is_on():
    said = lean(["The staff were very kind", "The staff were rude", "It was not good at all", "A blue car"])
    assert np.sign(said["worth"]).tolist() == [1, -1, -1, 0]
    will = lean(
        ["We support the new road", "I am against the new road", "Мы против стройки", "Please build it"]
    )
    assert np.sign(will["will"]).tolist() == [1, -1, -1, 0]


def test_two_sides_are_told_apart_where_both_witnesses_agree():
    said = np.repeat([1.0, -1.0, 0.0], [30, 60, 10])
    found = positions_of("worth", said, said * 0.5, np.ones(100))
    assert found is not None
    assert found.told_apart
    assert (found.plus, found.minus, found.neither) == pytest.approx((0.3, 0.6, 0.1))


def test_where_the_witnesses_disagree_the_theme_is_mixed_and_has_no_shares():
    draw = np.random.default_rng(1)
    found = positions_of("worth", np.repeat([1.0, -1.0], 40), draw.normal(size=80) / 4, np.ones(80))
    assert found is not None
    assert not found.told_apart
    assert (found.plus, found.minus) == (0, 0)


@given(st.integers(0, 4), st.integers(20, 200))
def test_a_few_stray_phrases_make_no_position(strays, others):
    said = np.repeat([1.0, -1.0], [strays, others])
    assert positions_of("worth", said, said, np.ones(strays + others)) is None


@given(st.integers(0, 10_000))
def test_chance_is_never_taken_for_two_sides(seed):
    draw = np.random.default_rng(seed)
    said = draw.choice([-1.0, 0.0, 1.0], 60)
    found = positions_of("worth", said, draw.uniform(-1, 1, 60), np.ones(60))
    assert found is None or not found.told_apart or found.agreement >= 0.75


def test_people_count_and_not_texts():
    said = np.repeat([1.0, -1.0], [6, 60])
    people = np.repeat([50.0, 1.0], [6, 60])
    found = positions_of("worth", said, said, people)
    assert found is not None
    assert found.plus == pytest.approx(300 / 360)


def test_praise_and_complaint_about_one_matter_are_quoted_apart(tmp_path):
    texts = say(PRAISE, 40) + say(BLAME, 60) + say(HEATING, 60) + say(PITS, 60)
    clinic = np.concatenate([around(0, 40, seed=0), around(0, 60, seed=1)])
    clinic[:40, 5] += 0.5
    clinic[40:, 5] -= 0.5
    clinic /= np.linalg.norm(clinic, axis=1, keepdims=True)
    vectors = np.concatenate([clinic, around(1, 60, seed=2), around(2, 60, seed=3)])
    found = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    columns = found.assignments.to_pydict()
    place = dict(zip(columns["appeal_id"], columns["theme"], strict=True))
    of_clinic = {theme for appeal, theme in place.items() if int(appeal[1:]) < 100}
    assert len(of_clinic) == 1
    theme = next(t for t in found.digests["themes"] if t["theme"] in of_clinic)
    sides = {side["side"]: side for side in theme["positions"]["sides"]}
    assert set(sides) == {"praise", "complaint"}
    assert sides["praise"]["share"] == pytest.approx(0.4, abs=0.1)
    assert all("довольны" in q["text"] or "спасибо" in q["text"] for q in sides["praise"]["quotations"])
    assert all("безобразие" in q["text"] or "ужасные" in q["text"] for q in sides["complaint"]["quotations"])
    others = [t for t in found.digests["themes"] if t["theme"] not in of_clinic]
    assert all(t["positions"] is None for t in others)


@given(st.floats(0, 1))
def test_every_share_has_one_word(share):
    set_language("en")
    assert share_in_words(share) in {step.word for step in STEPS}


def test_words_for_shares_follow_the_table_that_is_printed():
    set_language("en")
    assert [share_in_words(x) for x in (1, 0.7, 0.33, 0.05)] == ["all", "most", "about a third", "a few"]
    table = dict(thresholds())
    assert table["most"] == "60% to under 95%"
    assert len(table) == len(STEPS)
    assert next(step.least for step in STEPS if step.word == "some") <= SIDE_SHARE


def test_counts_agree_with_their_noun():
    set_language("en")
    assert (counted(1), counted(1200)) == ("1 appeal", "1,200 appeals")
