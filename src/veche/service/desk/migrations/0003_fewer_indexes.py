"""No index of members that their key contains."""

from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    """Drops one index."""

    dependencies = [("desk", "0002_walls")]
    operations = [
        migrations.AlterField(
            "member", "card", models.ForeignKey("desk.card", CASCADE, related_name="members", db_index=False)
        ),
    ]
