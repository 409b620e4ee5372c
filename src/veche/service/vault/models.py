"""Keys of persons and sealed originals. Destroying a person's key makes all that they wrote unreadable."""

from typing import ClassVar
from uuid import UUID

from django.db import models

from veche.core.ids import uuid7
from veche.service.accounts.models import Tenant, User
from veche.service.inbox.models import Appeal, Person


class PersonKey(models.Model):
    """The key of one person, wrapped by the master key, which lies outside the database."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
    person_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    wrapped = models.BinaryField()
    #: Which master key wrapped it: the first bytes of its digest.
    master = models.CharField(max_length=16)


class Sealed(models.Model):
    """The original of one appeal (AES-GCM under the person's key; the appeal's id is bound to it)."""

    appeal = models.OneToOneField(Appeal, models.CASCADE, primary_key=True, related_name="sealed")
    appeal_id: UUID
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    person = models.ForeignKey(Person, models.CASCADE)
    person_id: UUID
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()


class Look(models.Model):
    """Somebody looked at an original. The ledger has the look and a hash of the reason; the words are here,
    where they can be erased: people write names into reasons."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="looks")
    appeal_id: UUID
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    user_id: UUID
    #: The file that was looked at; nothing for the text.
    attachment = models.UUIDField(null=True, blank=True)
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)


class Erasure(models.Model):
    """A person was erased: the certificate's facts. They name nobody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    person = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    #: Who erased; nothing where a machine did (a replay on restored data).
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    #: How many of each kind of thing were destroyed.
    destroyed = models.JSONField()
    #: What was made of texts before, lies elsewhere and is to be made anew.
    renew = models.JSONField(default=list)
    ledger_seq = models.BigIntegerField(null=True)
    ledger_hash = models.CharField(max_length=64, blank=True)
    #: Whether it stands in the journal outside the database.
    journaled = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=models.Q(journaled=False), name="erasure_unjournaled")
        ]


class Derived(models.Model):
    """Something that was made of texts and lies outside of these tables: an export, a model.

    Whoever makes one notes it here (`erase.note_derived`), so that an erasure can say what to make anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    #: "export" or "model".
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    #: When it was made anew or destroyed; it is listed no more.
    renewed_at = models.DateTimeField(null=True, blank=True)
