"""What a file is, by its first bytes and then by the ending of its name. Opens nothing."""

import re

import orjson

from veche.core.errors import BinarySource, EncryptedSource, SourceEmpty, UnknownFormat
from veche.core.i18n import _
from veche.intake.encodings import find_encoding

#: Endings of the names of files that are read, without the dot; "gz" may follow any of them.
ENDINGS = {
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "xlsx": "xlsx",
    "xlsm": "xlsx",
    "json": "json",
    "geojson": "json",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "parquet": "parquet",
    "pq": "parquet",
    "mbox": "mbox",
    "mbx": "mbox",
    "eml": "eml",
    "zip": "zip",
    "gz": "gzip",
}

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x7fELF", "ELF"),
    (b"OggS", "Ogg"),
    (b"RIFF", "RIFF"),
    (b"SQLite format 3", "SQLite"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MAIL_FIELD = re.compile(rb"[!-9;-~]{1,76}:[ \t]?")
_MAIL_FIELDS = re.compile(
    rb"^(?:from|to|date|subject|message-id|received|return-path|mime-version):", re.IGNORECASE | re.MULTILINE
)


def ending(name: str) -> str:
    """Return the format that the ending of `name` promises, empty where it promises none that is read."""
    base = name.rsplit("/", 1)[-1].lower()
    return ENDINGS.get(base.rsplit(".", 1)[-1], "") if "." in base else ""


def find_format(head: bytes, *, name: str, shown: str, named: bool) -> str:
    """Return "csv", "xlsx", "json", "jsonl", "parquet", "mbox", "eml", "zip" or "gzip".

    `head` is the beginning of the file, `name` decides where the bytes do not, and `shown` stands in
    errors. A text file without an ending that is known is read as a table only if the caller `named` it.

    Raises `SourceEmpty`, `EncryptedSource`, `BinarySource` or `UnknownFormat`.
    """
    if not head.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise SourceEmpty(source=shown)
    promised = ending(name)
    found = _by_magic(head, shown=shown)
    if found in ("parquet", "gzip", "zip", "xlsx"):
        return found
    if found:
        if promised in ("csv", "json", "jsonl", "mbox", "eml"):
            raise BinarySource(source=shown)
        raise UnknownFormat(source=shown, format=found)
    if promised in ("xlsx", "parquet", "zip", "gzip"):
        raise UnknownFormat(source=shown, format=_("not {format}").format(format=promised.upper()))
    return _text_format(head, promised=promised, name=name, shown=shown, named=named)


def _by_magic(head: bytes, *, shown: str) -> str:
    if head.startswith(_ZIP):
        if b"xl/" in head:
            return "xlsx"
        if b"word/" in head or b"ppt/" in head or b"opendocument" in head[:100]:
            return _("an office document")
        return "zip"
    if head.startswith(_OLE):
        if _OLE_ENCRYPTED in head:
            raise EncryptedSource(source=shown)
        raise UnknownFormat(source=shown, format="XLS, DOC")
    return next((found for magic, found in _MAGIC if head.startswith(magic)), "")


def _text_format(head: bytes, *, promised: str, name: str, shown: str, named: bool) -> str:
    if promised in ("mbox", "eml"):
        return "mbox" if head.startswith(b"From ") else "eml"
    encoding = find_encoding(head)
    if encoding is None:
        raise BinarySource(source=shown)
    text = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if promised == "jsonl":
        return "jsonl"
    if promised == "json":
        return _json_format(text)
    if promised == "csv":
        return "csv"
    if head.startswith(b"From ") and _MAIL_FIELDS.search(head):
        return "mbox"
    if _MAIL_FIELD.match(head) and len(_MAIL_FIELDS.findall(head[:8192])) >= 2:
        return "eml"
    if text[:1] in ("{", "["):
        return _json_format(text)
    suffix = name.rsplit("/", 1)[-1].rpartition(".")
    if named and (not suffix[0] or suffix[2].lower() in ("txt", "dat", "text")):
        return "csv"
    raise UnknownFormat(source=shown, format=suffix[2] if suffix[0] else "?")


def _json_format(text: str) -> str:
    """A file of one object per line is named .json as often as .jsonl."""
    first, newline, rest = text.partition("\n")
    if text.startswith("[") or not newline or not rest.strip():
        return "json"
    try:
        orjson.loads(first)
    except orjson.JSONDecodeError:
        return "json"
    return "jsonl"
