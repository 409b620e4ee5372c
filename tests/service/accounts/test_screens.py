"""The pages of people at work: what each role finds on them, and what they change."""

import re

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
def enter(cast):
    """Return a browser in which a person of the cast is signed in."""
    from django.test import Client

    def client(name):
        browser = Client()
        browser.force_login(getattr(cast.people, name))
        return browser

    return client


def one_appeal(tenant, channel, text, **columns):
    from django.utils import timezone

    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal, AppealText, Person, Thread

    now = timezone.now()
    with working(tenant.pk):
        person = Person.objects.create(tenant=tenant)
        thread = Thread.objects.create(tenant=tenant, person=person, opened_at=now, last_at=now)
        given = {"state": "understood", "number": 1000 + Appeal.objects.count(), **columns}
        appeal = Appeal.objects.create(
            tenant=tenant,
            channel=channel,
            person=person,
            thread=thread,
            identity=str(given["number"]).encode(),
            content_hash=b"0" * 32,
            secret_hash=b"0" * 32,
            received_at=now,
            taken_at=now,
            **given,
        )
        AppealText.objects.create(appeal=appeal, tenant=tenant, text=text)
    return appeal


@pytest.fixture
def pothole(cast):
    text = 'A pothole <script>alert("x")</script> as deep as a bucket.'
    return one_appeal(cast.tenants.region, cast.channels.region, text, number=1000001)


def number_of(appeal):
    from veche.service.inbox.numbers import shown

    return shown(appeal.number)


def page(browser, path, status=200):
    answer = browser.get(path, follow=True)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_an_editor_finds_an_appeal_and_its_text_is_shown_as_text(enter, pothole):
    editor = enter("editor")
    assert number_of(pothole) in page(editor, "/appeals/")
    shown = page(editor, f"/appeals/{number_of(pothole)}/")
    assert "as deep as a bucket" in shown
    assert "<script>" not in shown
    assert "See the original" in shown


def test_filters_narrow_and_nothing_typed_breaks_them(enter, pothole):
    editor = enter("editor")
    found = f"/appeals/{number_of(pothole)}/"
    assert found in page(editor, f"/appeals/?q={number_of(pothole)}")
    assert found in page(editor, "/appeals/?state=understood")
    assert found not in page(editor, "/appeals/?state=aside")
    assert found not in page(editor, "/appeals/?topic=roads")
    for typed in ("' OR 1=1 --", "%", "\\", "1; DROP TABLE inbox_appeal", "😀", "a & | ! ("):
        for name in ("q", "state", "topic", "tenant", "since", "until"):
            assert editor.get("/appeals/", {name: typed}).status_code == 200, (name, typed)
    for before in ("x", "x_y", "2026-01-01_z", "2026-01-01T00:00:00+00:00_" + str(pothole.pk)):
        assert editor.get("/appeals/", {"before": before}).status_code in (200, 404)


def test_long_lists_come_in_pages_and_each_appeal_stands_on_one_of_them(enter, cast, monkeypatch):
    from veche.service.search import views

    monkeypatch.setattr(views, "PAGE", 2)
    made = {
        number_of(one_appeal(cast.tenants.region, cast.channels.region, "Dark street", number=2000 + n))
        for n in range(5)
    }
    editor, path, seen = enter("editor"), "/appeals/", []
    while path:
        shown = page(editor, path)
        seen += re.findall(r'href="/appeals/(\d+-\d)/"', shown)
        older = re.search(r'rel="next" href="([^"]+)"', shown)
        path = "/appeals/" + older[1].replace("&amp;", "&") if older else ""
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("name", ["stranger", "mayor", "roads", "administrator"])
def test_who_may_not_see_an_appeal_is_told_that_there_is_none(enter, pothole, name):
    browser = enter(name)
    for path in (f"/appeals/{number_of(pothole)}/", "/appeals/1-0/", "/appeals/none/"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"/appeals/{number_of(pothole)}/original/").status_code == 404


def test_a_supervisor_sees_an_appeal_of_a_region_but_not_its_original(enter, pothole):
    head = enter("head")
    assert "See the original" not in page(head, f"/appeals/{number_of(pothole)}/")
    typed = {"reason": "I am curious about this"}
    assert head.post(f"/appeals/{number_of(pothole)}/original/", typed).status_code == 404


def test_without_a_reason_the_original_stays_closed(enter, pothole):
    answer = enter("editor").post(f"/appeals/{number_of(pothole)}/original/", {"reason": "x"})
    assert answer.status_code == 422


def test_the_menu_shows_the_rooms_of_the_role(enter):
    def menu(name):
        shown = re.findall(r'<a href="/(\w+)/"[^>]*>', page(enter(name), "/").split("</nav>")[0])
        return [room for room in shown if room in ("appeals", "aside", "people", "channels")]

    assert menu("editor") == ["appeals", "aside"]
    assert menu("analyst") == ["appeals"]
    assert menu("administrator") == ["aside", "people", "channels"]
    assert menu("auditor") == ["appeals", "aside", "people"]


def test_an_administrator_grants_a_role_and_ends_it(enter, cast, as_owner):
    from veche.service.accounts.models import Role
    from veche.service.ledger.models import LedgerEntry

    browser = enter("administrator")
    given = {"email": "New@Veche.example", "name": "New", "role": "editor", "until": "2999-12-31"}
    assert browser.post("/people/region/grant/", given).status_code == 302
    with as_owner():
        role = Role.objects.get(user__email="new@veche.example")
        assert (role.tenant, role.valid_to.year) == (cast.tenants.region, 3000)
    assert "new@veche.example" in page(browser, "/people/region/")
    assert browser.post(f"/people/roles/{role.pk}/end/").status_code == 302
    assert "new@veche.example" not in page(browser, "/people/region/")
    with as_owner():
        done = [entry.act for entry in LedgerEntry.objects.filter(tenant_id=cast.tenants.region.pk)]
    assert done == ["user.made", "grant.given", "grant.ended"]


@pytest.mark.parametrize("name", ["editor", "controller", "auditor", "mayor", "head", "stranger"])
def test_nobody_else_grants_a_role(enter, name):
    given = {"email": "new@veche.example", "name": "New", "role": "administrator"}
    assert enter(name).post("/people/region/grant/", given).status_code == 404


def test_an_administrator_lets_in_only_whom_nobody_else_let_in(enter, cast, as_owner):
    from django.utils import timezone

    from veche.service.accounts.models import Role

    with as_owner():
        ours = Role.objects.get(user=cast.people.editor)
        shared = Role.objects.get(user=cast.people.analyst)
        Role.objects.create(
            tenant=cast.tenants.nation, user=shared.user, role="auditor", valid_from=timezone.now()
        )
    browser = enter("administrator")
    assert "/account/link/" in browser.post(f"/people/roles/{ours.pk}/let-in/").content.decode()
    assert browser.post(f"/people/roles/{shared.pk}/let-in/").status_code == 404
    assert browser.post(f"/people/roles/{shared.pk}/second-factor/").status_code == 404


def test_an_administrator_signs_a_person_out(enter, cast, as_owner):
    from django.test import Client

    from veche.service.accounts.models import Role

    editor = cast.people.editor
    editor.set_password(PASSWORD)
    editor.save()
    working = Client()
    working.post("/account/login/", {"login": editor.email, "password": PASSWORD})
    assert working.get("/appeals/").status_code == 200
    with as_owner():
        role = Role.objects.get(user=editor)
    enter("administrator").post(f"/people/roles/{role.pk}/sign-out/")
    assert working.get("/appeals/").status_code == 302


def test_a_token_is_shown_once_and_opens_its_channel_until_it_is_revoked(enter, cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Token
    from veche.service.inbox.tokens import find

    browser = enter("administrator")
    given = {"title": "City hall", "per_minute": 100, "burst": 10}
    made = browser.post(f"/channels/{cast.channels.region.pk}/tokens/", given).content.decode()
    secret = re.search(r"veche_[\w-]+", made)[0]
    assert find(secret).channel_id == cast.channels.region.pk
    assert secret not in page(browser, "/channels/region/")
    with working(cast.tenants.region.pk):
        token = Token.objects.get()
    browser.post(f"/tokens/{token.pk}/revoke/")
    assert find(secret) is None


def test_a_channel_is_opened_closed_and_not_opened_twice(enter):
    from veche.service.inbox.models import Channel

    browser = enter("administrator")
    assert browser.post("/channels/region/open/", {"code": "mail", "title": "Mail"}).status_code == 302
    assert browser.post("/channels/region/open/", {"code": "mail", "title": "Mail"}).status_code == 422
    assert "Mail" in page(browser, "/channels/region/")
    assert not Channel.objects.exists(), "outside of a request nobody acts"


def test_what_was_set_aside_is_tried_again(enter, cast, as_owner):
    from veche.service.inbox.models import Appeal, Pending

    poison = one_appeal(
        cast.tenants.region, cast.channels.region, "", number=3000, state="aside", aside_reason="crash"
    )
    auditor, editor = enter("auditor"), enter("editor")
    assert "Try again" not in page(auditor, "/aside/")
    assert auditor.post(f"/aside/{number_of(poison)}/retry/").status_code == 404
    assert "Try again" in page(editor, "/aside/")
    editor.post(f"/aside/{number_of(poison)}/retry/")
    with as_owner():
        assert Appeal.objects.get(pk=poison.pk).state == "received"
        assert Pending.objects.get(pk=poison.pk).tries == 0


def test_every_page_speaks_both_languages(enter):
    browser = enter("administrator")
    browser.post("/language/", {"language": "ru", "next": "/"})
    assert '<html lang="ru"' in page(browser, "/people/region/")
    browser.post("/language/", {"language": "en", "next": "/"})
    assert '<html lang="en"' in page(browser, "/people/region/")


GUESSES = [
    "/appeals/{number}/",
    "/people/other/",
    "/people/nation/",
    "/channels/other/",
    "/channels/city/",
]
POSTS = [
    "/appeals/{number}/original/",
    "/appeals/{number}/decide/",
    "/appeals/{number}/files/{role}/",
    "/aside/{number}/retry/",
    "/people/other/grant/",
    "/people/city/grant/",
    "/people/roles/{role}/end/",
    "/people/roles/{role}/let-in/",
    "/people/roles/{role}/second-factor/",
    "/people/roles/{role}/sign-out/",
    "/channels/other/open/",
    "/channels/{channel}/switch/",
    "/channels/{channel}/tokens/",
    "/tokens/{token}/revoke/",
]


def test_ids_of_another_authority_guessed_in_every_address_lead_nowhere(enter, cast, as_owner):
    from django.urls import get_resolver

    from veche.service.accounts.models import Role
    from veche.service.inbox.models import Token

    theirs = one_appeal(cast.tenants.other, cast.channels.other, "Theirs", number=4000, state="aside")
    with as_owner():
        token = Token.objects.create(tenant=cast.tenants.other, channel=cast.channels.other, hash=b"1" * 32)
        role = Role.objects.get(user=cast.people.stranger)
    known = {
        "number": number_of(theirs),
        "role": role.pk,
        "channel": cast.channels.other.pk,
        "token": token.pk,
    }
    for name in ("administrator", "editor"):
        browser = enter(name)
        for path in GUESSES:
            assert browser.get(path.format(**known)).status_code == 404, path
        for path in POSTS:
            assert browser.post(path.format(**known)).status_code == 404, path
    guessed = {re.sub(r"\{\w+\}|other|nation|city", "*", path) for path in (*GUESSES, *POSTS)}
    ours = ("people", "channels", "tokens", "appeals", "aside")
    routes = {
        "/" + re.sub(r"<[^>]+>", "*", str(pattern.pattern))
        for room in get_resolver().url_patterns
        for pattern in getattr(room, "url_patterns", [])
        if str(pattern.pattern).startswith(ours) and "<" in str(pattern.pattern)
    }
    assert routes == guessed
