"""Jobs that one room asks of another by name, so that neither needs to know the other."""

from functools import partial
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status


def soon(job: str, tenant: UUID, *, seconds: int = 0) -> None:
    """Let a job about an authority follow when the caller's transaction commits, `seconds` later.

    However often it is asked for meanwhile, it follows once. Should the process end just then, it was not
    asked for: what a job of this kind does has to be found by a periodic one too.
    """
    transaction.on_commit(partial(_defer, job, tenant, seconds))


def _defer(job: str, tenant: UUID, seconds: int) -> None:
    lock = f"{job}:{tenant}"
    # What waits already will see what was committed. Asked for again, PostgreSQL logs a refusal.
    if ProcrastinateJob.objects.filter(queueing_lock=lock, status=Status.TODO.value).exists():
        return
    task = app.configure_task(
        job, queueing_lock=lock, lock=f"{job.partition('.')[0]}:{tenant}", schedule_in={"seconds": seconds}
    )
    try:
        with transaction.atomic():
            task.defer(tenant=str(tenant))
    except AlreadyEnqueued:
        pass
