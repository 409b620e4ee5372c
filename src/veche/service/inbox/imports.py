"""Files of appeals: looked through first, then taken in step by step; read by the readers of `veche run`.

A file lies in the imports folder, readable by the service alone, from the moment it was brought until it is
taken in, cancelled, or a day old; nothing of it is shown but the names of its columns. Its rows are known by
the file's digest and their place in it, so an import that was interrupted goes on where it stopped, and a
file that is brought twice is taken once.
"""

import gc
import hashlib
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import pyarrow as pa
from django.db import transaction

from veche.core.errors import FileTooLarge, MissingColumn, RepeatedOtherContent, SourceEmpty, VecheError
from veche.core.ids import uuid7
from veche.intake import Intake, Reject
from veche.packs import load_pack
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant, User
from veche.service.inbox.incoming import Incoming, check
from veche.service.inbox.models import Channel, FileImport, ImportReject, ImportState
from veche.service.inbox.take import arriving, known_of, take_arriving
from veche.service.ledger.append import append
from veche.service.settings import ENV

#: Rows that are taken in one transaction, and after which progress shows.
STEP = 1000
#: A file is no longer than this many bytes.
MOST_BYTES = 4 << 30
#: Rejects that are kept to be shown; all are counted.
MOST_REJECTS = 1000
#: A file that nobody confirmed is removed after this.
FORGOTTEN = timedelta(days=1)

_FOLDER = ENV.home / "imports"


class Step(Protocol):
    """A step of an import: `look_through` or `bring_in`."""

    def __call__(self, tenant_id: UUID, import_id: UUID, /, *, now: datetime) -> None:
        """Do it."""
        ...


def receive(
    tenant: Tenant, channel: Channel, by: User | None, pieces: Iterable[bytes], *, suffix: str
) -> FileImport:
    """Keep a file that is brought, durably, and return its import; `suffix` is what its name ended in.

    Runs in the caller's transaction, in which a job to look through it is to be deferred.

    Raises:
        SourceEmpty: it holds nothing.
        FileTooLarge: it is longer than `MOST_BYTES`.
    """
    id = uuid7()
    extension = _extension(suffix)
    path = _FOLDER / f"{id}{extension}"
    digest, size = _keep(path, pieces)
    return FileImport.objects.create(
        id=id, tenant=tenant, channel=channel, by=by, extension=extension, size=size, sha256=digest
    )


def look_through(tenant_id: UUID, import_id: UUID, *, now: datetime) -> None:
    """Read the whole file without taking anything: its columns, what would be taken, and what not and why.

    Where no column holds the texts, the file waits for a person to name one.
    """
    brought = _get(tenant_id, import_id)
    rejects = _Rejects()
    intake = _intake(brought, rejects, now)
    accepted = repeated = 0
    failure = ""
    try:
        for table in intake:
            _numbers, sound = _sound(table, rejects, now)
            with working(tenant_id):
                came = arriving(tenant_id, brought.channel_id, sound, actor="import", now=now)
                repeated += len(known_of(came))
            accepted += len(sound)
            fraction = intake.fraction_read()
            if _told(brought, read=intake.read, accepted=accepted, repeated=repeated, fraction=fraction):
                return
    except MissingColumn as error:
        failure = error.code
    _finish_looking(brought, intake, rejects, accepted=accepted, repeated=repeated, failure=failure)


def confirm(brought: FileImport, *, actor: str) -> bool:
    """Let the rows be taken in, in the caller's transaction, in which the job for it is to be deferred.

    Returns whether that was still to be done: of two people who confirm at once, one does.
    """
    waiting = FileImport.objects.filter(pk=brought.pk, state=ImportState.CHECKED)
    if not waiting.update(
        state=ImportState.IMPORTING, read=0, accepted=0, repeated=0, rejected=0, fraction=0
    ):
        return False
    facts = {"bytes": brought.size, "rows": brought.read}
    append(brought.tenant_id, "import.begun", actor=actor, object=f"import:{brought.pk}", facts=facts)
    return True


def remap(brought: FileImport, mapping: dict[str, str]) -> bool:
    """Set which columns feed which field, and look through the file anew (see `confirm`)."""
    waiting = FileImport.objects.filter(pk=brought.pk, state=ImportState.CHECKED)
    # Columns are known by their names without NULs, as the readers give them.
    known = {field: column.replace("\x00", "") for field, column in mapping.items()}
    return bool(waiting.update(state=ImportState.CHECKING, mapping=known, fraction=0))


def bring_in(tenant_id: UUID, import_id: UUID, *, now: datetime) -> None:
    """Take the rows in, `STEP` by `STEP`, each step durable and shown; ends early when asked to."""
    brought = _get(tenant_id, import_id)
    rejects = _Rejects()
    intake = _intake(brought, rejects, now)
    accepted = repeated = 0
    # What this process holds already is looked at no more by each collection of garbage.
    gc.freeze()
    for table in intake:
        numbers, sound = _sound(table, rejects, now)
        with working(tenant_id):
            rows = arriving(tenant_id, brought.channel_id, sound, actor=f"import:{import_id}", now=now)
            taken = take_arriving(rows, now=now, bulk=True)
        for number, one in zip(numbers, taken, strict=True):
            if not one.same:
                rejects.note(number, RepeatedOtherContent())
        repeated += sum(one.same and not one.new for one in taken)
        accepted += sum(one.same for one in taken)
        fraction = intake.fraction_read()
        if _told(brought, read=intake.read, accepted=accepted, repeated=repeated, fraction=fraction):
            return
    with working(tenant_id):
        _set(brought, ImportState.DONE, read=intake.read, rejected=rejects.count, fraction=1.0)
        _write_rejects(brought, rejects)
        facts = {"accepted": accepted, "repeated": repeated, "rejected": rejects.count}
        append(tenant_id, "import.finished", actor="jobs", object=f"import:{import_id}", facts=facts)
    path_of(brought).unlink(missing_ok=True)


def fail(tenant_id: UUID, import_id: UUID, code: str) -> None:
    """Mark an import as failed; what was taken stays taken."""
    brought = _get(tenant_id, import_id)
    with working(tenant_id):
        _set(brought, ImportState.FAILED, failure=code)
    path_of(brought).unlink(missing_ok=True)


def cancel(brought: FileImport) -> None:
    """Ask for an end, in the caller's transaction: at once where nothing runs, else after a step."""
    FileImport.objects.filter(pk=brought.pk).update(cancel_asked=True)
    if brought.state == ImportState.CHECKED:
        _set(brought, ImportState.CANCELLED)
        transaction.on_commit(lambda: path_of(brought).unlink(missing_ok=True))


def forget_old(tenant_id: UUID, *, now: datetime) -> None:
    """Cancel what nobody confirmed, so that no file lies about."""
    with working(tenant_id):
        old = FileImport.objects.filter(
            tenant_id=tenant_id, state=ImportState.CHECKED, created_at__lt=now - FORGOTTEN
        )
        for brought in old:
            cancel(brought)


def remove_ended(brought: FileImport) -> None:
    """Remove the file of an import that ended, if the process that ended it was killed before."""
    if brought.finished_at is not None:
        path_of(brought).unlink(missing_ok=True)


def remove_stray(tenants: Iterable[UUID], *, now: datetime) -> None:
    """Remove files that no import of these tenants (all there are) waits for: their request failed."""
    awaited = {path.name for tenant in tenants for path in _awaited(tenant)}
    for path in _FOLDER.iterdir():
        old = path.stat().st_mtime < (now - FORGOTTEN).timestamp()
        if old and path.name not in awaited:
            path.unlink(missing_ok=True)


def path_of(brought: FileImport) -> Path:
    """Return where the file lies while it is needed."""
    return _FOLDER / f"{brought.pk}{brought.extension}"


class _Rejects:
    """Counts the rows that are not taken and keeps the first of them; quotes nothing."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[tuple[int, str, str]] = []

    def add(self, reject: Reject) -> None:
        self._keep(reject.row, reject.code, reject.message)

    def note(self, row: int, error: VecheError) -> None:
        self._keep(row, error.code, error.text())

    def _keep(self, row: int, code: str, message: str) -> None:
        self.count += 1
        if len(self.kept) < MOST_REJECTS:
            self.kept.append((row, code, message))


def _keep(path: Path, pieces: Iterable[bytes]) -> tuple[bytes, int]:
    """Write a file so that it is whole and durable, or not there at all; return its digest and size."""
    digest, size = hashlib.sha256(), 0
    part = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                size += len(piece)
                if size > MOST_BYTES:
                    raise FileTooLarge(number=1, limit=MOST_BYTES)
                digest.update(piece)
                file.write(piece)
            if not size:
                raise SourceEmpty(source=part.suffix)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return digest.digest(), size


def _extension(suffix: str) -> str:
    """Return a suffix that is safe in a path; the readers look at the content besides."""
    plain = suffix.lower()
    return plain if plain[:1] == "." and plain[1:].isalnum() and len(plain) <= 10 else ".bin"


def _awaited(tenant_id: UUID) -> list[Path]:
    with working(tenant_id):
        return [path_of(b) for b in FileImport.objects.filter(tenant_id=tenant_id, finished_at=None)]


def _get(tenant_id: UUID, import_id: UUID) -> FileImport:
    with working(tenant_id):
        return FileImport.objects.select_related("tenant").get(pk=import_id)


def _intake(brought: FileImport, rejects: _Rejects, now: datetime) -> Intake:
    return Intake(
        [str(path_of(brought))],
        mapping=brought.mapping,
        timezone=load_pack(brought.tenant.pack).timezone,
        batch_rows=STEP,
        not_after=now + timedelta(days=1),
        on_reject=rejects.add,
    )


def _sound(table: pa.Table, rejects: _Rejects, now: datetime) -> tuple[list[int], list[Incoming]]:
    """Return the numbers of the rows that can be taken, and the rows; the others are noted."""
    numbers = table["row"].to_pylist()
    rows = [_incoming(row) for row in table.to_pylist()]
    refused = check(rows, now=now)
    for i, error in refused.items():
        rejects.note(numbers[i], error)
    kept = [i for i in range(len(rows)) if i not in refused]
    return [numbers[i] for i in kept], [rows[i] for i in kept]


def _incoming(row: dict[str, Any]) -> Incoming:
    author = row["author"]
    return Incoming(
        text=row["text"],
        received_at=row["received_at"],
        received_zone=row["received_zone"] or "",
        foreign_id=row["foreign_id"],
        identity=row["appeal_id"],
        contacts=(author,) if author else (),
        address=row["address"],
        lat=row["lat"],
        lon=row["lon"],
        age=row["age"],
        sex=row["sex"],
        occupation=row["occupation"],
        declared_language=row["declared_language"],
        declared_territory=row["declared_territory"],
        thread=row["thread"],
        kept=dict(row["kept"] or ()),
    )


def _told(brought: FileImport, *, fraction: float | None, **counts: int) -> bool:
    """Show how far it is; return whether it is to end, having ended it."""
    with working(brought.tenant_id):
        mine = FileImport.objects.filter(pk=brought.pk)
        mine.update(fraction=fraction or 0.0, **counts)
        if not mine.values_list("cancel_asked", flat=True).get():
            return False
        _set(brought, ImportState.CANCELLED)
        if brought.state == ImportState.IMPORTING:
            object = f"import:{brought.pk}"
            append(brought.tenant_id, "import.stopped", actor="jobs", object=object, facts=counts)
    path_of(brought).unlink(missing_ok=True)
    return True


def _finish_looking(
    brought: FileImport, intake: Intake, rejects: _Rejects, *, accepted: int, repeated: int, failure: str
) -> None:
    seen = {"sources": list(_seen(intake))}
    with working(brought.tenant_id):
        counts = {"read": intake.read, "accepted": accepted, "repeated": repeated, "rejected": rejects.count}
        _set(brought, ImportState.CHECKED, seen=seen, fraction=1.0, failure=failure, **counts)
        _write_rejects(brought, rejects)


def _seen(intake: Intake) -> Iterator[dict[str, Any]]:
    """Yield what a person wants to know of each source; the name of the file is nobody's business."""
    columns = dict(intake.headers())
    for source in intake.sources:
        yield {
            "format": source.format,
            "encoding": source.encoding,
            "rows": source.rows,
            "columns": columns.get(source.name, []),
            "mapping": {field: found._asdict() for field, found in source.mapping.items()},
            "warnings": source.warnings,
        }


def _write_rejects(brought: FileImport, rejects: _Rejects) -> None:
    ImportReject.objects.filter(file_import=brought).delete()
    ImportReject.objects.bulk_create(
        ImportReject(file_import=brought, tenant_id=brought.tenant_id, row=row, code=code, reason=reason)
        for row, code, reason in rejects.kept
    )


def _set(brought: FileImport, state: ImportState, **changed: Any) -> None:
    ended = state in (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED)
    finished = {"finished_at": datetime.now(UTC)} if ended else {}
    FileImport.objects.filter(pk=brought.pk).update(state=state, **finished, **changed)
