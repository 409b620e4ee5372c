"""What tells a repeat from another text under the same id; allowances of tokens."""

from pathlib import Path

from django.db import migrations, models

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Adds a column and runs the file of SQL."""

    dependencies = [("inbox", "0002_tables")]
    operations = [
        migrations.AddField(
            "appeal", "content_hash", models.BinaryField(max_length=32, default=b""), preserve_default=False
        ),
        run_sql(Path(__file__).parents[1] / "sql" / "take_tables.sql"),
    ]
