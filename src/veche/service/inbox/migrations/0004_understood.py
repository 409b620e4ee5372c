"""What understanding leaves: the day that an appeal is counted under, signatures, breaks in the picture."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from veche.core.ids import uuid7
from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Adds a column and a table, and runs the file of SQL."""

    dependencies = [("inbox", "0003_take")]
    operations = [
        migrations.AddField("appeal", "day", models.DateField(null=True, blank=True)),
        migrations.CreateModel(
            name="Break",
            fields=[
                ("id", models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False)),
                ("facet", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("from_version", models.CharField(max_length=200)),
                ("to_version", models.CharField(max_length=200)),
                ("reached", models.UUIDField(null=True)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "tenant",
                    models.ForeignKey(to="accounts.tenant", on_delete=django.db.models.deletion.CASCADE),
                ),
            ],
            options={"indexes": [models.Index(fields=["tenant", "facet", "at"], name="inbox_break_shown")]},
        ),
        run_sql(Path(__file__).parents[1] / "sql" / "save_tables.sql"),
    ]
