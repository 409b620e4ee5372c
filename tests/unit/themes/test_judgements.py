"""A text that only praises or blames names no matter; one that names a matter is more."""

import numpy as np
import pytest
from planted import HEATING, PITS, around, say, themes_of, write

from veche.themes.judgements import BLAME, MAX_CHARACTERS, MORE, PRAISE, judgement
from veche.themes.words import languages, word_lists


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Excellent service, thank you!", PRAISE),
        ("Can't fault it", PRAISE),
        ("It couldn’t have been better.", PRAISE),
        ("Спасибо, всё отлично!", PRAISE),
        ("Muy buen servicio, gracias", MORE),
        ("Muy bien todo, gracias", PRAISE),
        ("Terrible. Awful service", BLAME),
        ("Ужасная работа", BLAME),
        ("Good but awful", MORE),
        ("Not good", MORE),
        ("Не нравится", MORE),
        ("Good parking", MORE),
        ("Спасибо за дорогу", MORE),
        ("", MORE),
        ("!!!", MORE),
        ("good " * MAX_CHARACTERS, MORE),
    ],
)
def test_a_mere_judgement_is_told(text, judged):
    assert judgement(text) == judged


@pytest.mark.parametrize("language", languages())
def test_no_word_both_praises_and_blames(language):
    lists = word_lists(language)
    assert lists.praise
    assert lists.blame
    assert not lists.praise & lists.blame
    assert not lists.negations & (lists.praise | lists.blame | lists.faults)


def test_praise_without_a_matter_is_one_theme_of_its_own(tmp_path):
    openings, middles = ("Прекрасно", "Всё отлично", "Молодцы"), ("!", ", супер", ", я доволен")
    thanks = [a + b + c for a in openings for b in middles for c in ("", " очень", " всем")]
    texts = say(HEATING, 40) + say(PITS, 40) + thanks
    vectors = np.concatenate([around(c, n, seed=c, spread=2.0) for c, n in enumerate((40, 40, 14, 13))])
    themes = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    places = themes.assignments["theme"].to_pylist()
    assert len(set(places[80:])) == 1
    assert not set(places[80:]) & set(places[:80])


def test_a_few_words_of_praise_make_no_theme(tmp_path):
    texts = [*say(HEATING, 40), "Отлично!", "Супер, спасибо!"]
    vectors = np.concatenate([around(0, 40, seed=0), around(1, 1, seed=1), around(2, 1, seed=2)])
    themes = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    assert themes.assignments["theme"].to_pylist()[40:] == ["rare", "rare"]
