"""What the pack knows and the model does not competes with the model's labels."""

import numpy as np
import pyarrow as pa
from tests.unit.learn.conftest import labels_of

from veche.core.finding import decisions
from veche.learn.rivals import part_of, rivals_of, share_of
from veche.stages.documents import Documents


def _documents(rows, matters):
    n = len(rows)
    texts = pa.array(["text"] * n)
    return Documents(
        np.array(rows), np.array(matters), texts, np.zeros((n, 512), np.float32), np.zeros(n, bool)
    )


LABELS = labels_of([[0], [1]], ["roads", "city-hall"]).set


def test_only_values_that_the_model_has_no_word_for_are_rivals():
    column = decisions(2, [0, 0, 1, 1], ["roads", "noise", "city-hall@ru-75", "noise"], [0.6, 0.3, 0.5, 0.2],
                       matters=[0, 0, 0, 1], ranks=[0, 1, 0, 0])  # fmt: skip
    rivals = rivals_of(pa.chunked_array([column]), _documents([0, 1, 1], [0, 0, 1]), LABELS)
    assert rivals.value.to_pylist() == ["noise", "noise"]
    assert rivals.document.tolist() == [0, 2]
    assert part_of(rivals).tolist() == [1.0, 1.0]


def test_a_rival_is_heard_where_the_model_is_unusually_unsure():
    column = decisions(2, [0, 1], ["noise", "noise"], [0.6, 0.6])
    rivals = rivals_of(pa.chunked_array([column]), _documents([0, 1], [0, 0]), LABELS)
    seen = np.linspace(0.5, 1.0, 100)
    share = share_of(rivals, np.array([0.3, 0.999]), seen)
    assert share[0] > 0.9
    assert share[1] < 0.1


def test_without_rivals_nothing_is_taken_from_the_model():
    rivals = rivals_of(None, _documents([0], [0]), LABELS)
    assert share_of(rivals, np.array([0.3]), np.array([0.9])).tolist() == [0.0]
