"""`veche ledger verify`, as an auditor calls it: a file, a public key, an answer and an exit status."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.unit.ledger.making import KEY, LATER, OTHER_KEY, TENANT, chain, export_of, seal

from veche.cli import main
from veche.ledger.seals import SealKind, public_pem

ENTRIES = chain(12)


@pytest.fixture
def verify(tmp_path, monkeypatch, capsys):
    """Check an export (its lines); returns the exit status and what was printed."""
    monkeypatch.setenv("VECHE_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "en")

    def call(lines, *options, heads=None, key=KEY):
        export, public = tmp_path / "export.jsonl", tmp_path / "public.pem"
        export.write_bytes(b"".join(lines))
        public.write_bytes(key if isinstance(key, bytes) else public_pem(key))
        if heads is not None:
            (tmp_path / "heads.jsonl").write_bytes(b"".join(heads))
            options = (*options, "--heads", str(tmp_path / "heads.jsonl"))
        with pytest.raises(SystemExit) as ended:
            main(["ledger", "verify", str(export), "--public-key", str(public), *options])
        told = capsys.readouterr()
        return ended.value.code, told.out + told.err

    return call


def test_a_whole_export_is_called_whole(verify):
    heads = [seal(ENTRIES[:5], SealKind.HEAD, at="2026-11-30T00:00:00.000000Z").line()]
    status, told = verify(export_of(ENTRIES), heads=heads)
    assert status == 0
    assert f"Whole: 12 entries of {TENANT}." in told
    assert LATER in told
    assert "agrees with 1 seal from outside" in told


def test_what_was_done_is_told_with_its_place(verify):
    lines = export_of(ENTRIES)
    status, told = verify([*lines[:4], *lines[5:]])
    assert status == 3
    assert "export.jsonl, line 5: removed: entry 4 should stand here." in told
    assert "VECHE-V101" in told
    assert "Hint: " in told


def test_heads_that_nobody_signed_are_told_as_such(verify):
    good = seal(ENTRIES[:5], SealKind.HEAD)
    for line, said in (
        (seal(ENTRIES[:5], SealKind.HEAD, key=OTHER_KEY).line(), "unknown key"),
        (good.line().replace(b'"seq":5', b'"seq":6'), "bad signature"),
        (good.line()[:-9] + b"\n", "changed"),
    ):
        status, told = verify(export_of(ENTRIES), heads=[good.line(), line])
        assert status == 3
        assert f"heads.jsonl, line 2: {said}" in told


def test_an_export_signed_with_another_key_is_told(verify):
    status, told = verify(export_of(ENTRIES), key=OTHER_KEY)
    assert status == 3
    assert "unknown key" in told


@pytest.mark.parametrize("lines", [[], [b"a,b,c\n", b"1,2,3\n"], [b"\0" * (3 << 20)]])
def test_a_file_that_is_no_export_is_called_so(verify, lines):
    status, told = verify(lines)
    assert status == 2
    assert "export.jsonl cannot be used: it is no export of a ledger." in told


def test_keys_of_other_kinds_and_files_that_are_not_there_are_called_so(verify, tmp_path):
    elliptic = generate_private_key(SECP256R1()).public_key()
    pem = elliptic.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert "not Ed25519" in verify(export_of(ENTRIES), key=pem)[1]
    assert "holds no public key" in verify(export_of(ENTRIES), key=b"hello")[1]
    status, told = verify(export_of(ENTRIES), "--heads", str(tmp_path / "nowhere"))
    assert status == 2
    assert "nowhere cannot be used: No such file or directory." in told
