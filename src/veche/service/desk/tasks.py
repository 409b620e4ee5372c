"""Jobs of the desk: dealing what is new, dealing anew, drawing samples, weighing what checks said.

Arguments are ids, nothing else. Every job may be begun again also after it has done its work.
"""

from datetime import UTC, datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.desk import checks, dealing

#: The database is away: the job goes on later where it stopped.
_LATER = RetryStrategy(wait=15, retry_exceptions={OperationalError, InterfaceError})

#: The best of the queue is dealt anew after so many decisions.
DECISIONS = 25


@app.task(name="desk.deal_new", retry=_LATER)
def deal_new(tenant: str) -> None:
    """Put what came in or changed on cards; after some decisions, deal the best anew with what they teach."""
    key = UUID(tenant)
    dealing.deal_new(key)
    if dealing.decided_since(key) >= DECISIONS:
        dealing.deal_best(key)


@app.task(name="desk.deal_all", retry=_LATER)
def deal_all(tenant: str) -> None:
    """Deal all that waits."""
    dealing.deal_all(UUID(tenant))


@app.task(name="desk.weigh", retry=_LATER)
def weigh(tenant: str) -> None:
    """Let checks move what is decided alone; where they did, deal what waits now."""
    key, now = UUID(tenant), datetime.now(UTC)
    with working(key):
        moved = checks.weigh(key, now)
        checks.draw(key, now)
        wrong = checks.found_wrong(key)
    if moved:
        dealing.deal_all(key)
    elif wrong:
        dealing.deal_these(key, wrong)


@app.periodic(cron="* * * * *")
@app.task(name="desk.look", queueing_lock="desk.look", lock="desk.look")
def look(timestamp: int) -> None:  # noqa: ARG001 - what is periodic is told when
    """Deal what came in though nobody was told of it."""
    for tenant in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        dealing.deal_new(tenant)


@app.periodic(cron="*/10 * * * *")
@app.task(name="desk.draw", queueing_lock="desk.draw", lock="desk.draw")
def draw(timestamp: int) -> None:
    """Draw samples of what was decided alone, where too few wait to be checked."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for tenant in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with working(tenant):
            checks.draw(tenant, now)


@app.periodic(cron="40 1 * * *")
@app.task(name="desk.nightly", queueing_lock="desk.nightly")
def nightly(timestamp: int) -> None:
    """Deal all anew, and forget cards that were taken apart."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for tenant in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        dealing.deal_all(tenant)
        dealing.forget(tenant, now)
