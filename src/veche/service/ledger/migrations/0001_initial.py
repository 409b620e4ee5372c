"""The tables of the ledger."""

from django.db import migrations, models

import veche.core.ids


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.UUIDField()),
                ("seq", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=200)),
                ("act", models.CharField(max_length=80)),
                ("object", models.CharField(max_length=80)),
                ("object_id", models.CharField(max_length=200)),
                ("facts", models.JSONField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "ledger_entry",
            },
        ),
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.UUIDField()),
                ("seq", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("line", models.TextField()),
            ],
            options={
                "db_table": "ledger_head",
            },
        ),
        migrations.CreateModel(
            name="LedgerStatement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                ("line", models.TextField(null=True)),
                ("refused_seq", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "ledger_statement",
            },
        ),
    ]
