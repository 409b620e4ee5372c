"""What comes in and what was understood of it. No table here holds a citizen's own words in the clear.

`AppealText` has the masked text; the original lies in the vault. `Finding` is partitioned by month and
nothing in it is ever overwritten: the columns of `Appeal` show the findings in force.
"""

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from veche.core.ids import uuid7
from veche.service.accounts.models import Tenant, User


class Channel(models.Model):
    """A way by which appeals reach a tenant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="channels")
    tenant_id: UUID
    #: What the appeals of this channel are said to come by: "form", "api", "file", "call", "mail" ...
    code = models.SlugField(max_length=30)
    title = models.CharField(max_length=200)
    active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "code"], name="one_channel_per_code")
        ]


class Token(models.Model):
    """What lets a program hand in appeals through one channel. Only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="tokens")
    channel_id: UUID
    hash = models.BinaryField(max_length=32, unique=True)
    title = models.CharField(max_length=200)
    #: Appeals that may be handed in per minute, and at once after a pause.
    per_minute = models.PositiveIntegerField(default=60_000)
    burst = models.PositiveIntegerField(default=5_000)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Person(models.Model):
    """An author, by a keyed hash of a contact; one who left no contact is a person of one appeal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    contact_hash = models.BinaryField(max_length=32, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "contact_hash"], name="one_person_per_contact")
        ]


class Thread(models.Model):
    """An appeal and what its author says later."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    person = models.ForeignKey(Person, models.CASCADE, related_name="threads")
    person_id: UUID
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()


class State(models.TextChoices):
    """How far an appeal has come."""

    RECEIVED = "received", _("Received")
    UNDERSTOOD = "understood", _("Understood")
    ASIDE = "aside", _("Set aside")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ERASED = "erased", _("Erased")


class Appeal(models.Model):
    """One message from one person through one channel.

    A column that changes has every index of the row written anew: an index that another one contains, or that
    nothing asks for, is paid for ten thousand times by a decision about ten thousand.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, db_index=False)
    tenant_id: UUID
    channel = models.ForeignKey(Channel, models.PROTECT, db_index=False)
    channel_id: UUID
    person = models.ForeignKey(Person, models.PROTECT, related_name="appeals")
    person_id: UUID
    thread = models.ForeignKey(Thread, models.PROTECT, related_name="appeals", db_index=False)
    thread_id: UUID
    #: What people say on the telephone; shown with a check digit.
    number = models.BigIntegerField(unique=True)
    #: Keyed hash of the foreign id, or else of the content: what makes it one and the same appeal.
    identity = models.BinaryField(max_length=32)
    #: Keyed hash of the text: tells a repeat from another text under the same foreign id.
    content_hash = models.BinaryField(max_length=32)
    #: Hash of the secret of the tracking link.
    secret_hash = models.BinaryField(max_length=32)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    #: When it was handed in, and the zone it came in; `taken_at` is when it was durable here.
    received_at = models.DateTimeField()
    received_zone = models.CharField(max_length=60, blank=True)
    taken_at = models.DateTimeField()
    understood_at = models.DateTimeField(null=True, blank=True)
    #: The local day of the tenant's pack that it is counted under, once it was understood.
    day = models.DateField(null=True, blank=True)
    #: Code of the reason it was set aside.
    aside_reason = models.CharField(max_length=60, blank=True)
    # The findings in force, for lists and filters; the first rank of the appeal as a whole.
    language = models.CharField(max_length=35, blank=True)
    kind = models.CharField(max_length=30, blank=True)
    topic = models.CharField(max_length=120, blank=True)
    topic_confidence = models.FloatField(null=True, blank=True)
    body = models.CharField(max_length=120, blank=True)
    #: Path of codes from the country down ("RU/RU-TA/kazan"); "" where no place is known.
    territory = models.CharField(max_length=300, blank=True)
    urgency = models.CharField(max_length=12, blank=True)
    groups = ArrayField(models.CharField(max_length=60), default=list)
    #: The theme that it belongs to; none where it is rare, or not looked at yet.
    theme = models.UUIDField(null=True, blank=True)
    #: The appeal that this one repeats.
    copy_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="copies", db_index=False
    )
    copy_of_id: UUID | None

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "channel", "identity"], name="one_appeal_per_identity")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-received_at"]),
            models.Index(fields=["tenant", "topic", "-received_at"]),
            models.Index(fields=["copy_of"], condition=~models.Q(copy_of=None), name="inbox_appeal_copies"),
        ]


class AppealText(models.Model):
    """What may be shown of an appeal, and what finds it: masked text, search entry, sentence vector."""

    appeal = models.OneToOneField(Appeal, models.CASCADE, primary_key=True, related_name="masked")
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.PROTECT)
    tenant_id: UUID
    text = models.TextField()
    #: Where masks stand: [{"start", "end", "type", "length"}] in code points of the masked text; `length` is
    #: how many of the original they hide.
    masks = models.JSONField(default=list)
    search = SearchVectorField()
    #: float16 [512], normalised; empty where none was made.
    vector = models.BinaryField(default=b"")

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["search"])]


class Finding(models.Model):
    """One decided value of one facet of one matter. Partitioned by month of `made_at`; never overwritten."""

    pk = models.CompositePrimaryKey("made_at", "id")
    id = models.UUIDField(default=uuid7, editable=False)
    made_at = models.DateTimeField()
    tenant = models.ForeignKey(Tenant, models.PROTECT)
    tenant_id: UUID
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="findings")
    appeal_id: UUID
    matter = models.SmallIntegerField(default=0)
    facet = models.CharField(max_length=30)
    rank = models.SmallIntegerField(default=0)
    value = models.CharField(max_length=300, null=True)
    confidence = models.FloatField(null=True)
    #: [[start, end], ...] in code points of the original text.
    evidence = models.JSONField(default=list)
    #: "stage" or "person".
    maker_kind = models.CharField(max_length=10)
    maker = models.CharField(max_length=60)
    maker_version = models.CharField(max_length=60, blank=True)
    pack_version = models.CharField(max_length=60, blank=True)
    #: The decision of a person that made it; what was undone is not in force.
    decision = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = "inbox_finding"


class Pending(models.Model):
    """An appeal that waits to be understood. `tries` counts how often a worker took it."""

    appeal = models.OneToOneField(Appeal, models.CASCADE, primary_key=True)
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    since = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    #: It came with many others in a file, and waits behind what comes in one by one.
    bulk = models.BooleanField(default=False, db_default=False)
    #: Until when a worker holds it.
    held_until = models.DateTimeField(null=True, blank=True)
    #: The advisory lock of that worker's session: where nobody has it, the worker is lost.
    holder = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["since"])]


class Attachment(models.Model):
    """A file that came with an appeal. It lies outside the web root, sealed under the person's key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT)
    tenant_id: UUID
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="attachments")
    appeal_id: UUID
    #: What the file is by its content, never by its name.
    media_type = models.CharField(max_length=100)
    extension = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField()
    sha256 = models.BinaryField(max_length=32)


class IdempotencyKey(models.Model):
    """What was answered to a request with an `Idempotency-Key`, so that a repeat is answered alike."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    token = models.ForeignKey(Token, models.CASCADE)
    token_id: UUID
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    response = models.JSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_key")]


class ImportState(models.TextChoices):
    """How far a file has come."""

    CHECKING = "checking", _("Being looked through")
    CHECKED = "checked", _("Looked through")
    IMPORTING = "importing", _("Being taken in")
    DONE = "done", _("Taken in")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class FileImport(models.Model):
    """A file of appeals that a person or a program brought, and how far it has been taken in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    channel = models.ForeignKey(Channel, models.PROTECT)
    channel_id: UUID
    by = models.ForeignKey(User, models.SET_NULL, null=True)
    state = models.CharField(max_length=12, choices=ImportState.choices, default=ImportState.CHECKING)
    extension = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    #: Columns of the file by our fields, as a person set them; what is not here is found by itself.
    mapping = models.JSONField(default=dict)
    #: What was seen of the file: format, columns, mapping in force, oddities.
    seen = models.JSONField(default=dict)
    #: Code of what ended it.
    failure = models.CharField(max_length=20, blank=True)
    cancel_asked = models.BooleanField(default=False)
    read = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    fraction = models.FloatField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)


class ImportReject(models.Model):
    """A row of a file that was not taken, and why; it quotes nothing."""

    file_import = models.ForeignKey(FileImport, models.CASCADE, related_name="rejects")
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    row = models.PositiveBigIntegerField()
    code = models.CharField(max_length=20)
    reason = models.TextField()


class Break(models.Model):
    """Findings of a facet that were made anew with another model or pack: where a series may jump.

    `since` and `until` are the first and the last day of the appeals; `reached` is the last appeal that was
    seen, so that a work that was interrupted goes on.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    facet = models.CharField(max_length=30)
    at = models.DateTimeField()
    since = models.DateField()
    until = models.DateField()
    #: Versions of maker and pack, as "topic 2 (ru 2026.1)"; "" before anything was seen.
    from_version = models.CharField(max_length=200)
    to_version = models.CharField(max_length=200)
    reached = models.UUIDField(null=True)
    seen = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "facet", "at"], name="inbox_break_shown")]
