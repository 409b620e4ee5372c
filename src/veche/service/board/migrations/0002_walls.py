"""The walls around notes on the time line and mailings."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Protects the tables."""

    dependencies = [("board", "0001_initial"), ("accounts", "0002_walls")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "walls.sql")]
