"""Reads mbox, EML and Maildir: the author's own words, headers and the thread.

The standard library parses the messages; attachments are named, never opened.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses
from pathlib import Path
from typing import BinaryIO

from selectolax.lexbor import LexborHTMLParser

from veche.core.errors import InputError, RecordTooLong, RowDamaged, SourceEmpty
from veche.core.i18n import _
from veche.intake.columns import strings, table
from veche.intake.encodings import decode_line, find_encoding, is_undecodable, mend_surrogates
from veche.intake.files import unreadable
from veche.intake.model import MAX_MAIL_BYTES, Chunk, RowReject
from veche.intake.opened import MaildirOpened, Opened
from veche.intake.quoting import own_words

#: Columns of a mailbox; the names are those that `headers` knows.
COLUMNS = ("id", "title", "text", "received_at", "author", "thread", "attachments", "language")
_CHUNK = 512
_CHUNK_BYTES = 32 << 20
_MAX_PARTS = 1_000
_PREFIX = re.compile(r"^(?:\s*(?:re|fwd?|fw|aw|wg|отв|ответ|пер|на)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\u00a0]+")
_BREAKS = re.compile(r"\n{3,}")
_BLOCKS = "p, div, br, li, tr, h1, h2, h3, h4, h5, h6, blockquote, table"


def read_mbox(source: Opened) -> Iterator[Chunk]:
    """Yield the messages of an mbox file, numbered in their order."""
    return _chunks(source, _messages(source.stream()))


def read_eml(source: Opened) -> Iterator[Chunk]:
    """Yield the one message of an EML file."""
    data = source.stream().read(MAX_MAIL_BYTES + 1)
    return _chunks(source, [("", data if len(data) <= MAX_MAIL_BYTES else None)])


def read_maildir(source: Opened) -> Iterator[Chunk]:
    """Yield the messages of a Maildir, in the order of their names, numbered so."""
    assert isinstance(source, MaildirOpened)
    return _chunks(source, _maildir(source))


def maildir_messages(folder: Path) -> list[Path]:
    """Return the messages of a Maildir, sorted by the part of their name that never changes."""
    paths = [p for sub in ("cur", "new") for p in (folder / sub).glob("*") if not p.name.startswith(".")]
    return sorted((p for p in paths if p.is_file() and not p.is_symlink()), key=lambda p: (_stem(p), p.name))


def maildir_digest(messages: Iterable[Path]) -> str:
    """Return a digest of the messages' names, which are unique to a message, and sizes."""
    digest = hashlib.sha256()
    for path in messages:
        digest.update(f"{_stem(path)}|{path.stat().st_size}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _stem(path: Path) -> str:
    return path.name.partition(":")[0]


def _maildir(source: MaildirOpened) -> Iterator[tuple[str, bytes | InputError | None]]:
    for i, path in enumerate(source.messages, 1):
        source.share = i / len(source.messages)
        try:
            large = path.stat().st_size > MAX_MAIL_BYTES
            yield _stem(path), None if large else path.read_bytes()
        except OSError as e:
            yield _stem(path), unreadable(path.name, e)


def _messages(stream: BinaryIO) -> Iterator[tuple[str, bytes | None]]:
    """Cut an mbox at its "From " lines; None for a message that is too long to be held."""
    lines: list[bytes] = []
    size, after_blank, begun = 0, True, False
    while line := stream.readline(1 << 20):
        if after_blank and line.startswith(b"From "):
            if begun:
                yield "", b"".join(lines) if size <= MAX_MAIL_BYTES else None
            lines, size, begun = [], 0, True
        else:
            begun = begun or bool(line.strip())
            size += len(line)
            if size <= MAX_MAIL_BYTES:
                lines.append(line[1:] if line.startswith(b">From ") else line)
            else:
                lines.clear()
        after_blank = line in (b"\n", b"\r\n")
    if begun:
        yield "", b"".join(lines) if size <= MAX_MAIL_BYTES else None


def _chunks(source: Opened, messages: Iterable[tuple[str, bytes | InputError | None]]) -> Iterator[Chunk]:
    first = row = 1
    size = 0
    records: list[dict[str, str | None]] = []
    rows: list[int] = []
    members: list[str] = []
    rejects: list[RowReject] = []
    for member, data in messages:
        read = _read(data)
        if isinstance(read, InputError):
            rejects.append(RowReject(row, read))
        else:
            records.append(read)
            rows.append(row)
            members.append(member or source.member)
        size += len(data) if isinstance(data, bytes) else 0
        row += 1
        if row - first >= _CHUNK or size > _CHUNK_BYTES:
            yield _chunk(first, row, rows, records, rejects, members)
            first, size, records, rows, members, rejects = row, 0, [], [], [], []
    if row > first:
        yield _chunk(first, row, rows, records, rejects, members)
    if row == 1:
        raise SourceEmpty(source=source.report.name)


def _chunk(
    first: int,
    end: int,
    rows: list[int],
    records: list[dict[str, str | None]],
    rejects: list[RowReject],
    members: list[str],
) -> Chunk:
    columns = [strings([r[c] for r in records]) for c in COLUMNS]
    return Chunk(first, end - first, rows, table(columns, COLUMNS), rejects, members)


def _read(data: bytes | InputError | None) -> dict[str, str | None] | InputError:
    if isinstance(data, InputError):
        return data
    if data is None:
        return RecordTooLong(limit=MAX_MAIL_BYTES)
    try:
        return read_message(data)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        # The standard parser is written for mail; bytes that are none make it fail in these ways.
        return RowDamaged(format=_("an e-mail"))


def read_message(data: bytes) -> dict[str, str | None]:
    """Return the `COLUMNS` of one message. Raises `ValueError` where it has neither headers nor a body."""
    message = message_from_bytes(data)
    if not message.keys():
        raise ValueError("no headers")
    body, names = _body(message)
    own = _header(message, "Message-ID")
    earlier = (_header(message, "References") or _header(message, "In-Reply-To")).split()
    authors = getaddresses([_header(message, "From")])
    return {
        "id": own or None,
        "title": _PREFIX.sub("", _header(message, "Subject")),
        "text": own_words(body),
        "received_at": _date(message),
        "author": next((address or name for name, address in authors), None),
        "thread": earlier[0] if earlier else own or None,
        "attachments": ";".join(n.replace(";", ",") for n in names) or None,
        "language": _header(message, "Content-Language").split(",")[0].strip() or None,
    }


def _date(message: Message) -> str | None:
    """The date that the author's program wrote; else when the last server took the message."""
    written = _header(message, "Date") or _header(message, "Received").rpartition(";")[2].strip()
    # "(MSK)" after the offset is a comment.
    return re.sub(r"\s*\([^()]{0,40}\)\s*$", "", written) or None


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        parts = [(str(raw), None)]
    text = "".join(_part_of_header(part, charset) for part, charset in parts)
    return mend_surrogates(" ".join(text.split())).replace("\x00", "")


def _part_of_header(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        part = (
            part.encode("ascii", "surrogateescape")
            if part.isascii() or is_undecodable(part)
            else part.encode()
        )
    return _decode(part, charset)


def _decode(data: bytes, charset: str | None) -> str:
    """Decode by the charset that is named; where that fails, by what the bytes look like."""
    if charset and charset.lower() not in ("unknown-8bit", "us-ascii", "ascii"):
        try:
            return mend_surrogates(data.decode(charset))
        except (LookupError, ValueError):
            pass
    found = find_encoding(data)
    if found and found != "utf-8":
        return data.decode(found, "replace")
    return mend_surrogates(decode_line(data, encoding="utf-8"))


def _body(message: Message) -> tuple[str, list[str]]:
    """The plain text, else the text of the HTML; and the names of what is attached."""
    plain: list[str] = []
    html: list[str] = []
    names: list[str] = []
    for count, part in enumerate(message.walk()):
        if count >= _MAX_PARTS:
            break
        name = part.get_filename()
        if name or part.get_content_disposition() == "attachment":
            names.append(_file_name(name))
        elif part.get_content_maintype() == "text" and not part.is_multipart():
            content = part.get_payload(decode=True)
            text = _decode(content if isinstance(content, bytes) else b"", part.get_content_charset())
            (html if part.get_content_subtype() == "html" else plain).append(text)
    text = "\n".join(t for t in plain if t.strip())
    return (text or "\n".join(html_text(h) for h in html)), names


def _file_name(name: str | None) -> str:
    if not name:
        return "?"
    whole = collapse_rfc2231_value(name)
    decoded = "".join(_part_of_header(part, charset) for part, charset in decode_header(whole))
    return " ".join(decoded.replace("/", "_").replace("\\", "_").split())[:255]


def html_text(html: str) -> str:
    """Return the text of an HTML part, a line per block, quoted replies (`blockquote`) left out."""
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, head, title, template"):
        node.decompose()
    quotes = tree.css("blockquote, .gmail_quote")
    without = _visible(tree, quotes)
    return without or _visible(LexborHTMLParser(html), [])


def _visible(tree: LexborHTMLParser, quotes: list) -> str:  # type: ignore[type-arg]
    for node in quotes:
        if node.parent is not None:
            node.decompose()
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        if node.tag != "br":
            node.insert_after("\n")
    body = tree.body
    text = _SPACES.sub(" ", body.text() if body is not None else "")
    return _BREAKS.sub("\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()
