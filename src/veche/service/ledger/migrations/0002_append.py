"""The functions that append and ask, the walls, and what refuses every change."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Runs the file of SQL."""

    dependencies = [("ledger", "0001_initial"), ("accounts", "0002_walls"), ("inbox", "0002_tables")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "append.sql")]
