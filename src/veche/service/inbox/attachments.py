"""Files that come with an appeal: checked, cleaned and handed to the vault.

What a file is follows from its content, never from its name; the name is kept inside the sealed original and
used for nothing. Pictures are drawn anew from their pixels, so that nothing else of them is left: no place,
no device, no thumbnail, no second file behind the picture. No link in any file is followed, no script is run.
"""

import io
import re
import threading
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import puremagic
from django.db import connection
from PIL import Image, ImageOps

from veche.core.errors import FileDamaged, FileKindRefused, FileTooLarge, PictureTooLarge, TooManyFiles
from veche.core.ids import uuid7
from veche.service.inbox.incoming import AttachedFile
from veche.service.vault.files import Kept, keep_file

MAX_FILES = 10
MAX_FILE_BYTES = 20 * 1024 * 1024
#: A telephone makes 12 to 50 million; four bytes each while a picture is drawn.
MAX_PIXELS = 50_000_000
_JPEG_QUALITY = 88
#: A large picture takes half a gigabyte while it is drawn.
_drawing = threading.BoundedSemaphore(2)


class Kind(NamedTuple):
    """What a file is by its content."""

    media_type: str
    extension: str


_JPEG, _PNG, _WEBP = Kind("image/jpeg", "jpg"), Kind("image/png", "png"), Kind("image/webp", "webp")
_TEXT = Kind("text/plain", "txt")
#: Formats that Pillow may open here, by the endings under which `puremagic` knows them.
_PICTURES = {
    "jpg": "JPEG", "jpeg": "JPEG", "jfif": "JPEG", "jpe": "JPEG", "png": "PNG", "gif": "GIF",
    "webp": "WEBP", "tif": "TIFF", "tiff": "TIFF", "bmp": "BMP",
}  # fmt: skip
_OTHERS = {
    "pdf": Kind("application/pdf", "pdf"),
    "rtf": Kind("application/rtf", "rtf"),
    "mp3": Kind("audio/mpeg", "mp3"),
    "mpga": Kind("audio/mpeg", "mp3"),
    "ogg": Kind("audio/ogg", "ogg"),
    "oga": Kind("audio/ogg", "ogg"),
    "wav": Kind("audio/wav", "wav"),
    "m4a": Kind("audio/mp4", "m4a"),
    "amr": Kind("audio/amr", "amr"),
    "flac": Kind("audio/flac", "flac"),
}
_OOXML = "application/vnd.openxmlformats-officedocument"
#: The part of an OOXML package (ECMA-376) that tells what it is.
_PACKAGES = {
    "word/document.xml": Kind(f"{_OOXML}.wordprocessingml.document", "docx"),
    "xl/workbook.xml": Kind(f"{_OOXML}.spreadsheetml.sheet", "xlsx"),
    "ppt/presentation.xml": Kind(f"{_OOXML}.presentationml.presentation", "pptx"),
}
#: OpenDocument 1.3, part 2, 3.3: the first member, named mimetype, says what the package is.
_OPEN_DOCUMENTS = {
    f"application/vnd.oasis.opendocument.{name}": Kind(f"application/vnd.oasis.opendocument.{name}", ending)
    for name, ending in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp"))
}
_MACROS = ("vbaProject.bin", "Basic/", "Scripts/")
#: Streams of an OLE file (MS-CFB) by which the older office formats are known.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = {
    "WordDocument": Kind("application/msword", "doc"),
    "Workbook": Kind("application/vnd.ms-excel", "xls"),
    "PowerPoint Document": Kind("application/vnd.ms-powerpoint", "ppt"),
}
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def clean(files: Sequence[tuple[str, bytes]]) -> list[AttachedFile]:
    """Return files (name and content) as they are kept, with new ids.

    Raises:
        TooManyFiles, FileTooLarge, FileKindRefused, FileDamaged, PictureTooLarge: by the place of the file.
    """
    if len(files) > MAX_FILES:
        raise TooManyFiles(limit=MAX_FILES)
    return [_cleaned(name, content, number) for number, (name, content) in enumerate(files, 1)]


def kind_of(content: bytes) -> Kind | None:
    """Return what a file that is no picture is by its content; None for what is not kept."""
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    if content.startswith(_OLE):
        found = (kind for name, kind in _STREAMS.items() if name.encode("utf-16-le") in content)
        return next(found, None)
    for ending in _endings(content):
        if ending in _OTHERS:
            return _OTHERS[ending]
    return None if _NO_TEXT.search(content) else _TEXT


def store(appeal_id: UUID, files: Sequence[AttachedFile], *, tenant_id: UUID, key: bytes) -> None:
    """Seal the files of one appeal under the author's key and list them, before the transaction ends.

    What is on disk and in no table, because the transaction failed, is swept by retention.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    with connection.cursor() as cursor:
        for file in files:
            kept = keep_file([file.content], attachment_id=file.id, tenant_id=tenant_id, key=key)
            cursor.execute(_INSERT, _row(file, kept, appeal_id, tenant_id))


_INSERT = """
INSERT INTO inbox_attachment (id, tenant_id, appeal_id, media_type, extension, size, sha256)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def _row(file: AttachedFile, kept: Kept, appeal_id: UUID, tenant_id: UUID) -> list[Any]:
    return [file.id, tenant_id, appeal_id, file.media_type, file.extension, kept.size, kept.sha256]


def _cleaned(name: str, content: bytes, number: int) -> AttachedFile:
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLarge(number=number, limit=MAX_FILE_BYTES)
    if not content:
        raise FileDamaged(number=number)
    ending = next((e for e in _endings(content) if e in _PICTURES or e in _OTHERS), "")
    picture = _PICTURES.get(ending)
    if picture is not None:
        kind, content = _drawn_anew(content, picture, number)
    else:
        kind = kind_of(content)
    if kind is None:
        raise FileKindRefused(number=number)
    return AttachedFile(uuid7(), name, kind.media_type, kind.extension, content)


def _endings(content: bytes) -> list[str]:
    try:
        return [found.extension.lstrip(".").lower() for found in puremagic.magic_string(content)]
    except puremagic.PureError:
        return []


def _drawn_anew(content: bytes, picture_format: str, number: int) -> tuple[Kind, bytes]:
    # Pillow's decoders answer hostile bytes with exceptions of many kinds; each means the same here.
    try:
        with _drawing, Image.open(io.BytesIO(content), formats=[picture_format]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureTooLarge(number=number, limit=MAX_PIXELS)
            return _encoded(ImageOps.exif_transpose(picture), picture_format)
    except PictureTooLarge:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge(number=number, limit=MAX_PIXELS) from None
    except Exception:
        raise FileDamaged(number=number) from None


def _encoded(picture: Image.Image, picture_format: str) -> tuple[Kind, bytes]:
    """The first frame, from its pixels alone."""
    seen_through = picture.has_transparency_data
    plain = picture.convert("RGBA" if seen_through else "RGB")
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    out = io.BytesIO()
    if picture_format == "JPEG":
        bare.convert("RGB").save(out, "JPEG", quality=_JPEG_QUALITY)
        return _JPEG, out.getvalue()
    if picture_format == "WEBP":
        bare.save(out, "WEBP", quality=_JPEG_QUALITY)
        return _WEBP, out.getvalue()
    bare.save(out, "PNG")
    return _PNG, out.getvalue()


def _package(content: bytes) -> Kind | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            stated = package.open("mimetype").read(100) if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return None
    if any(name.endswith(_MACROS[0]) or name.startswith(_MACROS[1:]) for name in names):
        return None
    if stated:
        return _OPEN_DOCUMENTS.get(stated.decode("ascii", "replace").strip())
    return next((kind for part, kind in _PACKAGES.items() if part in names), None)
