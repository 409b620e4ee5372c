"""What slows guesses and counts refusals."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import veche.core.ids


class Migration(migrations.Migration):
    """Makes the tables."""

    dependencies = [("accounts", "0002_walls")]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField()),
                ("last_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=veche.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("minute", models.DateTimeField()),
                ("chain", models.UUIDField()),
                ("more", models.PositiveIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "minute"), name="one_count_per_minute")
                ],
            },
        ),
    ]
