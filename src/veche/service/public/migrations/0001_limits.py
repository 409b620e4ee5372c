"""Allowances of those who send without signing in."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Runs the file of SQL."""

    initial = True
    dependencies = [("accounts", "0002_walls")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "limits.sql")]
