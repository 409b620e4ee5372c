"""The walls around cards and decisions, what keeps their counts, and what rings."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Runs the file of SQL."""

    dependencies = [("desk", "0001_cards")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "tables.sql")]
