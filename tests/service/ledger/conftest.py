"""A sealer that the tests call round by round, and how entries get into chains."""

import datetime as dt
from contextlib import closing

import psycopg
import pytest


@pytest.fixture
def sealer(tmp_path):
    """A sealer with a key and a file of its own."""
    from veche.service.ledger.sealer import make_sealer

    folder = tmp_path / "ledger"
    folder.mkdir()
    return make_sealer(tmp_path / "ledger.key", folder)


@pytest.fixture
def seal(urls):
    """Let a sealer make one round, as its database role."""

    def round(sealer):
        with closing(psycopg.connect(urls.sealer, autocommit=True)) as connection:
            return sealer.round(connection)

    return round


@pytest.fixture
def done():
    """Append entries to the chain of a tenant."""
    from veche.service.accounts.acting import working
    from veche.service.ledger.append import append_many
    from veche.service.ledger.entries import New

    def append(tenant, n=1):
        with working(tenant.pk):
            append_many(
                New(tenant.pk, "appeal.understood", "inbox.worker", "chunk", {"n": i}) for i in range(n)
            )

    return append


@pytest.fixture
def tampered(superuser, urls):
    """Change the database as somebody with all rights may."""

    def change(*statements):
        name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
        url = psycopg.conninfo.make_conninfo(superuser, dbname=name)
        with psycopg.connect(url) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                connection.execute(statement)

    return change


@pytest.fixture
def set_clock():
    """Let a sealer believe in another time."""

    def change(sealer, text):
        sealer.clock = lambda: dt.datetime.fromisoformat(text)

    return change
