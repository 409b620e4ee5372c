"""Words that speak for a label, as stretches of the original text."""

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.learn.conftest import inputs_of, labels_of

from veche.core.finding import SPAN
from veche.learn.evidence import evidence
from veche.learn.heads import fit
from veche.stages.columns import MASKED_TEXT, MASKS, MATTERS, TEXT, VECTORS
from veche.stages.documents import documents

ROADS = [f"a deep hole in the road near house {i}" for i in range(20)]
WATER = [f"no water in the tap of flat {i}" for i in range(20)]


@pytest.fixture(scope="module")
def head():
    labels = labels_of([[0]] * 20 + [[1]] * 20, ["Roads", "Water"])
    return fit(inputs_of([*ROADS, *WATER]), labels, seed=7)


def _batch(texts, *, masks=None, matters=None):
    n = len(texts)
    return pa.table(
        {
            TEXT.name: pa.array(texts, pa.string()),
            MASKED_TEXT.name: pa.array(texts, pa.string()),
            MASKS.name: pa.array(masks or [[]] * n, MASKS.type),
            MATTERS.name: pa.array(matters or [[]] * n, pa.list_(pa.list_(SPAN))),
            VECTORS.name: pa.nulls(n, VECTORS.type),
        }
    )


def _shown(head, batch, document, label):
    texts, found = batch[TEXT.name].to_pylist(), documents(batch)
    spans = evidence(batch, found, head, document=np.array(document), label=np.array(label))
    return [[texts[found.row[d]][a:b] for a, b in own] for d, own in zip(document, spans, strict=True)]


def test_each_label_has_its_own_words(head):
    batch = _batch(["Привет! The ROAD has a hole, and there is no water."])
    roads, water = _shown(head, batch, [0, 0], [0, 1])
    assert {"ROAD", "hole"} & set(roads)
    assert "water" in water
    assert not set(roads) & set(water)


def test_masked_data_is_no_evidence(head):
    text = "The road of Hole has a hole"
    masks = [[{"start": 12, "end": 16, "type": "name"}]]
    (shown,) = _shown(head, _batch([text], masks=masks), [0], [0])
    assert "hole" in shown
    assert "Hole" not in shown


def test_a_matter_shows_the_words_of_its_own_sentences(head):
    text = "The road has a hole. There is no water in the tap."
    matters = [[[{"start": 0, "end": 20}], [{"start": 21, "end": len(text)}]]]
    whole, first, second = _shown(head, _batch([text], matters=matters), [0, 1, 2], [1, 1, 1])
    assert "water" in whole
    assert "water" not in first
    assert "water" in second


def test_a_text_without_words_has_no_evidence(head):
    assert _shown(head, _batch(["...", "the road"]), [0, 1], [0, 0])[0] == []
