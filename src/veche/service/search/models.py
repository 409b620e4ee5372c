"""Searches that people keep. What one finds is looked up when it is asked for; nothing found lies here."""

from typing import ClassVar
from uuid import UUID

from django.db import models

from veche.core.ids import uuid7
from veche.service.accounts.models import Tenant, User

#: Characters of a name, and of an address that is kept.
MOST_NAME = 80
MOST_QUERY = 4000


class Saved(models.Model):
    """A search with a name: its owner's, or shared with all who work in the authority."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    owner = models.ForeignKey(User, models.CASCADE, related_name="searches")
    owner_id: UUID
    name = models.CharField(max_length=MOST_NAME)
    #: The address keys, in canonical order, after the "?".
    query = models.CharField(max_length=MOST_QUERY)
    shared = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "search_saved"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "owner", "name"], name="one_search_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class Seen(models.Model):
    """When a person last looked at what a kept search finds: what was handed in later is new to them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE)
    tenant_id: UUID
    saved = models.ForeignKey(Saved, models.CASCADE, related_name="seen")
    saved_id: UUID
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    user_id: UUID
    at = models.DateTimeField()

    class Meta:
        db_table = "search_seen"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["saved", "user"], name="one_look_per_person")
        ]
