"""Files that people sent along, sealed on disk: outside the web root, named by ids alone.

A file is encrypted in blocks as it streams (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015), under
a key made from the person's key, a salt and the ids (HKDF). A block's nonce holds its number and whether it
is the last, so that no block can be changed, moved or cut off unseen. Who may look is asked in `look`.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from veche.core.errors import OriginalDamaged, OriginalGone
from veche.service.ground.layout import SECRET, Home
from veche.service.inbox.models import Attachment
from veche.service.vault.keyfile import sync_folder
from veche.service.vault.keys import keys_for

#: Bytes of a block before it is encrypted.
BLOCK = 64 * 1024

_MAGIC = b"veche\x00\x00\x01"
_SALT = 32
_TAG = 16


@dataclass(frozen=True)
class Kept:
    """A file that lies sealed on disk: its size and the digest of its content."""

    size: int
    sha256: bytes


class Attached(Protocol):
    """A file that came along, checked and cleaned."""

    @property
    def id(self) -> UUID:
        """Names it on the disk."""
        ...

    @property
    def media_type(self) -> str:
        """What it is by its content."""
        ...

    @property
    def extension(self) -> str:
        """What its name would end in."""
        ...

    @property
    def content(self) -> bytes:
        """Its bytes."""
        ...


def store(tenant_id: UUID, appeal_id: UUID, person_id: UUID, attachments: Sequence[Attached]) -> None:
    """Seal the files of an appeal and record them, in the caller's transaction; they are durable on return.

    Where the transaction is not committed, files stay that nothing refers to: `retention.sweep_files`.

    Raises:
        PersonErased: the author was erased meanwhile.
        OSError: the disk is full or the folder cannot be written.
    """
    if not attachments:
        return
    key = keys_for([person_id], tenant_id)[person_id]
    rows = []
    for file in attachments:
        kept = keep_file([file.content], attachment_id=file.id, tenant_id=tenant_id, key=key)
        rows.append(
            Attachment(
                id=file.id,
                tenant_id=tenant_id,
                appeal_id=appeal_id,
                media_type=file.media_type,
                extension=file.extension,
                size=kept.size,
                sha256=kept.sha256,
            )
        )
    Attachment.objects.bulk_create(rows)


def keep_file(content: Iterable[bytes], *, attachment_id: UUID, tenant_id: UUID, key: bytes) -> Kept:
    """Seal `content` under the person's `key`; on return it is durable, under its final name.

    A file of that id that is there already is replaced: the same attachment is handed in again.

    Raises:
        OSError: the disk is full or the folder cannot be written; nothing is left behind.
    """
    path = path_of(attachment_id, tenant_id)
    _make_folder(path.parent)
    part = path.with_name(path.name + ".part")
    salt = os.urandom(_SALT)
    cipher = _cipher(key, salt, attachment_id, tenant_id)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
            f.write(_MAGIC + salt)
            for number, (block, last) in enumerate(_blocks(content)):
                digest.update(block)
                size += len(block)
                f.write(cipher.encrypt(_nonce(number, last=last), block, None))
            f.flush()
            os.fsync(f.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return Kept(size, digest.digest())


def open_file(*, attachment_id: UUID, tenant_id: UUID, key: bytes) -> Iterator[bytes]:
    """Yield what `keep_file` kept, block by block; each block is checked before it is yielded.

    Raises:
        OriginalGone: there is no such file.
        OriginalDamaged: it was changed, cut or moved, or the key is another one.
    """
    try:
        f = path_of(attachment_id, tenant_id).open("rb")
    except FileNotFoundError:
        raise OriginalGone from None
    with f:
        magic, salt = f.read(len(_MAGIC)), f.read(_SALT)
        if magic != _MAGIC or len(salt) != _SALT:
            raise OriginalDamaged(name=attachment_id)
        cipher = _cipher(key, salt, attachment_id, tenant_id)
        block = f.read(BLOCK + _TAG)
        number = 0
        while True:
            following = f.read(BLOCK + _TAG)
            try:
                yield cipher.decrypt(_nonce(number, last=not following), block, None)
            except InvalidTag:
                raise OriginalDamaged(name=attachment_id) from None
            if not following:
                return
            block, number = following, number + 1


def remove_files(tenant_id: UUID, attachment_ids: Iterable[UUID]) -> int:
    """Remove the files of these attachments; return how many were there. Durable on return."""
    paths = [path_of(attachment, tenant_id) for attachment in attachment_ids]
    there = [path for path in paths if path.exists()]
    for path in there:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in there}:
        sync_folder(folder)
    return len(there)


def files_of(tenant_id: UUID) -> Iterator[tuple[UUID | None, Path]]:
    """Yield the attachment's id and the path of each file on disk; no id where it is half written."""
    folder = _root() / str(tenant_id)
    for path in sorted(folder.glob("*/*")):
        yield (UUID(path.name) if not path.suffix else None), path


def path_of(attachment_id: UUID, tenant_id: UUID) -> Path:
    """Return where a file lies. The last digits of an id are random, so folders fill evenly."""
    return _root() / str(tenant_id) / attachment_id.hex[-2:] / str(attachment_id)


def _root() -> Path:
    return Home(settings.ENV.home).attachments


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=SECRET, exist_ok=True)
    sync_folder(folder.parent)


def _cipher(key: bytes, salt: bytes, attachment_id: UUID, tenant_id: UUID) -> AESGCM:
    info = b"veche attachment" + tenant_id.bytes + attachment_id.bytes
    return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=info).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _blocks(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut `content` into blocks of `BLOCK` bytes; the last may be shorter, and empty where all is empty."""
    held = bytearray()
    for piece in content:
        held += piece
        while len(held) > BLOCK:
            yield bytes(held[:BLOCK]), False
            del held[:BLOCK]
    yield bytes(held), True
