"""Signing in: by password, with a second factor, by a link; slowed guesses; sessions; headers."""

import re
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.utils import timezone

PASSWORD = "correct horse battery"


@pytest.fixture
def client(cast):  # noqa: ARG001 - there is somebody to be
    from django.test import Client

    return Client()


@pytest.fixture
def editor(cast):
    return with_password(cast.people.editor)


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, user, password=PASSWORD, **meta):
    return client.post("/account/login/", {"login": user.email, "password": password}, **meta)


def signed_in(client):
    return "_auth_user_id" in client.session


def acts(user, as_owner):
    from veche.service.ledger.models import LedgerEntry

    with as_owner():
        return [(e.act, e.facts) for e in LedgerEntry.objects.filter(actor=f"user:{user.pk}").order_by("seq")]


def test_a_person_signs_in_with_address_and_password_and_out_again(client, editor, as_owner):
    assert client.get("/appeals/").headers["Location"] == "/account/login/?next=/appeals/"
    assert sign_in(client, editor).headers["Location"] == "/"
    assert client.get("/appeals/").status_code == 200
    client.post("/account/logout/")
    assert client.get("/appeals/").status_code == 302
    assert ("login.entered", {}) in acts(editor, as_owner)


def test_passwords_are_kept_as_argon2(editor):
    assert editor.password.startswith("argon2$argon2id$")


@pytest.mark.parametrize("path", ["/account/signup/", "/account/email/", "/account/password/reset/"])
def test_nobody_signs_up_or_resets_a_password_by_oneself(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "new@veche.example"}).status_code == 404


def test_a_wrong_password_an_unknown_address_and_a_closed_account_are_answered_alike(client, cast):
    editor, closed = with_password(cast.people.editor), with_password(cast.people.analyst)
    closed.is_active = False
    closed.save()
    pages = set()
    for email in (editor.email, "nobody@veche.example", closed.email):
        answer = client.post("/account/login/", {"login": email, "password": "wrong password"})
        assert not signed_in(client)
        pages.add((answer.status_code, "".join(re.findall(r"errorlist.*?</ul>", answer.content.decode()))))
    assert len(pages) == 1
    assert not sign_in(client, closed).wsgi_request.user.is_authenticated


def fail(client, user, times, **meta):
    for _ in range(times):
        answer = sign_in(client, user, "wrong password", **meta)
    return answer


def test_guesses_are_slowed_and_the_right_password_waits_with_them(client, editor):
    from veche.service.accounts.throttle import FREE

    fail(client, editor, FREE)
    answer = sign_in(client, editor)
    assert "Too many attempts" in answer.content.decode()
    assert not signed_in(client)


def test_waits_grow_and_end():
    from django.db import connection

    from veche.service.accounts import throttle

    key = b"0" * 32
    waits = []
    for _ in range(throttle.FREE + 10):
        wait = throttle.take(key)
        if wait:
            waits.append(round(wait))
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE accounts_attempt SET last_at = last_at - make_interval(secs => %s)", [wait]
                )
            assert throttle.take(key) == 0
    assert waits[:4] == [5, 10, 20, 40]
    assert waits == sorted(waits)
    assert max(waits) <= throttle.LONGEST


def test_a_guesser_elsewhere_locks_nobody_out(client, editor):
    from django.test import Client

    fail(Client(), editor, 20, REMOTE_ADDR="203.0.113.7")
    sign_in(client, editor, REMOTE_ADDR="198.51.100.2")
    assert signed_in(client)


def test_a_known_device_gets_in_while_a_neighbour_guesses(client, editor):
    from django.test import Client

    sign_in(client, editor)
    client.post("/account/logout/")
    neighbour = Client()
    fail(neighbour, editor, 20)
    assert "Too many attempts" in sign_in(neighbour, editor).content.decode()
    sign_in(client, editor)
    assert signed_in(client)


def test_the_cookie_of_a_device_helps_nobody_else(client, cast):
    from django.test import Client

    from veche.service.accounts.throttle import FREE

    mine, other = with_password(cast.people.editor), with_password(cast.people.analyst)
    sign_in(client, mine)
    thief = Client()
    for name, cookie in client.cookies.items():
        if name.startswith("device_"):
            thief.cookies[name] = cookie.value
    fail(thief, other, FREE)
    assert "Too many attempts" in sign_in(thief, other).content.decode()


def test_a_password_that_is_changed_ends_the_other_sessions(client, editor):
    from django.test import Client

    elsewhere = Client()
    sign_in(elsewhere, editor)
    sign_in(client, editor)
    new = "another good password"
    answer = client.post(
        "/account/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert answer.status_code == 302
    assert elsewhere.get("/appeals/").status_code == 302
    assert client.get("/appeals/").status_code == 200


def test_a_person_lists_sessions_and_ends_one(client, editor):
    from allauth.usersessions.models import UserSession
    from django.test import Client

    elsewhere = Client(headers={"user-agent": "Library terminal"})
    sign_in(elsewhere, editor)
    sign_in(client, editor)
    assert "Library terminal" in client.get("/account/").content.decode()
    other = UserSession.objects.get(user=editor, user_agent="Library terminal")
    client.post(f"/account/sessions/{other.pk}/end/")
    assert elsewhere.get("/appeals/").status_code == 302
    assert client.get("/appeals/").status_code == 200


def test_nobody_ends_the_session_of_another(client, cast):
    from allauth.usersessions.models import UserSession
    from django.test import Client

    analyst = with_password(cast.people.analyst)
    elsewhere = Client()
    sign_in(elsewhere, analyst)
    sign_in(client, with_password(cast.people.editor))
    client.post(f"/account/sessions/{UserSession.objects.get(user=analyst).pk}/end/")
    assert elsewhere.get("/appeals/").status_code == 200


# The second factor


def totp(secret):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def activate(client):
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/second-factor/totp/activate/").content.decode()
    assert "data:image/svg" in page
    secret = client.session["mfa.totp.secret"]
    answer = client.post("/account/second-factor/totp/activate/", {"code": totp(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def forget_used_codes():
    from django.core.cache import cache

    cache.clear()


def test_with_a_second_factor_the_password_alone_lets_nobody_in(client, editor):
    from django.test import Client

    sign_in(client, editor)
    secret = activate(client)
    forget_used_codes()
    again = Client()
    assert sign_in(again, editor).headers["Location"].startswith("/account/second-factor/authenticate/")
    assert not signed_in(again)
    assert again.get("/appeals/").status_code == 302
    again.post("/account/second-factor/authenticate/", {"code": "000000"})
    assert not signed_in(again)
    again.post("/account/second-factor/authenticate/", {"code": totp(secret)})
    assert signed_in(again)


def test_a_recovery_code_replaces_the_second_factor_once(client, editor):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from django.test import Client

    sign_in(client, editor)
    activate(client)
    codes = RecoveryCodes(Authenticator.objects.get(user=editor, type="recovery_codes"))
    [code, *_] = codes.get_unused_codes()
    for time, let_in in ((1, True), (2, False)):
        forget_used_codes()
        again = Client()
        sign_in(again, editor)
        again.post("/account/second-factor/authenticate/", {"code": code})
        assert signed_in(again) == let_in, time


# One-time links


def link_for(user):
    from veche.service.accounts.login import one_time_link

    return urlsplit(one_time_link(user)).path


def test_a_link_signs_in_once_after_a_press_of_a_button(client, cast):
    from django.test import Client

    path = link_for(cast.people.editor)
    assert "Welcome" in client.get(path).content.decode()
    assert not signed_in(client), "a preview uses nothing up"
    assert client.post(path).headers["Location"] == "/account/password/"
    assert signed_in(client)
    other = Client()
    assert other.post(path).status_code == 410
    assert not signed_in(other)


def test_who_came_by_a_link_chooses_a_password_without_the_old_one(client, editor):
    client.post(link_for(editor))
    new = "another good password"
    client.post("/account/password/", {"new_password1": new, "new_password2": new})
    client.post("/account/logout/")
    sign_in(client, editor, new)
    assert signed_in(client)


def test_a_link_is_void_after_a_quarter_of_an_hour(client, cast, monkeypatch):
    from veche.service.accounts import login

    path = link_for(cast.people.editor)
    later = timezone.now().replace(tzinfo=None) + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr(login._links, "_now", lambda: later)
    assert client.get(path).status_code == 410


@pytest.mark.parametrize("change", ["signed in", "changed password", "closed"])
def test_a_link_is_void_once_something_happened(client, editor, change):
    from django.test import Client

    path = link_for(editor)
    if change == "signed in":
        sign_in(Client(), editor)
    elif change == "changed password":
        editor.set_password("something quite new")
        editor.save()
    else:
        editor.is_active = False
        editor.save()
    assert client.post(path).status_code == 410


@pytest.mark.parametrize("token", ["x", "a-b", "d1d8pj-0123456789abcdef0123456789abcdef"])
def test_a_made_up_link_opens_nothing(client, cast, token):
    assert client.post(f"/account/link/{cast.people.editor.pk}/{token}/").status_code == 410
    assert client.post(f"/account/link/{uuid4()}/{token}/").status_code == 410


# Around every request


def test_no_page_lets_scripts_or_styles_of_its_own_in(client, editor):
    sign_in(client, editor)
    for path in ("/account/login/", "/", "/appeals/", "/account/", "/account/second-factor/", "/nowhere/"):
        answer = client.get(path, follow=True)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"]
        page = answer.content.decode()
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"""\s(style|on[a-z]+)=["']""", page)


def test_without_the_token_of_the_form_nothing_is_sent(editor):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, editor).status_code == 403


def test_a_refusal_is_not_found_and_in_the_ledger_but_cannot_fill_it(client, cast, as_owner):
    from veche.service.accounts.models import Refusal
    from veche.service.accounts.refusals import write_counts

    analyst = with_password(cast.people.analyst)
    sign_in(client, analyst)
    for number in range(30):
        assert client.get(f"/people/tenant{number}/").status_code == 404
    refused = [facts for act, facts in acts(analyst, as_owner) if act == "access.refused"]
    minutes = Refusal.objects.filter(user=analyst).count()
    assert refused == [{"action": "people.see"}] * minutes
    Refusal.objects.update(minute=timezone.now() - timedelta(minutes=2)) if minutes == 1 else None
    write_counts()
    refused = [facts for act, facts in acts(analyst, as_owner) if act == "access.refused"]
    assert len(refused) <= 2 * minutes
    if minutes == 1:
        assert refused[-1] == {"more": 29}


def test_what_is_answered_with_an_error_changed_nothing(cast, monkeypatch):
    from django.test import Client

    from veche.service.accounts.views import people

    administrator = with_password(cast.people.administrator)
    breaking = Client(raise_request_exception=False)
    sign_in(breaking, administrator)

    def broken(*_args):
        raise RuntimeError("a defect")

    monkeypatch.setattr(people, "_tell", broken)
    answer = breaking.post(
        "/people/region/grant/", {"email": "new@veche.example", "name": "New", "role": "editor"}
    )
    assert answer.status_code == 500
    from veche.service.accounts.models import User

    assert not User.objects.filter(email="new@veche.example").exists()
