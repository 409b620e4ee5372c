"""A new master key."""

import threading
from pathlib import Path

import pytest

from veche.core.errors import KeyStillNeeded, OtherVaultKey

WORDS = "The lamp at the corner of Invented Lane is dark."


@pytest.fixture
def key_file(home):
    """The vault's key file; put back as it was."""
    path = Path(home.keys / "vault.key")
    before = path.read_bytes()
    yield path
    path.write_bytes(before)


@pytest.fixture
def appeals(cast, wrote):
    """Appeals of 21 persons in two tenants."""
    region = [wrote(cast.tenants.region, cast.channels.region, text=WORDS)[0] for _ in range(14)]
    return region + [wrote(cast.tenants.city, cast.channels.city, text=WORDS)[0] for _ in range(7)]


def readable(appeals):
    from veche.service.accounts.acting import working
    from veche.service.vault.seal import open_appeals

    with working(*{a.tenant_id for a in appeals}):
        originals = open_appeals([a.pk for a in appeals])
    return sum(original is not None and original.text == WORDS for original in originals.values())


def uses(key_file):
    from veche.service.vault.keyfile import read_key_file
    from veche.service.vault.rotate import key_uses

    return [use.persons for use in key_uses(read_key_file(key_file))]


class Stopped(Exception):
    """The process is gone."""


def test_after_a_rotation_all_originals_open_with_the_new_key_alone(appeals, key_file, monkeypatch, as_owner):
    from veche.service.ledger.models import LedgerEntry
    from veche.service.vault import rotate

    monkeypatch.setattr(rotate, "BATCH", 5)
    before = key_file.read_text()
    assert rotate.rotate(key_file) == 21
    assert uses(key_file) == [21, 0]
    assert readable(appeals) == 21
    assert rotate.forget(key_file) == 1
    assert "previous" not in key_file.read_text()
    assert before.splitlines()[0] not in key_file.read_text()
    assert readable(appeals) == 21
    with as_owner():
        noted = LedgerEntry.objects.filter(act="vault.rotated")
        assert sorted(entry.facts["persons"] for entry in noted) == [7, 14]


def test_a_rotation_changes_no_hash(cast, key_file):
    from veche.service.vault.keys import _hash_key, contact_hash, identity_hash, secret_hash
    from veche.service.vault.rotate import rotate

    def hashes():
        tenant = cast.tenants.region.pk
        return contact_hash(tenant, "a@b.example"), identity_hash(tenant, "x"), secret_hash("y")

    before = hashes()
    rotate(key_file)
    _hash_key.cache_clear()
    assert hashes() == before


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4])
def test_a_rotation_that_is_interrupted_loses_nothing_and_goes_on(appeals, key_file, monkeypatch, after):
    from veche.service.vault import rotate

    monkeypatch.setattr(rotate, "BATCH", 5)
    batches = 0
    real = rotate._wrapped_anew

    def breaks(*args):
        nonlocal batches
        if batches == after:
            raise Stopped
        batches += 1
        return real(*args)

    monkeypatch.setattr(rotate, "_wrapped_anew", breaks)
    with pytest.raises(Stopped):
        rotate.rotate(key_file)
    assert readable(appeals) == 21
    with pytest.raises(KeyStillNeeded):
        rotate.forget(key_file)
    begun = key_file.read_bytes()
    monkeypatch.setattr(rotate, "_wrapped_anew", real)
    assert rotate.rotate(key_file) == 21 - uses_after(after)
    assert key_file.read_bytes() == begun
    assert uses(key_file) == [21, 0]
    assert readable(appeals) == 21


def uses_after(batches):
    """How many keys the first batches of 5 wrap, of 14 and 7 in the order of tenants."""
    return [0, 5, 10, 14, 19][batches]


def test_appeals_that_come_in_meanwhile_are_readable_after(cast, appeals, key_file, monkeypatch):
    from django.db import connection
    from tests.service.vault.conftest import make_appeals

    from veche.service.vault import rotate

    monkeypatch.setattr(rotate, "BATCH", 2)
    late, stop = [], threading.Event()

    def intake():
        while not stop.is_set():
            late.extend(make_appeals(cast.tenants.region, cast.channels.region, text=WORDS))
        connection.close()

    thread = threading.Thread(target=intake)
    thread.start()
    try:
        while not late:
            thread.join(0.01)
        rotate.rotate(key_file)
        count = len(late)
        while len(late) == count:
            thread.join(0.01)
    finally:
        stop.set()
        thread.join()
    rotate.rotate(key_file)
    rotate.forget(key_file)
    assert readable([*appeals, *late]) == 21 + len(late)


def test_with_another_key_file_nothing_is_changed(appeals, key_file):
    from veche.service.vault.keyfile import MasterKey, write_key_file
    from veche.service.vault.rotate import rotate

    write_key_file(key_file, MasterKey(b"x" * 32, b"y" * 32))
    other = key_file.read_bytes()
    with pytest.raises(OtherVaultKey):
        rotate(key_file)
    assert key_file.read_bytes() == other
    with pytest.raises(OtherVaultKey):
        readable(appeals)
