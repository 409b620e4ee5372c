"""SQL of our own: files of it as a step of a migration, a question with one row for an answer, long lists."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, migrations
from psycopg.abc import Buffer
from psycopg.postgres import types
from psycopg.types.array import ListDumper


def run_sql(path: Path) -> migrations.RunSQL:
    """Return the step that runs a whole file of SQL; it cannot be taken back."""
    return migrations.RunSQL(path.read_text(encoding="utf-8"))


def row(query: str, values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the one row that answers a question."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        [found] = cursor.fetchall()
    return found


class LongLists(ListDumper):
    """Writes lists of ids, of texts and of bytes at once, bytes as hexadecimal digits.

    psycopg asks for each value how it is written, and escapes bytes so that an array of them is eight times
    as long: half the time that taking and saving a thousand appeals took.
    """

    def dump(self, obj: list[Any]) -> Buffer | None:
        """Return a list as PostgreSQL reads an array."""
        try:
            if self.oid == types["uuid"].array_oid:
                return b"{%b}" % ",".join([value.hex for value in obj]).encode()
            if self.oid == types["bytea"].array_oid:
                return b"{%b}" % ",".join([f'"\\\\x{value.hex()}"' for value in obj]).encode()
            if obj and type(obj[0]) is str and (joined := "\0".join(obj)).count("\0") == len(obj) - 1:
                escaped = joined.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
                return b'{"%b"}' % escaped.encode()
        except (AttributeError, TypeError):
            # One of them is NULL, or a list itself.
            return super().dump(obj)
        return super().dump(obj)


def write_lists_at_once() -> None:
    """Let all connections that this process opens write their lists by `LongLists`."""
    psycopg.adapters.register_dumper(list, LongLists)
