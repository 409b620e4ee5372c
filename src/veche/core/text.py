"""Texts of a batch as one string, so that a native engine searches them all in one call.

Offsets count code points from the start of the row's own text. Folding keeps every code point in its
place, so an offset into the folded text is an offset into the original.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import re2

#: Stands between rows, twice: a pattern that looks at the character beside a word may take one of them, and
#: the next row still begins behind the other. Intake lets no text through that contains it.
SEPARATOR = "\x00"
_BETWEEN = SEPARATOR * 2

#: The letters of Latin with its marks and of Cyrillic with its national letters. All letters of Unicode,
#: repeated up to a count, outgrow the automaton of a pattern.
_LETTERS = r"A-Za-z\x{c0}-\x{24f}\x{400}-\x{52f}"

#: Room for the states of a pattern, in bytes; where it runs out the engine is right but slow.
_PATTERN_BYTES = 32 << 20

_FOLD = str.maketrans(
    {"ё": "е", "Ё": "е", "İ": "i", "\u00a0": " ", "\u202f": " ", "\u2011": "-", "\u2019": "'"}
)


class Matches(NamedTuple):
    """Where something was found: `row`, `start`, `end` (int64, code points within the row) and `which`."""

    row: np.ndarray
    start: np.ndarray
    end: np.ndarray
    which: np.ndarray


def fold(text: str) -> str:
    """Return `text` in lower case with ё as е and plain spaces, hyphens and apostrophes; same length."""
    return text.translate(_FOLD).lower()


def compile_pattern(pattern: str) -> Any:
    """Compile a linear-time pattern (RE2); in it `\\p{L}` stands for Latin and Cyrillic letters."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_BYTES
    for opening in ("[", "[^"):
        pattern = pattern.replace(opening + r"\p{L}", opening + _LETTERS)
    return re2.compile(pattern.replace(r"\p{L}", f"[{_LETTERS}]"), options)


class Texts:
    """The texts of one batch, joined by two of `SEPARATOR`."""

    def __init__(self, column: pa.Array | pa.ChunkedArray) -> None:
        texts = [t or "" for t in column.to_pylist()]
        lengths = np.fromiter((len(t) for t in texts), np.int64, count=len(texts))
        self.starts = np.concatenate([[0], np.cumsum(lengths + len(_BETWEEN))])
        self.lengths = lengths
        self.joined = _BETWEEN.join(texts)
        self._bytes: dict[bool, tuple[bytes, np.ndarray | None]] = {}

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def folded(self) -> str:
        """The joined text, folded."""
        return fold(self.joined)

    @cached_property
    def code_points(self) -> np.ndarray:
        """The code points of the joined text (uint32)."""
        return np.frombuffer(self.joined.encode("utf-32-le", "surrogatepass"), np.uint32)

    def only(self, rows: Sequence[int]) -> "Texts":
        """Return the texts of some rows, in the order of `rows`."""
        return Texts(pa.array([self.slice(r, 0, int(self.lengths[r])) for r in rows], pa.string()))

    def slice(self, row: int, start: int, end: int) -> str:
        """Return the original text of a match."""
        at = int(self.starts[row])
        return self.joined[at + start : at + end]

    def place(self, spans: Iterable[tuple[int, int, int]]) -> Matches:
        """Turn (which, start, end) in the joined text into `Matches`; a match across rows is dropped."""
        flat = np.array(list(spans), np.int64).reshape(-1, 3)
        which, start, end = flat[:, 0], flat[:, 1], flat[:, 2]
        row = np.searchsorted(self.starts, start, side="right") - 1
        base = self.starts[row] if len(row) else start
        inside = (end - base <= self.lengths[row]) if len(row) else np.zeros(0, bool)
        return Matches(row[inside], (start - base)[inside], (end - base)[inside], which[inside])

    def phrases(self, automaton: Any, *, whole_words: bool = True) -> Matches:
        """Find the patterns of an `ahocorasick_rs.AhoCorasick` (built on folded patterns)."""
        found = automaton.find_matches_as_indexes(self.folded)
        if whole_words:
            text = self.folded
            n = len(text)
            found = [
                m
                for m in found
                if (m[1] == 0 or not text[m[1] - 1].isalnum() or not text[m[1]].isalnum())
                and (m[2] == n or not text[m[2]].isalnum() or not text[m[2] - 1].isalnum())
            ]
        return self.place(found)

    def search(self, pattern: Any, *, folded: bool = False, group: int = 0) -> Matches:
        """Find a pattern that `compile_pattern` made; `which` is 0.

        Use `[^\\x00...]` in negated classes, or a match may run into the next row and be dropped.
        """
        data, points = self._encoded(folded)
        spans = ((0, *m.span(group)) for m in pattern.finditer(data) if m.start(group) >= 0)
        if points is not None:
            spans = ((0, int(points[s]), int(points[e])) for _, s, e in spans)
        return self.place(spans)

    def _encoded(self, folded: bool) -> tuple[bytes, np.ndarray | None]:
        if folded not in self._bytes:
            data = (self.folded if folded else self.joined).encode()
            points = None
            if not data.isascii():
                is_lead = (np.frombuffer(data, np.uint8) & 0xC0) != 0x80
                points = np.concatenate([[0], np.cumsum(is_lead)])
            self._bytes[folded] = (data, points)
        return self._bytes[folded]
