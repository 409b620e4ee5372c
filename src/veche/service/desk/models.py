"""Decisions to make and decisions made. No table here holds a word of a text.

A `Card` is a question that one answer serves for all its `Member`s. A `Decision` is one act of a person;
`Changed` remembers what its appeals showed before, so that it can be undone, and by and by stands for the
person's decisions that are in force: an undone one leaves no row there. `Part` counts members by place and
body, so that who sees a part of an authority sees the size of that part.
"""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from veche.core.ids import uuid7
from veche.service.accounts.models import Tenant, User
from veche.service.inbox.models import Appeal


class Kind(models.TextChoices):
    """What holds the members of a card together."""

    REPEAT = "repeat", _("Copies of one text")
    LIKENESS = "likeness", _("Nearly the same")
    THEME = "theme", _("One theme")
    SINGLE = "single", _("One appeal")


class CardState(models.TextChoices):
    """How far a card has come."""

    OPEN = "open", _("Open")
    DECIDED = "decided", _("Decided")
    #: Merged into another, or all its members need no decision any more.
    GONE = "gone", _("Gone")


class Act(models.TextChoices):
    """What a person did."""

    ACCEPTED = "accepted", _("accepted the proposal")
    CORRECTED = "corrected", _("corrected the proposal")
    APPEAL = "appeal", _("decided one appeal")
    BULK = "bulk", _("decided many appeals by a filter")
    URGENT = "urgent", _("marked as urgent")
    CHECKED = "checked", _("checked what was decided alone")
    OPINION = "opinion", _("asked a second person")
    SPLIT = "split", _("split a card")
    MERGED = "merged", _("merged cards")
    HANDED = "handed", _("handed a card to a colleague")


class Card(models.Model):
    """A question, and what the system proposes. `version` grows with each change that a reader should see."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    facet = models.CharField(max_length=30)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=CardState.choices, default=CardState.OPEN)
    version = models.IntegerField(default=1)
    #: The value that is proposed; "" for none.
    proposal = models.CharField(max_length=300, blank=True)
    #: The best three: [{"value", "confidence"}], the best first.
    best = models.JSONField(default=list)
    #: Mean chance that the proposal is right of a member.
    confidence = models.FloatField(default=0)
    #: 0 none, 1 a deadline, 2 danger to life: the highest of the open members.
    urgency = models.SmallIntegerField(default=0)
    #: Members that are still open, of all places and bodies. Readers are told what they see of it (`Part`).
    size = models.IntegerField(default=0)
    #: What a decision buys; see `veche.learn.cards`.
    priority = models.FloatField(default=0)
    #: Unit mean of the members' vectors, float16 [512], for later ones to join; empty where none is kept.
    centre = models.BinaryField(default=b"")
    theme = models.UUIDField(null=True, blank=True)
    #: Who has it in hand, since when: others see it, and may still decide.
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    taken_by_id: UUID | None
    taken_at = models.DateTimeField(null=True)
    #: The colleague who is to decide it.
    handed_to = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    handed_to_id: UUID | None
    #: Somebody has said what they think and asked for another person; see `Decision` of `Act.OPINION`.
    wants_second = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)


class Member(models.Model):
    """An appeal on a card; open while it has no answer. A facet of an appeal is open on one card at most."""

    pk = models.CompositePrimaryKey("card_id", "appeal_id")
    card = models.ForeignKey(Card, models.CASCADE, related_name="members", db_index=False)
    card_id: UUID
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="+", db_constraint=False)
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE, db_constraint=False, db_index=False)
    tenant_id: UUID
    facet = models.CharField(max_length=30)
    #: Cosine with the mean of the card.
    likeness = models.FloatField(default=0)
    #: Why it is shown first: "danger", "unlike", "place", "language"; "" for the others.
    exception = models.CharField(max_length=12, blank=True, default="")
    answer = models.CharField(max_length=300, null=True)
    #: The decision that answered it.
    decision = models.UUIDField(null=True)
    #: The card it was moved from when cards were split or merged.
    origin = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appeal", "facet"], condition=models.Q(answer=None), name="desk_one_open_card"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["decision"], condition=~models.Q(decision=None), name="desk_member_decided")
        ]


class Part(models.Model):
    """How many members of a card have this place and this body; kept by `veche_desk_recount`."""

    pk = models.CompositePrimaryKey("card_id", "territory", "body")
    card = models.ForeignKey(Card, models.CASCADE, related_name="parts")
    card_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE, db_constraint=False, db_index=False)
    tenant_id: UUID
    territory = models.CharField(max_length=300, blank=True)
    body = models.CharField(max_length=120, blank=True)
    #: Open members, and all; the highest urgency of the open ones, as on a card.
    n = models.IntegerField()
    total = models.IntegerField()
    urgency = models.SmallIntegerField()


class Decision(models.Model):
    """One act of a person at the desk."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_id: UUID
    act = models.CharField(max_length=10, choices=Act.choices)
    card = models.ForeignKey(Card, models.SET_NULL, null=True, related_name="decisions")
    card_id: UUID | None
    facet = models.CharField(max_length=30, blank=True)
    value = models.CharField(max_length=300, blank=True)
    #: Appeals that it reached.
    appeals = models.IntegerField(default=0)
    #: What the card was before, for undoing: ids and codes.
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_by_id: UUID | None

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-at"], name="desk_decision_latest"),
            models.Index(fields=["by", "-at"], name="desk_decision_own"),
        ]


class Changed(models.Model):
    """What a column of an appeal was before a decision that is in force. Rows of one column are a chain."""

    id = models.BigAutoField(primary_key=True)
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="changed", db_constraint=False)
    decision_id: UUID
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE, db_constraint=False, db_index=False)
    tenant_id: UUID
    facet = models.CharField(max_length=30)
    before = models.CharField(max_length=300)
    #: `topic_confidence` before, for a topic.
    before_sure = models.FloatField(null=True)
    after = models.CharField(max_length=300)
    #: Whether the person chose it; a body that followed the topic was not chosen.
    chosen = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["appeal", "facet"], name="desk_changed_chain")]


class Check(models.Model):
    """An appeal drawn at random from what was decided alone, for a person to check."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="+", db_constraint=False)
    appeal_id: UUID
    facet = models.CharField(max_length=30)
    #: What was decided alone, and with which chance.
    value = models.CharField(max_length=300)
    chance = models.FloatField()
    drawn_at = models.DateTimeField()
    right = models.BooleanField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_id: UUID | None
    at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appeal", "facet", "value"], name="desk_checked_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "facet"], condition=models.Q(right=None), name="desk_check_open")
        ]


class Promise(models.Model):
    """From which confidence on a facet is decided alone, and why. The latest row of a facet holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    facet = models.CharField(max_length=30)
    at = models.DateTimeField()
    #: Above 1: nothing is decided alone.
    threshold = models.FloatField()
    #: Share that is to be right of what is decided alone.
    precision = models.FloatField()
    #: What moved it: see `checks.REASONS`.
    reason = models.CharField(max_length=20)
    #: Distinct appeals that were checked, and how many of them were wrong.
    tested = models.IntegerField(default=0)
    wrong = models.IntegerField(default=0)
    #: Share of the appeals that was decided alone before and is now, where it was counted.
    share_before = models.FloatField(null=True)
    share = models.FloatField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "facet", "-at"], name="desk_promise_held")]


class Urgent(models.Model):
    """An appeal that tells of danger to life. It rings until somebody takes it. Kept by a trigger."""

    appeal = models.OneToOneField(
        Appeal, models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    since = models.DateTimeField()
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    taken_by_id: UUID | None
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "since"], condition=models.Q(taken_at=None), name="desk_urgent_waits"
            )
        ]
