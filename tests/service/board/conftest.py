"""Appeals of the cast, and the cubes that people of it see."""

from urllib.parse import urlencode

import pytest
from tests.service.board.filling import fill


@pytest.fixture(autouse=True)
def no_cubes(installed):  # noqa: ARG001
    """Let each test begin without a cube in memory."""
    from veche.service.board.scopes import forget

    forget()


@pytest.fixture
def filled(cast, urls):
    """Put appeals into a tenant of the cast; returns their ids, in order."""

    def put(*rows, to="region"):
        return fill(urls.owner, getattr(cast.tenants, to), getattr(cast.channels, to), list(rows))

    return put


@pytest.fixture
def asked(cast):
    """Read an address as a person of the cast; within `acting` of them."""

    def read(name="editor", **keys):
        from django.http import QueryDict

        from veche.service.search.filters import Filters

        return Filters.read(QueryDict(urlencode(keys, doseq=True)), getattr(cast.people, name))

    return read


@pytest.fixture
def as_owner_sql(urls):
    """Run one statement as the owner of the tables, committed at once; returns its rows."""
    import psycopg

    with psycopg.connect(urls.owner, autocommit=True) as connection:

        def run(statement, *values):
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

        yield run
