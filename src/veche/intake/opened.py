"""A source that is open for reading, as every reader gets it."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from veche.intake.encodings import SAMPLE_BYTES
from veche.intake.files import Bytes, FileBytes, SpooledBytes
from veche.intake.model import Source


class Opened:
    """A source and its bytes.

    `report` collects what a reader learns about it (encoding, warnings); `share` is how much of it was
    read, from 0 to 1; `mapped` holds the columns that the caller named.
    """

    def __init__(
        self, report: Source, data: Bytes, *, name: str, member: str = "", mapped: Sequence[str] = ()
    ) -> None:
        self.report = report
        self.data = data
        self.name = name
        self.member = member
        self.mapped = tuple(mapped)
        self.share = 0.0
        self._read = 0
        self._spooled: SpooledBytes | None = None
        self._streams: list[BinaryIO] = []

    def stream(self) -> BinaryIO:
        """Return the bytes from the beginning; only the newest stream may be read."""
        self._read = 0
        self._streams.append(self.data.open(self._count))
        return self._streams[-1]

    def head(self) -> bytes:
        """Return the first bytes."""
        head = self.stream().read(SAMPLE_BYTES)
        self.share = 0.0
        return head

    def seekable(self) -> BinaryIO:
        """Return the bytes as a stream that can be sought in; unpacked aside where need be."""
        data = self.data
        if not isinstance(data, FileBytes | SpooledBytes):
            data = self._spooled = self._spooled or SpooledBytes(self.stream())
        self.share = 0.0
        self._streams.append(data.open(lambda _: None))
        return self._streams[-1]

    @property
    def damaged(self) -> bool:
        """Whether the bytes ended before their time because an archive is damaged."""
        return any(getattr(getattr(s, "raw", None), "damaged", False) for s in self._streams)

    def close(self) -> None:
        """Close what was opened."""
        for stream in self._streams:
            stream.close()
        if self._spooled is not None:
            self._spooled.close()

    def _count(self, n: int) -> None:
        self._read += n
        if self.data.size:
            self.share = min(1.0, self._read / self.data.size)


class MaildirOpened(Opened):
    """A Maildir: a folder of messages, taken as one source."""

    def __init__(self, report: Source, messages: Sequence[Path]) -> None:
        super().__init__(report, _NoBytes(), name=report.name)
        self.messages = messages


class _NoBytes:
    size = 0

    def open(self, count: object) -> BinaryIO:
        del count
        return io.BytesIO()
