"""Looking at an original: the right, a reason, and an entry in the ledger before a word is shown.

The one way for people; machines that understand appeals use `seal.open_appeals`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from veche.core.errors import OriginalGone, ReasonNeeded
from veche.service.accounts.access import access_appeal
from veche.service.accounts.models import User
from veche.service.inbox.models import Appeal, Attachment
from veche.service.ledger.append import append
from veche.service.vault.files import open_file
from veche.service.vault.keys import reason_hash, unwrapped
from veche.service.vault.models import Look, PersonKey
from veche.service.vault.seal import Original, open_appeal

#: Characters that a reason has at least.
SHORTEST_REASON = 10


@dataclass(frozen=True)
class Opened:
    """A file that may be shown: what it is, and its content, block by block."""

    attachment: Attachment
    name: str
    content: Iterator[bytes]


def look_at_original(user: User, appeal_id: UUID, reason: str) -> Original:
    """Return what the citizen sent, for somebody who may see it and says why, within `acting(user)`.

    The look is recorded in the same transaction. Whoever shows the original does so after it is committed,
    as the middleware does: an answer leaves when the transaction is done.

    Raises:
        ReasonNeeded: the reason is shorter than `SHORTEST_REASON`.
        NotYours: there is no such appeal, or this person may not see its original.
        OriginalGone: it was erased.
    """
    why = said(reason)
    appeal = access_appeal(user, appeal_id, "original.see")
    original = open_appeal(appeal.pk)
    _record(user, appeal, why)
    return original


def look_at_attachment(user: User, appeal_id: UUID, attachment_id: UUID, reason: str) -> Opened:
    """Return a file that came with an appeal; raises as `look_at_original` does."""
    why = said(reason)
    appeal = access_appeal(user, appeal_id, "original.see")
    attachment = Attachment.objects.filter(pk=attachment_id, appeal=appeal).first()
    key = PersonKey.objects.filter(pk=appeal.person_id).first()
    if attachment is None or key is None:
        raise OriginalGone
    [opened] = unwrapped([(key.pk, appeal.tenant_id, key.wrapped, key.master)]).values()
    name = open_appeal(appeal.pk).attachments.get(str(attachment.pk), "")
    _record(user, appeal, why, attachment.pk)
    content = open_file(attachment_id=attachment.pk, tenant_id=appeal.tenant_id, key=opened)
    return Opened(attachment, name, content)


def said(reason: str) -> str:
    """Return a reason without blanks around it.

    Raises:
        ReasonNeeded: it is too short to be one.
    """
    why = " ".join(reason.split())
    if len(why) < SHORTEST_REASON:
        raise ReasonNeeded(limit=SHORTEST_REASON)
    return why


def _record(user: User, appeal: Appeal, reason: str, attachment: UUID | None = None) -> None:
    tenant = appeal.tenant_id
    look = Look.objects.create(
        tenant_id=tenant, appeal=appeal, user=user, attachment=attachment, reason=reason
    )
    facts = {"look": str(look.pk), "reason": reason_hash(tenant, reason).hex()}
    if attachment:
        facts["attachment"] = str(attachment)
    append(
        tenant,
        "attachment.seen" if attachment else "original.seen",
        actor=f"user:{user.pk}",
        object=f"appeal:{appeal.pk}",
        facts=facts,
    )
