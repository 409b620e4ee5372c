"""Takes from appeals all that somebody wrote: the one place that knows where such things lie.

What is counted stays: the appeal's number, its state, its facets, its place. Files are removed from disk when
the transaction is done; one that a crash leaves is removed by `retention.sweep_files`, and no key opens it.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from veche.service.vault.files import remove_files

#: Facets whose values are codes of a pack. Any other may hold words of the text, and loses its value.
CODED_FACETS = ("language", "kind", "topic", "body", "place", "urgency", "group")

# `inbox_pending` comes first: who deletes that row decides whether a worker may still write the text.
_STATEMENTS = (
    ("pending", "DELETE FROM inbox_pending WHERE appeal_id = ANY(%(appeals)s)"),
    ("originals", "DELETE FROM vault_sealed WHERE appeal_id = ANY(%(appeals)s)"),
    ("texts", "DELETE FROM inbox_appealtext WHERE appeal_id = ANY(%(appeals)s)"),
    (
        "findings",
        "UPDATE inbox_finding SET evidence = '[]', value = CASE WHEN facet = ANY(%(coded)s) THEN value END"
        " WHERE appeal_id = ANY(%(appeals)s)",
    ),
    ("reasons", "UPDATE vault_look SET reason = '' WHERE appeal_id = ANY(%(appeals)s) AND reason <> ''"),
    ("appeals", "UPDATE inbox_appeal SET state = 'erased' WHERE id = ANY(%(appeals)s)"),
)


def strip_appeals(tenant_id: UUID, appeals: Sequence[UUID]) -> dict[str, int]:
    """Remove what was written in these appeals of one tenant; return how many of each thing were removed."""
    given = {"appeals": list(appeals), "coded": list(CODED_FACETS)}
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for name, statement in _STATEMENTS:
            cursor.execute(statement, given)
            counts[name] = cursor.rowcount
        cursor.execute("DELETE FROM inbox_attachment WHERE appeal_id = ANY(%(appeals)s) RETURNING id", given)
        files = [row[0] for row in cursor.fetchall()]
    if files:
        transaction.on_commit(partial(remove_files, tenant_id, files))
    return {**counts, "attachments": len(files)}
