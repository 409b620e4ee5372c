"""Keys of persons, and keyed hashes."""

import threading
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.core.errors import PersonErased


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna@Example.org", " anna@example.ORG "),
        ("mailto:anna@example.org", "anna@example.org"),
        ("+7 (900) 000-00-01", "8 900 000 00 01"),
        ("+7 (900) 000-00-01", "007 900 0000001"),
        ("tel:+7-900-000-00-01", "79000000001"),
        ("+٧ ٩٠٠ ٠٠٠ ٠٠ ٠١", "+79000000001"),
        ("Anna  Sample", "anna sample"),
    ],
)
def test_a_contact_written_otherwise_is_the_same_contact(one, other):
    from veche.service.vault.keys import contact_hash

    tenant = uuid4()
    assert contact_hash(tenant, one) == contact_hash(tenant, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+7 900 000-00-01", "+7 900 000-00-02"),
        ("+1 617 555 0100", "+7 617 555 0100"),
        ("anna@example.org", "anna@example.com"),
        ("79000000001@example.org", "79000000001"),
    ],
)
def test_other_contacts_stay_apart(one, other):
    from veche.service.vault.keys import contact_hash

    tenant = uuid4()
    assert contact_hash(tenant, one) != contact_hash(tenant, other)


def test_tenants_and_purposes_have_hashes_of_their_own():
    from veche.service.vault.keys import contact_hash, identity_hash, reason_hash

    one, other = uuid4(), uuid4()
    text = "name:anna"
    hashes = {contact_hash(one, "anna"), contact_hash(other, "anna"), identity_hash(one, text)}
    hashes |= {identity_hash(other, text), reason_hash(one, text)}
    assert len(hashes) == 5
    assert all(len(h) == 32 for h in hashes)


@given(st.text())
def test_every_text_has_a_hash(text):
    from veche.service.vault.keys import contact_hash, identity_hash, secret_hash

    tenant = uuid4()
    assert contact_hash(tenant, text) == contact_hash(tenant, text)
    assert identity_hash(tenant, text + "\ud800") != identity_hash(tenant, text)
    assert len(secret_hash(text)) == 32


def test_each_person_gets_one_key_and_keeps_it(cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Person
    from veche.service.vault.keys import keys_for

    tenant = cast.tenants.region
    with working(tenant.pk):
        people = [Person.objects.create(tenant=tenant).pk for _ in range(3)]
        first = keys_for(people[:2], tenant.pk)
        again = keys_for([*people, people[0]], tenant.pk)
    assert len(set(again.values())) == 3
    assert first.items() <= again.items()


def test_nobody_gets_a_key_of_another_tenants_person(cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Person
    from veche.service.vault.keys import keys_for

    with working(cast.tenants.region.pk):
        person = Person.objects.create(tenant=cast.tenants.region)
        keys_for([person.pk], person.tenant_id)
    with working(cast.tenants.other.pk), pytest.raises(PersonErased):
        keys_for([person.pk], cast.tenants.other.pk)


def test_two_who_need_a_key_at_once_get_the_same(cast):
    from django.db import connection

    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Person
    from veche.service.vault.keys import keys_for

    tenant = cast.tenants.region
    with working(tenant.pk):
        people = [Person.objects.create(tenant=tenant).pk for _ in range(20)]
    got, start = [], threading.Barrier(4)

    def ask(order):
        start.wait()
        with working(tenant.pk):
            got.append(keys_for(order, tenant.pk))
        connection.close()

    threads = [threading.Thread(target=ask, args=[people[::s]]) for s in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert all(keys == got[0] for keys in got)
