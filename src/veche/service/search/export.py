"""What was found as a table: CSV that spreadsheets open, masked texts, nothing that a spreadsheet runs.

A table with texts leaves the house, so the ledger says that it did, and it is noted as something to make anew
when a person whose words may stand in it is erased.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from veche.run.rejects import defused
from veche.service.accounts.access import appeals_of
from veche.service.accounts.models import User
from veche.service.desk.rows import lines
from veche.service.inbox.models import AppealText, State
from veche.service.ledger.append import append_many
from veche.service.ledger.entries import New
from veche.service.search.found import Found, page

#: Rows of one table; the first of what was found.
MOST = 10_000
_AT_ONCE = 1_000
#: Spreadsheets take a file for UTF-8 when it begins with this.
_MARK = "\ufeff"


def table(user: User, found: Found) -> bytes:
    """Return the first `MOST` appeals of what was found as CSV (UTF-8), within `acting(user)`."""
    ids = page(found, MOST).ids
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(_head())
    tenants: dict[UUID, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for tenant, row in _rows(user, ids[start : start + _AT_ONCE]):
            tenants[tenant] = tenants.get(tenant, 0) + 1
            rows.writerow([defused(cell) for cell in row])
    _note(user, tenants)
    return (_MARK + out.getvalue()).encode()


def _head() -> list[str]:
    return [
        _("Number"),
        _("Received"),
        _("Authority"),
        _("Channel"),
        _("State"),
        _("Topic"),
        _("Responsible body"),
        _("Place"),
        _("Language"),
        _("Urgency"),
        _("Text"),
    ]


def _rows(user: User, ids: Sequence[UUID]) -> Iterator[tuple[UUID, list[str]]]:
    states = {str(code): str(words) for code, words in State.choices}
    known = {appeal.pk: appeal for appeal in appeals_of(user).filter(pk__in=ids)}
    texts = dict(AppealText.objects.filter(pk__in=list(known)).values_list("pk", "text"))
    for line in lines((known[id] for id in ids if id in known), {}):
        appeal = line.appeal
        received = date_format(timezone.localtime(appeal.received_at), "Y-m-d H:i")
        about = [line.topic, line.body, line.place, line.language, line.urgency]
        row = [line.number, received, line.tenant, line.channel, states.get(appeal.state, ""), *about]
        yield appeal.tenant_id, [*row, texts.get(appeal.pk, "")]


def _note(user: User, tenants: dict[UUID, int]) -> None:
    if not tenants:
        return
    title = "appeals " + timezone.now().strftime("%Y-%m-%d %H:%M")
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_note_export(%s, %s)", [list(tenants), title])
    append_many(
        New(tenant, "appeal.exported", f"user:{user.pk}", f"tenant:{tenant}", {"appeals": n})
        for tenant, n in tenants.items()
    )
