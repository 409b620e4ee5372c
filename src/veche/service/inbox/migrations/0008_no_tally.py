"""Counts are made from the appeals themselves; nothing keeps them beside."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Drops the triggers that kept the counts, and their table."""

    dependencies = [("inbox", "0007_changed")]
    operations = [
        run_sql(Path(__file__).parents[1] / "sql" / "no_tally.sql"),
        migrations.DeleteModel("Tally"),
    ]
