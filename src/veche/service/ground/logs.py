"""Log files that are put aside when they grow large."""

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

#: A file grows to this size; so many older ones are kept.
LARGEST_BYTES, KEPT = 10 * 1024 * 1024, 5


class LogFile:
    """Appends bytes to a file; `web.log` becomes `web.log.1` when it is full, and so on."""

    def __init__(self, path: Path, *, largest_bytes: int = LARGEST_BYTES, kept: int = KEPT) -> None:
        self.path = path
        self._largest = largest_bytes
        self._kept = kept
        self._file: BinaryIO = path.open("ab", buffering=0)

    def write(self, said: bytes) -> None:
        """Append; what was written together stays together. What does not fit on a full disk is dropped."""
        with suppress(OSError):
            if self._file.tell() and self._file.tell() + len(said) > self._largest:
                self._turn()
            self._file.write(said)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _turn(self) -> None:
        self._file.close()
        for number in range(self._kept, 0, -1):
            older = self._numbered(number - 1) if number > 1 else self.path
            if older.exists():
                older.replace(self._numbered(number))
        self._file = self.path.open("ab", buffering=0)

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
