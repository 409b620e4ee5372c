"""Jobs of the board: mails whose time has come. Arguments are ids, nothing else.

A job may be begun again also after it has done its work; a mail that was sent is not sent twice, but for the
moment between the mail server's yes and our note of it.
"""

from datetime import UTC, datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.board import mailing

#: The database is away: the job goes on later.
_LATER = RetryStrategy(wait=15, retry_exceptions={OperationalError, InterfaceError})


@app.periodic(cron="* * * * *")
@app.task(name="board.due", queueing_lock="board.due", lock="board.due")
def due(timestamp: int) -> None:
    """Make the mails whose time has come; without a mail server they wait until there is one."""
    if not mailing.can_send():
        return
    now = datetime.fromtimestamp(timestamp, UTC)
    for tenant in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with working(tenant):
            for sending in mailing.take_due(tenant, now):
                send.defer(tenant=str(tenant), sending=str(sending.pk))


@app.task(name="board.send", retry=_LATER)
def send(tenant: str, sending: str) -> None:
    """Send one mail; where that fails for now, once more later."""
    again = mailing.send(UUID(tenant), UUID(sending), datetime.now(UTC)).again_at
    if again:
        send.configure(schedule_at=again).defer(tenant=tenant, sending=sending)
