"""The walls around themes, and what an erasure takes along."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Runs the file of SQL."""

    dependencies = [("themes", "0001_initial"), ("inbox", "0006_decided"), ("accounts", "0002_walls")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "walls.sql")]
