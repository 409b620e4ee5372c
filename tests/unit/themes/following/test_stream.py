"""New themes and campaigns are told early; what was said before, and copies, are no news."""

import re

import numpy as np
import pyarrow as pa
import pytest
from streams import NEW, Texts, chatter, follower, known_theme, mixed, new_theme

from veche.core.errors import UsageError
from veche.themes.following import Chunk, Follower, load, save


@pytest.fixture
def texts():
    return Texts()


def test_a_new_theme_is_told_once_with_its_words(texts):
    f = follower(texts)
    news = [n for seed in range(12) for n in f.add(texts.chunk(mixed(seed))).news]
    assert [n.kind for n in news] == ["theme"]
    assert news[0].voices <= 16
    assert all(NEW in texts.by_id[member] for member in news[0].members)
    assert "турбина" in news[0].name


def test_what_follows_joins_the_new_theme(texts):
    f = follower(texts)
    news = [n for seed in range(12) for n in f.add(texts.chunk(mixed(seed))).news]
    step = f.add(texts.chunk(new_theme(5, seed=7)))
    assert step.themes == [news[0].code] * 5


def test_a_quiet_stream_brings_no_news(texts):
    f = follower(texts)
    assert [n for seed in range(30) for n in f.add(texts.chunk(chatter(200, seed=seed))).news] == []


def test_what_was_always_said_is_not_new(texts):
    f = follower(texts)
    f.add_history(pa.array(new_theme(100, seed=5)))
    assert [n for seed in range(12) for n in f.add(texts.chunk(mixed(seed))).news] == []


def test_copies_do_not_make_a_theme_but_many_make_a_campaign(texts):
    f = follower(texts)
    text = new_theme(1, seed=1)[0]
    few = [n for seed in range(3) for n in f.add(texts.chunk([*chatter(200, seed=seed), *[text] * 6])).news]
    assert few == []
    many = f.add(texts.chunk([*chatter(200, seed=9), *[text] * 6])).news
    assert [(n.kind, n.voices) for n in many] == [("campaign", 1)]
    assert many[0].size >= 20


def test_near_copies_are_a_campaign(texts):
    f = follower(texts)
    letter = " ".join(chatter(4, seed=50)) + " " + NEW
    news = []
    for seed in range(8):
        lines = [*chatter(150, seed=seed), *(f"{letter} {w}" for w in chatter(4, seed=200 + seed))]
        news += f.add(texts.chunk([line[:400] for line in lines])).news
    assert [n.kind for n in news] == ["campaign"]


def test_letters_of_one_author_are_one_voice(texts):
    f = follower(texts)
    news = []
    for seed in range(10):
        lines = chatter(190, seed=seed) + new_theme(5, seed=1000 + seed)
        news += f.add(texts.chunk(lines, authors=[None] * 190 + ["k1"] * 5)).news
    assert [n.kind for n in news if n.kind == "theme"] == []


def test_those_who_write_again_are_no_new_theme(texts):
    f = follower(texts)
    authors = [f"k{i}" for i in range(190)]
    f.add(texts.chunk(chatter(190, seed=77), authors=authors))
    again = iter(authors)
    news = []
    for seed in range(10):
        lines = chatter(190, seed=seed) + new_theme(5, seed=1000 + seed)
        news += f.add(texts.chunk(lines, authors=[None] * 190 + [next(again) for _ in range(5)])).news
    assert news == []


def test_near_appeals_join_a_theme_at_once_and_others_wait(texts):
    f = follower(texts, known_theme())
    vectors = np.zeros((3, 16))
    vectors[0, 0], vectors[1, 1] = 1, 1
    vectors[2, :2] = 0.9, 0.3
    step = f.add(texts.chunk(chatter(3, seed=1), vectors=vectors))
    assert step.themes == ["t001", None, "t001"]
    assert step.strength[1] == 0
    assert step.strength[0] == pytest.approx(1)


def test_a_copy_goes_where_its_original_is(texts):
    f = follower(texts, known_theme())
    vectors = np.zeros((1, 16))
    vectors[0, 0] = 1
    text = chatter(1, seed=1)
    f.add(texts.chunk(text, vectors=vectors))
    assert f.add(texts.chunk(text, vectors=np.zeros((1, 16)))).themes == ["t001"]


def test_empty_chunks_nan_and_empty_texts_are_taken(texts):
    f = follower(texts, known_theme())
    assert f.add(texts.chunk([], vectors=np.zeros((0, 16)))).themes == []
    vectors = np.full((3, 16), np.nan)
    vectors[1] = np.inf
    assert f.add(texts.chunk(["", "  ", "слово"], vectors=vectors)).themes == [None, None, None]


def test_times_may_come_in_any_order(texts):
    f = follower(texts)
    news = []
    for seed in range(12):
        chunk = texts.chunk(mixed(seed), received=np.arange(194)[::-1] * 10**6 + 5)
        news += f.add(chunk).news
    assert news[0].since is not None
    assert news[0].since >= 5


DAY = 86_400_000_000


def test_what_grows_over_a_year_is_not_said_now(texts):
    f = follower(texts)
    news = []
    for seed in range(12):
        received = seed * 31 * DAY + np.arange(194) * 10**6
        news += f.add(texts.chunk(mixed(seed), received=received)).news
    assert news == []


def test_a_theme_is_told_since_its_first_member_of_these_weeks(texts):
    f = follower(texts)
    old = f.add(texts.chunk(mixed(50), received=np.full(194, DAY)))
    now = 400 * DAY
    news = [n for s in range(12) for n in f.add(texts.chunk(mixed(s), received=now + np.arange(194))).news]
    assert old.news == []
    assert [n.since >= now for n in news] == [True]


def test_a_form_that_is_changed_is_no_news(texts):
    f = follower(texts)
    f.add_history(pa.array([f"Адрес дома: Новая | Суть обращения: {t}" for t in chatter(1000, seed=3)]))
    form = "Адрес здания: Речная | Вид обращения: Просьба | Подробности письма: "
    news = [n for s in range(12) for n in f.add(texts.chunk([form + t for t in chatter(200, seed=s)])).news]
    assert news == []


def test_few_people_with_few_words_are_no_campaign(texts):
    f = follower(texts)
    few = [t for t in new_theme(9, seed=1) for _ in range(3)]
    news = [n for s in range(4) for n in f.add(texts.chunk([*chatter(190, seed=s), *few])).news]
    assert [n.kind for n in news if n.size < 36] == []


def test_columns_of_other_lengths_are_refused(texts):
    with pytest.raises(ValueError, match="one row for each id"):
        Chunk(["a"], pa.array(["x", "y"]), np.zeros((1, 16)))
    with pytest.raises(ValueError, match="16"):
        follower(texts).add(texts.chunk(["x"], vectors=np.zeros((1, 8))))


def test_a_saved_follower_goes_on_as_if_nothing_had_happened(texts, tmp_path):
    f = follower(texts, known_theme())
    for seed in range(2):
        f.add(texts.chunk(mixed(seed)))
    save(f, tmp_path)
    g = load(tmp_path, texts_of=texts.of)
    assert g is not None
    for seed in range(2, 12):
        chunk = texts.chunk(mixed(seed))
        one, two = f.add(chunk), g.add(chunk)
        assert one.themes == two.themes
        assert one.news == two.news
    assert load(tmp_path / "nowhere", texts_of=texts.of) is None


def test_what_is_saved_holds_no_word_of_any_text(texts, tmp_path):
    f = follower(texts, known_theme())
    news = [n for seed in range(12) for n in f.add(texts.chunk(mixed(seed))).news]
    assert news
    save(f, tmp_path)
    words = {word.lower() for n in news for word in re.findall(r"\w{4,}", n.name)}
    assert words
    written = (tmp_path / "follower.json").read_text("utf-8").lower()
    assert [word for word in words if word in written] == []
    with np.load(tmp_path / "follower.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} <= set("biuf")


def test_a_damaged_state_is_named(texts, tmp_path):
    save(follower(texts), tmp_path)
    (tmp_path / "follower.npz").write_bytes(b"no archive")
    with pytest.raises(UsageError, match="state of followed themes"):
        load(tmp_path, texts_of=texts.of)


def test_without_any_history_nothing_is_news(texts):
    f = Follower(None, texts_of=texts.of, language="ru", dimensions=16)
    assert f.add(texts.chunk(new_theme(100, seed=1))).news == []


def test_a_campaign_in_many_versions_is_told_once(texts):
    f = follower(texts)
    letter = " ".join(chatter(3, seed=50))
    news = []
    for seed in range(10):
        versions = [f"поддерживаю {letter}", f"{letter} присоединяюсь", letter, letter]
        news += f.add(texts.chunk([*chatter(150, seed=seed), *versions * 3])).news
    assert [n.kind for n in news] == ["campaign"]
    assert letter.startswith(news[0].name.removesuffix(" …"))
