"""The owner's key: made once, private, and the only way to an original."""

import stat

import pytest

from veche.core.errors import KeyUnusable
from veche.core.ids import keyed_hash
from veche.core.keys import derive, key_path, load_key, seal, unseal


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "data" / "key"
    first = load_key(path)
    assert load_key(path) == first
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_key_lies_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("VECHE_KEY_FILE", str(tmp_path / "k"))
    assert key_path() == tmp_path / "k"
    monkeypatch.delenv("VECHE_KEY_FILE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert key_path() == tmp_path / "veche" / "key"


@pytest.mark.parametrize("content", ["", "abc", "00" * 31, "не ключ"])
def test_a_file_that_holds_no_key_is_refused(tmp_path, content):
    path = tmp_path / "key"
    path.write_text(content)
    with pytest.raises(KeyUnusable, match="does not hold a key"):
        load_key(path)


def test_an_original_is_read_with_the_same_key_and_name_only():
    key, other = derive(b"\1" * 32, "originals"), derive(b"\2" * 32, "originals")
    sealed = seal(key, "appeal-1", "Текст письма")
    assert "Текст".encode() not in sealed
    assert sealed == seal(key, "appeal-1", "Текст письма")
    assert unseal(key, "appeal-1", sealed) == "Текст письма"
    with pytest.raises(KeyUnusable):
        unseal(other, "appeal-1", sealed)
    with pytest.raises(KeyUnusable):
        unseal(key, "appeal-2", sealed)


def test_no_key_serves_two_purposes():
    assert derive(b"\1" * 32, "authors") != derive(b"\1" * 32, "originals")


def test_one_author_has_one_pseudonym_under_one_key():
    assert keyed_hash(b"k", " Citizen@Example.org ") == keyed_hash(b"k", "citizen@example.org")
    assert keyed_hash(b"k", "citizen") != keyed_hash(b"l", "citizen")
