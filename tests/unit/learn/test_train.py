"""From examples to a model, and what its card says."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score
from tests.unit.learn.conftest import inputs_of, labels_of

from veche.learn.figures import figures
from veche.learn.file import to_bytes
from veche.learn.portrait import KNOWN_BITS, portrait, unknown_share
from veche.learn.train import fingerprint, train


@pytest.fixture(scope="module")
def model(made_history):
    return train(made_history, seed=5)


def test_the_same_history_makes_the_same_bytes_whatever_the_threads(model, made_history):
    assert to_bytes(train(made_history, seed=5, threads=1)) == to_bytes(model)


def test_the_model_tells_what_words_tell(model, made_history):
    right = model.facets["topic"].chances(made_history.inputs).argmax(axis=1)
    assert (right == made_history.labels["topic"].single()).mean() > 0.95
    assert model.card["facets"]["topic"]["figures"]["accuracy"] > 0.9


def test_the_card_says_what_the_model_was_made_from(model):
    data, topic = model.card["data"], model.card["facets"]["topic"]
    assert (data["appeals"], data["distinct"]) == (240, 240)
    assert (data["first"], data["last"]) == ("2025-01-01", "2025-01-01")
    assert sum(topic["labels"].values()) == 240
    assert topic["alone"]["precision"] == 0.95
    assert model.card["facets"]["theme"]["multi"] is True


def test_what_was_seen_is_a_row_for_each_appeal(model):
    seen = model.facets["topic"].seen
    assert len(seen.chance) == 240
    assert seen.right.mean() == pytest.approx(model.card["facets"]["topic"]["figures"]["accuracy"], abs=1e-4)


def test_steps_are_told(made_history):
    told = []
    train(made_history, facets=["topic"], seed=5, progress=lambda *step: told.append(step))
    assert told == [("judge", "topic"), ("learn", "topic")]


def test_the_fingerprint_knows_texts_and_labels_but_no_order(made_history):
    rows = np.arange(240)
    mixed = made_history.take(np.random.default_rng(1).permutation(rows))
    assert fingerprint(mixed) == fingerprint(made_history)
    assert fingerprint(made_history.take(rows[:-1])) != fingerprint(made_history)
    labels = dict(made_history.labels) | {"topic": labels_of([[0]] * 240, ["Roads", "Water", "Light"])}
    assert fingerprint(made_history.__class__(**vars(made_history) | {"labels": labels})) != fingerprint(
        made_history
    )


def test_figures_are_those_of_the_library():
    rng = np.random.default_rng(2)
    chances = rng.random((200, 5)).astype(np.float32)
    truth = rng.integers(0, 4, 200)
    labels = labels_of([[int(t)] for t in truth], list("abcde"))
    said = chances.argmax(axis=1)
    found = figures(chances, labels, said=np.eye(chances.shape[1], dtype=bool)[said])
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, said), abs=1e-4)
    assert found["weighted_f1"] == pytest.approx(f1_score(truth, said, average="weighted"), abs=1e-4)
    assert found["macro_f1"] == pytest.approx(f1_score(truth, said, average="macro"), abs=1e-4)


def test_figures_of_several_labels_are_those_of_the_library():
    rng = np.random.default_rng(2)
    chances = rng.random((200, 4)).astype(np.float32)
    truth = rng.random((200, 4)) > 0.6
    labels = labels_of([list(np.flatnonzero(row)) for row in truth], list("abcd"), multi=True)
    said = chances >= 0.5
    found = figures(chances, labels, said=said)
    assert found["micro_f1"] == pytest.approx(f1_score(truth, said, average="micro"), abs=1e-4)
    assert found["macro_f1"] == pytest.approx(f1_score(truth, said, average="macro"), abs=1e-4)
    assert found["exact_match"] == pytest.approx(accuracy_score(truth, said), abs=1e-4)


def test_a_portrait_names_no_value_that_few_people_share():
    inputs = inputs_of(["it is dark"] * 20, channel=["web"] * 15 + ["from Ann", *[None] * 4])
    shares = portrait(inputs)["traits"]["channel"]
    assert shares == {"web": 0.75, "*": 0.05, "": 0.2}


def test_a_portrait_knows_which_words_are_new():
    known = portrait(inputs_of(["no water in the house", "no light"]))["known_words"]
    assert unknown_share(inputs_of(["no light in the house"]), known) == 0
    assert unknown_share(inputs_of(["no asphalt"]), known) == pytest.approx(0.5)
    assert len(known) < KNOWN_BITS / 6 + 8
