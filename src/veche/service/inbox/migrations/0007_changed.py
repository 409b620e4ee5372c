"""What was changed since a snapshot, for those who keep a copy in memory."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Runs the file of SQL."""

    dependencies = [("inbox", "0006_decided")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "changed_tables.sql")]
