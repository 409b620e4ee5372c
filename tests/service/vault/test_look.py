"""Looking at originals."""

import hashlib
from types import SimpleNamespace
from uuid import uuid4

import pytest

from veche.core.errors import NotYours, OriginalGone, ReasonNeeded

WORDS = "The lamp at the corner of Invented Lane is dark."
REASON = "Complaint 17 of November"


def look(user, appeal, reason=REASON):
    from veche.service.accounts.acting import acting
    from veche.service.vault.look import look_at_original

    with acting(user):
        return look_at_original(user, appeal.pk, reason)


def looks(tenant):
    from veche.service.accounts.acting import working
    from veche.service.vault.models import Look

    with working(tenant.pk):
        return list(Look.objects.all())


def entries(as_owner, act):
    from veche.service.ledger.models import LedgerEntry

    with as_owner():
        return list(LedgerEntry.objects.filter(act=act))


def test_a_look_with_a_right_and_a_reason_shows_the_words_and_is_recorded(cast, wrote, as_owner):
    from veche.service.vault.keys import reason_hash

    [appeal] = wrote(cast.tenants.region, cast.channels.region, text=WORDS)
    assert look(cast.people.editor, appeal).text == WORDS
    [seen] = looks(cast.tenants.region)
    assert (seen.user_id, seen.appeal_id, seen.reason) == (cast.people.editor.pk, appeal.pk, REASON)
    [entry] = entries(as_owner, "original.seen")
    assert entry.actor == f"user:{cast.people.editor.pk}"
    assert (entry.object, entry.object_id) == ("appeal", str(appeal.pk))
    assert entry.facts == {"look": str(seen.pk), "reason": reason_hash(appeal.tenant_id, REASON).hex()}


@pytest.mark.parametrize("reason", ["", "   ", "look", "  a    b    c  "])
def test_without_a_reason_nothing_is_shown(cast, wrote, reason):
    [appeal] = wrote(cast.tenants.region, cast.channels.region, text=WORDS)
    with pytest.raises(ReasonNeeded):
        look(cast.people.editor, appeal, reason)
    assert looks(cast.tenants.region) == []


@pytest.mark.parametrize("who", ["analyst", "auditor", "administrator", "head", "mayor", "stranger", "roads"])
def test_who_has_no_right_sees_nothing_whatever_the_reason(cast, wrote, who):
    [appeal] = wrote(cast.tenants.region, cast.channels.region, text=WORDS)
    with pytest.raises(NotYours):
        look(getattr(cast.people, who), appeal)
    assert looks(cast.tenants.region) == []


def test_a_look_that_cannot_be_recorded_shows_nothing(cast, wrote, superuser, urls):
    import psycopg
    from django.db import DatabaseError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    [appeal] = wrote(cast.tenants.region, cast.channels.region, text=WORDS)
    name = conninfo_to_dict(urls.owner)["dbname"]
    append = "FUNCTION veche_ledger_append(jsonb)"
    with psycopg.connect(make_conninfo(superuser, dbname=name), autocommit=True) as admin:
        admin.execute(f"REVOKE EXECUTE ON {append} FROM veche_app")
        try:
            with pytest.raises(DatabaseError):
                look(cast.people.editor, appeal)
        finally:
            admin.execute(f"GRANT EXECUTE ON {append} TO veche_app")
    assert looks(cast.tenants.region) == []


def test_who_was_lent_an_appeal_may_look_while_the_loan_holds(cast, wrote, as_owner):
    from datetime import UTC, datetime, timedelta

    from veche.service.accounts.models import Delegation

    [appeal] = wrote(cast.tenants.region, cast.channels.region, text=WORDS)
    with pytest.raises(NotYours):
        look(cast.people.stranger, appeal)
    since = datetime.now(UTC) - timedelta(hours=1)
    with as_owner():
        loan = Delegation.objects.create(
            tenant=cast.tenants.region, to_tenant=cast.tenants.other, appeal_id=appeal.pk, valid_from=since
        )
    assert look(cast.people.stranger, appeal).text == WORDS
    with as_owner():
        Delegation.objects.filter(pk=loan.pk).update(valid_to=since + timedelta(minutes=1))
    with pytest.raises(NotYours):
        look(cast.people.stranger, appeal)


def test_an_original_whose_key_is_destroyed_is_gone(cast, wrote):
    from veche.service.accounts.acting import working
    from veche.service.vault.models import PersonKey

    [appeal] = wrote(cast.tenants.region, cast.channels.region, text=WORDS)
    with working(appeal.tenant_id):
        PersonKey.objects.all().delete()
    with pytest.raises(OriginalGone):
        look(cast.people.editor, appeal)


def test_a_file_is_looked_at_like_an_original(cast, wrote, as_owner):
    from veche.service.accounts.acting import acting, working
    from veche.service.vault.files import store
    from veche.service.vault.look import look_at_attachment

    [appeal, other] = wrote(cast.tenants.region, cast.channels.region, text=WORDS, n=2)
    content = b"An invented picture. " * 10_000
    file = SimpleNamespace(id=uuid4(), media_type="image/png", extension="png", content=content)
    with working(appeal.tenant_id):
        store(appeal.tenant_id, appeal.pk, appeal.person_id, [file])
    editor = cast.people.editor
    with acting(editor):
        opened = look_at_attachment(editor, appeal.pk, file.id, REASON)
    assert b"".join(opened.content) == content
    assert bytes(opened.attachment.sha256) == hashlib.sha256(content).digest()
    [entry] = entries(as_owner, "attachment.seen")
    assert entry.facts["attachment"] == str(file.id)
    with acting(editor), pytest.raises(OriginalGone):
        look_at_attachment(editor, other.pk, file.id, REASON)
    with acting(cast.people.analyst), pytest.raises(NotYours):
        look_at_attachment(cast.people.analyst, appeal.pk, file.id, REASON)
