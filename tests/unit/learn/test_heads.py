"""Heads: what they learn, that they say why, and that the numbers of threads and processes change nothing."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from veche.learn.examples import TRAITS, Inputs, Labels, LabelSet
from veche.learn.explain import TRAIT, WORD, explain
from veche.learn.heads import Head, cross_scores, fit

ROADS = [
    "яма на дороге",
    "на дороге большая яма",
    "дорога вся в ямах",
    "ямы, ямы и ямы на улице",
    "разбили дорогу",
]
WATER = ["нет воды", "воды нет третий день", "из крана ржавая вода", "дайте воду!", "вода холодная"]
TREES = ["упало дерево", "спилите дерево у дома", "деревья закрыли окна"]


def inputs_of(texts: list[str], *, territory: list[str | None] | None = None, vectors=None) -> Inputs:
    none = pa.nulls(len(texts), pa.string())
    traits = dict.fromkeys(TRAITS, none)
    if territory is not None:
        traits["territory"] = pa.array(territory, pa.string())
    empty = np.zeros((len(texts), 512), np.float32)
    return Inputs(pa.array(texts, pa.string()), empty if vectors is None else vectors, traits)


def labels_of(numbers: list[int | set[int]], n_labels: int, *, multi: bool = False) -> Labels:
    sets = [n if isinstance(n, set) else {n} if n >= 0 else set() for n in numbers]
    given = sparse.lil_matrix((len(sets), n_labels), dtype=bool)
    for row, held in enumerate(sets):
        for number in held:
            given[row, number] = True
    names = tuple(f"label {i}" for i in range(n_labels))
    known = np.array([multi or len(held) > 0 for held in sets])
    return Labels(LabelSet(names, names, np.full(n_labels, -1), (), multi), given.tocsr(), known)


@pytest.fixture(scope="module")
def head() -> Head:
    return fit(inputs_of(ROADS + WATER + TREES), labels_of([0] * 5 + [1] * 5 + [2] * 3, 3), seed=1)


def said(head: Head, text: str) -> int:
    return int(head.scores(inputs_of([text])).argmax())


def test_forms_of_a_word_are_known_by_their_letters(head: Head) -> None:
    assert [said(head, text) for text in ("дорожные ямочки", "водой не поят", "деревом завалило")] == [
        0,
        1,
        2,
    ]


def test_a_text_of_unknown_words_says_as_little_as_none(head: Head) -> None:
    scores = head.scores(inputs_of(["zzz qqq", "", "нет воды"]))
    np.testing.assert_array_equal(scores[0], scores[1])
    assert np.ptp(scores[0]) < np.ptp(scores[2]) / 4


def test_unknown_words_beside_known_ones_lower_the_score(head: Head) -> None:
    scores = head.scores(inputs_of(["нет воды", "нет воды zzz qqq xxx yyy vvv"]))
    assert scores[1, 1] < scores[0, 1]


@given(st.text(max_size=60), st.integers(0, 2))
@settings(deadline=None, max_examples=30)
def test_reasons_sum_to_the_score(text: str, label: int) -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(13, 512)).astype(np.float32) / 20
    places = ["ru-75-1", "ru-75-2", None] * 4 + ["ru-1"]
    head = fit(
        inputs_of(ROADS + WATER + TREES, territory=places, vectors=vectors),
        labels_of([0] * 5 + [1] * 5 + [2] * 3, 3),
        seed=1,
    )
    appeal = inputs_of([f"яма и вода, вода {text}"], territory=["ru-75-1"], vectors=vectors[:1])
    reasons = explain(head, appeal, label)
    assert sum(reason.weight for reason in reasons) == pytest.approx(head.scores(appeal)[0, label], abs=1e-4)
    assert {"territory=ru", "territory=ru-75"} <= {r.name for r in reasons if r.kind == TRAIT}


def test_the_word_that_decides_comes_first(head: Head) -> None:
    words = [r for r in explain(head, inputs_of(["на улице Мира упало дерево"]), 2) if r.kind == WORD]
    assert words[0].name in ("упало", "дерево")
    assert words[0].weight > 0


def test_threads_and_batches_change_no_bit() -> None:
    texts = [f"{text} номер {i}" for i in range(100) for text in ROADS + WATER + TREES]
    inputs = inputs_of(texts, vectors=np.random.default_rng(1).normal(size=(1300, 512)).astype(np.float32))
    labels = labels_of(([0] * 5 + [1] * 5 + [2] * 3) * 100, 3)
    one, two = (fit(inputs, labels, seed=1, threads=threads) for threads in (1, 2))
    for name, part in one.parts().items():
        assert part.tobytes() == two.parts()[name].tobytes()
    assert one.scores(inputs, threads=1).tobytes() == one.scores(inputs, threads=2).tobytes()


def test_a_stored_head_scores_as_the_one_that_was_stored(head: Head) -> None:
    again = Head.of(head.parts(), head.settings())
    inputs = inputs_of(["воды нет", "яма"])
    np.testing.assert_array_equal(again.scores(inputs), head.scores(inputs))


def test_rows_without_a_label_teach_nothing() -> None:
    texts = ROADS + WATER
    with_more = fit(inputs_of([*texts, "яма воды"]), labels_of([0] * 5 + [1] * 5 + [-1], 2), seed=1)
    assert with_more.parts()["words"].tobytes() == (
        fit(inputs_of(texts), labels_of([0] * 5 + [1] * 5, 2), seed=1).parts()["words"].tobytes()
    )


def test_labels_by_chance_are_not_learnt_out_of_fold() -> None:
    rng = np.random.default_rng(5)
    words = [f"слово{i}" for i in range(40)]
    texts = [" ".join(rng.choice(words, 8)) for _ in range(300)]
    truth = rng.integers(0, 3, 300)
    copies = np.arange(300) // 2
    texts = [texts[i // 2 * 2] for i in range(300)]
    truth = truth[np.arange(300) // 2 * 2]
    scores = cross_scores(inputs_of(texts), labels_of(truth.tolist(), 3), copies, seed=1)
    assert (scores.argmax(axis=1) == truth).mean() < 0.45


def test_a_label_with_one_example_and_fewer_rows_than_folds_are_scored() -> None:
    scores = cross_scores(
        inputs_of(["яма", "вода", "яма тут"]), labels_of([0, 1, 0], 2), np.arange(3), seed=1
    )
    assert np.isfinite(scores).all()
    assert scores[2].argmax() == 0


def test_very_many_labels_are_learnt_in_little_room() -> None:
    rng = np.random.default_rng(1)
    words = np.array(["".join(rng.choice(list("абвгдежзик"), 7)) for _ in range(400)])
    topics = [rng.choice(words, 4, replace=False) for _ in range(1200)]
    texts = [" ".join(topic) for topic in topics for _ in range(2)]
    head = fit(inputs_of(texts), labels_of([i // 2 for i in range(2400)], 1200), seed=1)
    assert sum(part.nbytes for part in head.parts().values()) < 20e6
    scores = head.scores(inputs_of(texts[:200]))
    assert (scores.argmax(axis=1) == np.arange(200) // 2).mean() > 0.8


def test_several_labels_may_hold_at_once() -> None:
    texts = [*ROADS, *WATER, "яма на дороге и нет воды", "вода залила яму на дороге"]
    labels = labels_of([{0}] * 5 + [{1}] * 5 + [{0, 1}] * 2, 3, multi=True)
    scores = fit(inputs_of(texts), labels, seed=1).scores(inputs_of(["нет воды и яма на дороге"]))[0]
    assert min(scores[0], scores[1]) > scores[2] + 2


def test_a_label_without_examples_is_known_by_its_title() -> None:
    labels = labels_of([0] * 5 + [1] * 5, 3)
    titled = LabelSet(
        ("a", "b", "c"), ("Дороги", "Водоснабжение", "Деревья"), np.full(3, -1), (), multi=False
    )
    head = fit(inputs_of(ROADS + WATER), Labels(titled, labels.given, labels.known), seed=1)
    assert [said(head, text) for text in (*TREES[:1], "деревья", ROADS[0], WATER[0])] == [2, 2, 0, 1]


def test_a_label_without_a_title_is_known_by_its_name() -> None:
    labels = labels_of([0] * 5 + [1] * 5, 3)
    named = LabelSet(("Дороги", "Вода", "Деревья"), ("", "", ""), np.full(3, -1), (), multi=False)
    head = fit(inputs_of(ROADS + WATER), Labels(named, labels.given, labels.known), seed=1)
    assert said(head, "деревья") == 2
