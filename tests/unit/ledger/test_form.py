"""Entries say what they mean in one way only, and never in words."""

import dataclasses
import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.making import KEY, KEYS, chain, seal

from veche.core.errors import NotForTheLedger, UnknownAct
from veche.ledger import acts
from veche.ledger.entry import hashed_facts, netstrings, read_entry
from veche.ledger.seals import is_signed, key_name, load_public_keys, load_signing_key, public_pem, read_seal
from veche.ledger.values import digest_of, facts, value

ONE = chain(1)[0]
texts = st.lists(st.text(), max_size=5)


@given(texts, texts)
def test_no_two_rows_of_texts_have_the_same_bytes(a, b):
    assert (netstrings(*a) == netstrings(*b)) == (a == b)


@given(*[st.dictionaries(st.text(max_size=3), st.booleans() | st.integers() | st.text(max_size=4))] * 2)
def test_no_two_sets_of_facts_have_the_same_bytes(a, b):
    typed = [{name: (type(fact), fact) for name, fact in given.items()} for given in (a, b)]
    assert (hashed_facts(a) == hashed_facts(b)) == (typed[0] == typed[1])


def test_the_hash_of_an_entry_is_what_the_format_says():
    """Computed by hand, so that another program can check an export too."""
    entry = dataclasses.replace(
        ONE, actor="a.b", object="c", object_id="", facts={"y": True, "n": 12, "s": "x"}
    )
    said = b"14:veche-ledger-1,36:%s,1:1,27:%s,3:a.b," % (entry.tenant.encode(), entry.at.encode())
    said += b"%d:%s,1:c,0:," % (len(entry.act), entry.act.encode())
    said += b"34:1:n,4:i:12,1:s,3:s:x,1:y,6:b:true,,64:" + b"0" * 64 + b","
    assert entry.digest() == hashlib.sha256(said).hexdigest()


def test_an_entry_comes_back_from_its_line():
    assert read_entry(ONE.line()) == ONE
    assert read_seal(seal([ONE]).line()) == seal([ONE])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]\n",
        b"{}\n",
        b"\xff\n",
        ONE.line()[:-1],
        b" " + ONE.line(),
        ONE.line().replace(b":1,", b":1.0,"),
    ],
)
def test_a_line_that_we_do_not_write_is_no_entry(line):
    assert read_entry(line) is None


@pytest.mark.parametrize(
    "given",
    [
        "appeal.taken", "RU-TA", "road/lighting", f"user:{uuid.UUID(int=7)}", uuid.UUID(int=1),
        "ab" * 32,
        "1234567-4", "2026.1", "2026-11-22", "2026-11-22T10:00:00.5Z", "",
    ],
)  # fmt: skip
def test_ids_codes_numbers_and_hashes_are_taken(given):
    assert value("x", given) == str(given)


@pytest.mark.parametrize("given", ["two words", "79161234567", "a@b.c", "10.0.0.1", "Яма", "a\n", "x" * 201])
def test_words_and_contacts_are_not(given):
    with pytest.raises(NotForTheLedger) as error:
        value("reason", given)
    assert given not in error.value.text(), "what was refused is not repeated"


@pytest.mark.parametrize("given", [{"N": 1}, {"": 1}, {"n": 2**31}, {"n": 0.5}, {"n": None}, {"n": ["a"]}])
def test_facts_are_flat_and_small(given):
    with pytest.raises(NotForTheLedger):
        facts(given)


def test_one_hash_stands_for_many_ids_in_whatever_order():
    a, b = uuid.UUID(int=1), uuid.UUID(int=2)
    assert digest_of([a, b]) == digest_of([str(b), str(a)]) != digest_of([a])


def test_every_act_has_a_sentence_and_an_unknown_one_is_refused():
    for act, said in acts.SENTENCES.items():
        assert value("act", acts.known(act)) == act
        assert said.endswith(".")
    assert acts.sentence("appeal.taken") == "Appeals were taken in."
    assert acts.sentence("of.the.future") == "of.the.future"
    with pytest.raises(UnknownAct):
        acts.known("appeal.eaten")


def test_a_key_is_made_once_and_its_public_half_opens_what_it_signed(tmp_path):
    key = load_signing_key(tmp_path / "ledger.key")
    assert load_signing_key(tmp_path / "ledger.key").private_bytes_raw() == key.private_bytes_raw()
    (tmp_path / "public.pem").write_bytes(public_pem(key))
    public = load_public_keys([tmp_path / "public.pem"])
    assert list(public) == [key_name(key.public_key())]
    made = seal([ONE], key=key)
    assert is_signed(made, public[made.key])
    assert not is_signed(made, KEYS[key_name(KEY.public_key())])
    assert not is_signed(dataclasses.replace(made, signature="no base64!"), public[made.key])
