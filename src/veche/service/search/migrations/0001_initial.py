"""Kept searches, sketches of vectors, and the way to search inside the walls."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from veche.core.ids import uuid7
from veche.service.sql import run_sql

_CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    """Makes two tables, and runs the file of SQL."""

    initial = True
    dependencies = [
        ("accounts", "0003_signing_in"),
        ("inbox", "0006_decided"),
        ("vault", "0003_erasure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Saved",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(max_length=4000)),
                ("shared", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=_CASCADE, related_name="searches", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("tenant", models.ForeignKey(on_delete=_CASCADE, to="accounts.tenant")),
            ],
            options={"db_table": "search_saved"},
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "saved",
                    models.ForeignKey(on_delete=_CASCADE, related_name="seen", to="search.saved"),
                ),
                ("tenant", models.ForeignKey(on_delete=_CASCADE, to="accounts.tenant")),
                (
                    "user",
                    models.ForeignKey(on_delete=_CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={"db_table": "search_seen"},
        ),
        migrations.AddConstraint(
            "saved",
            models.UniqueConstraint(fields=("tenant", "owner", "name"), name="one_search_per_name"),
        ),
        migrations.AddConstraint(
            "seen", models.UniqueConstraint(fields=("saved", "user"), name="one_look_per_person")
        ),
        run_sql(Path(__file__).parents[1] / "sql" / "search.sql"),
    ]
