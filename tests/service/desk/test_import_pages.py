import io

import pytest

FILE = """id;Текст обращения;Дата
1;На улице Лесной не горит фонарь.;20.11.2026
2;В поликлинике очередь с шести утра.;21.11.2026
3;;21.11.2026
"""


@pytest.fixture
def at_desk(cast, as_owner):
    """A browser in which one of the cast is signed in."""
    from django.test import Client

    from veche.service.inbox.models import Channel

    with as_owner():
        Channel.objects.create(tenant=cast.tenants.region, code="file", title="Files")

    def call(name):
        client = Client()
        client.force_login(getattr(cast.people, name))
        return client

    return call


def bring(client, content=FILE):
    file = io.BytesIO(content.encode())
    file.name = "a name that nobody is to see.csv"
    return client.post("/files/bring/", {"tenant": "region", "file": file})


def test_an_editor_brings_a_file_sees_what_it_holds_and_takes_it_in(at_desk, jobs):
    client = at_desk("editor")
    page = bring(client).headers["Location"]
    assert "Being looked through" in client.get(page).content.decode()
    jobs()
    seen = client.get(page).content.decode()
    assert "Take 2 appeals in" in seen
    assert "nobody is to see" not in seen
    assert "фонарь" not in seen
    client.post(page + "confirm/")
    jobs()
    assert "Taken in" in client.get(page).content.decode()
    assert client.get("/appeals/").content.decode().count("/appeals/1") == 2


def test_a_column_is_set_by_hand_and_the_file_looked_through_again(at_desk, jobs):
    client = at_desk("editor")
    page = bring(client).headers["Location"]
    jobs()
    client.post(page + "columns/", {"text": "Дата"})
    jobs()
    assert "Take 3 appeals in" in client.get(page).content.decode()


def test_a_file_is_thrown_away_and_nothing_was_taken(at_desk, jobs):
    client = at_desk("editor")
    page = bring(client).headers["Location"]
    jobs()
    client.post(page + "cancel/")
    assert "Cancelled" in client.get(page).content.decode()


@pytest.mark.parametrize("name", ["stranger", "analyst", "auditor"])
def test_who_may_not_bring_files_finds_no_such_page(at_desk, name):
    page = bring(at_desk("editor")).headers["Location"]
    client = at_desk(name)
    for address in (page, page + "confirm/", page + "cancel/", page + "columns/"):
        answer = client.get(address) if address == page else client.post(address)
        assert answer.status_code == 404, address
    # The stranger may bring files, but not to this authority: it is none of the choices.
    assert bring(client).status_code == (422 if name == "stranger" else 404)


def test_an_empty_file_is_told_at_the_field(at_desk):
    answer = bring(at_desk("editor"), "")
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
