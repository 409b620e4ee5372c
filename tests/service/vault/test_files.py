"""Attached files, sealed on disk."""

import hashlib
import stat
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.core.errors import OriginalDamaged, OriginalGone

KEY = b"k" * 32
MARK = b"An invented photograph of Invented Lane. "


def kept(content, key=KEY):
    from veche.service.vault.files import keep_file, path_of

    ids = {"attachment_id": uuid4(), "tenant_id": uuid4()}
    return keep_file(content, **ids, key=key), ids, path_of(*ids.values())


def opened(ids, key=KEY):
    from veche.service.vault.files import open_file

    return b"".join(open_file(**ids, key=key))


@given(pieces=st.lists(st.binary(max_size=300), max_size=5))
@settings(deadline=None)
def test_a_file_comes_back_to_the_byte(pieces):
    found, ids, _path = kept(pieces)
    whole = b"".join(pieces)
    assert opened(ids) == whole
    assert found.size == len(whole)
    assert found.sha256 == hashlib.sha256(whole).digest()


@pytest.mark.parametrize("around", [-1, 0, 1])
@pytest.mark.parametrize("blocks", [1, 2])
def test_a_file_of_whole_blocks_comes_back(blocks, around):
    from veche.service.vault.files import BLOCK

    whole = (MARK * (blocks * BLOCK // len(MARK) + 2))[: blocks * BLOCK + around]
    _found, ids, path = kept([whole])
    assert opened(ids) == whole
    assert MARK not in path.read_bytes()


def test_a_file_on_disk_is_its_owners_alone_and_named_by_its_id():
    _found, ids, path = kept([MARK])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == str(ids["attachment_id"])
    assert not list(path.parent.glob("*.part"))


@pytest.mark.parametrize(
    "hurt", ["changed", "cut block", "cut bytes", "longer", "swapped", "emptied", "header"]
)
def test_a_file_that_was_changed_does_not_open(hurt):
    from veche.service.vault.files import BLOCK

    _found, ids, path = kept([MARK * (3 * BLOCK // len(MARK))])
    sealed, size, start = path.read_bytes(), BLOCK + 16, 40
    one, two = sealed[start : start + size], sealed[start + size : start + 2 * size]
    path.write_bytes(
        {
            "changed": sealed[:1000] + bytes([sealed[1000] ^ 1]) + sealed[1001:],
            "cut block": sealed[: start + 2 * size],
            "cut bytes": sealed[:-1],
            "longer": sealed + b"\0",
            "swapped": sealed[:start] + two + one + sealed[start + 2 * size :],
            "emptied": sealed[:start],
            "header": b"",
        }[hurt]
    )
    with pytest.raises(OriginalDamaged):
        opened(ids)


def test_a_file_opens_with_its_own_key_under_its_own_name_alone():
    from veche.service.vault.files import path_of

    _found, ids, path = kept([MARK])
    with pytest.raises(OriginalDamaged):
        opened(ids, b"x" * 32)
    for other in ({**ids, "attachment_id": uuid4()}, {**ids, "tenant_id": uuid4()}):
        moved = path_of(other["attachment_id"], other["tenant_id"])
        moved.parent.mkdir(parents=True, exist_ok=True)
        moved.write_bytes(path.read_bytes())
        with pytest.raises(OriginalDamaged):
            opened(other)


def test_a_write_that_fails_leaves_nothing():
    from veche.service.vault.files import keep_file, path_of

    def breaks():
        yield MARK
        raise OSError(28, "No space left on device")

    ids = {"attachment_id": uuid4(), "tenant_id": uuid4()}
    with pytest.raises(OSError, match="No space"):
        keep_file(breaks(), **ids, key=KEY)
    assert list(path_of(*ids.values()).parent.iterdir()) == []
    with pytest.raises(OriginalGone):
        opened(ids)


def test_a_file_is_removed_once():
    from veche.service.vault.files import remove_files

    _found, ids, path = kept([MARK])
    assert remove_files(ids["tenant_id"], [ids["attachment_id"], uuid4()]) == 1
    assert not path.exists()
    assert remove_files(ids["tenant_id"], [ids["attachment_id"]]) == 0


def test_the_files_of_an_appeal_are_sealed_and_recorded(cast, wrote):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Attachment
    from veche.service.vault.files import store
    from veche.service.vault.keys import keys_for

    [appeal] = wrote(cast.tenants.region, cast.channels.region, text="With a picture.")
    file = SimpleNamespace(id=uuid4(), media_type="image/png", extension="png", content=MARK)
    with working(appeal.tenant_id):
        store(appeal.tenant_id, appeal.pk, appeal.person_id, [file])
        row = Attachment.objects.get(pk=file.id)
        key = keys_for([appeal.person_id], appeal.tenant_id)[appeal.person_id]
    assert (row.size, row.appeal_id) == (len(MARK), appeal.pk)
    assert opened({"attachment_id": file.id, "tenant_id": appeal.tenant_id}, key) == MARK
