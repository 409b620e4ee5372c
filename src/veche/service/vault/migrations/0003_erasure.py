"""Who looked at originals, who was erased, what is to be made anew then."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import veche.core.ids
from veche.service.sql import run_sql

_ID = (
    "id",
    models.UUIDField(default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
)
_TENANT = ("tenant", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.tenant"))


class Migration(migrations.Migration):
    """Makes the tables."""

    dependencies = [
        ("accounts", "0002_walls"),
        ("inbox", "0002_tables"),
        ("vault", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Derived",
            fields=[
                _ID,
                _TENANT,
                ("kind", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("renewed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                _ID,
                _TENANT,
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="looks",
                        to="inbox.appeal",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("attachment", models.UUIDField(blank=True, null=True)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                _ID,
                _TENANT,
                ("person", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.TextField()),
                ("destroyed", models.JSONField()),
                ("renew", models.JSONField(default=list)),
                ("ledger_seq", models.BigIntegerField(null=True)),
                ("ledger_hash", models.CharField(blank=True, max_length=64)),
                ("journaled", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("journaled", False)), fields=["at"], name="erasure_unjournaled"
                    )
                ],
            },
        ),
        run_sql(Path(__file__).parents[1] / "sql" / "erasure.sql"),
    ]
