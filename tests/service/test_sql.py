"""Lists reach PostgreSQL as they are, and are written short."""

from uuid import UUID

import pytest

pytestmark = pytest.mark.usefixtures("cast")

IDS = [UUID(int=0), UUID(int=7), UUID(int=2**128 - 1)]
BYTES = [b"", b"\\x41", b'"{},NULL', b"\x00\xff\n'", bytes(range(256))]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("uuid", IDS),
        ("uuid", [None, *IDS]),
        ("uuid", []),
        ("bytea", BYTES),
        ("bytea", [*BYTES, None]),
        ("bytea", [memoryview(BYTES[3])]),
        ("text", ["", "a,b", 'c"\\d', "NULL", "д'е", "{}", "\n", "\\"]),
        ("text", ["a", None, "NULL"]),
        ("text", [None, "a"]),
        ("bigint", [1, -(2**62)]),
    ],
)
def test_a_list_comes_back_as_it_was(as_owner, kind, values):
    from django.db import connection

    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [values])
        [(found,)] = cursor.fetchall()
        cursor.execute(
            f"SELECT array_agg(v ORDER BY n) FROM unnest(%s::{kind}[]) WITH ORDINALITY AS u (v, n)", [values]
        )
        [(one_by_one,)] = cursor.fetchall()
    assert found == values
    assert (one_by_one or []) == values


def test_a_text_with_a_nul_is_refused_as_always(as_owner):
    from django.db import DataError, connection

    with as_owner(), connection.cursor() as cursor, pytest.raises(DataError):
        cursor.execute("SELECT %s::text[]", [["a", "b\0c"]])


def test_bytes_are_written_as_digits(as_owner):
    from django.db import connection

    many = [bytes([i % 256]) * 1_000 for i in range(100)]
    with as_owner(), connection.cursor() as cursor:
        written = cursor.mogrify("%s::bytea[]", [many])
    assert len(written) < 2.1 * 1_000 * 100
