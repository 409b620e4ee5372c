"""What people add to the live picture: notes on the time line, and whom the picture is sent to by mail.

No number lies here: all are counted when they are asked for.
"""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from veche.core.ids import uuid7
from veche.service.accounts.models import Tenant, User

#: How long a note on the time line may be.
MOST_WORDS = 200


class Annotation(models.Model):
    """What happened on a day, or from a day to a day, as a person noted it on the time line."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    day = models.DateField()
    #: The last day; nothing where it was one day.
    until = models.DateField(null=True, blank=True)
    words = models.CharField(max_length=MOST_WORDS)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_id: UUID | None
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "day"], name="board_annotation_shown")]


class Weekday(models.IntegerChoices):
    """On which days a mailing goes out."""

    MONDAY = 0, _("every Monday")
    TUESDAY = 1, _("every Tuesday")
    WEDNESDAY = 2, _("every Wednesday")
    THURSDAY = 3, _("every Thursday")
    FRIDAY = 4, _("every Friday")
    SATURDAY = 5, _("every Saturday")
    SUNDAY = 6, _("every Sunday")
    DAILY = 7, _("every day")


class Mailing(models.Model):
    """The picture that a person of the authority gets by mail: which filters, when, in which language.

    What is sent is what that person may see at that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    to = models.ForeignKey(User, models.CASCADE, related_name="mailings")
    to_id: UUID
    #: The address keys of the picture, in canonical order; "" for everything.
    query = models.CharField(max_length=2000, blank=True)
    weekday = models.SmallIntegerField(choices=Weekday.choices, default=Weekday.MONDAY)
    #: The time of the day where the authority is.
    time = models.TimeField()
    language = models.CharField(max_length=8)
    #: When it goes out next.
    next_at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_id: UUID | None
    made_at = models.DateTimeField(auto_now_add=True)
    #: Since when the person wants it no more, or an administrator ended it.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "next_at"], name="board_mailing_due")]


class SendingState(models.TextChoices):
    """How far one mail has come."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")


class Sending(models.Model):
    """One mail of a mailing: waiting, sent, or given up, and why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="sendings")
    mailing_id: UUID
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=SendingState.choices, default=SendingState.WAITING)
    tries = models.SmallIntegerField(default=0)
    #: What the last try met with: a code of ours, or the number of the mail server's answer.
    failure = models.CharField(max_length=20, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailing", "due_at"], name="one_mail_per_moment")
        ]
