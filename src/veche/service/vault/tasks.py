"""What the vault does every night."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from veche.service.accounts.models import Tenant
from veche.service.vault.retention import retain, sweep_files


@app.periodic(cron="20 1 * * *")
@app.task(name="vault.retention", queueing_lock="vault.retention", lock="vault.retention")
def retention(timestamp: int) -> None:
    """Strip what is over age in every tenant, and remove files that nothing refers to."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for tenant in Tenant.objects.order_by("pk"):
        retain(tenant, now)
        sweep_files(tenant, now)
