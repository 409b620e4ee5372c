"""Notes on the time line: who writes them, what is shown, and that nothing written there does anything."""

from datetime import UTC, date, datetime

import pytest

HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> '; DROP TABLE board_annotation; --"


@pytest.fixture
def browser(cast):
    """A browser in which one of the cast is signed in."""
    from django.test import Client

    def call(name):
        client = Client()
        client.force_login(getattr(cast.people, name))
        return client

    return call


def write(client, words="Heating season began", day="2026-11-01", until="", tenant="region"):
    given = {"tenant": tenant, "day": day, "until": until, "words": words}
    return client.post("/board/annotations/add/", given)


def page(client):
    return client.get("/board/annotations/").content.decode()


@pytest.fixture
def an_appeal(cast, as_owner):
    """An appeal of today in the region, so that there is a time line."""
    from veche.service.inbox.models import Appeal, Person, Thread

    now = datetime.now(UTC)
    with as_owner():
        region = cast.tenants.region
        person = Person.objects.create(tenant=region)
        thread = Thread.objects.create(tenant=region, person=person, opened_at=now, last_at=now)
        Appeal.objects.create(
            tenant=region, channel=cast.channels.region, person=person, thread=thread, number=1_000_000,
            identity=b"1", secret_hash=b"0" * 32, received_at=now, taken_at=now, understood_at=now,
            day=date.today(), state="understood", topic="city.burial",
        )  # fmt: skip


def only_note():
    from veche.service.board.models import Annotation

    return Annotation.objects.get()


def shown(cast, *names):
    from veche.service.accounts.acting import acting
    from veche.service.board.annotations import marks

    with acting(cast.people.head):
        return marks([getattr(cast.tenants, n) for n in names], date(2026, 10, 1), date(2026, 11, 30))


def test_an_analyst_writes_a_note_changes_it_and_removes_it(browser, cast, as_owner):
    client = browser("analyst")
    assert write(client).status_code == 302
    with as_owner():
        note = only_note()
    assert (note.day, note.by_id) == (date(2026, 11, 1), cast.people.analyst.pk)
    assert "Heating season began" in page(client)
    changed = {
        "tenant": "region",
        "day": "2026-11-02",
        "until": "2026-11-03",
        "words": "Heating in all houses",
    }
    assert client.post(f"/board/annotations/{note.pk}/", changed).status_code == 302
    assert "Heating in all houses" in page(client)
    assert client.post(f"/board/annotations/{note.pk}/remove/").status_code == 302
    assert "No note yet." in page(client)


def test_each_act_is_one_entry_of_the_ledger(browser, as_owner):
    client = browser("analyst")
    write(client)
    with as_owner():
        note = only_note()
    client.post(f"/board/annotations/{note.pk}/remove/")
    from veche.service.ledger.models import LedgerEntry

    with as_owner():
        acts = list(
            LedgerEntry.objects.filter(act__startswith="annotation")
            .order_by("seq")
            .values_list("act", flat=True)
        )
    assert acts == ["annotation.written", "annotation.removed"]


@pytest.mark.parametrize("name", ["editor", "official", "auditor"])
def test_who_may_not_write_reads_only(browser, as_owner, name):
    write(browser("analyst"))
    with as_owner():
        note = only_note()
    client = browser(name)
    assert "Heating season began" in page(client)
    assert "/board/annotations/add/" not in page(client)
    assert write(client).status_code == 404
    assert client.post(f"/board/annotations/{note.pk}/", {"words": "x"}).status_code == 404
    assert client.post(f"/board/annotations/{note.pk}/remove/").status_code == 404
    with as_owner():
        assert only_note().words == "Heating season began"


def test_a_stranger_sees_no_note_and_cannot_write_one_elsewhere(browser, as_owner):
    write(browser("analyst"))
    with as_owner():
        note = only_note()
    client = browser("stranger")
    assert "Heating season began" not in page(client)
    assert client.post(f"/board/annotations/{note.pk}/remove/").status_code == 404
    # An administrator of the city may write notes, but not in the region above.
    assert write(browser("mayor")).status_code == 422


def test_what_is_written_is_shown_and_does_nothing(browser, an_appeal):  # noqa: ARG001
    client = browser("analyst")
    write(client, HOSTILE)
    said = page(client)
    assert "<script>alert" not in said
    assert "<img src=x" not in said
    assert "&lt;script&gt;alert(1)" in said
    # In the figures of the chart `<` is no beginning of anything either.
    write(client, "</script><script>alert(3)</script>", day=date.today().isoformat())
    picture = client.get("/board/").content.decode()
    assert "<script>alert(3)" not in picture
    assert "&lt;/script&gt;&lt;script&gt;alert(3)" in picture


def test_a_note_ends_on_no_day_before_it_begins(browser):
    answer = write(browser("analyst"), day="2026-11-05", until="2026-11-04")
    assert answer.status_code == 422
    assert "The last day lies before the first." in answer.content.decode()


def test_the_head_of_the_nation_sees_whose_note_it_is(browser, cast):
    write(browser("analyst"))
    write(browser("mayor"), "Road closed", day="2026-11-05", tenant="city")
    found = shown(cast, "region", "city")
    assert [(m.words, m.tenant, m.kind) for m in found] == [
        ("Heating season began", "Region", "note"),
        ("Road closed", "City", "note"),
    ]


def test_a_note_that_spans_the_edge_is_cut_to_what_is_shown(browser, cast):
    write(browser("analyst"), day="2026-09-20", until="2026-10-05")
    write(browser("analyst"), "Before all of it", day="2026-09-01", until="2026-09-02")
    [mark] = shown(cast, "region")
    assert (mark.day, mark.until) == (date(2026, 10, 1), date(2026, 10, 5))


def test_where_appeals_were_understood_anew_the_line_is_marked_by_itself(cast, as_owner):
    from veche.service.inbox.models import Break

    made = {"facet": "topic", "since": date(2026, 11, 10), "until": date(2026, 11, 20), "changed": 3}
    versions = {"from_version": "topic 1 (ru 2026.1)", "to_version": "topic 2 (ru 2026.2)"}
    at = datetime(2026, 11, 21, tzinfo=UTC)
    with as_owner():
        Break.objects.create(tenant=cast.tenants.region, at=at, finished_at=at, **made, **versions)
        # One that is not over yet, and one that changed nothing, mark nothing.
        Break.objects.create(tenant=cast.tenants.region, at=at, **made, **versions)
        Break.objects.create(
            tenant=cast.tenants.region, at=at, finished_at=at, **{**made, "changed": 0}, **versions
        )
    [mark] = shown(cast, "region")
    assert (mark.kind, mark.day) == ("break", date(2026, 11, 10))
    assert "topic 2 (ru 2026.2)" in mark.words
