"""Texts are drawn together, joined with their words, and only those that belong stay in a group."""

import numpy as np
import pyarrow as pa
import pytest
from planted import HEATING, PITS, WASTE, around, say, themes_of, write

from veche.themes import material
from veche.themes.batches import blocks
from veche.themes.belonging import members, random_cosines, tight_only
from veche.themes.clusters import nearest
from veche.themes.features import features, unit_rows
from veche.themes.neighbours import drawn_to, drawn_together
from veche.themes.structure import Limits, groups, least_texts
from veche.themes.views import LEAST_TEXTS, joined


def tight(centres, each, *, spread=1.0):
    vectors = np.concatenate([around(c, each, seed=c, spread=spread) for c in range(centres)])
    return unit_rows(vectors.astype(np.float32) - vectors.mean(axis=0))


def singular(n):
    return unit_rows(np.random.default_rng(5).normal(size=(n, 512)).astype(np.float32))


def found(vectors, **options):
    with blocks(1) as pool:
        return groups(vectors, Limits(least=least_texts(len(vectors)), **options), seed=0, blocks=pool)


def test_neighbours_draw_a_matter_together_and_keep_matters_apart():
    vectors = tight(4, 50)
    with blocks(1) as pool:
        drawn = drawn_together(vectors, 5, seed=0, blocks=pool)
    matter = np.repeat(np.arange(4), 50)
    same = matter[:, None] == matter
    before, after = vectors @ vectors.T, drawn @ drawn.T
    assert after[same].mean() > before[same].mean() + 0.1
    assert after[~same].mean() < before[~same].mean() + 0.05
    assert np.allclose(np.linalg.norm(drawn, axis=1), 1, atol=1e-5)


def test_a_text_alone_has_no_neighbours():
    alone = tight(1, 1) + np.eye(1, 512, dtype=np.float32)
    with blocks(1) as pool:
        assert np.array_equal(drawn_together(alone, 5, seed=0, blocks=pool), alone)


def test_texts_that_fit_nowhere_are_rare_and_the_others_are_not():
    label = found(np.concatenate([tight(8, 300), singular(60)])).label
    assert (label[:2400] >= 0).mean() > 0.98
    assert (label[2400:] < 0).mean() > 0.5
    assert all(len(set(part[part >= 0])) == 1 for part in label[:2400].reshape(8, 300))


def test_a_text_in_the_wrong_group_goes_to_the_one_it_belongs_to_and_a_singular_one_to_none():
    vectors = np.concatenate([tight(3, 40), singular(1)])
    right = np.repeat(np.arange(3), 40)
    label = np.append(right, 2).astype(np.int32)
    label[0] = 1
    with blocks(1) as pool:
        settled = members(vectors, label, random_cosines(vectors, 0), all_but_few=False, blocks=pool)
    assert np.array_equal(settled, np.append(right, -1))


def test_of_two_groups_as_near_the_larger_one_draws_a_text():
    between, clear = unit_rows(np.array([[1, 1.01], [0.2, 1]], np.float32))
    pull = np.array([0.05 * np.log(0.9), 0.05 * np.log(0.1)], np.float32)
    rows = np.stack([between, clear])
    with blocks(1) as pool:
        plain, _ = nearest(rows, np.eye(2, dtype=np.float32), blocks=pool)
        drawn, _ = nearest(rows, np.eye(2, dtype=np.float32), blocks=pool, pull=pull)
    assert plain.tolist() == [1, 1]
    assert drawn.tolist() == [0, 1]


@pytest.mark.parametrize("n", [30, 300, 3000])
def test_drawing_together_invents_no_group(n):
    assert len(found(singular(n)).centroids) == 0


def test_a_group_that_chance_would_give_does_not_stand():
    vectors = np.concatenate([tight(2, 100), singular(300)])
    label = np.concatenate([np.repeat([0, 1], 100), np.full(300, 2)]).astype(np.int32)
    with blocks(1) as pool:
        kept = tight_only(vectors, label, random_cosines(vectors, 0), blocks=pool)
    assert set(kept[:200]) == {0, 1}
    assert set(kept[200:]) == {-1}


def test_the_texts_of_a_topic_are_drawn_together_and_others_left():
    vectors = singular(40)
    topic = np.repeat([0, 1, -1], [10, 10, 20]).astype(np.int32)
    with blocks(1) as pool:
        drawn = drawn_to(vectors, topic, blocks=pool)
    assert (drawn[:10] @ drawn[:10].T).mean() > 0.4
    assert np.array_equal(drawn[20:], vectors[20:])


def test_guided_themes_lie_under_the_topics_of_the_appeals(tmp_path):
    texts = say(HEATING, 60) + say(PITS, 60)
    vectors = np.concatenate([around(0, 60, seed=0), around(1, 30, seed=1), around(2, 30, seed=2)])
    topic = ["heating"] * 60 + ["roads"] * 60
    work = write(tmp_path / "work", texts, vectors=vectors, topic=topic)
    free, guided = themes_of(work), themes_of(work, guided=True)
    under = [row["topic"] for row in guided.table.to_pylist() if row["parent"] is None]
    assert sorted(under) == ["heating", "roads"]
    assert len([row for row in free.table.to_pylist() if row["parent"] is None]) == 3


def with_words(tmp_path, texts, vectors):
    work = write(tmp_path / "work", texts, vectors=vectors)
    read = material.read(work, pa.table({}))
    units = np.argsort(read.first)
    with blocks(1) as pool:
        base = features(work, read, units, seed=0, blocks=pool)
        return base, joined(read, units, base, seed=0, blocks=pool)


def test_words_part_what_vectors_do_not(tmp_path):
    texts = say(HEATING, 120) + say(PITS, 120) + say(WASTE, 120)
    base, both = with_words(tmp_path, texts, around(0, 360, seed=0))
    matter = np.repeat(np.arange(3), 120)
    same = (matter[:, None] == matter) & ~np.eye(360, dtype=bool)
    apart = both @ both.T
    assert abs((base @ base.T)[same].mean()) < 0.05
    assert apart[same].mean() > apart[matter[:, None] != matter].mean() + 0.15


def test_from_few_texts_nothing_is_learnt_about_words(tmp_path):
    n = LEAST_TEXTS - 1
    base, both = with_words(tmp_path, say(HEATING, n), around(0, n, seed=0))
    assert np.array_equal(base, both)


def test_texts_without_a_common_word_keep_their_vectors(tmp_path):
    texts = ["".join(chr(0x430 + int(d)) * 3 for d in str(1000 + i)) for i in range(300)]
    base, both = with_words(tmp_path, texts, around(0, 300, seed=0))
    assert np.array_equal(base, both)
