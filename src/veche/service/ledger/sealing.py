"""One round of the sealer: checks what was appended since the last seal, and signs what chains have become.

A chain is signed only if all that was appended follows from what was signed before. Where it lost
entries that were signed (a backup was restored) a seal says to where it was set back, and an auditor
sees it; where it is broken it is signed no more until a person has looked.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection

from veche.core.errors import LedgerContradicted
from veche.ledger.entry import GENESIS
from veche.ledger.place import State, follows
from veche.ledger.seals import Seal, SealKind, sign
from veche.service.ledger.outside import Outside
from veche.service.ledger.rows import entries_after

LOG = logging.getLogger("veche.ledger.sealer")

_ENDS = "SELECT tenant_id::text, seq, hash FROM veche_ledger_ends()"
_ASKED = """
SELECT id, tenant_id::text FROM ledger_statement
WHERE line IS NULL AND refused_seq IS NULL ORDER BY asked_at LIMIT 100
"""
_AT = "SELECT seq, hash FROM ledger_entry WHERE tenant_id = %s AND seq = ANY(%s)"
_KEEP = """
INSERT INTO ledger_head (tenant_id, seq, hash, at, line) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


@dataclass
class Sealer:
    """What a sealer needs, and which chains it found to be others than those it had signed."""

    key: Ed25519PrivateKey
    outside: Outside
    clock: Callable[[], dt.datetime]
    #: First entry that is not what it was, by tenant.
    contradicted: dict[str, int]

    def round(self, connection: Connection) -> int:
        """Sign what has grown and answer who asked, in one transaction; return how many seals were made.

        The file outside has a seal before the database has it.
        """
        with connection.transaction():
            # Who asked comes first: the chain is then seen at least as long as it was when they asked.
            asked = connection.execute(_ASKED).fetchall()
            ends = {tenant: (seq, hash) for tenant, seq, hash in connection.execute(_ENDS)}
            made = [
                seal for tenant in sorted(ends) for seal in self._grown(connection, tenant, *ends[tenant])
            ]
            if made:
                self.outside.add(made)
                rows = [(s.tenant, s.seq, s.hash, s.at, s.line().decode()) for s in made]
                connection.cursor().executemany(_KEEP, rows)
            self._answer(connection, asked, ends)
            return len(made) + len(asked)

    def _grown(self, connection: Connection, tenant: str, seq: int, hash: str) -> list[Seal]:
        """Return the seals that a chain needs, none where it did not grow or cannot be signed."""
        last = self.outside.last.get(tenant)
        if last and (last.seq, last.hash) == (seq, hash):
            self.contradicted.pop(tenant, None)
            return []
        agreed = self._agreed(connection, tenant)
        wrong = _first_wrong(connection, agreed, seq)
        if wrong:
            if self.contradicted.get(tenant) != wrong:
                LOG.critical("a chain is broken and is signed no more", extra=_of(tenant))
            self.contradicted[tenant] = wrong
            return []
        self.contradicted.pop(tenant, None)
        seals = []
        if last and last.seq != agreed.seq:
            LOG.critical("a chain lost entries that were signed", extra=_of(tenant))
            seals.append(self._sign(SealKind.SET_BACK, tenant, agreed.seq, agreed.hash))
        if seq > agreed.seq:
            seals.append(self._sign(SealKind.HEAD, tenant, seq, hash))
        return seals

    def _agreed(self, connection: Connection, tenant: str) -> State:
        """Return how far the chain is what was signed: the last seal that it still contains."""
        last = self.outside.last.get(tenant)
        if last is None:
            return State(tenant)
        for signed in ([last], self.outside.of(tenant)):
            rows = connection.execute(_AT, [tenant, [seal.seq for seal in signed]]).fetchall()
            hashes: dict[int, str] = dict(rows)
            held = [seal for seal in signed if hashes.get(seal.seq) == seal.hash]
            if held:
                longest = max(held, key=lambda seal: seal.seq)
                return State(tenant, longest.seq, longest.hash)
        return State(tenant)

    def _answer(
        self, connection: Connection, asked: list[tuple[UUID, str]], ends: dict[str, tuple[int, str]]
    ) -> None:
        for id, tenant in asked:
            if tenant in self.contradicted:
                connection.execute(
                    "UPDATE ledger_statement SET refused_seq = %s WHERE id = %s",
                    [self.contradicted[tenant], id],
                )
                continue
            seal = self._sign(SealKind.STATEMENT, tenant, *ends.get(tenant, (0, GENESIS)))
            self.outside.add([seal])
            connection.execute(
                "UPDATE ledger_statement SET line = %s WHERE id = %s", [seal.line().decode(), id]
            )

    def _sign(self, kind: SealKind, tenant: str, seq: int, hash: str) -> Seal:
        """Sign with a time later than that of every seal before, also when the clock was set back."""
        now = self.clock()
        if self.outside.at:
            now = max(now, dt.datetime.fromisoformat(self.outside.at) + dt.timedelta(microseconds=1))
        at = now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.outside.at = at
        return sign(self.key, kind, tenant=tenant, seq=seq, hash=hash, at=at)


def _first_wrong(connection: Connection, agreed: State, seq: int) -> int:
    """Return the first entry up to `seq` that does not follow from what was agreed, 0 where all do."""
    state = agreed
    for entry in entries_after(connection, agreed.tenant, agreed.seq, to=seq):
        if not follows(state, entry):
            return state.seq + 1
        state = State(entry.tenant, entry.seq, entry.hash, entry.at)
    return 0 if state.seq == seq else state.seq + 1


def _of(tenant: str) -> dict[str, str]:
    return {"tenant": tenant, "code": LedgerContradicted.code}
