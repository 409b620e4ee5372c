"""What a newer model or pack makes of appeals that were understood: one facet, a tenant, some days.

Nothing is overwritten: findings are added, and the columns of the appeal show them. What a person decided
stays, and so does what somebody works on now (`OPEN_WORK`). A work that was interrupted goes on where it was:
each chunk is one transaction, and a row of `Break` says how far it came.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from veche.core.finding import FINDING, long_table
from veche.learn.stage import DECIDED
from veche.ledger.values import digest_of
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox import numbers
from veche.service.inbox.facets import COLUMN, Shown, shown_facets
from veche.service.inbox.means import Means
from veche.service.inbox.models import Break
from veche.service.inbox.save import plain, save_findings
from veche.service.inbox.understand import Received, Understanding, Understood, originals_table
from veche.service.ledger.append import append
from veche.service.vault.seal import open_appeals

#: Appeals that are understood anew together, in one transaction.
CHUNK = 200
#: Appeals that are named, by number, as examples of a change.
EXAMPLES = 3
#: A confidence that moves by no more says nothing new.
_SAME = 1e-3

#: Each returns, of the appeals of the array that it is given, those that are worked on now.
OPEN_WORK: list[str] = []

_CHUNK = """
SELECT a.id, a.tenant_id, a.person_id, a.thread_id, a.received_at, a.received_zone, c.code, a.number
FROM inbox_appeal a JOIN inbox_channel c ON c.id = a.channel_id
WHERE a.tenant_id = %s AND a.state = 'understood' AND a.day BETWEEN %s AND %s
  AND (%s::uuid IS NULL OR a.id > %s) ORDER BY a.id LIMIT %s
"""
_LOCKED = (
    "SELECT id FROM inbox_appeal WHERE id = ANY(%s) AND state = 'understood' ORDER BY id FOR NO KEY UPDATE"
)
#: What follows from a person's decision, as the body from a topic, is the person's; what was undone is not in
#: force.
_IN_FORCE = """
SELECT f.appeal_id, CASE WHEN f.decision IS NULL THEN f.maker_kind ELSE 'person' END, f.matter, f.rank,
    f.value, f.confidence, f.maker || ' ' || f.maker_version, f.pack_version
FROM (
    SELECT *, max(made_at) OVER (PARTITION BY appeal_id, maker_kind) AS latest
    FROM inbox_finding
    WHERE appeal_id = ANY(%s) AND facet = %s AND (decision IS NULL OR NOT veche_undone(decision))
) AS f WHERE f.made_at = f.latest ORDER BY f.appeal_id, f.matter, f.rank
"""
_SHOW = """
UPDATE inbox_appeal a SET {column} = {value}{more}
FROM unnest(%s::uuid[], %s::text[], %s::float8[]) AS u (id, value, sure) WHERE a.id = u.id
"""

Decision = tuple[int, int, str | None]


@dataclass(frozen=True)
class Task:
    """What is to be understood anew: a facet of the appeals of a tenant, from a day to a day."""

    tenant_id: UUID
    means: Means
    facet: str
    since: date
    until: date


@dataclass
class Outcome:
    """What came of it: appeals `seen`, those `spared` for a person's sake, those `changed`, and how often the
    first value went from one to another, with some numbers of appeals."""

    seen: int = 0
    spared: int = 0
    changed: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def move(self, before: str, after: str, number: int) -> None:
        """Count that the first value of an appeal went from one to another."""
        self.moves[before, after] += 1
        named = self.examples.setdefault((before, after), [])
        if len(named) < EXAMPLES:
            named.append(numbers.shown(number))


@dataclass(frozen=True)
class _Held:
    """The findings in force of one appeal."""

    decisions: Mapping[Decision, float | None]
    by_person: bool
    version: str


@dataclass(frozen=True)
class _Chunk:
    """Appeals that are looked at together, and what is made of them now."""

    received: Sequence[Received]
    numbers: Mapping[UUID, int]
    understood: Understood
    new: pa.Table
    shown: Mapping[UUID, Shown]


def preview(
    task: Task, *, understanding: Understanding, told: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Return what would change; nothing is written. `told` hears how many appeals were seen."""
    outcome = Outcome()
    reached = None
    while True:
        with working(task.tenant_id):
            chunk, last = _read(task, reached, understanding)
            if last is None:
                return outcome
            if chunk:
                _changes(task, chunk, outcome)
        reached = last
        told(outcome.seen)


def reprocess(
    task: Task, *, understanding: Understanding, actor: str, told: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Add what is found now, chunk by chunk, and mark the break in the picture; it goes on where it was left.

    `actor` is who asked, as the ledger names it.
    """
    outcome = Outcome()
    with working(task.tenant_id):
        mark = _mark(task, understanding)
    while True:
        with working(task.tenant_id):
            mark = Break.objects.select_for_update().get(pk=mark.pk)
            chunk, last = _read(task, mark.reached, understanding)
            if last is None:
                _finish(mark)
                return outcome
            before = outcome.changed
            if chunk:
                _apply(task, chunk, mark, outcome, actor)
            mark.reached = last
            mark.seen += len(chunk.received) if chunk else 0
            mark.changed += outcome.changed - before
            mark.save()
        told(outcome.seen)


def version_of(understanding: Understanding, facet: str) -> str:
    """Return what would make a facet now: its maker, and the pack."""
    maker, version = understanding.makers[facet]
    return f"{maker} {version} ({understanding.pack.version})"


def _mark(task: Task, understanding: Understanding) -> Break:
    """Return the break of a work that was begun and not finished, or a new one."""
    return Break.objects.get_or_create(
        tenant_id=task.tenant_id,
        facet=task.facet,
        since=task.since,
        until=task.until,
        to_version=version_of(understanding, task.facet),
        finished_at=None,
        defaults={"at": datetime.now(UTC), "from_version": ""},
    )[0]


def _finish(mark: Break) -> None:
    """End a work; where nothing changed there is no break."""
    if mark.changed:
        mark.finished_at = datetime.now(UTC)
        mark.save()
    else:
        mark.delete()


def _read(
    task: Task, reached: UUID | None, understanding: Understanding
) -> tuple[_Chunk | None, UUID | None]:
    """Return the appeals after `reached` as they are understood now, and the last that was looked at."""
    with connection.cursor() as cursor:
        values: list[Any] = [task.tenant_id, task.since, task.until, reached, reached, CHUNK]
        cursor.execute(_CHUNK, values)
        rows = cursor.fetchall()
    if not rows:
        return None, None
    originals = open_appeals([row[0] for row in rows])
    pairs = [(Received(*row[:-1]), original) for row in rows if (original := originals.get(row[0]))]
    if not pairs:
        return None, rows[-1][0]
    understood = understanding(originals_table(pairs))
    received = [r for r, _ in pairs]
    ids = [r.appeal_id for r in received]
    strings = pa.array([str(id) for id in ids], pa.string())
    facets = (task.facet, task.facet + DECIDED)
    columns = {facet: understood.table[facet] for facet in facets if facet in understood.facets}
    new = long_table(strings, columns, understanding.makers, understanding.pack.version)
    shown = dict(zip(ids, shown_facets(understanding, understood), strict=True))
    return _Chunk(received, {row[0]: row[-1] for row in rows}, understood, new, shown), rows[-1][0]


def _changes(task: Task, chunk: _Chunk, outcome: Outcome) -> tuple[list[UUID], Mapping[UUID, _Held]]:
    """Count what changes, and return the appeals for which something new is found."""
    ids = [r.appeal_id for r in chunk.received]
    held = _held(ids, task.facet)
    busy = _busy(ids)
    found = _found(chunk.new, task.facet)
    changed = []
    for id in ids:
        outcome.seen += 1
        before = held.get(id, _NOTHING)
        if before.by_person or id in busy:
            outcome.spared += 1
        elif _differ(before.decisions, found.get(id, {})):
            outcome.changed += 1
            changed.append(id)
            first, now = _first(before.decisions), _first(found.get(id, {}))
            if first != now:
                outcome.move(first, now, chunk.numbers[id])
    return changed, held


def _apply(task: Task, chunk: _Chunk, mark: Break, outcome: Outcome, actor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_finding_month(now())")
        cursor.execute(_LOCKED, [[r.appeal_id for r in chunk.received]])
        still = {row[0] for row in cursor.fetchall()}
    changed, held = _changes(task, chunk, outcome)
    changed = [id for id in changed if id in still]
    if not mark.from_version and held:
        mark.from_version = Counter(h.version for h in held.values()).most_common(1)[0][0]
    if not changed:
        return
    wanted = {str(id) for id in changed}
    rows = [row for row in chunk.new.to_pylist() if row["appeal_id"] in wanted]
    silent = wanted - {row["appeal_id"] for row in rows if row["facet"] == task.facet}
    rows += [_nothing(task, id, chunk) for id in sorted(silent)]
    save_findings(pa.Table.from_pylist(rows, schema=FINDING), tenant_id=task.tenant_id, now=datetime.now(UTC))
    _show(task, [(id, chunk.shown[id]) for id in changed])
    facts = {"facet": plain(task.facet), "appeals": len(changed), "ids": digest_of(changed)}
    append(task.tenant_id, "appeal.reprocessed", actor=actor, object=f"break:{mark.pk}", facts=facts)


def _nothing(task: Task, id: str, chunk: _Chunk) -> dict[str, Any]:
    """Say that nothing is found now where something was."""
    made = chunk.new.slice(0, 1).to_pylist()
    by = made[0] if made else {"maker": task.facet, "maker_version": "", "pack_version": ""}
    row = {"appeal_id": id, "matter": 0, "facet": task.facet, "rank": 0, "value": None, "confidence": None}
    return row | {"evidence": [], **{k: by[k] for k in ("maker", "maker_version", "pack_version")}}


def _show(task: Task, shown: Sequence[tuple[UUID, Shown]]) -> None:
    column = COLUMN.get(task.facet, task.facet)
    if column not in Shown._fields:
        return
    more = ", topic_confidence = u.sure" if column == "topic" else ""
    value = "string_to_array(u.value, '|')" if column == "groups" else "u.value"
    values = [getattr(s, column) for _, s in shown]
    with connection.cursor() as cursor:
        statement = _SHOW.format(column=column, value=value, more=more)
        cursor.execute(statement, [[id for id, _ in shown], values, [s.topic_confidence for _, s in shown]])


def _held(ids: Sequence[UUID], facet: str) -> dict[UUID, _Held]:
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [list(ids), facet])
        rows = cursor.fetchall()
    held: dict[UUID, _Held] = {}
    for id, kind, matter, rank, value, confidence, maker, pack in rows:
        before = held.get(id, _NOTHING)
        person = before.by_person or kind == "person"
        decided = {**before.decisions, (matter, rank, value): confidence}
        held[id] = _Held(decided, person, f"{maker} ({pack})")
    return held


def _busy(ids: Sequence[UUID]) -> set[UUID]:
    busy: set[UUID] = set()
    for query in OPEN_WORK:
        with connection.cursor() as cursor:
            cursor.execute(query, [list(ids)])
            busy |= {row[0] for row in cursor.fetchall()}
    return busy


def _found(new: pa.Table, facet: str) -> dict[UUID, dict[Decision, float | None]]:
    found: dict[UUID, dict[Decision, float | None]] = {}
    for row in new.filter(pc.equal(new["facet"], facet)).to_pylist():
        decision = (row["matter"], row["rank"], row["value"])
        found.setdefault(UUID(row["appeal_id"]), {})[decision] = row["confidence"]
    return found


def _differ(before: Mapping[Decision, float | None], after: Mapping[Decision, float | None]) -> bool:
    before = {d: c for d, c in before.items() if d[2] is not None}
    if before.keys() != after.keys():
        return True
    return any(abs((c or 0.0) - (after[d] or 0.0)) > _SAME for d, c in before.items())


def _first(decisions: Mapping[Decision, float | None]) -> str:
    return next((value or "" for matter, rank, value in decisions if matter == 0 and rank == 0), "")


_NOTHING = _Held({}, by_person=False, version="")


def tasks(facet: str, *, since: date, until: date, tenant: str | None) -> Iterator[tuple[Tenant, Task]]:
    """Yield what is to be done for each tenant, or for the one of that slug."""
    chosen = Tenant.objects.order_by("slug")
    for one in chosen.filter(slug=tenant) if tenant else chosen:
        yield one, Task(one.pk, Means.of(one), facet, since, until)
