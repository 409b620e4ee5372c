"""The tables of themes."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import veche.core.ids


class Migration(migrations.Migration):
    """Makes the tables."""

    initial = True

    dependencies = [
        ("accounts", "0003_signing_in"),
        ("inbox", "0006_decided"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Following",
            fields=[
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.tenant",
                    ),
                ),
                ("version", models.IntegerField(default=0)),
                ("aliases", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Act",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("before", models.JSONField(default=dict)),
                ("moved", models.IntegerField(default=0)),
                ("undone_at", models.DateTimeField(null=True)),
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
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Theme",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=20)),
                (
                    "kind",
                    models.CharField(
                        choices=[("theme", "Theme"), ("campaign", "Campaign: one text, sent many times")],
                        default="theme",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                ("named", models.BooleanField(default=False)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("says_nothing", models.BooleanField(default=False)),
                ("size", models.IntegerField(default=0)),
                ("share", models.FloatField(default=0)),
                ("fit", models.FloatField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("found", "Found by the machine"),
                            ("signed", "Signed off"),
                            ("dropped", "Dropped"),
                        ],
                        default="found",
                        max_length=10,
                    ),
                ),
                ("pinned", models.BooleanField(default=False)),
                ("topic", models.CharField(blank=True, max_length=120)),
                ("since", models.DateField(null=True)),
                ("last_seen", models.DateField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("found_at", models.DateTimeField(null=True)),
                ("gone_at", models.DateTimeField(null=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("renew", models.BooleanField(default=False)),
                ("digest", models.JSONField(default=dict)),
                ("positions", models.JSONField(null=True)),
                ("audit", models.JSONField(default=dict)),
                (
                    "into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="themes.theme",
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="parts",
                        to="themes.theme",
                    ),
                ),
                (
                    "signed_by",
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
        ),
        migrations.CreateModel(
            name="Quotation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sub", models.SmallIntegerField(null=True)),
                ("side", models.CharField(blank=True, max_length=12)),
                ("place", models.SmallIntegerField(default=0)),
                ("text", models.TextField()),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="inbox.appeal"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.tenant"),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotations",
                        to="themes.theme",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Moved",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("strength", models.FloatField()),
                ("sub", models.SmallIntegerField(null=True)),
                ("by_person", models.BooleanField()),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="themes.act"
                    ),
                ),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="inbox.appeal"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.tenant"),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="themes.theme"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "appeal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="inbox.appeal",
                    ),
                ),
                ("strength", models.FloatField(default=0)),
                ("sub", models.SmallIntegerField(null=True)),
                ("by_person", models.BooleanField(default=False)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="theme_members",
                        to="accounts.tenant",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="themes.theme"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="act",
            name="other",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="themes.theme"
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="theme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="acts", to="themes.theme"
            ),
        ),
        migrations.CreateModel(
            name="Work",
            fields=[
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.tenant",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for its turn"),
                            ("finding", "Being found"),
                            ("writing", "Being written"),
                            ("done", "Found"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("step", models.CharField(blank=True, max_length=20)),
                ("fraction", models.FloatField(default=0)),
                ("asked_at", models.DateTimeField(null=True)),
                ("begun_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("cancel_asked", models.BooleanField(default=False)),
                ("failure", models.CharField(blank=True, max_length=20)),
                ("appeals", models.IntegerField(default=0)),
                ("themes", models.IntegerField(default=0)),
                ("next_number", models.IntegerField(default=1)),
                ("acts", models.IntegerField(default=0)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.UniqueConstraint(fields=("tenant", "code"), name="one_theme_per_code"),
        ),
        migrations.AddIndex(
            model_name="quotation",
            index=models.Index(fields=["appeal"], name="themes_quot_appeal__e64a21_idx"),
        ),
        migrations.AddIndex(
            model_name="moved",
            index=models.Index(fields=["act", "appeal"], name="themes_move_act_id_f53aaa_idx"),
        ),
        migrations.AddIndex(
            model_name="moved",
            index=models.Index(fields=["appeal"], name="themes_move_appeal__f116dc_idx"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["theme", "-strength", "appeal"], name="themes_member_strongest"),
        ),
        migrations.AddIndex(
            model_name="act",
            index=models.Index(fields=["tenant", "-at"], name="themes_act_latest"),
        ),
    ]
