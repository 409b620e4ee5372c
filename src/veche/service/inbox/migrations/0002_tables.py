"""Findings by month, the walls around what comes in, and what wakes the workers."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Runs the file of SQL."""

    dependencies = [("inbox", "0001_initial"), ("accounts", "0002_walls")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "tables.sql")]
