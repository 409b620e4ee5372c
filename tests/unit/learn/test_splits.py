"""Parts for measuring out of sample."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from veche.learn.examples import Labels, LabelSet
from veche.learn.splits import splits


def labels_of(numbers: np.ndarray, n_labels: int) -> Labels:
    shape = (len(numbers), n_labels)
    held = sparse.csr_matrix((np.ones(len(numbers), bool), (np.arange(len(numbers)), numbers)), shape=shape)
    names = tuple(f"label {i}" for i in range(n_labels))
    return Labels(LabelSet(names, names, np.full(n_labels, -1), (), False), held, np.ones(len(numbers), bool))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), max_size=80), st.integers(2, 7))
def test_copies_never_stand_in_two_parts(rows: list[tuple[int, int]], folds: int) -> None:
    copies, numbers = (np.array([row[i] for row in rows], np.int64) for i in (0, 1))
    part = splits(copies, labels_of(numbers, 5), folds, seed=3)
    assert len({(c, p) for c, p in zip(copies.tolist(), part.tolist(), strict=True)}) == len(
        set(copies.tolist())
    )
    assert set(part.tolist()) <= set(range(folds))


def test_a_label_with_as_many_rows_as_parts_is_in_each() -> None:
    numbers = np.array([0] * 50 + [1] * 5 + [2] * 7)
    part = splits(np.arange(62), labels_of(numbers, 3), 5, seed=1)
    for label in range(3):
        assert set(part[numbers == label].tolist()) == set(range(5))
    assert np.ptp(np.bincount(part)) <= 1


def test_another_seed_gives_other_parts_and_the_same_seed_the_same() -> None:
    labels = labels_of(np.arange(40) % 2, 2)
    first, again, other = (splits(np.arange(40), labels, 5, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
