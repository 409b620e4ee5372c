"""A head takes in corrections without the texts that it was made from."""

import numpy as np
import pytest
from tests.unit.learn.conftest import WORDS, inputs_of, labels_of

from veche.learn.corrections import widened
from veche.learn.examples import Labels
from veche.learn.heads import fit
from veche.learn.proximal import update

NAMES = list(WORDS)


def _texts(rng, numbers):
    texts = []
    for number in numbers:
        words = WORDS[NAMES[number]].split()
        rng.shuffle(words)
        texts.append(" ".join(words[:8]))
    return texts


@pytest.fixture(scope="module")
def head():
    rng = np.random.default_rng(1)
    numbers = rng.integers(0, 3, 90).tolist()
    return fit(inputs_of(_texts(rng, numbers)), labels_of([[n] for n in numbers], NAMES), seed=7)


def test_a_new_label_is_learnt_and_nothing_known_is_forgotten(head):
    noise = [f"loud music at night keeps us awake number {i}" for i in range(6)]
    labels, inputs = labels_of([[3]] * 6, (*NAMES, "Noise")), inputs_of(noise)
    taught = update(head, inputs, labels, learnt=np.array([30, 30, 30, 0]))
    assert taught.scores(inputs_of(["music at night again, loud"])).argmax() == 3
    rng = np.random.default_rng(5)
    numbers = rng.integers(0, 3, 60).tolist()
    later = inputs_of(_texts(rng, numbers))
    before = head.scores(later).argmax(axis=1) == numbers
    after = taught.scores(later).argmax(axis=1) == numbers
    assert before.mean() > 0.9
    assert after.mean() >= before.mean() - 0.02


def test_a_correction_moves_the_score_of_such_appeals(head):
    text = "the road is broken near the bridge and the lamp is dark"
    labels = labels_of([[2]] * 3, NAMES)
    taught = update(head, inputs_of([text] * 3), labels, learnt=np.array([30, 30, 30]))
    row = inputs_of([text])
    assert taught.scores(row)[0, 2] > head.scores(row)[0, 2]
    assert taught.scores(row)[0, 0] < head.scores(row)[0, 0]


def test_what_was_seen_often_moves_less_than_what_was_seen_seldom(head):
    text = ["the road is broken"] * 2
    labels = labels_of([[2]] * 2, NAMES)
    few = update(head, inputs_of(text), labels, learnt=np.array([2, 2, 2]))
    many = update(head, inputs_of(text), labels, learnt=np.array([3000, 3000, 3000]))
    row = inputs_of(text[:1])
    moved = [abs(float((h.scores(row) - head.scores(row))[0, 2])) for h in (few, many)]
    assert moved[0] > moved[1] > 0


def test_the_scores_of_other_labels_stay_when_a_set_grows(head):
    labels = widened(labels_of([[0]], NAMES).set, ["Noise", NAMES[0], "Noise"])
    assert labels.names == (*NAMES, "Noise")
    assert labels.groups[-1] == -1
    given = labels_of([[3]], labels.names).given
    learnt = Labels(labels, given, np.array([True]))
    taught = update(head, inputs_of(["цветы на клумбе"]), learnt, learnt=np.array([30, 30, 30, 0]))
    row = inputs_of([WORDS["Water"]])
    assert np.abs(taught.scores(row)[0, :3] - head.scores(row)[0]).max() < 0.5
