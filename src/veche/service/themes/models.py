"""Themes of an authority: what many appeals say that nobody listed, and what people decided about them.

A theme keeps its row from run to run. Quotations are rows of their own, each behind the walls of the appeal
that it is taken from: who may not see the appeal does not see its words. Nothing here is a list of topics;
those come from the pack.
"""

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext, gettext_lazy

from veche.core.ids import uuid7
from veche.service.accounts.models import Tenant, User

#: Characters of a name, as on the page that `veche themes edit` writes.
LONGEST_NAME = 200


class ThemeState(models.TextChoices):
    """How far a theme has come."""

    FOUND = "found", gettext_lazy("Found by the machine")
    SIGNED = "signed", gettext_lazy("Signed off")
    DROPPED = "dropped", gettext_lazy("Dropped")


class ThemeKind(models.TextChoices):
    """What holds the appeals of a theme together."""

    THEME = "theme", gettext_lazy("Theme")
    CAMPAIGN = "campaign", gettext_lazy("Campaign: one text, sent many times")


class Theme(models.Model):
    """A group of appeals that say much the same."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    #: As in the files of a run ("t017"), never given twice in an authority.
    code = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=ThemeKind.choices, default=ThemeKind.THEME)
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    #: Whether a person gave the name; then no machine changes it.
    named = models.BooleanField(default=False)
    words = ArrayField(models.CharField(max_length=100), default=list)
    says_nothing = models.BooleanField(default=False)
    #: Appeals in it, and their share of all that were looked at.
    size = models.IntegerField(default=0)
    share = models.FloatField(default=0)
    #: How near its appeals are to its middle, in the mean (0 to 1).
    fit = models.FloatField(default=0)
    state = models.CharField(max_length=10, choices=ThemeState.choices, default=ThemeState.FOUND)
    pinned = models.BooleanField(default=False)
    #: The theme that a person merged this one into.
    into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="merged")
    into_id: UUID | None
    #: The theme that a person split this one off.
    part_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="parts")
    part_of_id: UUID | None
    #: Code of the topic that most of its appeals lie under; "" for none.
    topic = models.CharField(max_length=120, blank=True)
    #: First and last local day of an appeal in it.
    since = models.DateField(null=True)
    last_seen = models.DateField(null=True)
    #: When it was told as something new.
    told_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(null=True)
    #: When it was found no more.
    gone_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    signed_by_id: UUID | None
    #: Each change that people see makes it one higher, so that two tabs do not overwrite each other.
    version = models.IntegerField(default=1)
    #: Quotations, positions and audit have to be made anew.
    renew = models.BooleanField(default=False)
    #: {"trend": [[day, count]], "unit", "change", "is_new", "languages": [[tag, count]],
    #: "subthemes": [{"number", "name", "size"}], "made_at"}
    digest = models.JSONField(default=dict)
    #: {"mixed", "neither", "sides": [{"side", "share"}]}; nothing where it holds one position.
    positions = models.JSONField(null=True)
    #: What the audit of the quotations says; see `auditing`.
    audit = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "code"], name="one_theme_per_code"),
        ]

    def __str__(self) -> str:
        return self.name or ", ".join(self.words[:3]) or gettext("Theme without a name")

    @property
    def shown(self) -> bool:
        """Whether it is a theme of its own now: neither merged nor gone."""
        return self.into_id is None and self.gone_at is None

    @property
    def touched(self) -> bool:
        """Whether a person decided anything that later runs have to hold to."""
        decided = self.named or self.pinned or self.part_of_id is not None
        return decided or self.state != ThemeState.FOUND


class Member(models.Model):
    """An appeal in a theme. An appeal is in one theme at most."""

    appeal = models.OneToOneField("inbox.Appeal", models.CASCADE, primary_key=True, related_name="+")
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="theme_members")
    tenant_id: UUID
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="members")
    theme_id: UUID
    #: Cosine to the middle of the theme, from 0 to 1.
    strength = models.FloatField(default=0)
    #: Number of the subtheme, from 1.
    sub = models.SmallIntegerField(null=True)
    #: A person said that it belongs here.
    by_person = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["theme", "-strength", "appeal"], name="themes_member_strongest")
        ]


class Quotation(models.Model):
    """A passage that speaks for a theme, a subtheme or a side, in the words of one appeal, masked."""

    id = models.BigAutoField(primary_key=True)
    # The desk has members too.
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="quotations")
    theme_id: UUID
    appeal = models.ForeignKey("inbox.Appeal", models.CASCADE, related_name="+")
    appeal_id: UUID
    #: The subtheme or the side that it speaks for; for the theme as a whole neither.
    sub = models.SmallIntegerField(null=True)
    side = models.CharField(max_length=12, blank=True)
    place = models.SmallIntegerField(default=0)
    text = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["appeal"])]


class Act(models.Model):
    """What a person decided about a theme; `before` and the rows of `Moved` take it back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="acts")
    theme_id: UUID
    #: The other theme of a merger or a split.
    other = models.ForeignKey(Theme, models.CASCADE, null=True, related_name="+")
    other_id: UUID | None
    kind = models.CharField(max_length=10)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_id: UUID | None
    at = models.DateTimeField()
    #: The fields of the theme as they were.
    before = models.JSONField(default=dict)
    moved = models.IntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "-at"], name="themes_act_latest")]


class Moved(models.Model):
    """Where an appeal was before an act moved it."""

    id = models.BigAutoField(primary_key=True)
    act = models.ForeignKey(Act, models.CASCADE, related_name="rows")
    appeal = models.ForeignKey("inbox.Appeal", models.CASCADE, related_name="+")
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="+")
    strength = models.FloatField()
    sub = models.SmallIntegerField(null=True)
    by_person = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["act", "appeal"]), models.Index(fields=["appeal"])]


class WorkState(models.TextChoices):
    """How far the search for themes has come."""

    WAITING = "waiting", gettext_lazy("Waits for its turn")
    FINDING = "finding", gettext_lazy("Being found")
    WRITING = "writing", gettext_lazy("Being written")
    DONE = "done", gettext_lazy("Found")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")
    FAILED = "failed", gettext_lazy("Failed")


class Work(models.Model):
    """The latest search for themes of an authority."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="+")
    tenant_id: UUID
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.WAITING)
    #: Code of the step, and how much of the whole is done.
    step = models.CharField(max_length=20, blank=True)
    fraction = models.FloatField(default=0)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(default=False)
    #: Code of what ended it.
    failure = models.CharField(max_length=20, blank=True)
    appeals = models.IntegerField(default=0)
    themes = models.IntegerField(default=0)
    #: A number that no theme of the authority had.
    next_number = models.IntegerField(default=1)
    #: Counts what people decided, so that a search notices what happened meanwhile.
    acts = models.IntegerField(default=0)

    @property
    def running(self) -> bool:
        """Whether a search waits or goes on."""
        return self.state in (WorkState.WAITING, WorkState.FINDING, WorkState.WRITING)


class Following(models.Model):
    """How new appeals of an authority are followed; the memory itself is a file (see `following`)."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="+")
    tenant_id: UUID
    #: Each step makes it one higher: a process whose memory is behind reads it anew.
    version = models.IntegerField(default=0)
    #: Themes by the code that the memory knows them by, where it is not their own; null for none.
    aliases = models.JSONField(default=dict)
