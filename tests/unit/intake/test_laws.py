"""What holds for any bytes at all: every row is accounted for, and only our own errors come out."""

import contextlib
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reading import read

from veche.core.errors import MissingColumn
from veche.intake.seen import SeenIds, checksums, id_hashes

PIECES = st.sampled_from(
    [
        *(b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\\", b"{", b"}", b"[", b"]", b":"),
        *(
            b"text",
            b"id",
            b'{"text": "a"}\n',
            b"From ",
            b"From: a@b\n",
            b"Subject: =?utf-8?b?0?=\n",
            b"=?x?q?=?=",
            b"\n\n",
        ),
        *(
            "Привет".encode(),
            "Привет".encode("cp1251"),
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\xed\xa0\x80",
            b"2024-01-01",
            b"1e999",
        ),
        *(
            b"Content-Type: multipart/mixed; boundary=x\n\n--x\n",
            b"Content-Transfer-Encoding: base64\n",
            b"Date: Mon, 99\n",
        ),
        *(b"\x1f\x8b", b"PK\x03\x04", b"PAR1"),
    ]
)
BYTES = st.one_of(
    st.binary(max_size=300), st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=40).map(b"".join)
)


@pytest.mark.parametrize(
    "name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.eml", "a.mbox", "a.xlsx", "a.zip", "a.csv.gz", "a"]
)
@settings(max_examples=60, deadline=None)
@given(content=BYTES)
@example(content=b"")
@example(content=b"text\n\xff\xfe\x00")
@example(content=b'text\n"')
def test_accepted_and_rejected_rows_are_those_that_were_read(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        # `read` checks the books; a table without texts is the caller's mistake and is said as such.
        with contextlib.suppress(MissingColumn):
            assert read(path).intake.read >= 1


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=9), max_size=9))
def test_an_id_is_new_exactly_once(calls: list[list[tuple[int, int]]]) -> None:
    seen, known = SeenIds(), {}
    for call in calls:
        hashes = id_hashes(pa.array([str(i) for i, _ in call], pa.string()))
        sums = checksums(pa.array([str(c) for _, c in call], pa.string()))
        for (key, content), repeated in zip(call, seen.add(hashes, sums), strict=True):
            assert repeated is (None if key not in known else known[key] == content)
            known.setdefault(key, content)
