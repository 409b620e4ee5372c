"""The file with the vault's secrets."""

import stat
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.core.errors import OriginalDamaged, OtherVaultKey, VaultKeyUnusable
from veche.service.vault.keyfile import MasterKey, make_key_file, read_key_file, write_key_file

KEYS = st.binary(min_size=32, max_size=32)


def test_a_key_file_is_made_once_and_is_its_owners_alone(tmp_path):
    path = tmp_path / "keys" / "vault.key"
    make_key_file(path)
    first = read_key_file(path)
    make_key_file(path)
    assert read_key_file(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(current=KEYS, hashes=KEYS, previous=st.lists(KEYS, max_size=3))
def test_what_is_written_is_read_again(tmp_path_factory, current, hashes, previous):
    path = tmp_path_factory.mktemp("keys") / "vault.key"
    write_key_file(path, MasterKey(current, hashes, tuple(previous)))
    assert read_key_file(path) == MasterKey(current, hashes, tuple(previous))


def test_a_bare_key_from_elsewhere_is_taken(tmp_path):
    path = tmp_path / "vault.key"
    path.write_text("ab" * 32 + "\n")
    held = read_key_file(path)
    assert held.current == bytes.fromhex("ab" * 32)
    assert held.hashes != held.current
    write_key_file(path, held.rotated())
    assert read_key_file(path).hashes == held.hashes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "current\n",
        "nonsense",
        "ab" * 31,
        f"current {'ab' * 32}\n",
        f"current {'ab' * 32}\nhashes {'ab' * 32}\nelse {'ab' * 32}\n",
        f"current {'ab' * 32}\ncurrent {'cd' * 32}\nhashes {'ab' * 32}\n",
        f"current {'zz' * 32}\nhashes {'ab' * 32}\n",
    ],
)
def test_a_file_that_holds_no_key_is_refused(tmp_path, text):
    path = tmp_path / "vault.key"
    path.write_text(text)
    with pytest.raises(VaultKeyUnusable) as raised:
        read_key_file(path)
    assert "ab" * 31 not in str(raised.value)


def test_a_missing_file_is_refused_and_not_made(tmp_path):
    with pytest.raises(VaultKeyUnusable):
        read_key_file(tmp_path / "vault.key")
    assert not (tmp_path / "vault.key").exists()


def test_a_wrapped_key_opens_for_its_person_alone():
    held = MasterKey(b"a" * 32, b"b" * 32)
    person, tenant = uuid4(), uuid4()
    wrapped = held.wrap(b"k" * 32, person=person, tenant=tenant)
    assert held.unwrap(wrapped, name=held.name, person=person, tenant=tenant) == b"k" * 32
    for whose, where in ((uuid4(), tenant), (person, uuid4())):
        with pytest.raises(OriginalDamaged):
            held.unwrap(wrapped, name=held.name, person=whose, tenant=where)


def test_earlier_keys_are_known_until_they_are_dropped():
    held = MasterKey(b"a" * 32, b"b" * 32)
    person, tenant = uuid4(), uuid4()
    wrapped = held.wrap(b"k" * 32, person=person, tenant=tenant)
    later = held.rotated()
    assert later.unwrap(wrapped, name=held.name, person=person, tenant=tenant) == b"k" * 32
    with pytest.raises(OtherVaultKey):
        later.without_previous().unwrap(wrapped, name=held.name, person=person, tenant=tenant)


def test_no_key_shows_in_what_is_printed():
    held = MasterKey(b"a" * 32, b"b" * 32, (b"c" * 32,))
    assert "aaaa" not in repr(held)
    assert (b"a" * 32).hex() not in repr(held)
    assert held.name not in (b"a" * 32).hex()
