"""No index of appeals that another one contains or that nothing asks for."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT, SET_NULL


class Migration(migrations.Migration):
    """Drops five indexes; that of repeats holds the repeats alone.

    A thread is looked up by its person; what a decision found, by the moment of the decision.
    """

    dependencies = [("inbox", "0009_one_key")]
    operations = [
        migrations.RemoveIndex("appeal", "inbox_appea_tenant__08b76b_idx"),
        migrations.AlterField(
            "appeal", "tenant", models.ForeignKey("accounts.tenant", PROTECT, db_index=False)
        ),
        migrations.AlterField(
            "appeal", "channel", models.ForeignKey("inbox.channel", PROTECT, db_index=False)
        ),
        migrations.AlterField(
            "appeal",
            "thread",
            models.ForeignKey("inbox.thread", PROTECT, related_name="appeals", db_index=False),
        ),
        migrations.AlterField(
            "appeal",
            "copy_of",
            models.ForeignKey(
                "inbox.appeal", SET_NULL, null=True, blank=True, related_name="copies", db_index=False
            ),
        ),
        migrations.AddIndex(
            "appeal",
            models.Index(fields=["copy_of"], condition=~models.Q(copy_of=None), name="inbox_appeal_copies"),
        ),
        migrations.RunSQL("DROP INDEX inbox_finding_decision"),
    ]
