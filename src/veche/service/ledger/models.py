"""The tables of the ledger. The application reads them; only functions of the owner write.

`tenant_id` is no foreign key: the chain of the platform has the nil UUID, and a chain outlives its tenant.
"""

from django.db import models

from veche.core.ids import uuid7


class LedgerEntry(models.Model):
    """One entry of a tenant's chain; what its fields mean stands in `veche.ledger.entry`."""

    pk = models.CompositePrimaryKey("tenant_id", "seq")
    tenant_id = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    #: "user:ID", "token:ID" or the name of a process.
    actor = models.CharField(max_length=200)
    act = models.CharField(max_length=80)
    object = models.CharField(max_length=80)
    object_id = models.CharField(max_length=200)
    facts = models.JSONField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_entry"


class LedgerHead(models.Model):
    """A head that the sealer signed; the file outside the database has it too."""

    pk = models.CompositePrimaryKey("tenant_id", "seq")
    tenant_id = models.UUIDField()
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    #: The line of the seal as in the file of heads.
    line = models.TextField()

    class Meta:
        db_table = "ledger_head"


class LedgerStatement(models.Model):
    """A closing statement that an export asked the sealer for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField()
    asked_at = models.DateTimeField()
    #: The signed line; null until the sealer answered.
    line = models.TextField(null=True)
    #: The first entry that is not what was signed before, where the sealer refuses.
    refused_seq = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_statement"
