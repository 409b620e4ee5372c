"""How far a file has come, and that its appeals wait behind those that come in one by one."""

from django.db import migrations, models

STATES = [
    ("checking", "Being looked through"),
    ("checked", "Looked through"),
    ("importing", "Being taken in"),
    ("done", "Taken in"),
    ("cancelled", "Cancelled"),
    ("failed", "Failed"),
]


class Migration(migrations.Migration):
    """Adds columns; the order in which workers take what waits has an index."""

    dependencies = [("inbox", "0004_understood")]
    operations = [
        migrations.AddField("fileimport", "cancel_asked", models.BooleanField(default=False)),
        migrations.AddField("fileimport", "failure", models.CharField(max_length=20, blank=True)),
        migrations.AddField("fileimport", "seen", models.JSONField(default=dict)),
        migrations.AlterField(
            "fileimport", "state", models.CharField(max_length=12, choices=STATES, default="checking")
        ),
        migrations.AddField("pending", "bulk", models.BooleanField(default=False, db_default=False)),
        migrations.RunSQL("CREATE INDEX inbox_pending_order ON inbox_pending (bulk, since)"),
    ]
