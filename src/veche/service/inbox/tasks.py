"""Jobs of the inbox: files that are looked through and taken in. Arguments are ids, nothing else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from procrastinate.contrib.django import app

from veche.core.errors import VecheError
from veche.core.i18n import speaking
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox import imports
from veche.service.inbox.models import FileImport

#: A job whose process has not been heard of for so long is begun anew by another.
LOST = timedelta(seconds=60)


@app.task(name="imports.look_through", queue="imports")
def look_through(tenant: str, file: str) -> None:
    """Look through a file that was brought."""
    _step(UUID(tenant), UUID(file), imports.look_through)


@app.task(name="imports.bring_in", queue="imports")
def bring_in(tenant: str, file: str) -> None:
    """Take in the rows of a file that a person confirmed."""
    _step(UUID(tenant), UUID(file), imports.bring_in)


@app.periodic(cron="15 * * * *")
@app.task(name="imports.forget", queueing_lock="imports.forget")
def forget(timestamp: int) -> None:
    """Remove files that nobody confirmed."""
    for tenant in Tenant.objects.values_list("pk", flat=True):
        imports.forget_old(tenant, now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="* * * * *")
@app.task(name="jobs.take_up_lost", queueing_lock="jobs.take_up_lost", pass_context=False)
async def take_up_lost(timestamp: int) -> None:  # noqa: ARG001
    """Begin anew what a process that was killed had begun; every job may be begun twice."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=LOST.total_seconds()):
        await manager.retry_job(job)


def _step(tenant: UUID, file: UUID, step: imports.Step) -> None:
    with working(tenant):
        by = FileImport.objects.select_related("by").get(pk=file).by
    with speaking(by.language if by else "en"):
        try:
            step(tenant, file, now=datetime.now(UTC))
        except VecheError as error:
            imports.fail(tenant, file, error.code)
