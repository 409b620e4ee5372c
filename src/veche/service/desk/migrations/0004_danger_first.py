"""Of the exceptions of a card, who is in danger comes first."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Writes `veche_desk_members` anew."""

    dependencies = [("desk", "0003_fewer_indexes")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "danger_first.sql")]
