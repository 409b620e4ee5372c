"""`veche backup`: one file with everything that a service cannot be made anew from, but without its keys.

It is made while the service runs, and as of one moment: the figures of the manifest and the dump are read in
the same snapshot. Files that came along are read after it, so each that the snapshot lists was there; heads
of the ledger before it, so the chains contain them; erasures last, so that as many as possible are known.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import psycopg

import veche
from veche.core.errors import NoService, UsageError
from veche.core.i18n import _
from veche.ledger.entry import PLATFORM
from veche.service.ground import contents
from veche.service.ground.archive import (
    ATTACHMENTS,
    DUMP,
    HEADS,
    JOURNAL,
    MODELS,
    PUBLIC_KEY,
    SETTINGS,
    Archive,
    Manifest,
    manifest_hash,
    open_backup,
    writing,
)
from veche.service.ground.binaries import find_tools, major
from veche.service.ground.managing import reached
from veche.service.ground.opened import Ground, open_existing
from veche.service.ground.tools import dumped
from veche.service.ground.verifying import verify
from veche.service.ledger.entries import APPEND, New, as_json
from veche.service.vault.keyfile import sync_folder

Say = Callable[[str], object]


@dataclass(frozen=True)
class Made:
    """A backup that was made: the hash of its manifest, its size, and what it lacks."""

    hash: str
    checked: bool
    bytes: int
    rows: int
    attachments: int
    missing: int


def back_up(data: Path, out: Path, *, checked: bool, say: Say) -> Made:
    """Write a backup of the service in `data` to `out`; restore it on trial if it is to be `checked`.

    Raises:
        UsageError: there is a file of that name already.
        BackupNotMade, BackupDiffers: no file was left under that name.
        ServiceError: one of its kinds says what else stands in the way.
    """
    out = out.absolute()
    if out.exists():
        raise UsageError(problem=_("{path} is there already; name a new file.").format(path=out))
    ground = open_existing(data)
    with reached(ground) as urls:
        made = back_up_running(ground, urls.owner, out, checked=checked, say=say)
        note_made(urls.owner, made)
        return made


def back_up_running(ground: Ground, owner: str, out: Path, *, checked: bool, say: Say) -> Made:
    """Do it on a database that can be reached, without noting it; errors are those of `back_up`."""
    with writing(out) as (archive, part):
        say(_("Reading the database …"))
        manifest = _fill(archive, ground, owner)
        backup = open_backup(part)
        if checked:
            say(_("Restoring it on trial …"))
            verify(backup, ground)
        part.replace(out)
        sync_folder(out.parent)
    return Made(
        hash=manifest_hash(open_backup(out)),
        checked=checked,
        bytes=out.stat().st_size,
        rows=sum(manifest.rows.values()),
        attachments=sum(name.startswith(ATTACHMENTS) for name in backup.places),
        missing=len(manifest.missing),
    )


def note_made(owner: str, made: Made) -> None:
    """Note in the ledger that a backup was made."""
    facts = {"backup": made.hash, "rows": made.rows, "attachments": made.attachments, "checked": made.checked}
    note(owner, "backup.made", facts)


def note(owner: str, act: str, facts: dict[str, UUID | str | int | bool]) -> None:
    """Append an act to the platform's chain of the ledger, as the owner of the tables."""
    entry = New(UUID(PLATFORM), act, "upkeep", "service", facts)
    with psycopg.connect(owner) as connection:
        connection.execute(APPEND, [as_json([entry])])


def _fill(archive: Archive, ground: Ground, owner: str) -> Manifest:
    home = ground.home
    heads = home.ledger / "heads.jsonl"
    sealed = heads.read_bytes() if heads.exists() else b""
    manifest, listed = _read_database(archive, home.path, owner)
    gone = [path for path in listed if not archive.add_file(ATTACHMENTS + path, home.attachments / path)]
    # Whoever was erased meanwhile has no files any more, and is none of those that are missing.
    for model in sorted(home.models.glob("*.model")):
        archive.add_file(MODELS + model.name, model)
    missing = sorted(set(gone) & set(_attachments(owner))) if gone else []
    archive.add(HEADS, [sealed])
    archive.add_file(PUBLIC_KEY, home.ledger / "public.pem")
    archive.add_file(SETTINGS, home.path / SETTINGS)
    archive.add_file(JOURNAL, home.ledger / "erasures.jsonl")
    whole = replace(manifest, missing=missing)
    archive.close(whole)
    return whole


def _read_database(archive: Archive, path: Path, owner: str) -> tuple[Manifest, list[str]]:
    """Add the dump; return what the manifest says of it, and the files that it lists."""
    with psycopg.connect(owner) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        exported = connection.execute(
            "SELECT pg_export_snapshot(), current_user, to_regclass('ledger_entry') IS NOT NULL"
        ).fetchone()
        assert exported
        snapshot, role, prepared = exported
        if not prepared:
            raise NoService(path=path)
        contents.check_all_seen(connection)
        manifest = Manifest(
            veche=veche.__version__,
            made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            postgresql=connection.info.parameter_status("server_version") or "",
            dumped_by=major(find_tools(), "pg_dump"),
            owner=role,
            migrations=contents.migrations(connection),
            rows=contents.row_counts(connection),
            chains=contents.chain_ends(connection),
            vault_keys=contents.vault_keys(connection),
            missing=[],
        )
        listed = contents.attachments(connection)
        archive.add(DUMP, dumped(owner, snapshot=snapshot))
    return manifest, listed


def _attachments(owner: str) -> list[str]:
    with psycopg.connect(owner) as connection:
        return contents.attachments(connection)
