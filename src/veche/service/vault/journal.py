"""The journal of erasures, outside the database (`DIR/ledger/erasures.jsonl`).

A backup that is restored brings back what was erased after it was made; the journal says what to erase again.
A line holds ids, a time and the hash of the ledger's entry. The sealer writes it, which alone may write in
that folder; until it has, the database remembers that the line is due.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import orjson

from veche.core.errors import JournalDamaged
from veche.service.vault.keyfile import sync_folder

NAME = "erasures.jsonl"

_DUE = """
SELECT id, tenant_id, person, at, ledger_hash FROM vault_erasure WHERE NOT journaled ORDER BY at LIMIT 1000
"""
_DONE = "UPDATE vault_erasure SET journaled = true WHERE id = ANY(%s)"


class Cursor(Protocol):
    """A cursor of Django or of psycopg."""

    def execute(self, query: Any, params: Sequence[Any] = ..., /) -> Any:
        """Run a statement."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows of its result."""
        ...


@dataclass(frozen=True)
class Erased:
    """One line: who was erased, in which tenant, when, and the hash of the ledger's entry about it."""

    erasure: UUID
    tenant: UUID
    person: UUID
    at: datetime
    ledger: str


def carry(cursor: Cursor, journal: Path) -> int:
    """Write erasures that are due into the journal, in the caller's transaction; return how many.

    They are durable in the file before the database forgets that they are due: a crash between the two
    writes a line twice, which harms nothing.
    """
    cursor.execute(_DUE)
    due = [Erased(*row) for row in cursor.fetchall()]
    if due:
        _append(journal, due)
        cursor.execute(_DONE, [[line.erasure for line in due]])
    return len(due)


def read_journal(journal: Path) -> Iterator[Erased]:
    """Yield the lines in order. A line that a crash cut off is passed over: it was written again.

    Raises:
        JournalDamaged: a line is none of ours.
        OSError: the file cannot be read.
    """
    for number, line in enumerate(journal.read_bytes().split(b"\n"), start=1):
        if not line.endswith(b"}"):
            if line and not line.startswith(b"{"):
                raise JournalDamaged(path=journal, line=number)
            continue
        try:
            fields = orjson.loads(line)
            erasure, tenant, person = (UUID(fields[name]) for name in ("erasure", "tenant", "person"))
            at, ledger = datetime.fromisoformat(fields["at"]), str(fields["ledger"])
        except (ValueError, KeyError, TypeError):
            raise JournalDamaged(path=journal, line=number) from None
        yield Erased(erasure, tenant, person, at, ledger)


def _append(journal: Path, lines: Sequence[Erased]) -> None:
    is_new = not journal.exists()
    handle = os.open(journal, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as f:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            f.write(b"\n")
        f.writelines(orjson.dumps(line) + b"\n" for line in lines)
        f.flush()
        os.fsync(handle)
    if is_new:
        sync_folder(journal.parent)
