"""Sentence vectors of appeals and of their matters, from the subword ids that the tokens stage made.

Each distinct text of a batch is encoded once. The same encoder serves all languages; those that it was
not trained on (`ENCODER_LANGUAGES`) keep their vectors, and the stages that compare them trust them less.
"""

from functools import cache

import numpy as np
import pyarrow as pa

from veche.core.errors import N_
from veche.engine.stage import Context
from veche.stages.columns import MASKED_TEXT, MASKS, MATTERS, TEXT, TOKENS, VECTOR_SIZE, VECTORS
from veche.stages.encoder import ENCODER, ENCODER_LANGUAGES, Encoder
from veche.stages.spans import array_of, counts_of
from veche.stages.tokens import build_tokenizer
from veche.stages.tokens import encode as to_tokens

__all__ = ["ENCODER", "ENCODER_LANGUAGES", "VectorsStage", "encode"]


class VectorsStage:
    """Adds the vectors of the whole text and, where an appeal has several matters, of each of them.

    A vector of unit length stands for at most the first 256 subwords (about 1,000 characters); null
    stands where there is no text.
    """

    name = "vectors"
    version = f"1+{ENCODER}"
    reads = (TOKENS, MATTERS, TEXT, MASKED_TEXT, MASKS)
    adds = (VECTORS,)
    fallbacks: dict[str, str] = {  # noqa: RUF012 - part of the contract, never changed
        "matters": N_("one vector for the whole appeal"),
        "masks": N_("matters are read without masking"),
        "masked_text": N_("vectors are made from the tokens alone"),
    }

    def open(self, context: Context) -> None:
        """Load the encoder; it may use `context.threads` threads."""
        self._encoder = _encoder()
        self._threads = context.threads

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `vectors`."""
        wholes = _rows(array_of(batch, TOKENS))
        owners, matter_texts = matter_texts_of(
            array_of(batch, TEXT), matters=array_of(batch, MATTERS), masks=array_of(batch, MASKS)
        )
        parts = _rows(to_tokens(build_tokenizer(), pa.array(matter_texts, pa.string())))
        vectors = _encode_distinct(wholes + parts, threads=self._threads)
        # The whole comes first in its row, then the matters in their order.
        present = np.fromiter((len(row) > 0 for row in wholes), bool, count=len(wholes))
        kept = present[owners]
        row = np.concatenate([np.flatnonzero(present), owners[kept]])
        index = np.concatenate([np.flatnonzero(present), len(wholes) + np.flatnonzero(kept)])
        order = np.argsort(row, kind="stable")
        counts = np.bincount(row, minlength=len(wholes))
        column = _column(vectors[index[order]], counts=counts, present=present)
        return batch.append_column(VECTORS, column)


def encode(texts: list[str], *, threads: int = 1) -> np.ndarray:
    """Return unit vectors (float32 [len(texts), 512]) of texts, for prototypes and for naming themes."""
    if not texts:
        return np.empty((0, VECTOR_SIZE), np.float32)
    return _encode_distinct(
        _rows(to_tokens(build_tokenizer(), pa.array(texts, pa.string()))), threads=threads
    )


def matter_texts_of(text: pa.Array, *, matters: pa.Array, masks: pa.Array) -> tuple[np.ndarray, list[str]]:
    """Return the batch row (int64) and the text of each matter after the whole, without masked stretches.

    Rows with fewer than two matters have none: the whole says it all.
    """
    owners: list[int] = []
    texts: list[str] = []
    counts = counts_of(matters)
    for row in np.flatnonzero(counts >= 2).tolist():
        original = text[row].as_py()
        hidden = [(m["start"], m["end"]) for m in masks[row].as_py() or ()]
        for spans in matters[row].as_py():
            owners.append(row)
            texts.append(" ".join(_visible(original, s["start"], s["end"], hidden) for s in spans or ()))
    return np.array(owners, np.int64), texts


def _visible(text: str, start: int, end: int, hidden: list[tuple[int, int]]) -> str:
    parts = []
    for hidden_start, hidden_end in hidden:
        if start < hidden_end and hidden_start < end:
            parts.append(text[start : max(start, hidden_start)])
            start = hidden_end
    parts.append(text[start : max(start, end)])
    return " ".join(parts)


@cache
def _encoder() -> Encoder:
    return Encoder()


def _encode_distinct(rows: list[np.ndarray], *, threads: int) -> np.ndarray:
    seen: dict[bytes, int] = {}
    where = np.fromiter((seen.setdefault(r.tobytes(), len(seen)) for r in rows), np.int64, count=len(rows))
    distinct = [np.frombuffer(key, np.int32) for key in seen]
    return _encoder().encode_ids(distinct, threads=threads)[where]


def _rows(tokens: pa.Array) -> list[np.ndarray]:
    """Return the ids of each text; none where the text is null."""
    flat = tokens.values.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    bounds = tokens.offsets.to_numpy()
    lengths = counts_of(tokens)
    return [flat[a : a + n] for a, n in zip(bounds[:-1].tolist(), lengths.tolist(), strict=True)]


def _column(vectors: np.ndarray, *, counts: np.ndarray, present: np.ndarray) -> pa.Array:
    items = pa.FixedSizeListArray.from_arrays(
        pa.array(np.ascontiguousarray(vectors, np.float32).ravel()), VECTOR_SIZE
    )
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), items, type=VECTORS.type, mask=pa.array(~present) if not present.all() else None
    )
