"""The tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import veche.core.ids


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("accounts", "0003_signing_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Mailing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("query", models.CharField(blank=True, max_length=2000)),
                (
                    "weekday",
                    models.SmallIntegerField(
                        choices=[
                            (0, "every Monday"),
                            (1, "every Tuesday"),
                            (2, "every Wednesday"),
                            (3, "every Thursday"),
                            (4, "every Friday"),
                            (5, "every Saturday"),
                            (6, "every Sunday"),
                            (7, "every day"),
                        ],
                        default=0,
                    ),
                ),
                ("time", models.TimeField()),
                ("language", models.CharField(max_length=8)),
                ("next_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.tenant"),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mailings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Not sent")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("tries", models.SmallIntegerField(default=0)),
                ("failure", models.CharField(blank=True, max_length=20)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mailing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sendings",
                        to="board.mailing",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.tenant"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Annotation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                ("words", models.CharField(max_length=200)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.tenant"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["tenant", "day"], name="board_annotation_shown")],
            },
        ),
        migrations.AddIndex(
            model_name="mailing",
            index=models.Index(fields=["tenant", "next_at"], name="board_mailing_due"),
        ),
        migrations.AddConstraint(
            model_name="sending",
            constraint=models.UniqueConstraint(fields=("mailing", "due_at"), name="one_mail_per_moment"),
        ),
    ]
