"""People who wrote, and what they wrote."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from veche.core.ids import uuid7


@pytest.fixture
def wrote(as_worker):
    """Call it to let somebody write: returns appeals that were taken in and understood.

    The masked text, the vector, the search entry, a finding and the sealed original all hold `text`.
    """

    def write(tenant, channel, *, text, person=None, contact=None, days_ago=0, n=1):
        with as_worker():
            return make_appeals(
                tenant, channel, text=text, person=person, contact=contact, days_ago=days_ago, n=n
            )

    return write


def make_appeals(tenant, channel, *, text, person=None, contact=None, days_ago=0, n=1):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal, Person, Thread
    from veche.service.vault.keys import contact_hash
    from veche.service.vault.models import Sealed
    from veche.service.vault.seal import Original, ToSeal, seal_appeals

    at = datetime.now(UTC) - timedelta(days=days_ago)
    with working(tenant.pk):
        if person is None:
            hashed = contact_hash(tenant.pk, contact) if contact else None
            person = Person.objects.create(tenant=tenant, contact_hash=hashed)
        thread = Thread.objects.create(tenant=tenant, person=person, opened_at=at, last_at=at)
        appeals = Appeal.objects.bulk_create(
            Appeal(
                tenant=tenant,
                channel=channel,
                person=person,
                thread=thread,
                number=int.from_bytes(os.urandom(4)),
                identity=os.urandom(32),
                secret_hash=os.urandom(32),
                state="understood",
                received_at=at,
                taken_at=at,
                topic="roads",
            )
            for _ in range(n)
        )
        rows = [ToSeal(a.pk, tenant.pk, person.pk, Original(text, contacts=[contact or ""])) for a in appeals]
        Sealed.objects.bulk_create(
            Sealed(appeal_id=appeal, tenant=tenant, person=person, nonce=nonce, ciphertext=ciphertext)
            for appeal, nonce, ciphertext in seal_appeals(rows)
        )
        for appeal in appeals:
            understood(appeal, text)
    return appeals


def understood(appeal, text):
    """Write what a worker writes of an appeal."""
    from django.contrib.postgres.search import SearchVector
    from django.db.models import Value

    from veche.service.inbox.models import AppealText, Finding

    AppealText.objects.create(
        appeal=appeal,
        tenant=appeal.tenant,
        text=text,
        search=SearchVector(Value(text), config="simple"),
        vector=text.encode(),
    )
    Finding.objects.create(
        id=uuid7(),
        made_at=datetime.now(UTC),
        tenant=appeal.tenant,
        appeal=appeal,
        facet="topic",
        value="roads",
        confidence=0.9,
        evidence=[[0, 4]],
        maker_kind="stage",
        maker="topic",
        maker_version="1",
        pack_version="1",
    )
