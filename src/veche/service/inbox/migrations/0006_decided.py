"""Themes of appeals, decisions behind findings, what changed last, and which worker holds what."""

from pathlib import Path

from django.db import migrations, models

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Adds columns, and runs the file of SQL."""

    dependencies = [("inbox", "0005_imports")]
    operations = [
        migrations.AddField("appeal", "theme", models.UUIDField(null=True, blank=True)),
        migrations.AddField("pending", "holder", models.BigIntegerField(null=True, blank=True)),
        run_sql(Path(__file__).parents[1] / "sql" / "decided_tables.sql"),
    ]
