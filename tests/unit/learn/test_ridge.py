"""The ridge: steps come to what is exact, and it is larger where labels are by chance."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from veche.learn.design import Design, design_of, learn_columns
from veche.learn.examples import TRAITS, Inputs, Labels, LabelSet
from veche.learn.ridge import RIDGE, choose_ridge, gram, row_weights, solve, solve_in_steps, targets


def history(n: int, n_labels: int, *, noise: float, seed: int = 1) -> tuple[Design, Labels]:
    """Return texts of which each label has words of its own, and a share (`noise`) of labels by chance."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n)
    texts = [" ".join(f"w{t}x{i}" for i in rng.integers(0, 30, 6)) for t in truth]
    told = np.where(rng.random(n) < noise, rng.integers(0, n_labels, n), truth)
    vectors = rng.normal(size=(n, 512)).astype(np.float32) / 23
    traits = {str(name): pa.nulls(n, pa.string()) for name in TRAITS}
    inputs = Inputs(pa.array(texts), vectors, traits)
    names = tuple(f"l{i}" for i in range(n_labels))
    labels = Labels(
        LabelSet(names, names, np.full(n_labels, -1), (), False),
        sparse.csr_matrix((np.ones(n, bool), (np.arange(n), told)), shape=(n, n_labels)),
        np.ones(n, bool),
    )
    return design_of(inputs, learn_columns(inputs)), labels


@given(st.integers(0, 50), st.sampled_from([1.0, 4.0]))
@settings(deadline=None, max_examples=10)
def test_steps_come_to_what_is_exact(seed: int, ridge: float) -> None:
    design, labels = history(120, 4, noise=0.2, seed=seed)
    exact = solve(gram(design, design), targets(labels), row_weights(labels), ridge)
    steps = solve_in_steps(design, targets(labels), row_weights(labels), ridge)
    alike = gram(design, design)
    np.testing.assert_allclose(alike @ steps, alike @ exact, atol=0.01)


@pytest.mark.parametrize(("noise", "larger"), [(0.0, False), (0.5, True)])
def test_the_ridge_is_larger_where_labels_are_by_chance(noise: float, larger: bool) -> None:
    design, labels = history(600, 3, noise=noise)
    alike = gram(design, design)
    assert (choose_ridge(lambda rows: alike[np.ix_(rows, rows)], labels, 600) > RIDGE) is larger


def test_copies_do_not_make_the_ridge_smaller() -> None:
    design, labels = history(300, 3, noise=0.5)
    twice = np.repeat(np.arange(300), 2)
    design, labels = design.take(twice), labels.take(twice)
    alike = gram(design, design)
    assert choose_ridge(lambda rows: alike[np.ix_(rows, rows)], labels, 600) == RIDGE


def test_the_ridge_of_one_row_is_the_usual_one() -> None:
    design, labels = history(1, 1, noise=0.0)
    assert choose_ridge(lambda rows: gram(design.take(rows), design.take(rows)), labels, 1) == RIDGE
