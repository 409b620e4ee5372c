"""Files of a form that is not complete yet wait sealed, so that nobody has to choose them twice.

They lie where attachments lie, under a key that follows from the mark of the form, which only the browser
with that form has. What is never sent is swept after a day, as every file that no appeal refers to.
"""

from collections.abc import Sequence
from uuid import UUID

from django.core import signing

from veche.core.errors import OriginalDamaged, OriginalGone
from veche.service.inbox.incoming import AttachedFile
from veche.service.public.once import Mark
from veche.service.vault.files import keep_file, open_file, remove_files

_SALT = "veche.public.held"


def hold(files: Sequence[AttachedFile], *, tenant_id: UUID, mark: Mark) -> str:
    """Seal files until the form comes again; return what stands for them in the form.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    for file in files:
        keep_file([file.content], attachment_id=file.id, tenant_id=tenant_id, key=mark.key)
    listed = [[str(f.id), f.name, f.media_type, f.extension] for f in files]
    return signing.dumps([mark.name, listed], salt=_SALT) if listed else ""


def held(given: str, *, tenant_id: UUID, mark: Mark) -> list[AttachedFile]:
    """Return the files that a form says it came with before; those that are gone are left out."""
    try:
        name, listed = signing.loads(given, salt=_SALT) if given else (mark.name, [])
    except signing.BadSignature:
        return []
    if name != mark.name:
        return []
    found = []
    for id, file_name, media_type, extension in listed:
        try:
            content = b"".join(open_file(attachment_id=UUID(id), tenant_id=tenant_id, key=mark.key))
        except (OriginalGone, OriginalDamaged):
            continue
        found.append(AttachedFile(UUID(id), file_name, media_type, extension, content))
    return found


def let_go(files: Sequence[AttachedFile], *, tenant_id: UUID) -> None:
    """Remove files that are no longer waited for."""
    remove_files(tenant_id, [file.id for file in files])
