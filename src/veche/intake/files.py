"""Finds the files behind the inputs and opens them: folders, archives, standard input.

Archives are never unpacked to disk under the names they carry, and never beyond a limit; links that
lead out of a folder are not followed. Knows nothing of what the files hold.
"""

import gzip
import hashlib
import io
import os
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from veche.core.errors import (
    ArchiveTooLarge,
    EncryptedSource,
    InputError,
    LinkOutside,
    NoInput,
    NothingReadable,
    SourceUnreadable,
)
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.intake.encodings import SAMPLE_BYTES
from veche.intake.formats import ending, find_format

#: Text packs 5 to 40 times smaller; deflate cannot do better than 1,032 times.
MAX_RATIO = 250
#: Below this an archive may unpack at any ratio.
FREE_BYTES = 64 << 20
MAX_MEMBERS = 100_000

#: What the libraries raise for archives that are damaged, beside `OSError`.
DAMAGE = (
    EOFError,
    gzip.BadGzipFile,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
)

_BLOCK = 1 << 20
_IN_MEMORY = 64 << 20
Count = Callable[[int], None]


class Bytes(Protocol):
    """Something that can be opened and read from its beginning, again and again."""

    size: int

    def open(self, count: Count) -> BinaryIO:
        """Open it; `count` is told how many of the `size` bytes were read."""
        ...


class _Counted(io.RawIOBase):
    def __init__(self, raw: BinaryIO, count: Count, *, owned: bool = True) -> None:
        self._raw, self._count, self._owned = raw, count, owned

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._count(len(data))
        return len(data)

    def close(self) -> None:
        if self._owned:
            self._raw.close()
        super().close()


def _buffered(raw: io.RawIOBase) -> BinaryIO:
    return io.BufferedReader(raw, _BLOCK)  # type: ignore[return-value]


class FileBytes:
    """A file on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size

    def open(self, count: Count) -> BinaryIO:
        """Open the file."""
        return _buffered(_Counted(self.path.open("rb", buffering=0), count))


class SpooledBytes:
    """What came from standard input or out of an archive, in memory or in a nameless temporary file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        digest = hashlib.sha256()
        while block := stream.read(_BLOCK):
            digest.update(block)
            self._file.write(block)
        self.size = self._file.tell()
        self.digest = digest.hexdigest()

    def open(self, count: Count) -> BinaryIO:
        """Rewind."""
        self._file.seek(0)
        return _buffered(_Counted(self._file, count, owned=False))  # type: ignore[arg-type]

    def close(self) -> None:
        """Forget the bytes."""
        self._file.close()


class MemberBytes:
    """A file inside a zip archive."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, shown: str) -> None:
        self._archive, self._info, self._shown = archive, info, shown
        self.size = info.file_size

    def open(self, count: Count) -> BinaryIO:
        """Open the member; reading beyond the limits raises `ArchiveTooLarge`."""
        if self._info.flag_bits & 1:
            raise EncryptedSource(source=self._shown)
        raw: BinaryIO = self._archive.open(self._info)  # type: ignore[assignment]
        limit = max(FREE_BYTES, self._info.compress_size * MAX_RATIO)
        return _buffered(_Bounded(_buffered(_Counted(raw, count)), limit, self._shown))


class GzipBytes:
    """A file behind gzip."""

    def __init__(self, inner: Bytes, *, shown: str) -> None:
        self._inner, self._shown = inner, shown
        self.size = inner.size

    def open(self, count: Count) -> BinaryIO:
        """Open what is inside; reading beyond the limits raises `ArchiveTooLarge`."""
        inner = self._inner.open(count)
        limit = max(FREE_BYTES, self._inner.size * MAX_RATIO)
        return _buffered(_Bounded(gzip.GzipFile(fileobj=inner), limit, self._shown, inner))


class _Bounded(io.RawIOBase):
    """Ends where the archive is damaged, so that what stands before can be used; `damaged` tells of it."""

    damaged = False

    def __init__(
        self, raw: BinaryIO | gzip.GzipFile, limit: int, shown: str, inner: BinaryIO | None = None
    ) -> None:
        self._raw, self._left, self._limit, self._shown, self._inner = raw, limit, limit, shown, inner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            data = self._raw.read1(len(buffer))  # type: ignore[union-attr]
        except DAMAGE:
            self.damaged = True
            return 0
        self._left -= len(data)
        if self._left < 0:
            too_much = _("more than {n} MiB").format(n=self._limit >> 20)
            raise ArchiveTooLarge(source=self._shown, reason=too_much)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        if self._inner is not None:
            self._inner.close()
        super().close()


@dataclass
class Found:
    """A file to read, or why it cannot be. `named` tells that the caller named it himself.

    `kind` is "file", "stdin" or "maildir".
    """

    name: str
    path: Path
    kind: str = "file"
    named: bool = True
    error: InputError | None = None


def find_files(inputs: list[str]) -> list[Found]:
    """Return what is to be read, in the order of `inputs`, folders sorted by name.

    Raises `NoInput` where there is nothing of that name, `NothingReadable` for a folder of nothing
    that is read.
    """
    found: list[Found] = []
    for name in inputs:
        path = Path(name)
        if name == "-":
            found.append(Found("-", path, kind="stdin"))
        elif path.is_dir():
            found += _in_folder(path)
        elif not path.exists():
            raise NoInput(path=name)
        else:
            found.append(Found(name, path, kind="file" if path.is_file() else "stdin"))
    return found


def _in_folder(folder: Path) -> list[Found]:
    found = list(_walk(folder, folder.resolve()))
    if not any(f.error or f.kind == "maildir" or ending(f.name) for f in found) and not any(
        map(_reads_as_something, found)
    ):
        raise NothingReadable(path=str(folder))
    return found


def _reads_as_something(found: Found) -> bool:
    try:
        with found.path.open("rb") as f:
            find_format(f.read(SAMPLE_BYTES), name=found.name, shown=found.name, named=False)
    except (InputError, OSError):
        return False
    return True


def _walk(folder: Path, root: Path) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError as e:
        yield _unreadable(folder, e)
        return
    names = {e.name for e in entries}
    if {"cur", "new"} <= names and not (folder / "cur").is_symlink() and (folder / "cur").is_dir():
        yield Found(str(folder), folder, kind="maildir", named=False)
        entries = [e for e in entries if e.name not in ("cur", "new", "tmp")]
    for entry in entries:
        if not entry.name.startswith((".", "~$", "__MACOSX")) and entry.name.lower() not in _JUNK:
            yield from _entry(Path(entry.path), root)


_JUNK = ("thumbs.db", "desktop.ini")


def _entry(path: Path, root: Path) -> Iterator[Found]:
    try:
        if path.is_symlink():
            target = path.resolve()
            if not target.is_relative_to(root):
                yield Found(str(path), path, named=False, error=LinkOutside(source=str(path)))
                return
            if target.is_dir():
                return
        mode = path.stat().st_mode
    except (OSError, RuntimeError) as e:
        yield _unreadable(path, e)
        return
    if stat.S_ISDIR(mode):
        yield from _walk(path, root)
    elif stat.S_ISREG(mode):
        yield Found(str(path), path, named=False)


def _unreadable(path: Path, error: Exception) -> Found:
    return Found(str(path), path, named=False, error=unreadable(str(path), error))


def unreadable(name: str, error: Exception) -> SourceUnreadable:
    """Return the error for what the system refused."""
    return SourceUnreadable(source=name, reason=reason(error))


def standard_input() -> BinaryIO:
    """Return the bytes of standard input."""
    return sys.stdin.buffer


def members(archive: zipfile.ZipFile, *, shown: str) -> list[zipfile.ZipInfo]:
    """Return the files inside an archive, sorted by name.

    Raises `ArchiveTooLarge` where it holds too many.
    """
    infos = [i for i in archive.infolist() if not i.is_dir()]
    if len(infos) > MAX_MEMBERS:
        raise ArchiveTooLarge(source=shown, reason=_("more than {n} files").format(n=MAX_MEMBERS))
    kept = [i for i in infos if not _hidden(i.filename)]
    return sorted(kept, key=lambda i: i.filename)


def _hidden(name: str) -> bool:
    parts = name.split("/")
    return any(p.startswith((".", "~$", "__MACOSX")) for p in parts if p) or parts[-1].lower() in _JUNK
