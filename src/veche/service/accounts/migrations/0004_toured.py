"""Who has seen the tour."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column of people."""

    dependencies = [("accounts", "0003_signing_in")]

    operations = [
        migrations.AddField("user", "toured", models.BooleanField(default=False)),
    ]
