"""A citizen with a browser without JavaScript, and authorities that take appeals by form."""

import html
import re
from types import SimpleNamespace

import psycopg
import pytest

#: A text that names its place and its time, so that nothing is asked.
CLEAR = "В Новосибирске на улице Лесной, 5 со вчерашнего дня, с 21.11.2026, нет горячей воды."
#: One that names no place.
UNCLEAR = "На улице Лесной огромная яма, машины ломаются."


@pytest.fixture
def doors(cast, as_owner):
    """The region and the city take appeals by form; the channel of each by name."""
    from veche.service.inbox.models import Channel

    with as_owner():
        return SimpleNamespace(
            **{
                name: Channel.objects.create(tenant=getattr(cast.tenants, name), code="form", title="Form")
                for name in ("region", "city")
            }
        )


class Citizen:
    """Opens pages, fills in forms as they stand there, and sends them; keeps no cookies."""

    def __init__(self):
        self.slow = True

    def get(self, path, **headers):
        from django.test import Client

        return Client().get(path, headers=headers)

    def form(self, path="/en/write/region/"):
        """Return the fields of the form at an address, as they are before anybody types."""
        return fields(self.get(path).content.decode())

    def post(self, path, data, **headers):
        from django.test import Client

        return Client().post(path, data, headers=headers)

    def write(self, text, path="/en/write/region/", **more):
        """Open the form, fill it in and send it."""
        return self.post(path, {**self.form(path), "text": text, **more})


def fields(page):
    """Return the named fields of the form of a page with their values."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        names = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in names and names.get("type") not in ("file", "checkbox"):
            found[names["name"]] = html.unescape(names.get("value", ""))
    for name, value in re.findall(r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        found[name] = html.unescape(value)
    return found


@pytest.fixture
def citizen(doors, monkeypatch):  # noqa: ARG001
    """Somebody who types slowly enough for a person."""
    from veche.service.public import filled

    monkeypatch.setattr(filled, "LEAST_SECONDS", 0.0)
    return Citizen()


@pytest.fixture
def rows_of(superuser, urls):
    """Read rows past all walls."""
    name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
    with psycopg.connect(
        psycopg.conninfo.make_conninfo(superuser, dbname=name), autocommit=True
    ) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


@pytest.fixture
def count(rows_of):
    """Count all appeals."""
    return lambda: rows_of("SELECT count(*) FROM inbox_appeal")[0][0]


@pytest.fixture
def original_of(cast):
    """Open what a citizen sent, by the number that was shown."""

    def opened(number):
        from veche.service.accounts.acting import working
        from veche.service.inbox import numbers
        from veche.service.inbox.models import Appeal
        from veche.service.vault.seal import open_appeal

        with working(*(t.pk for t in vars(cast.tenants).values())):
            return open_appeal(Appeal.objects.get(number=numbers.read(number)).pk)

    return opened
