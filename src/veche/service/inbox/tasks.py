"""Jobs of the inbox: files that are looked through and taken in. Arguments are ids, nothing else.

Every job may be begun again, also after it has done its work: its process may be killed before that is noted.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from procrastinate.tasks import Task

from veche.core.errors import ServiceFault, VecheError
from veche.core.i18n import speaking
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox import imports
from veche.service.inbox.models import FileImport, ImportState

_log = logging.getLogger("veche.jobs")

#: A job whose process has not been heard of for so long is begun anew by another.
LOST = timedelta(seconds=60)

#: What passes: the database is away, or its disk is full. The job goes on later where it stopped.
_LATER = RetryStrategy(wait=15, retry_exceptions={OperationalError, InterfaceError})


def defer(task: Task[Any, Any, Any], brought: FileImport) -> None:
    """Let a job about a file follow, in the caller's transaction: both are durable, or neither is."""
    task.defer(tenant=str(brought.tenant_id), file=str(brought.pk))


@app.task(name="imports.look_through", queue="imports", retry=_LATER)
def look_through(tenant: str, file: str) -> None:
    """Look through a file that was brought."""
    _step(UUID(tenant), UUID(file), imports.look_through, due=ImportState.CHECKING)


@app.task(name="imports.bring_in", queue="imports", retry=_LATER)
def bring_in(tenant: str, file: str) -> None:
    """Take in the rows of a file that a person confirmed."""
    _step(UUID(tenant), UUID(file), imports.bring_in, due=ImportState.IMPORTING)


@app.periodic(cron="15 * * * *")
@app.task(name="imports.forget", queueing_lock="imports.forget")
def forget(timestamp: int) -> None:
    """Remove files that nobody confirmed, and those that no import waits for."""
    now = datetime.fromtimestamp(timestamp, UTC)
    tenants = list(Tenant.objects.values_list("pk", flat=True))
    for tenant in tenants:
        imports.forget_old(tenant, now=now)
    imports.remove_stray(tenants, now=now)


@app.periodic(cron="* * * * * */15")
@app.task(name="jobs.take_up_lost", queueing_lock="jobs.take_up_lost", pass_context=False)
async def take_up_lost(timestamp: int) -> None:  # noqa: ARG001
    """Begin anew what a process that was killed had begun; every job may be begun twice.

    Where the same was asked for meanwhile, that one does it; it cannot begin while the lost one has its lock.
    """
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=LOST.total_seconds()):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)


def _step(tenant: UUID, file: UUID, step: imports.Step, *, due: ImportState) -> None:
    with working(tenant):
        brought = FileImport.objects.select_related("by").get(pk=file)
    if brought.state != due:
        imports.remove_ended(brought)
        return
    with speaking(brought.by.language if brought.by else "en"):
        try:
            step(tenant, file, now=datetime.now(UTC))
        except VecheError as error:
            imports.fail(tenant, file, error.code)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            _log.exception("An import failed.")
            imports.fail(tenant, file, ServiceFault.code)
