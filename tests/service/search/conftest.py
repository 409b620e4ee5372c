"""Appeals that are there to be found, without a worker that would have to understand them first."""

import re
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
import pytest

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

_numbers = count(5_000_001)

_TEXT = """
INSERT INTO inbox_appealtext (appeal_id, tenant_id, text, masks, search, vector)
VALUES (%s, %s, %s, '[]', to_tsvector('pg_catalog.russian', translate(%s, 'ёЁ', 'еЕ')), %s)
"""


@pytest.fixture
def appeal(cast):
    """Make an appeal that was understood, with a text that can be found; returns it.

    `vector` is the vector of its text; "real" has it made by the encoder.
    """
    from django.db import connection

    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal, Person, Thread

    def make(text, *, to="region", at=NOW, vector=None, **columns):
        tenant, channel = getattr(cast.tenants, to), getattr(cast.channels, to)
        number = next(_numbers)
        with working(tenant.pk):
            person = columns.pop("person", None) or Person.objects.create(tenant=tenant)
            thread = columns.pop("thread", None) or Thread.objects.create(
                tenant=tenant, person=person, opened_at=at, last_at=at
            )
            made = Appeal.objects.create(
                tenant=tenant,
                channel=channel,
                person=person,
                thread=thread,
                number=number,
                identity=number.to_bytes(8),
                content_hash=b"0" * 32,
                secret_hash=b"0" * 32,
                **{
                    "received_at": at,
                    "taken_at": at,
                    "understood_at": at,
                    "day": at.date(),
                    "state": "understood",
                    "language": "ru",
                    "urgency": "none",
                    **columns,
                },
            )
            with connection.cursor() as cursor:
                cursor.execute(_TEXT, [made.pk, tenant.pk, text, text, packed(text, vector)])
        return made

    return make


def packed(text, vector):
    """A vector as the table has it."""
    import numpy as np

    from veche.stages.vectors import encode

    if vector is None:
        return b""
    return np.asarray(encode([text])[0] if isinstance(vector, str) else vector, np.float16).tobytes()


@pytest.fixture
def rows_of(superuser, urls):
    """Read and change rows past all walls."""
    name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
    with psycopg.connect(
        psycopg.conninfo.make_conninfo(superuser, dbname=name), autocommit=True
    ) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


@pytest.fixture
def looking(cast):
    """Return what a person of the cast finds: ids in order, and how many there are."""
    from django.http import QueryDict

    from veche.service.accounts.acting import acting
    from veche.service.search.filters import Filters
    from veche.service.search.found import look, page

    def find(name, query, *, best=False):
        user = getattr(cast.people, name)
        with acting(user):
            found = look(user, Filters.read(QueryDict(query), user), best=best)
            return page(found, 1000).ids, found

    return find


@pytest.fixture
def enter(cast):
    """Return a browser in which a person of the cast is signed in."""
    from django.test import Client

    def client(name):
        browser = Client()
        browser.force_login(getattr(cast.people, name))
        return browser

    return client


@pytest.fixture
def narrowed(cast, as_owner):
    """An editor of the region whose role reaches one town and no more."""
    from veche.service.accounts.models import Role, User

    with as_owner():
        user = User.objects.create_user("narrow@veche.example", "Narrow")
        Role.objects.create(
            tenant=cast.tenants.region,
            user=user,
            role="editor",
            territory="RU/RU-TA/kazan",
            valid_from=datetime.now(UTC) - timedelta(days=1),
        )
    cast.people.narrowed = user
    return user


def numbers_in(shown):
    """The numbers of the appeals that a list shows, in its order."""
    return re.findall(r'class="row" href="/appeals/(\d+-\d)/', shown)


def number_of(appeal):
    from veche.service.inbox.numbers import shown

    return shown(appeal.number)


def page(browser, path, status=200):
    answer = browser.get(path, follow=True)
    assert answer.status_code == status, path
    return answer.content.decode()
