"""Signing in with an identity of the house, at a real provider (OpenID Connect) that runs beside the test."""

import re
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

HERE = Path(__file__).resolve().parent
BACK = "http://testserver/account/identity/oidc/house/login/callback/"


@pytest.fixture(scope="module")
def issuer():
    """A provider's address. It needs Node and `npm ci`, as building the project does."""
    node = shutil.which("node")
    assert node, "Node is missing; the project's build needs it too"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [node, "--no-warnings", str(HERE / "provider.mjs"), str(port), BACK]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout.readline() == "ready\n", "run `npm ci`"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture
def house(issuer, cast, settings_with):
    """The service, told of the provider."""
    from veche.service.environment import Environment, Oidc, identities

    env = Environment(
        Path(), "", "", "", [], None, False, oidc=Oidc(issuer, "veche", "not-a-secret-in-a-test", "House")
    )
    with settings_with(SOCIALACCOUNT_PROVIDERS=identities(env)):
        yield cast


@pytest.fixture
def settings_with():
    from django.test import override_settings

    return override_settings


def come_back(client, name):
    """Go to the provider, sign in there under a name, and return our answer to the way back."""
    start = client.post("/account/identity/oidc/house/login/?process=login")
    assert start.status_code == 302
    assert "code_challenge_method=S256" in start.headers["Location"]
    return client.get(consent(start.headers["Location"], name), follow=False)


def consent(address, name):
    with requests.Session() as browser:
        answer = browser.get(address, allow_redirects=False)
        for _ in range(12):
            if answer.is_redirect:
                address = urljoin(answer.url, answer.headers["Location"])
                if address.startswith(BACK):
                    return address.removeprefix("http://testserver")
                answer = browser.get(address, allow_redirects=False)
                continue
            form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            assert form, answer.text
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)[1]
            typed = {"prompt": prompt, "login": name, "password": "any"}
            answer = browser.post(urljoin(answer.url, form[1]), data=typed, allow_redirects=False)
    raise AssertionError("the provider led nowhere")


def signed_in(client):
    return "_auth_user_id" in client.session


def test_the_page_offers_the_identity_of_the_house(client):
    assert "Sign in with House" in client.get("/account/login/").content.decode()


def test_who_works_here_comes_in_and_is_linked_to_the_same_account(house, client):
    from allauth.socialaccount.models import SocialAccount
    from django.test import Client

    answer = come_back(client, "editor")
    assert urlsplit(answer.headers["Location"]).path == "/"
    assert client.session["_auth_user_id"] == str(house.people.editor.pk)
    again = Client()
    come_back(again, "editor")
    assert signed_in(again)
    assert SocialAccount.objects.filter(user=house.people.editor).count() == 1


def test_an_identity_makes_no_account(client):
    from veche.service.accounts.models import User

    before = User.objects.count()
    answer = come_back(client, "newcomer")
    assert answer.status_code == 403
    assert "You have no account here" in answer.content.decode()
    assert not signed_in(client)
    assert User.objects.count() == before


def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(house, client, as_owner):
    with as_owner():
        house.people.editor.email = "unsure@veche.example"
        house.people.editor.save()
    assert come_back(client, "unsure").status_code == 403
    assert not signed_in(client)


def test_who_has_no_role_any_more_is_not_linked(house, client, as_owner):
    from django.utils import timezone

    from veche.service.accounts.models import Role

    with as_owner():
        Role.objects.filter(user=house.people.editor).update(valid_to=timezone.now())
    assert come_back(client, "editor").status_code == 403
    assert not signed_in(client)


def test_an_answer_that_nobody_asked_for_opens_nothing(client):
    answer = client.get("/account/identity/oidc/house/login/callback/?code=stolen&state=made-up")
    assert not signed_in(client)
    assert "Signing in did not work" in answer.content.decode()


@pytest.fixture
def client(house):  # noqa: ARG001 - the service knows the provider
    from django.test import Client

    return Client()
