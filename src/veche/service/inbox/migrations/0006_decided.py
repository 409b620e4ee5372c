"""Themes of appeals, decisions behind findings, and which transaction changed an appeal last."""

from pathlib import Path

from django.db import migrations, models

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Adds a column, and runs the file of SQL."""

    dependencies = [("inbox", "0005_imports")]
    operations = [
        migrations.AddField("appeal", "theme", models.UUIDField(null=True, blank=True)),
        run_sql(Path(__file__).parents[1] / "sql" / "decided_tables.sql"),
    ]
