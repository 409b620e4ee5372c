"""A finding points to an appeal of its tenant, by one key."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Drops the keys that say of a finding what another key says already."""

    dependencies = [("inbox", "0008_no_tally")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "one_key.sql")]
