"""How the service stands."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Runs the file of SQL."""

    dependencies = [("inbox", "0002_tables")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "standing.sql")]
