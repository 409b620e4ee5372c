"""What was changed since a snapshot is found by its index, also while a transaction stays open."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Writes `veche_changed` anew."""

    dependencies = [("inbox", "0010_fewer_indexes")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "changed_since.sql")]
