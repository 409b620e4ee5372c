"""The same text with several labels: which label holds, and whose appeals are suspects."""

import numpy as np
import pyarrow as pa
from scipy import sparse

from veche.learn.examples import Labels
from veche.stages.repeats import normal_form


def same_text(texts: pa.Array) -> np.ndarray:
    """Return a number per text (int64), equal where texts are but for case and punctuation.

    A text without a word is like no other.
    """
    normal = normal_form(texts)
    array = normal.combine_chunks() if isinstance(normal, pa.ChunkedArray) else normal
    coded = array.dictionary_encode()
    number = coded.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    empty = np.array([not text for text in coded.dictionary.to_pylist()], bool)[number]
    return np.where(empty, len(number) + np.arange(len(number)), number)


def settle(labels: Labels, *, same: np.ndarray, received: np.ndarray) -> tuple[Labels, np.ndarray]:
    """Return labels under which rows of one text agree, and which rows had others (bool [n]).

    The label that most rows of the text have holds; of equals, that of the latest (`received`,
    datetime64). In a multi facet each label is settled by itself.
    """
    rows = np.flatnonzero(labels.known)
    if not len(rows):
        return labels, np.zeros(len(labels.known), bool)
    _, group = np.unique(same[rows], return_inverse=True)
    time = received[rows].astype("datetime64[s]").astype(np.int64)  # an unknown time is the earliest
    given = labels.given[rows]
    of_text = _by_label if labels.set.multi else _by_majority
    held = sparse.csr_matrix(of_text(given, group, time, n_labels=len(labels.set))[group])
    differs = np.asarray((held != given).sum(axis=1)).ravel() > 0
    changed = np.zeros(len(labels.known), bool)
    changed[rows[differs]] = True
    back = sparse.csr_matrix(
        (np.ones(len(rows), bool), (rows, np.arange(len(rows)))), shape=(len(labels.known), len(rows))
    )
    return Labels(labels.set, sparse.csr_matrix(back @ held, dtype=bool), labels.known), changed


def _by_majority(
    given: sparse.csr_matrix, group: np.ndarray, time: np.ndarray, *, n_labels: int
) -> sparse.csr_matrix:
    label = given.indices.astype(np.int64)
    pair, inverse, votes = np.unique(group * n_labels + label, return_inverse=True, return_counts=True)
    latest = np.full(len(pair), np.iinfo(np.int64).min)
    np.maximum.at(latest, inverse, time)
    order = np.lexsort((-pair, latest, votes, pair // n_labels))
    owner = pair[order] // n_labels
    last = np.append(owner[1:] != owner[:-1], True)
    won = pair[order[last]] % n_labels
    shape = (len(won), n_labels)
    return sparse.csr_matrix((np.ones(len(won), bool), won, np.arange(len(won) + 1)), shape=shape)


def _by_label(
    given: sparse.csr_matrix, group: np.ndarray, time: np.ndarray, *, n_labels: int
) -> sparse.csr_matrix:
    n_groups, n = int(group.max()) + 1, len(group)
    members = sparse.csr_matrix((np.ones(n, np.int32), (group, np.arange(n))), shape=(n_groups, n))
    votes = sparse.coo_matrix(members @ given.astype(np.int32))
    size = np.bincount(group)
    order = np.lexsort((np.arange(n), time, group))
    latest = order[np.append(group[order][1:] != group[order][:-1], True)]
    said_last = sparse.csr_matrix(given[latest])
    at_last = np.asarray(said_last[votes.row, votes.col], bool).ravel()
    held = (2 * votes.data > size[votes.row]) | ((2 * votes.data == size[votes.row]) & at_last)
    entries = (np.ones(held.sum(), bool), (votes.row[held], votes.col[held]))
    return sparse.csr_matrix(entries, shape=(n_groups, n_labels), dtype=bool)
