"""Django's own check of an installation, as people reach it by https and as it serves this machine."""

import os
import subprocess
import sys

import pytest


def _environment():
    """What an installation has: without what the tests allow themselves beside a browser."""
    return {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}


@pytest.mark.parametrize("address", ["https://appeals.example", "http://127.0.0.1:8000"])
def test_djangos_check_of_an_installation_finds_nothing(installed, address):  # noqa: ARG001 - sets the environment
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "INFO"]
    done = subprocess.run(
        command, env={**_environment(), "VECHE_PUBLIC_URL": address}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_by_https_cookies_and_pages_stay_on_https(installed):  # noqa: ARG001 - sets the environment
    code = (
        "import django; django.setup(); from django.test import Client; c = Client(SERVER_NAME='localhost');"
        "p = c.get('/account/login/'); assert p.status_code == 301, p.status_code;"
        "p = c.get('/account/login/', headers={'x-forwarded-proto': 'https'});"
        "assert p.headers['Strict-Transport-Security'].startswith('max-age=31536000');"
        "assert p.cookies['csrftoken']['secure'] and p.cookies['csrftoken']['httponly'];"
        "assert c.get('/healthz').status_code == 200"
    )
    env = {**_environment(), "VECHE_PUBLIC_URL": "https://appeals.example"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
