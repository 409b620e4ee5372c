"""Which model an authority decides with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column of authorities."""

    dependencies = [("accounts", "0004_toured")]

    operations = [
        migrations.AddField("tenant", "model", models.CharField(blank=True, default="", max_length=64)),
    ]
