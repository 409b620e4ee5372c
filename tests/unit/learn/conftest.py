"""Small labelled histories for the tests of learning. The people in them are invented."""

import numpy as np
import pyarrow as pa
import pytest

from veche.learn.examples import Examples, Inputs, Labels, LabelSet
from veche.learn.wanted import Wanted
from veche.packs import load_pack

WORDS = {
    "Roads": "the road is broken and there are deep holes near the crossing by the bridge",
    "Water": "there is no cold water in the tap since the pipe burst under the house",
    "Light": "the street lamp does not burn and the yard is dark in the evening",
}


@pytest.fixture(scope="session")
def boston():
    """The pack of a city."""
    return load_pack("boston")


@pytest.fixture
def cells():
    """Make columns of cells."""

    def make(*columns):
        return [pa.chunked_array([pa.array(column, pa.string())]) for column in columns]

    return make


@pytest.fixture
def wanted():
    """Say what is wanted of a facet."""

    def make(columns="Topic", **options):
        return Wanted("topic", columns, **options)

    return make


def labels_of(given, names, *, multi=False):
    """Return labels of rows that each have a list of the numbers of `names`, None for not known."""
    from scipy import sparse

    matrix = np.zeros((len(given), len(names)), bool)
    for row, numbers in enumerate(given):
        matrix[row, list(numbers or ())] = True
    n = len(names)
    made = LabelSet(tuple(names), ("",) * n, np.full(n, -1, np.int64), (), multi)
    return Labels(made, sparse.csr_matrix(matrix), np.array([g is not None for g in given]))


def inputs_of(texts, **traits):
    """Return inputs without vectors."""
    known = {
        name: pa.array(traits.get(name, [None] * len(texts)), pa.string())
        for name in ("language", "territory", "channel", "age", "sex")
    }
    return Inputs(pa.array(texts, pa.string()), np.zeros((len(texts), 512), np.float32), known)


@pytest.fixture(scope="session")
def made_history():
    """Return 240 labelled appeals in which the words tell the topic, mostly, and a theme beside it."""
    rng = np.random.default_rng(3)
    names = list(WORDS)
    topic = rng.integers(0, 3, 240)
    texts = []
    for number, label in enumerate(topic):
        words = WORDS[names[label]].split()
        chosen = rng.permutation(words)[:9]
        texts.append(" ".join([*chosen, f"case{number}", "please", "help"]))
    themes = [[int(label)] if i % 3 else [int(label), (int(label) + 1) % 3] for i, label in enumerate(topic)]
    return Examples(
        inputs=inputs_of(texts, language=["en"] * 240),
        labels={
            "topic": labels_of([[int(label)] for label in topic], names),
            "theme": labels_of(themes, names, multi=True),
        },
        ids=pa.array([f"a{i}" for i in range(240)]),
        received=np.datetime64("2025-01-01T00:00:00", "s") + np.arange(240),
        copies=np.arange(240),
    )
