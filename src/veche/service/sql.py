"""SQL of our own: files of it as a step of a migration, and a question with one row for an answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection, migrations


def run_sql(path: Path) -> migrations.RunSQL:
    """Return the step that runs a whole file of SQL; it cannot be taken back."""
    return migrations.RunSQL(path.read_text(encoding="utf-8"))


def row(query: str, values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the one row that answers a question."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        [found] = cursor.fetchall()
    return found
