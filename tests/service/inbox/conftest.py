"""Appeals that wait, and a worker that understands them."""

from datetime import UTC, datetime

import psycopg
import pytest
from tests.service.inbox.understanding import drain, worker_here

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def handed_in(cast):
    """Hand in texts to a tenant of the cast; returns the ids of the appeals, in order."""
    from veche.service.accounts.acting import working
    from veche.service.inbox.incoming import Incoming
    from veche.service.inbox.take import take

    def hand_in(*texts, to="region", **fields):
        tenant, channel = getattr(cast.tenants, to), getattr(cast.channels, to)
        batch = [text if isinstance(text, Incoming) else Incoming(text=text, **fields) for text in texts]
        with working(tenant.pk):
            return [t.appeal_id for t in take(tenant.pk, channel.pk, batch, actor="process:test", now=NOW)]

    return hand_in


@pytest.fixture
def understood(urls, as_worker):
    """Call it to let a worker understand all that waits."""

    def understand():
        with as_worker():
            return drain(worker_here(urls.worker))

    return understand


@pytest.fixture
def rows_of(superuser, urls):
    """Read rows past all walls."""
    name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
    with psycopg.connect(
        psycopg.conninfo.make_conninfo(superuser, dbname=name), autocommit=True
    ) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()
