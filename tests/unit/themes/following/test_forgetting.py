"""Of a text that is erased nothing is left in what is kept about themes; all else goes on."""

import numpy as np
import pyarrow as pa
import pytest
from streams import Texts, chatter, follower, known_theme, mixed

from veche.stages.repeats import normal_form, text_hash
from veche.themes.following import Memory, forget, forget_in, load, save
from veche.themes.following.memory import LEAST_LEFT, strings

CAMPAIGN = "Просим сохранить рощу у старого кинотеатра на берегу тихой реки и посадить новые липы"


@pytest.fixture
def texts():
    return Texts()


def hashes(*written):
    normal = normal_form(pa.array(written, pa.string())).to_pylist()
    return np.array([text_hash(text) for text in normal], np.uint64)


def memory(*sizes):
    """Themes of so many texts, whose hashes are 1, 2, 3 ..."""
    n = sum(sizes)
    return Memory(
        codes=strings([f"t{i:03d}" for i in range(len(sizes))]),
        names=strings(["Name"] * len(sizes)),
        sizes=np.array(sizes, np.int64),
        means=np.ones((len(sizes), 16), np.float32),
        thresholds=np.full(len(sizes), 0.5, np.float32),
        centre=np.zeros(16, np.float32),
        texts=np.arange(1, n + 1, dtype=np.uint64),
        text_theme=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        next_number=len(sizes) + 1,
    )


def test_a_run_forgets_a_text_and_keeps_the_others(tmp_path):
    memory(LEAST_LEFT + 1, 2, 1).write(tmp_path)
    assert forget(tmp_path, np.array([1, 7, 9, 1000], np.uint64)) == 3
    left = Memory.read(tmp_path)
    assert left.texts.tolist() == [2, 3, 4, 5, 6, 8]
    assert left.text_theme.tolist() == [0, 0, 0, 0, 0, 1]
    assert left.means.any(axis=1).tolist() == [True, False, False]
    assert left.names.tolist() == ["Name", "Name", ""]
    assert left.codes.tolist() == ["t000", "t001", "t002"]


def test_where_nothing_is_kept_nothing_is_forgotten(tmp_path):
    assert forget(tmp_path, hashes("слово")) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_stream_forgets_vector_words_author_and_id(texts, tmp_path):
    f = follower(texts, known_theme())
    lines = chatter(300, seed=1)
    f.add(texts.chunk(lines, authors=["k1"] * 300))
    save(f, tmp_path)
    assert forget(tmp_path, hashes(lines[7])) == 1
    g = load(tmp_path, texts_of=texts.of)
    assert g.recent.ids[7] == ""
    assert not g.recent.column("vector")[7].any()
    assert [g.recent.column(name)[7] for name in ("text_hash", "author")] == [0, 0]
    assert len(g.recent.terms.take(np.array([7])).flat) == 0
    assert np.array_equal(g.recent.terms.take(np.array([8])).flat, f.recent.terms.take(np.array([8])).flat)
    assert text_hash(lines[7]) not in g.row_of
    assert forget(tmp_path, hashes(lines[7])) == 0


def test_counts_are_as_if_the_text_had_never_come(texts):
    lines = chatter(300, seed=1)
    f, g = follower(texts), follower(texts)
    f.add(texts.chunk(lines))
    g.add(texts.chunk(lines[:299]))
    forget_in(f, hashes(lines[299]))
    assert np.array_equal(f.recent.counts, g.recent.counts)
    assert np.array_equal(f.recent.size, g.recent.size)


def test_what_is_new_is_told_after_something_was_forgotten(texts):
    f = follower(texts)
    first = mixed(0)
    f.add(texts.chunk(first))
    forget_in(f, hashes(*first[:50]))
    news = [n for seed in range(1, 12) for n in f.add(texts.chunk(mixed(seed))).news]
    assert [n.kind for n in news] == ["theme"]
    assert "" not in news[0].members


def test_a_campaign_of_a_forgotten_text_is_followed_no_more(texts):
    f = follower(texts)
    step = f.add(texts.chunk([*chatter(100, seed=1), *[CAMPAIGN] * 30]))
    assert [n.kind for n in step.news] == ["campaign"]
    forget_in(f, hashes(CAMPAIGN))
    assert not f.found


def test_a_forgotten_text_of_an_earlier_run_is_unknown_again(texts):
    text = "слово другое третье"
    known = known_theme()
    known = Memory(**{**known.__dict__, "texts": hashes(text), "text_theme": np.zeros(1, np.int32)})
    f = follower(texts, known)
    assert f.add(texts.chunk([text], vectors=np.zeros((1, 16)))).themes == ["t001"]
    assert forget_in(f, hashes(text)) == 1
    assert f.add(texts.chunk([text], vectors=np.zeros((1, 16)))).themes == [None]
