"""What web forms ask, as facts that agree or contradict: "Color of the car: BLUE" and "a blue van".

Which cells of a text are a form's choices is seen in the texts themselves: a label whose values recur. A
word that is a choice somewhere counts wherever it stands. Nothing here knows cars or colours.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from veche.learn.features import Words

#: A label's values are choices where they are on average so often the same, and one word of them where it
#: stands so often in the label's cells.
LEAST_SAME = 4.0
LEAST_CHOSEN = 5

_CELL = r"^\s*(?P<label>[^:|\[\]]{3,60}):\s+(?P<value>[\pL\pM\pN]+)\s*$"


@dataclass(frozen=True)
class Facts:
    """`chosen`: which choices stand in each text (float64 CSR [n, choices]); `asked`: to which labels of
    forms they belong ([n, labels]); `laid_out`: which texts have cells of a form (bool [n])."""

    chosen: sparse.csr_matrix
    asked: sparse.csr_matrix
    laid_out: np.ndarray


def holdings(words: Words) -> sparse.csr_matrix:
    """Return which distinct words stand in each text, 0/1 float64 [n, distinct]."""
    shape = (len(words), len(words.hashes))
    held = sparse.csr_matrix((np.ones(len(words.number)), words.number, words.bounds), shape=shape)
    held.sum_duplicates()
    held.data[:] = 1
    return held


def facts_of(texts: pa.Array, words: Words, holds: sparse.csr_matrix) -> Facts:
    """Find the facts in `texts`; `holds` (0/1 [n, words]) says which of `words` stand in each."""
    cells = pc.split_pattern(texts, "|")
    found = pc.extract_regex(pc.list_flatten(cells), _CELL)
    named = found.is_valid().to_numpy(zero_copy_only=False)
    laid_out = np.zeros(len(texts), bool)
    laid_out[pc.list_parent_indices(cells).to_numpy()[named]] = True
    found = found.filter(pa.array(named))
    label = pc.dictionary_encode(pc.utf8_trim_whitespace(pc.struct_field(found, "label")))
    value = pc.index_in(pc.utf8_lower(pc.struct_field(found, "value")), value_set=words.distinct)
    word_of = pc.fill_null(value, -1).to_numpy(zero_copy_only=False)
    choice, owner = _choices(label.indices.to_numpy(), word_of)
    chosen = sparse.csr_matrix(holds[:, choice])
    shape = (len(choice), len(label.dictionary))
    to_label = sparse.csr_matrix((np.ones(len(choice)), (np.arange(len(choice)), owner)), shape=shape)
    asked = sparse.csr_matrix(chosen @ to_label)
    asked.data[:] = 1
    return Facts(chosen, asked, laid_out)


def _choices(label: np.ndarray, word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the words that are choices, ascending, and the label that each stands under most."""
    pair, count = np.unique(np.stack([label, word])[:, word >= 0], axis=1, return_counts=True)
    if not len(count):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    total, kinds = np.bincount(pair[0], count), np.maximum(np.bincount(pair[0]), 1)
    often = (count >= LEAST_CHOSEN) & (total[pair[0]] >= LEAST_SAME * kinds[pair[0]])
    pair, count = pair[:, often], count[often]
    order = np.lexsort((pair[0], -count, pair[1]))
    words, first = np.unique(pair[1][order], return_index=True)
    return words.astype(np.int64), pair[0][order][first].astype(np.int64)
