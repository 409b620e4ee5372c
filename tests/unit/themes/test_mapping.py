"""Facts about mapping texts to themes that a person wrote down."""

import numpy as np

from veche.themes.mapping import MOST, GivenTheme, map_to_themes

THEMES = [
    GivenTheme("Public transport", "Buses and trams that come late or not at all"),
    GivenTheme("Parks and trees", "More green places, trees to plant, parks to keep clean"),
    GivenTheme("Doctors", "Appointments at the clinic, waiting for a doctor"),
]

TEXTS = [
    "The bus never comes on time in the morning.",
    "Please plant some trees along our street.",
    "I waited three weeks for an appointment with a doctor.",
    "The tram stops running at nine in the evening.",
    "The park is full of litter.",
]


def test_a_text_is_mapped_to_the_theme_that_it_speaks_of():
    found = map_to_themes(TEXTS, THEMES)
    assert found.strength.argmax(axis=1).tolist() == [0, 1, 2, 0, 1]
    assert found.chosen[np.arange(5), [0, 1, 2, 0, 1]].all()


def test_a_text_can_speak_of_several_themes_but_not_of_many():
    found = map_to_themes([*TEXTS, "No bus to the doctor."], THEMES)
    assert found.chosen[-1].tolist() == [True, False, True]
    assert (found.chosen.sum(axis=1) <= MOST).all()


def test_a_text_that_says_nothing_has_no_theme():
    found = map_to_themes([*TEXTS, "", "Nothing", "n/a"], THEMES)
    assert not found.chosen[-3:].any()
    assert not found.strength[-3:].any()


def test_examples_teach_what_the_description_does_not_say():
    texts = [*TEXTS, "Number 14 is always overcrowded.", "Number 7 is always overcrowded as well."]
    themes = [GivenTheme("Theme one", "", (texts[5],)), *THEMES[1:]]
    assert map_to_themes(texts, themes).chosen[6, 0]


def test_texts_and_themes_may_be_in_different_languages():
    found = map_to_themes(
        ["Автобус опять не пришёл", "Посадите деревья в парке", "Нет записи к врачу"], THEMES
    )
    assert found.strength.argmax(axis=1).tolist() == [0, 1, 2]


def test_no_texts_no_themes_and_one_text_are_fine():
    assert map_to_themes([], THEMES).chosen.shape == (0, 3)
    assert map_to_themes(TEXTS, []).chosen.shape == (5, 0)
    assert map_to_themes(TEXTS[:1], THEMES).chosen[0, 0]
    assert map_to_themes(["12", "34 !"], THEMES[:1]).chosen.shape == (2, 1)


def test_the_same_texts_are_mapped_alike_every_time():
    first, second = map_to_themes(TEXTS, THEMES), map_to_themes(TEXTS, THEMES)
    assert first.strength.tobytes() == second.strength.tobytes()
