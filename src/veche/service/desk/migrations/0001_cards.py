"""Cards, decisions and what they changed."""

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
            name="Card",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("facet", models.CharField(max_length=30)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("repeat", "Copies of one text"),
                            ("likeness", "Nearly the same"),
                            ("theme", "One theme"),
                            ("single", "One appeal"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("decided", "Decided"), ("gone", "Gone")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("proposal", models.CharField(blank=True, max_length=300)),
                ("best", models.JSONField(default=list)),
                ("confidence", models.FloatField(default=0)),
                ("urgency", models.SmallIntegerField(default=0)),
                ("size", models.IntegerField(default=0)),
                ("priority", models.FloatField(default=0)),
                ("centre", models.BinaryField(default=b"")),
                ("theme", models.UUIDField(blank=True, null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("wants_second", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "handed_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
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
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("accepted", "accepted the proposal"),
                            ("corrected", "corrected the proposal"),
                            ("appeal", "decided one appeal"),
                            ("bulk", "decided many appeals by a filter"),
                            ("urgent", "marked as urgent"),
                            ("checked", "checked what was decided alone"),
                            ("opinion", "asked a second person"),
                            ("split", "split a card"),
                            ("merged", "merged cards"),
                            ("handed", "handed a card to a colleague"),
                        ],
                        max_length=10,
                    ),
                ),
                ("facet", models.CharField(blank=True, max_length=30)),
                ("value", models.CharField(blank=True, max_length=300)),
                ("appeals", models.IntegerField(default=0)),
                ("before", models.JSONField(default=dict)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="decisions",
                        to="desk.card",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Changed",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("facet", models.CharField(max_length=30)),
                ("before", models.CharField(max_length=300)),
                ("before_sure", models.FloatField(null=True)),
                ("after", models.CharField(max_length=300)),
                ("chosen", models.BooleanField()),
                (
                    "appeal",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inbox.appeal",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="accounts.tenant",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changed",
                        to="desk.decision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "card_id", "appeal_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("facet", models.CharField(max_length=30)),
                ("likeness", models.FloatField(default=0)),
                ("exception", models.CharField(blank=True, default="", max_length=12)),
                ("answer", models.CharField(max_length=300, null=True)),
                ("decision", models.UUIDField(null=True)),
                ("origin", models.UUIDField(null=True)),
                (
                    "appeal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inbox.appeal",
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="desk.card"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="accounts.tenant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "card_id",
                        "territory",
                        "body",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("territory", models.CharField(blank=True, max_length=300)),
                ("body", models.CharField(blank=True, max_length=120)),
                ("n", models.IntegerField()),
                ("total", models.IntegerField()),
                ("urgency", models.SmallIntegerField()),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="desk.card"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="accounts.tenant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("facet", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                ("threshold", models.FloatField()),
                ("precision", models.FloatField()),
                ("reason", models.CharField(max_length=20)),
                ("tested", models.IntegerField(default=0)),
                ("wrong", models.IntegerField(default=0)),
                ("share_before", models.FloatField(null=True)),
                ("share", models.FloatField(null=True)),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.tenant"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Urgent",
            fields=[
                (
                    "appeal",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="inbox.appeal",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "taken_by",
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
            name="Check",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("facet", models.CharField(max_length=30)),
                ("value", models.CharField(max_length=300)),
                ("chance", models.FloatField()),
                ("drawn_at", models.DateTimeField()),
                ("right", models.BooleanField(null=True)),
                ("at", models.DateTimeField(null=True)),
                (
                    "appeal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inbox.appeal",
                    ),
                ),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("right", None)),
                        fields=["tenant", "facet"],
                        name="desk_check_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("appeal", "facet", "value"), name="desk_checked_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["tenant", "-at"], name="desk_decision_latest"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["by", "-at"], name="desk_decision_own"),
        ),
        migrations.AddIndex(
            model_name="changed",
            index=models.Index(fields=["appeal", "facet"], name="desk_changed_chain"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("decision", None), _negated=True),
                fields=["decision"],
                name="desk_member_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", None)), fields=("appeal", "facet"), name="desk_one_open_card"
            ),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(fields=["tenant", "facet", "-at"], name="desk_promise_held"),
        ),
        migrations.AddIndex(
            model_name="urgent",
            index=models.Index(
                condition=models.Q(("taken_at", None)), fields=["tenant", "since"], name="desk_urgent_waits"
            ),
        ),
    ]
