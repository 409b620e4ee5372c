"""Checks an export: recomputes the whole chain and names the first place that is not as it was written.

The check is a fold: each line is held against what the lines before it lead to (`follow`), so a file
of any size is read once, and a second time only to tell what happened at the place that broke.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from veche.core.errors import LedgerUnreadable
from veche.core.i18n import _
from veche.ledger.entry import header_line, read_entry, read_fields
from veche.ledger.findings import Finding, Flaw
from veche.ledger.place import State, follow, name_flaw
from veche.ledger.seals import PublicKeys, Seal, SealKind, is_signed, read_seal

#: Opens the lines of a file anew, each with its end.
Lines: TypeAlias = Callable[[], Iterator[bytes]]

_HEADER = b'{"kind":"header"'
_STATEMENT = b'{"kind":"statement"'


@dataclass(frozen=True, slots=True)
class Whole:
    """An export that is as it was written, and what its closing statement says."""

    statement: Seal
    #: Time of the last entry, "" where there is none.
    last_at: str
    #: How many seals from outside it was held against.
    heads: int


def verify(export: Lines, keys: PublicKeys, heads: Iterable[Seal] = ()) -> Whole | Finding:
    """Return what the export is: whole, or where it is not.

    `heads` are seals that were checked by `read_heads`; the chain must contain each.

    Raises:
        LedgerUnreadable: the lines are no export at all.
    """
    lines = export()
    first = next(lines, b"")
    tenant = _tenant(first)
    if tenant is None:
        return _no_header(first, next(lines, b""))
    known = [head for head in heads if head.tenant == tenant]
    wanted = {head.seq: head for head in known}
    state, trusted, number = State(tenant), 0, 1
    for number, line in enumerate(lines, 2):
        if line.startswith(_STATEMENT):
            found = _closing(line, number, state, keys) or _after(lines, number)
            return found or _held_against(known, Whole(_seal(line), state.at, len(known)), number)
        after = follow(state, line)
        if after is None:
            return name_flaw(export, number, state)
        state = after
        head = wanted.get(state.seq)
        if head:
            if head.hash != state.hash:
                return Finding(Flaw.REWRITTEN, number, trusted + 1, state.seq)
            trusted = state.seq
    return Finding(Flaw.CUT_OFF, number + 1)


def read_heads(lines: Iterable[bytes], keys: PublicKeys, tenant: str) -> list[Seal] | Finding:
    """Return the seals of a tenant from a file of heads, or the first line that nobody with a key signed."""
    found: list[Seal] = []
    for number, line in enumerate(lines, 1):
        seal = read_seal(line)
        if seal is None:
            return Finding(Flaw.CHANGED, number, in_heads=True)
        if seal.tenant != tenant:
            continue
        flaw = _unsigned(seal, keys)
        if flaw:
            return Finding(flaw, number, in_heads=True)
        found.append(seal)
    return found


def tenant_of(export: Lines) -> str:
    """Return whose chain an export says it holds, "" where its header is not as it was written."""
    return _tenant(next(export(), b"")) or ""


def _tenant(header: bytes) -> str | None:
    tenant = (read_fields(header) or {}).get("tenant")
    return tenant if isinstance(tenant, str) and header == header_line(tenant) else None


def _no_header(first: bytes, second: bytes) -> Finding:
    """Tell a changed header from a missing one, and both from a file of another kind."""
    if first and not first.endswith(b"\n") and first.startswith(_HEADER[: len(first)]):
        return Finding(Flaw.CUT_OFF, 1)
    if read_entry(first):
        return Finding(Flaw.REMOVED, 1)
    if read_entry(second) or read_seal(second) or (read_fields(first) or {}).get("kind") == "header":
        return Finding(Flaw.CHANGED, 1)
    if read_seal(first):
        return Finding(Flaw.REMOVED, 1)
    raise LedgerUnreadable(path=_("the file"), reason=_("it is no export of a ledger"))


def _closing(line: bytes, number: int, state: State, keys: PublicKeys) -> Finding | None:
    """Hold the closing statement against the chain that ends before it."""
    seal = read_seal(line)
    if seal is None:
        cut = not line.endswith(b"\n")
        return Finding(Flaw.CUT_OFF if cut else Flaw.CHANGED, number)
    flaw = _unsigned(seal, keys)
    if flaw or seal.kind is not SealKind.STATEMENT or seal.tenant != state.tenant:
        return Finding(flaw or Flaw.CHANGED, number)
    if seal.seq > state.seq:
        return Finding(Flaw.REMOVED, number, state.seq + 1, seal.seq)
    if seal.seq < state.seq:
        return Finding(Flaw.INSERTED, number - (state.seq - seal.seq), seal.seq + 1, state.seq)
    if seal.hash != state.hash:
        return Finding(Flaw.REWRITTEN, number, min(1, state.seq), state.seq)
    return None


def _after(lines: Iterator[bytes], number: int) -> Finding | None:
    return Finding(Flaw.INSERTED, number + 1) if next(lines, None) is not None else None


def _held_against(heads: Sequence[Seal], whole: Whole, number: int) -> Whole | Finding:
    """A chain that was signed longer before the statement was made has lost its end.

    Times of seals come from one process that never goes back, so they can be compared; a head that
    is younger than the statement may be longer.
    """
    end = whole.statement
    lost = [h.seq for h in heads if h.seq > end.seq and h.at < end.at]
    if lost:
        return Finding(Flaw.CUT_OFF, number, end.seq + 1, max(lost))
    # Two seals of one entry with different hashes: the chain was set back and grew anew.
    both = {h.seq: h.hash for h in heads if 0 < h.seq <= end.seq}
    other = next((h for h in heads if h.seq in both and both[h.seq] != h.hash), None)
    return Finding(Flaw.REWRITTEN, number, other.seq, other.seq) if other else whole


def _unsigned(seal: Seal, keys: PublicKeys) -> Flaw | None:
    if seal.key not in keys:
        return Flaw.UNKNOWN_KEY
    return None if is_signed(seal, keys[seal.key]) else Flaw.BAD_SIGNATURE


def _seal(line: bytes) -> Seal:
    seal = read_seal(line)
    assert seal is not None
    return seal
