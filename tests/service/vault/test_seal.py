"""Originals, sealed and opened."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.core.errors import OriginalDamaged, OriginalGone

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WORDS = "The lamp at the corner of Invented Lane is dark."


@given(
    text=TEXT, contact=TEXT, kept=st.dictionaries(TEXT, TEXT, max_size=3), age=st.none() | st.integers(0, 120)
)
def test_what_was_sealed_is_opened_to_the_letter(text, contact, kept, age):
    from veche.service.vault.seal import Original, ToSeal, opened, sealed

    original = Original(text, contacts=[contact], kept=kept, age=age, lat=55.5, attachments={"1": contact})
    row = ToSeal(uuid4(), uuid4(), uuid4(), original)
    nonce, ciphertext = sealed(row, b"k" * 32)
    again = opened(nonce, ciphertext, b"k" * 32, appeal_id=row.appeal_id, tenant_id=row.tenant_id)
    assert again == original


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=4))
def test_sealed_bytes_never_contain_the_text(text):
    from veche.service.vault.seal import Original, ToSeal, sealed

    row = ToSeal(uuid4(), uuid4(), uuid4(), Original(text))
    one, other = sealed(row, b"k" * 32), sealed(row, b"k" * 32)
    assert text.encode() not in b"".join(one)
    assert one != other


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_changed_bit_shows(at, bit):
    from veche.service.vault.seal import Original, ToSeal, opened, sealed

    row = ToSeal(uuid4(), uuid4(), uuid4(), Original(WORDS))
    nonce, ciphertext = sealed(row, b"k" * 32)
    changed = bytearray(ciphertext)
    changed[at % len(changed)] ^= 1 << bit
    with pytest.raises(OriginalDamaged) as raised:
        opened(nonce, bytes(changed), b"k" * 32, appeal_id=row.appeal_id, tenant_id=row.tenant_id)
    assert WORDS not in str(raised.value)


def test_an_original_opens_under_its_own_appeal_and_tenant_alone():
    from veche.service.vault.seal import Original, ToSeal, opened, sealed

    row = ToSeal(uuid4(), uuid4(), uuid4(), Original(WORDS))
    nonce, ciphertext = sealed(row, b"k" * 32)
    for appeal, tenant in ((uuid4(), row.tenant_id), (row.appeal_id, uuid4())):
        with pytest.raises(OriginalDamaged):
            opened(nonce, ciphertext, b"k" * 32, appeal_id=appeal, tenant_id=tenant)


def test_originals_are_opened_in_bulk_from_the_database(cast, wrote):
    from veche.service.accounts.acting import working
    from veche.service.vault.seal import open_appeals

    tenant, channel = cast.tenants.region, cast.channels.region
    appeals = wrote(tenant, channel, text=WORDS, contact="anna@example.org", n=3)
    with working(tenant.pk):
        originals = open_appeals([a.pk for a in appeals])
    assert [originals[a.pk].text for a in appeals] == [WORDS] * 3


def test_a_destroyed_key_gives_nothing_in_bulk_and_an_error_for_one(cast, wrote):
    from veche.service.accounts.acting import working
    from veche.service.vault.models import PersonKey
    from veche.service.vault.seal import open_appeal, open_appeals

    tenant, channel = cast.tenants.region, cast.channels.region
    [gone] = wrote(tenant, channel, text=WORDS)
    [there] = wrote(tenant, channel, text=WORDS)
    with working(tenant.pk):
        PersonKey.objects.filter(person=gone.person_id).delete()
        originals = open_appeals([gone.pk, there.pk])
        with pytest.raises(OriginalGone):
            open_appeal(gone.pk)
    assert originals[gone.pk] is None
    assert originals[there.pk].text == WORDS


def test_another_tenant_opens_nothing(cast, wrote):
    from veche.service.accounts.acting import working
    from veche.service.vault.seal import open_appeals

    [appeal] = wrote(cast.tenants.region, cast.channels.region, text=WORDS)
    with working(cast.tenants.other.pk):
        assert open_appeals([appeal.pk]) == {}
    assert open_appeals([appeal.pk]) == {}


def test_an_original_moved_to_another_appeal_does_not_open(cast, wrote):
    from veche.service.accounts.acting import working
    from veche.service.vault.models import Sealed
    from veche.service.vault.seal import open_appeal

    tenant = cast.tenants.region
    one, other = wrote(tenant, cast.channels.region, text=WORDS, n=2)
    with working(tenant.pk):
        stolen = Sealed.objects.get(pk=one.pk)
        Sealed.objects.filter(pk=other.pk).update(nonce=stolen.nonce, ciphertext=stolen.ciphertext)
        with pytest.raises(OriginalDamaged):
            open_appeal(other.pk)
