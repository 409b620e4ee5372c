"""A program with a token of the region's channel."""

from types import SimpleNamespace

import orjson
import pytest


def make_token(channel, **limits):
    """Return a new token of a channel and its secret; inside no transaction."""
    from veche.service.accounts.acting import working
    from veche.service.inbox import tokens

    with working(channel.tenant_id):
        return tokens.make(channel, "A program", actor="process:test", **limits)


class Program:
    """Asks the API with a token; JSON in, JSON out."""

    def __init__(self, token):
        from django.test import Client

        self.token = token
        self._client = Client(raise_request_exception=False)

    def post(self, body, *, key=None, type="application/json", **headers):
        data = body if isinstance(body, bytes | str) else orjson.dumps(body)
        return self.ask("POST", "/api/v1/appeals", data, type=type, key=key, **headers)

    def send(self, appeal, *files, key=None):
        data = {"appeal": orjson.dumps(appeal).decode(), "files": list(files)}
        named = {"Idempotency-Key": key} if key is not None else {}
        return self._client.post("/api/v1/appeals", data, headers=self._headers() | named)

    def get(self, number, tail=""):
        return self.ask("GET", f"/api/v1/appeals/{number}{tail}")

    def delete(self, number):
        return self.ask("DELETE", f"/api/v1/appeals/{number}")

    def ask(self, method, path, data=b"", *, type="application/json", key=None, **headers):
        named = {"Idempotency-Key": key} if key is not None else {}
        return self._client.generic(method, path, data, type, headers=self._headers() | named | headers)

    def _headers(self):
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@pytest.fixture
def token(cast):
    """The region's token and its secret."""
    made, secret = make_token(cast.channels.region)
    return SimpleNamespace(id=made.pk, secret=secret)


@pytest.fixture
def program(token):
    """A program of the region."""
    return Program(token.secret)


@pytest.fixture
def stranger(cast):
    """A program of another region."""
    return Program(make_token(cast.channels.other)[1])


@pytest.fixture
def settings_with():
    """Call it in a `with`: inside, Django's settings are others."""
    from django.test import override_settings

    return override_settings


@pytest.fixture
def count(cast):
    """Count the region's appeals."""

    def counted():
        from veche.service.accounts.acting import working
        from veche.service.inbox.models import Appeal

        with working(cast.tenants.region.pk):
            return Appeal.objects.count()

    return counted
