"""The encoding of a file of text, and its lines as strings.

UTF-8, UTF-16, UTF-32, Windows-1251, KOI8-R, CP866 and Windows-1252 are told apart by what the text
looks like; anything else is left to charset-normalizer. A line in another encoding than its file is
decoded on its own. A line longer than a record may be is skipped without being held.
"""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from charset_normalizer import from_bytes

from veche.intake.model import MAX_RECORD_BYTES, Source

#: Stands for a line that was too long; data lines hold no NUL.
TOO_LONG = "\x00too long\n"

#: Bytes of a file that decide on its encoding.
SAMPLE_BYTES = 1 << 18

_BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: In the order in which equal scores are decided.
_EIGHT_BIT = ("windows-1251", "koi8-r", "windows-1252", "cp866")
#: CP866 has letters where others have control codes: in a single line that makes noise look like text.
_IN_ONE_LINE = _EIGHT_BIT[:3]

# Shares of letters in Russian text, in per mille (Russian National Corpus, rounded).
_RUSSIAN = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (
            110,
            85,
            80,
            74,
            67,
            63,
            55,
            47,
            45,
            44,
            35,
            32,
            30,
            28,
            26,
            20,
            19,
            17,
            17,
            16,
            16,
            14,
            12,
            10,
            9,
            7,
            6,
            5,
            4,
            3,
            3,
            1,
            1,
        ),
        strict=True,
    )
)
_LATIN = dict.fromkeys("áéíóúñüäößàèìòùâêîôûçãõåæøëï", 60)
_FREQUENT = _RUSSIAN | _LATIN | dict.fromkeys("іїєўґ", 15)
_PUNCTUATION = dict.fromkeys("«»“”„‘’–—…№°§€£·¿¡ªº\u00a0", 30)
_WORD = re.compile(r"[^\W\d_]+")
_PLAUSIBLE = 18.0
# Two or more Cyrillic letters in UTF-8, or an accented Latin one.
_LOOKS_UTF8 = re.compile(rb"(?:[\xd0-\xd3][\x80-\xbf]){2}|[\xc3-\xc5][\x80-\xbf]")


def plausibility(text: str) -> float:
    """Return how much `text` looks like Russian or West European writing; 18 and more is plausible.

    Mean over its non-ASCII characters of the letter's share in its language in per mille; a letter
    in a word of mixed case or mixed scripts counts nothing, frames and control codes count against it.
    """
    strange = sum(1 for c in text if c > "\x7f")
    if not strange:
        return 100.0
    total = sum(_PUNCTUATION.get(c, 0) for c in text if c > "\x7f")
    total -= 60 * sum("\u2500" <= c <= "\u25a0" or "\x80" <= c < "\xa0" for c in text)
    for word in _WORD.findall(text):
        if word.isascii() or not (word.islower() or word.isupper() or word[1:].islower() or len(word) == 1):
            continue
        cyrillic = sum("\u0400" <= c <= "\u04ff" for c in word)
        foreign = sum(c > "\x7f" for c in word)
        if cyrillic not in (0, len(word)) or (not cyrillic and foreign * 2 > len(word)):
            continue
        total += sum(_FREQUENT.get(c, 0) for c in word.lower() if c > "\x7f")
    return total / strange


def find_encoding(sample: bytes) -> str | None:
    """Return the encoding of a file that begins with `sample`, None where it is not text.

    Marks of the byte order decide first, then the pattern of zero bytes, then what reads best.
    """
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding
    wide = _wide(sample)
    if wide:
        return wide
    if _binary(sample):
        return None
    text = sample.replace(b"\x00", b"")
    if _is_utf8(text):
        return "utf-8"
    return _eight_bit(text)


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: one byte of each pair is nearly always the same small block number."""
    pairs = sample[: len(sample) // 2 * 2][:8192]
    if len(pairs) < 4:
        return None
    for encoding, high in (("utf-16-le", pairs[1::2]), ("utf-16-be", pairs[0::2])):
        small = sum(b <= 0x05 or b == 0x20 for b in high)
        zeros = high.count(0)
        other = pairs[0::2] if encoding == "utf-16-le" else pairs[1::2]
        if zeros and small >= 0.9 * len(high) and other.count(0) <= 0.02 * len(other):
            return encoding
    return None


def _binary(sample: bytes) -> bool:
    controls = sum(sample.count(bytes([b])) for b in (*range(1, 9), *range(14, 27), *range(28, 32)))
    return controls > 0.02 * len(sample) + 2 or sample.count(0) > 0.2 * len(sample) + 2


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as e:
        if e.start >= len(text) - 4 and e.reason == "unexpected end of data":
            return True
        # A few broken lines in a file of UTF-8 do not make it another encoding.
        lines = text.split(b"\n")
        broken = sum(not _decodes(line) for line in lines[:-1])
        wide = sum(not line.isascii() for line in lines)
        return broken * 2 < wide and bool(_LOOKS_UTF8.search(text))
    return True


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _eight_bit(text: bytes) -> str | None:
    lines = [line for line in text[: 1 << 16].splitlines() if not line.isascii()]
    strange = b"\n".join(lines) or text
    best, score = _best_reading(strange)
    if score >= _PLAUSIBLE:
        return best
    found = from_bytes(strange[: 1 << 15]).best()
    if (
        found is not None
        and found.encoding not in ("utf_8", "ascii")
        and found.chaos < 0.1
        and found.coherence
    ):
        return found.encoding
    return None


def _best_reading(text: bytes, encodings: tuple[str, ...] = _EIGHT_BIT) -> tuple[str, float]:
    readings = {e: plausibility(text.decode(e, "replace")) for e in encodings}
    best = max(readings, key=lambda e: readings[e])
    return best, readings[best]


def mend_surrogates(text: str) -> str:
    """Return `text` with surrogate pairs joined and lone surrogates as U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def decode_line(line: bytes, *, encoding: str, source: Source | None = None) -> str:
    """Decode one line by itself.

    UTF-8 wins where it fits, then `encoding`, then what reads plausibly. A line that is no text at all
    keeps its bytes as the surrogates of `surrogateescape`, by which a reader knows to reject it.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return _decode_other(line, encoding, source)
    if source is not None and encoding != "utf-8" and not line.isascii():
        source.warn("other_encoding")
    return text


def _decode_other(line: bytes, encoding: str, source: Source | None) -> str:
    if encoding != "utf-8":
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            pass
    else:
        try:
            text = mend_surrogates(line.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            pass
        else:
            if source is not None:
                source.warn("characters_replaced")
            return text
    best, score = _best_reading(line, _IN_ONE_LINE)
    if score < _PLAUSIBLE:
        return line.decode("ascii", "surrogateescape")
    if source is not None:
        source.warn("other_encoding")
    return line.decode(best, "replace")


def is_undecodable(text: str) -> bool:
    """Return whether `text` came, in part, from bytes that fit no encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class Recoded(io.RawIOBase):
    """A stream in a wide encoding (UTF-16, UTF-32) or any other, read as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        errors = "surrogatepass" if encoding.startswith("utf") else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override]
        """Fill `buffer` with UTF-8."""
        while not self._ready and not self._ended:
            data = self._stream.read(_BLOCK)
            self._ended = not data
            self._ready = self._decode(data).encode("utf-8", "replace")
        taken = self._ready[: len(buffer)]
        self._ready = self._ready[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _decode(self, data: bytes) -> str:
        try:
            text = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            # A file cut within a character; the rest of the block cannot be trusted either.
            self._decoder.reset()
            return "\ufffd\n"
        return mend_surrogates(text)


def as_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    """Return `stream` re-coded to UTF-8 where its encoding is not an extension of ASCII."""
    if encoding in ("utf-8", *_EIGHT_BIT):
        return stream
    return io.BufferedReader(Recoded(stream, encoding), _BLOCK)  # type: ignore[arg-type]


def line_blocks(stream: BinaryIO, *, encoding: str, source: Source | None = None) -> Iterator[list[str]]:
    """Yield lists of lines with their line ends, without NULs and byte order marks.

    A line of more than `MAX_RECORD_BYTES` is dropped as it is read; `TOO_LONG` stands in its place.
    """
    data = as_utf8(stream, encoding)
    inner = encoding if data is stream else "utf-8"
    first = True
    for block in _whole_lines(data):
        if block is None:
            yield [TOO_LONG]
            continue
        text = _decode_block(block, inner, source)
        if first:
            text = text.removeprefix("\ufeff")
            first = False
        yield list(io.StringIO(text.replace("\x00", ""), newline=""))


def _whole_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    rest, skipping = b"", False
    while data := stream.read(_BLOCK):
        if skipping:
            end = data.find(b"\n") + 1
            if not end:
                continue
            data, skipping = data[end:], False
        data = rest + data
        cut = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1
        rest = data[cut:]
        if len(rest) > MAX_RECORD_BYTES:
            rest, skipping = b"", True
        yield from _without_long_lines(data[:cut])
        if skipping:
            yield None
    if rest:
        yield rest


def _without_long_lines(block: bytes) -> Iterator[bytes | None]:
    """A block is at most one read longer than a record may be, so only its first line can be too long."""
    if not block:
        return
    end = block.find(b"\n") + 1 or len(block)
    if end > MAX_RECORD_BYTES and (block.find(b"\r", 0, end - 2) == -1):
        yield None
        block = block[end:]
    if block:
        yield block


def _decode_block(block: bytes, encoding: str, source: Source | None) -> str:
    if block.isascii():
        return block.decode("ascii")
    try:
        if encoding == "utf-8" or not _LOOKS_UTF8.search(block):
            return block.decode(encoding)
    except UnicodeDecodeError:
        pass
    lines = block.splitlines(keepends=True)
    return "".join(decode_line(line, encoding=encoding, source=source) for line in lines)
