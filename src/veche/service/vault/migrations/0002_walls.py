"""The walls around the vault."""

from django.db import migrations


class Migration(migrations.Migration):
    """Protects keys and originals."""

    dependencies = [("vault", "0001_initial"), ("accounts", "0002_walls")]
    operations = [
        migrations.RunSQL(
            "SELECT veche_protect('vault_personkey', 'tenant'), veche_protect('vault_sealed', 'part')"
        )
    ]
