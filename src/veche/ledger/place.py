"""One step along a chain, and what happened where a step could not be made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from veche.ledger.entry import GENESIS, Entry, read_entry
from veche.ledger.findings import Finding, Flaw
from veche.ledger.seals import read_seal


@dataclass(frozen=True, slots=True)
class State:
    """How far a chain was followed: its last entry."""

    tenant: str
    seq: int = 0
    hash: str = GENESIS
    at: str = ""


def follow(state: State, line: bytes) -> State | None:
    """Return how far the chain goes with this line, nothing where the line is not what comes next."""
    entry = read_entry(line)
    if entry is None or not follows(state, entry):
        return None
    return State(entry.tenant, entry.seq, entry.hash, entry.at)


def follows(state: State, entry: Entry) -> bool:
    """Return whether an entry is whole and comes next."""
    return (
        entry.seq == state.seq + 1
        and entry.previous == state.hash
        and entry.tenant == state.tenant
        and entry.at >= state.at
        and entry.digest() == entry.hash
    )


def name_flaw(export: Callable[[], Iterator[bytes]], number: int, state: State) -> Finding:
    """Tell what happened at line `number`, which does not follow the state before it."""
    lines = islice(export(), number - 1, None)
    line = next(lines)
    if not line.endswith(b"\n"):
        return Finding(Flaw.CUT_OFF, number)
    if line in islice(export(), number - 1):
        entry = read_entry(line)
        return Finding(Flaw.DUPLICATED if entry else Flaw.INSERTED, number, entry.seq if entry else 0)
    due = state.seq + 1
    entry = read_entry(line)
    if entry is None or entry.digest() != entry.hash:
        later = any(follow(state, other) for other in lines)
        return Finding(Flaw.INSERTED, number) if later else Finding(Flaw.CHANGED, number, due, due)
    return _whole_but_elsewhere(entry, list(_seen(lines, state, entry)), number, state)


def _seen(lines: Iterator[bytes], state: State, entry: Entry) -> Iterator[str]:
    """Yield what the rest of the file says of an entry that is whole in itself."""
    for line in lines:
        other = read_entry(line)
        if other is None:
            # The statement that closes an export names the last entry, as a follower would.
            closing = read_seal(line)
            if closing is not None and closing.hash == entry.hash:
                yield "its follower"
            continue
        if follows(state, other):
            yield "the right one"
        if other.seq == entry.seq:
            yield "another with its number"
        if other.previous == entry.hash:
            yield "its follower"


def _whole_but_elsewhere(entry: Entry, rest: list[str], number: int, state: State) -> Finding:
    due = state.seq + 1
    if "the right one" in rest:
        twice = "another with its number" in rest or entry.tenant != state.tenant
        return Finding(Flaw.INSERTED if twice else Flaw.REORDERED, number, entry.seq, entry.seq)
    if entry.tenant != state.tenant:
        return Finding(Flaw.CHANGED, number, due, due)
    if entry.seq > due:
        return Finding(Flaw.REMOVED, number, due, entry.seq - 1)
    if entry.seq < due:
        # Two claim one number. The chain goes on from one of them; the other was put in.
        own = "its follower" in rest
        at = number - (due - entry.seq) if own else number
        return Finding(Flaw.INSERTED, at, entry.seq, state.seq if own else entry.seq)
    if entry.previous != state.hash and state.seq:
        # The one before was changed and its hash made to fit; this one still names what stood there.
        return Finding(Flaw.CHANGED, number - 1, state.seq, state.seq)
    return Finding(Flaw.CHANGED, number, due, due)
