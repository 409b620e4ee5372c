"""The file of seals outside the database (`DIR/ledger/heads.jsonl`), as the sealer keeps it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from veche.ledger.seals import Seal, SealKind, read_seal

NAME = "heads.jsonl"
#: Heads are for the chain itself; a statement says nothing that a head could not contradict.
_CHAIN = (SealKind.HEAD, SealKind.SET_BACK)


class Outside:
    """What was sealed so far: kept in memory by tenant, and in the file for good."""

    def __init__(self, path: Path) -> None:
        """Open the file; a line that a crash cut off at its end is dropped (it was not relied on yet)."""
        self.path = path
        #: The last seal of each chain.
        self.last: dict[str, Seal] = {}
        #: The latest time of any seal.
        self.at = ""
        self._mend()
        for seal in self._seals():
            self._note(seal)

    def add(self, seals: Sequence[Seal]) -> None:
        """Write seals; they are durable when this returns."""
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        with os.fdopen(handle, "ab") as f:
            f.write(b"".join(seal.line() for seal in seals))
            f.flush()
            os.fsync(handle)
        for seal in seals:
            self._note(seal)

    def of(self, tenant: str) -> list[Seal]:
        """Return the seals of a chain in order; reads the whole file."""
        return [s for s in self._seals() if s.tenant == tenant and s.kind in _CHAIN]

    def _note(self, seal: Seal) -> None:
        self.at = max(self.at, seal.at)
        if seal.kind in _CHAIN:
            self.last[seal.tenant] = seal

    def _seals(self) -> Iterator[Seal]:
        with self.path.open("rb") as f:
            for line in f:
                seal = read_seal(line)
                if seal:
                    yield seal

    def _mend(self) -> None:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        with os.fdopen(handle, "r+b") as f:
            size = f.seek(0, os.SEEK_END)
            back = min(size, 64 * 1024)
            f.seek(size - back)
            kept = size - back + f.read().rfind(b"\n") + 1
            if kept < size:
                f.truncate(kept)
            os.fsync(handle)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
