"""SQL that lies in files of its own, as a step of a migration."""

from pathlib import Path

from django.db import migrations


def run_sql(path: Path) -> migrations.RunSQL:
    """Return the step that runs a whole file of SQL; it cannot be taken back."""
    return migrations.RunSQL(path.read_text(encoding="utf-8"))
