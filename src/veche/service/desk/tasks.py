"""Jobs of the desk: dealing what is new, dealing anew, drawing samples, weighing what checks said.

Arguments are ids, nothing else. Every job may be begun again also after it has done its work. None that fails
is tried again by itself: one that was asked for meanwhile would be in its way. The periodic ones do its work.
"""

from datetime import UTC, datetime
from uuid import UUID

from procrastinate.contrib.django import app

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.desk import checks, dealing

#: The best of the queue is dealt anew after so many decisions.
DECISIONS = 25


@app.task(name="desk.deal_new")
def deal_new(tenant: str) -> None:
    """Put what came in or changed on cards; after some decisions, deal the best anew with what they teach."""
    key = UUID(tenant)
    dealing.deal_new(key)
    if dealing.decided_since(key) >= DECISIONS:
        dealing.deal_best(key)


@app.task(name="desk.weigh")
def weigh(tenant: str) -> None:
    """Let checks move what is decided alone; where they did, deal what waits now."""
    _weigh(UUID(tenant), datetime.now(UTC))


def _weigh(tenant: UUID, now: datetime) -> None:
    with working(tenant):
        moved = checks.weigh(tenant, now)
        checks.draw(tenant, now)
        wrong = checks.found_wrong(tenant)
    if moved:
        dealing.deal_all(tenant)
    elif wrong:
        dealing.deal_these(tenant, wrong)


@app.periodic(cron="* * * * *")
@app.task(name="desk.look", queueing_lock="desk.look", lock="desk.look")
def look(timestamp: int) -> None:  # noqa: ARG001 - what is periodic is told when
    """Deal what came in though nobody was told of it."""
    for tenant in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        dealing.deal_new(tenant)


@app.periodic(cron="*/10 * * * *")
@app.task(name="desk.draw", queueing_lock="desk.draw", lock="desk.draw")
def draw(timestamp: int) -> None:
    """Draw samples of what was decided alone, where too few wait to be checked; weigh what checks said."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for tenant in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        _weigh(tenant, now)


@app.periodic(cron="40 1 * * *")
@app.task(name="desk.nightly", queueing_lock="desk.nightly")
def nightly(timestamp: int) -> None:
    """Deal all anew, and forget cards that were taken apart."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for tenant in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        dealing.deal_all(tenant)
        dealing.forget(tenant, now)
