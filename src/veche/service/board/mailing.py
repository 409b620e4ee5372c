"""The picture by mail: who gets it and when it is due, and how a mail that could not be sent is tried again.

A mail is counted with the rights of the person who gets it, at the moment it is sent. What it says is made in
`mailing_content`. Whether it was sent is one row of `Sending`, which people see; neither the row nor a log
names an address.
"""

import datetime as dt
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from veche.core.i18n import LANGUAGES, speaking
from veche.service.accounts.access import may
from veche.service.accounts.acting import acting, enter_tenants, working
from veche.service.accounts.models import Role, Tenant, User
from veche.service.board.mailing_content import compose
from veche.service.board.models import Mailing, Sending, SendingState, Weekday
from veche.service.desk.words import zone
from veche.service.ledger.append import append

#: Waits between the tries of one mail: about six hours in all, then it is given up and shown as not sent.
WAITS = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 45, 120, 180))

#: What a mail server answers where it says no for good (RFC 5321, 4.2.1): then the mail is given up.
_FOR_GOOD = range(500, 600)

#: A link to end a mailing holds as long as anybody keeps the mail.
_SALT = "board.mailing.end"


@dataclass(frozen=True)
class Tried:
    """What came of a try to send: when to try again, if at all."""

    again_at: dt.datetime | None


def can_send() -> bool:
    """Tell whether a mail server is named."""
    return bool(settings.EMAIL_HOST)


def next_time(weekday: int, time: dt.time, at: ZoneInfo, *, after: dt.datetime) -> dt.datetime:
    """Return the first moment after `after` that falls on the weekday (7 for any) and the local time.

    A time that a clock skips in spring is the moment as if it had not been set forward (PEP 495).
    """
    local = after.astimezone(at)
    for days in range(9):
        day = local.date() + dt.timedelta(days=days)
        moment = dt.datetime.combine(day, time, tzinfo=at)
        if weekday in (Weekday.DAILY, day.weekday()) and moment.astimezone(dt.UTC) > after:
            return moment.astimezone(dt.UTC)
    raise ValueError(f"no weekday {weekday}")


def people_of(tenant: Tenant) -> list[User]:
    """Return who may be sent the picture of an authority: its own people who may see it now, by name."""
    now = timezone.now()
    held = Role.objects.filter(tenant=tenant, valid_from__lte=now, user__is_active=True)
    users = {role.user for role in held.exclude(valid_to__lte=now).select_related("user")}
    return sorted((u for u in users if may(u, "picture.see", tenant)), key=lambda u: (u.name, str(u.pk)))


def set_up(mailing: Mailing, *, by: User, now: dt.datetime) -> Mailing:
    """Save a mailing, have it go out first when its time comes, and tell the ledger."""
    mailing.next_at = next_time(mailing.weekday, mailing.time, zone(mailing.tenant.pack), after=now)
    mailing.by = by
    mailing.save()
    facts = {"user": mailing.to_id}
    _tell(mailing, "mailing.set", actor=f"user:{by.pk}", facts=facts)
    return mailing


def end(mailing: Mailing, *, actor: str, now: dt.datetime) -> None:
    """End a mailing; what waits is not sent. It may have been ended before."""
    ended = Mailing.objects.filter(pk=mailing.pk, ended_at=None).update(ended_at=now)
    if ended:
        _tell(mailing, "mailing.ended", actor=actor, facts={"user": mailing.to_id})


def take_due(tenant_id: UUID, now: dt.datetime) -> list[Sending]:
    """Make a mail of each mailing whose time has come; one that was missed for long is sent once, not often.

    In a transaction that works for the tenant.
    """
    due = Mailing.objects.select_for_update(skip_locked=True, of=("self",)).select_related("tenant")
    made = []
    for mailing in due.filter(tenant=tenant_id, next_at__lte=now, ended_at=None).order_by("next_at"):
        made.append(Sending.objects.create(tenant_id=tenant_id, mailing=mailing, due_at=mailing.next_at))
        mailing.next_at = next_time(mailing.weekday, mailing.time, zone(mailing.tenant.pack), after=now)
        mailing.save(update_fields=["next_at"])
    return made


def send(tenant_id: UUID, key: UUID, now: dt.datetime) -> Tried:
    """Try to send one mail, and note what came of it. One that was sent or ended is left alone."""
    with working(tenant_id):
        sending = (
            Sending.objects.filter(pk=key, state=SendingState.WAITING)
            .select_related("mailing__to", "mailing__tenant")
            .first()
        )
    if sending is None:
        return Tried(None)
    mailing = sending.mailing
    language = mailing.language if mailing.language in LANGUAGES else "en"
    with acting(mailing.to), speaking(language):
        wanted = mailing.ended_at is None and _may_still(mailing)
        message = compose(mailing, key=key, now=now, end_url=end_url(mailing)) if wanted else None
    if message is None:
        return _note(sending, now, failure="not_wanted", again_at=None)
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        failure, final = _why(error)
        waits = () if final else WAITS[sending.tries : sending.tries + 1]
        return _note(sending, now, failure=failure, again_at=now + waits[0] if waits else None)
    return _note(sending, now, failure="", again_at=None)


def _may_still(mailing: Mailing) -> bool:
    """Tell whether the person still works there and sees the picture; they may have left since."""
    return mailing.to.is_active and mailing.to in people_of(mailing.tenant)


def _note(sending: Sending, now: dt.datetime, *, failure: str, again_at: dt.datetime | None) -> Tried:
    state = SendingState.WAITING if again_at else SendingState.FAILED if failure else SendingState.SENT
    with working(sending.tenant_id):
        Sending.objects.filter(pk=sending.pk).update(
            state=state,
            tries=sending.tries + 1,
            failure=failure,
            ended_at=None if again_at else now,
        )
    return Tried(again_at)


def _why(error: Exception) -> tuple[str, bool]:
    """Return what a try met with, without any words of the mail server (they may hold addresses), and
    whether another try is of no use."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        return str(codes[0]), all(code in _FOR_GOOD for code in codes)
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code), error.smtp_code in _FOR_GOOD
    if isinstance(error, TimeoutError):
        return "timeout", False
    return "unreachable", False


def end_url(mailing: Mailing) -> str:
    """Return the address by which the person who gets it ends a mailing, without signing in."""
    token = signing.dumps([str(mailing.tenant_id), str(mailing.pk)], salt=_SALT)
    return settings.PUBLIC_URL + reverse("mailing_end", args=[token])


def of_token(token: str) -> tuple[UUID, UUID] | None:
    """Return the tenant and the mailing of an address that `end_url` made; None for any other."""
    try:
        tenant, key = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return UUID(tenant), UUID(key)


def end_by_token(tenant_id: UUID, key: UUID, *, now: dt.datetime) -> None:
    """End a mailing for the person who has its address; signed in or not."""
    if transaction.get_connection().in_atomic_block:
        enter_tenants([tenant_id])
        _end_here(key, now)
        return
    with working(tenant_id):
        _end_here(key, now)


def _end_here(key: UUID, now: dt.datetime) -> None:
    for mailing in Mailing.objects.filter(pk=key):
        end(mailing, actor=f"user:{mailing.to_id}", now=now)


def last_sendings(mailings: Iterable[Mailing]) -> dict[UUID, Sending]:
    """Return the latest mail of each mailing that has one."""
    latest = Sending.objects.filter(mailing__in=list(mailings)).order_by("mailing", "-due_at")
    return {sending.mailing_id: sending for sending in latest.distinct("mailing")}


def _tell(mailing: Mailing, act: str, *, actor: str, facts: dict[str, UUID]) -> None:
    append(mailing.tenant_id, act, actor=actor, object=f"mailing:{mailing.pk}", facts=facts)
