"""Jobs of themes: a search that was asked for or is due at night, following, what has to be described anew.

Every job may be begun again, also after it has done its work.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from veche.core.errors import ServiceFault, VecheError
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant, User
from veche.service.inbox import claims
from veche.service.inbox.models import Appeal, State
from veche.service.live import tell
from veche.service.themes import describing, finding, following
from veche.service.themes.models import Work, WorkState
from veche.service.themes.remembering import Keeper

_log = logging.getLogger("veche.jobs")

#: What passes: the database is away, or its disk is full. The search is done again later.
_LATER = RetryStrategy(wait=30, max_attempts=20, retry_exceptions={OperationalError, InterfaceError})

#: Following goes on for so long in one job, and writes its memory to disk so often.
FOLLOW_SECONDS, KEEP_SECONDS = 10.0, 60.0

#: With so many appeals themes are searched for without being asked for, and again when there are twice as
#: many; from so many on every night is enough.
FIRST, LARGE = 500, 20_000

#: Of so many that wait to be understood, more are on their way than a search could take in.
MANY = 1_000

_FRESH = "SELECT EXISTS (SELECT FROM inbox_appeal WHERE tenant_id = %s AND understood_at > %s)"

_keeper = Keeper()
_kept_at = 0.0


def ask(tenant_id: UUID, by: User | None) -> bool:
    """Let a search follow, in the caller's transaction; return whether none was on its way already."""
    work = Work.objects.get_or_create(pk=tenant_id, defaults={"state": WorkState.DONE})[0]
    work = Work.objects.select_for_update().get(pk=tenant_id)
    if work.running:
        return False
    work.state, work.step, work.fraction, work.failure = WorkState.WAITING, "", 0.0, ""
    work.asked_by, work.asked_at, work.cancel_asked = by, datetime.now(UTC), False
    work.begun_at = work.finished_at = None
    work.save()
    find_themes.configure(lock=f"themes.find {tenant_id}").defer(tenant=str(tenant_id))
    tell(tenant_id, "theme")
    return True


def cancel(tenant_id: UUID) -> bool:
    """Ask a search to end, in the caller's transaction; return whether that can still be."""
    waiting = Work.objects.filter(pk=tenant_id, state__in=[WorkState.WAITING, WorkState.FINDING])
    found = bool(waiting.update(cancel_asked=True))
    tell(tenant_id, "theme")
    return found


@app.task(name="themes.find", queue="themes", retry=_LATER)
def find_themes(tenant: str) -> None:
    """Search for the themes of an authority."""
    tenant_id = UUID(tenant)
    with working(tenant_id):
        work = Work.objects.select_for_update().filter(pk=tenant_id).first()
        if work is None or not work.running:
            return
        work.state, work.begun_at = WorkState.FINDING, datetime.now(UTC)
        work.save(update_fields=["state", "begun_at"])
    try:
        found = finding.find(tenant_id)
    except finding.Cancelled:
        _end(tenant_id, WorkState.CANCELLED)
    except VecheError as error:
        _end(tenant_id, WorkState.FAILED, error.code)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        _log.exception("A search for themes failed.")
        _end(tenant_id, WorkState.FAILED, ServiceFault.code)
    else:
        _log.info("Themes found.", extra={"appeals": found.appeals})


def _end(tenant_id: UUID, state: WorkState, code: str = "") -> None:
    with working(tenant_id):
        Work.objects.filter(pk=tenant_id).update(
            state=state, failure=code, finished_at=datetime.now(UTC), cancel_asked=False, step=""
        )
        tell(tenant_id, "theme")


@app.periodic(cron="40 2 * * *")
@app.task(name="themes.find_at_night", queue="themes", queueing_lock="themes.find_at_night")
def find_at_night(timestamp: int) -> None:
    """Search again wherever appeals came since the last search."""
    long_ago = datetime.fromtimestamp(timestamp, UTC) - timedelta(days=36_500)
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with working(tenant_id), connection.cursor() as cursor:
            work = Work.objects.filter(pk=tenant_id).first()
            since = (work and work.finished_at) or long_ago
            cursor.execute(_FRESH, [tenant_id, since])
            [[fresh]] = cursor.fetchall()
            if fresh:
                ask(tenant_id, None)


@app.periodic(cron="* * * * *")
@app.task(name="themes.find_first", queue="themes", queueing_lock="themes.find_first")
def find_first(timestamp: int) -> None:  # noqa: ARG001 - what is periodic is told when
    """Search where the first appeals came, or many since the last search: nobody has to ask for it.

    While many wait to be understood none begins: it would be old when it is done.
    """
    if claims.waiting(MANY)[0] >= MANY:
        return
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with working(tenant_id):
            work = Work.objects.filter(pk=tenant_id).first()
            if work is not None and (work.running or work.state != WorkState.DONE or work.appeals > LARGE):
                continue
            enough = max(FIRST, 2 * work.appeals if work else 0)
            if Appeal.objects.filter(tenant=tenant_id, state=State.UNDERSTOOD)[enough - 1 : enough].exists():
                ask(tenant_id, None)


@app.periodic(cron="* * * * * */3")
@app.task(name="themes.follow", queue="themes", queueing_lock="themes.follow", lock="themes.follow")
def follow(timestamp: int) -> None:  # noqa: ARG001 - what is periodic is told when
    """Place the appeals that came since, and tell what is new."""
    until = time.monotonic() + FOLLOW_SECONDS
    while time.monotonic() < until and follow_once():
        pass


def follow_once() -> int:
    """Do a step for each authority where something waits; return how many appeals were placed."""
    global _kept_at
    placed = sum(following.follow(_keeper, tenant_id) for tenant_id in following.waiting())
    if time.monotonic() - _kept_at > KEEP_SECONDS:
        _keeper.save_all()
        _kept_at = time.monotonic()
    return placed


@app.periodic(cron="* * * * *")
@app.task(name="themes.renew", queue="themes", queueing_lock="themes.renew", lock="themes.renew")
def renew(timestamp: int) -> None:  # noqa: ARG001 - what is periodic is told when
    """Describe anew the themes that were changed."""
    for tenant_id in describing.to_renew():
        describing.renew(tenant_id)
