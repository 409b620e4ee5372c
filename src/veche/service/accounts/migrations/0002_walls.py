"""The walls between tenants."""

from pathlib import Path

from django.db import migrations

from veche.service.sql import run_sql


class Migration(migrations.Migration):
    """Makes what later tables are protected with."""

    dependencies = [("accounts", "0001_initial")]
    operations = [run_sql(Path(__file__).parents[1] / "sql" / "walls.sql")]
