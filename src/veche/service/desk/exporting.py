"""What people decided, as a sheet of corrections that `veche learn` reads: masked texts only."""

import csv
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.db import connection

from veche.core.errors import OutputError
from veche.core.library_words import reason
from veche.run.rejects import defused
from veche.run.sheet import FACET, ID, TEXT, VALUE, headers
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.ledger.append import append
from veche.service.vault.erase import note_derived

#: Rows that are fetched together.
_PIECE = 2_000

#: The last decision in force of each appeal and facet; bodies that followed a topic nobody decided.
_DECIDED = """
SELECT DISTINCT ON (c.appeal_id, c.facet) c.appeal_id::text, t.text, c.facet,
    CASE WHEN c.facet = 'place' THEN regexp_replace(c.after, '^.*/', '') ELSE c.after END
FROM desk_changed c JOIN inbox_appealtext t ON t.appeal_id = c.appeal_id
WHERE c.tenant_id = %s AND c.chosen AND (%s = '' OR c.facet = %s)
ORDER BY c.appeal_id, c.facet, c.id DESC
"""


def export_decisions(tenants: list[Tenant], out: Path, *, facet: str = "", actor: str) -> int:
    """Write a CSV with a row for each appeal and facet that people decided; return how many rows.

    `facet` narrows it to one. The export is noted for each authority, so that an erasure names it.

    Raises:
        OutputError: the file cannot be written.
    """
    named = headers()
    written = 0
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow([named[column] for column in (ID, TEXT, FACET, VALUE)])
            for tenant in tenants:
                with working(tenant.pk):
                    rows = 0
                    for line in _decided(tenant.pk, facet):
                        sheet.writerow([defused(cell) for cell in line])
                        rows += 1
                    if rows:
                        derived = note_derived(tenant.pk, "export", out.name)
                        facts = {"rows": rows}
                        append(
                            tenant.pk,
                            "decisions.exported",
                            actor=actor,
                            object=f"export:{derived.pk}",
                            facts=facts,
                        )
                written += rows
    except OSError as error:
        raise OutputError(path=out, reason=reason(error)) from None
    return written


def _decided(tenant_id: UUID, facet: str) -> Iterator[tuple[str, str, str, str]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_DECIDED, [tenant_id, facet, facet])
        while rows := cursor.fetchmany(_PIECE):
            yield from rows
