"""The page of one appeal: marks, findings and their makers, what stands around it, and what is done there."""

import html
import re
from uuid import uuid4

import pytest
from tests.service.search.conftest import (  # noqa: F401
    NOW,
    appeal,
    enter,
    narrowed,
    number_of,
    page,
    rows_of,
    timedelta,
)

LAMP = "Во дворе дома не горит ни один фонарь, дети боятся."
FINDING = """
INSERT INTO inbox_finding (made_at, id, tenant_id, appeal_id, matter, facet, rank, value, confidence,
    evidence, maker_kind, maker, maker_version, pack_version, decision)
SELECT %s, gen_random_uuid(), tenant_id, id, %s, %s, 0, %s, 0.8, %s::jsonb, %s, %s, '1', '1', %s
FROM inbox_appeal WHERE id = %s RETURNING id
"""


@pytest.fixture
def finding(rows_of):  # noqa: F811
    """Add a finding to an appeal."""

    def add(one, facet, value, *, matter=0, evidence="[]", at=NOW, by=None, decision=None):
        maker = ("person", f"user:{by.pk}") if by else ("stage", facet)
        rows_of(FINDING, at, matter, facet, value, evidence, *maker, decision, one.pk)

    rows_of("SELECT veche_finding_month(%s)", NOW)
    return add


def address(one):
    return f"/appeals/{number_of(one)}/"


def rows_shown(shown):
    """Cells of the table of findings, as text."""
    body = re.findall(r"<tr[^>]*>(<td>.*?)</tr>", shown, re.DOTALL)
    return [
        [
            " ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        for row in body
    ]


def test_what_a_finding_rests_on_is_marked_where_it_stands(appeal, enter, finding):  # noqa: F811
    one = appeal(LAMP, topic="roads")
    start = LAMP.index("фонарь")
    finding(one, "topic", "roads", evidence=f"[[{start}, {start + 6}]]")
    finding(one, "place", "kazan", evidence="[[3, 8]]")
    shown = page(enter("editor"), address(one))
    assert '<mark class="found-mark f-topic">фонарь</mark>' in shown
    assert '<mark class="found-mark f-place">дворе</mark>' in shown
    assert 'id="show-topic"' in shown
    assert 'id="show-body"' not in shown


def test_an_attack_in_a_text_or_a_finding_is_shown_as_text(appeal, enter, finding):  # noqa: F811
    one = appeal("<script>alert(1)</script> фонарь", topic="<b>x</b>")
    finding(one, "topic", "<script>alert(2)</script>", evidence="[[0, 8]]")
    shown = page(enter("editor"), address(one))
    assert "<script>alert" not in shown
    assert "<b>x</b>" not in shown


def test_the_history_says_who_decided_what_is_in_force_and_what_was_undone(
    appeal,  # noqa: F811
    enter,  # noqa: F811
    finding,
    cast,
    rows_of,  # noqa: F811
):
    one = appeal(LAMP, topic="housing")
    kept, undone = uuid4(), uuid4()
    for key, when in ((kept, None), (undone, NOW)):
        rows_of(
            "INSERT INTO desk_decision (id, tenant_id, at, by_id, act, facet, value, appeals, before,"
            " undone_at) VALUES (%s, %s, %s, %s, 'appeal', 'topic', '', 1, '{}', %s) RETURNING 1",
            key,
            one.tenant_id,
            NOW,
            cast.people.editor.pk,
            when,
        )
    finding(one, "topic", "roads", at=NOW)
    finding(one, "topic", "housing", at=NOW, by=cast.people.editor, decision=kept)
    finding(one, "topic", "health", at=NOW + timedelta(hours=1), by=cast.people.editor, decision=undone)
    cells = [row[1:4:2] for row in rows_shown(page(enter("analyst"), address(one)))]
    assert len(cells) == 3
    assert cells[0][1] == "Editor"
    assert not cells[0][0].endswith(("overruled", "undone"))
    assert sorted(cell[0].rsplit(" ", 1)[-1] for cell in cells[1:]) == ["overruled", "undone"]


def test_a_later_run_overrules_an_earlier_one_with_all_its_matters(appeal, enter, finding):  # noqa: F811
    one = appeal(LAMP)
    finding(one, "topic", "roads", at=NOW)
    finding(one, "topic", "health", matter=1, at=NOW)
    finding(one, "topic", "housing", at=NOW + timedelta(hours=1))
    shown = rows_shown(page(enter("editor"), address(one)))
    assert ["overruled" in row[1] for row in shown] == [False, True, True]


def test_other_messages_of_the_person_and_copies_are_there(appeal, enter):  # noqa: F811
    one = appeal(LAMP)
    later = appeal("Спасибо, починили.", person=one.person, at=NOW + timedelta(days=1))
    copy = appeal(LAMP, copy_of=one)
    answer = appeal("И снова не горит.", person=one.person, thread=one.thread)
    shown = page(enter("editor"), address(one))
    _, conversation, others = re.split("This conversation|Other appeals of the same person", shown)
    assert number_of(answer) in conversation
    assert number_of(later) not in conversation
    assert number_of(later) in others
    assert number_of(answer) not in others
    assert "The same text came 1 more time" in shown
    assert number_of(copy) in shown


def test_another_place_is_chosen_where_many_are_decided(appeal, enter):  # noqa: F811
    one = appeal(LAMP, territory="ru/ru-54")
    editor = enter("editor")
    shown = page(editor, address(one))
    form = shown.split('action="/desk/bulk/"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="(ids|facet)" value="([^"]+)"', form))
    asked = editor.post("/desk/bulk/", fields).content.decode()
    assert "Decide 1 appeal at once" in asked
    assert "Where is it?" in asked
    fields |= {"value": "ru-02"}
    seen = editor.post("/desk/bulk/", fields).content.decode()
    confirm = re.findall(r'name="confirm" value="([^"]+)"', seen)[0]
    editor.post("/desk/bulk/", fields | {"confirm": confirm})
    assert "Bashkortostan" in page(editor, address(one))
    assert 'action="/desk/bulk/"' not in page(enter("analyst"), address(one))


def test_of_what_stands_around_only_what_one_may_see_is_shown(appeal, enter, narrowed):  # noqa: F811, ARG001
    one = appeal(LAMP, territory="RU/RU-TA/kazan", vector="real")
    outside = [
        appeal(LAMP, territory="RU/RU-TA", person=one.person, vector="real"),
        appeal(LAMP, territory="RU/RU-TA", copy_of=one, vector="real"),
    ]
    near = appeal(LAMP, territory="RU/RU-TA/kazan", vector="real")
    shown = page(enter("narrowed"), address(one))
    assert number_of(near) in shown
    for other in outside:
        assert number_of(other) not in shown
        assert enter("narrowed").get(address(other)).status_code == 404


def test_neighbours_are_those_of_the_list_it_was_opened_from(appeal, enter):  # noqa: F811
    made = [appeal(LAMP, topic=t, at=NOW + timedelta(hours=i)) for i, t in enumerate("aba")]
    editor = enter("editor")
    shown = page(editor, f"{address(made[0])}?topic=a")
    assert f'rel="prev" href="{address(made[2])}?topic=a"' in shown
    assert 'rel="next"' not in shown
    shown = page(editor, address(made[1]))
    assert f'rel="prev" href="{address(made[2])}"' in shown
    assert f'rel="next" href="{address(made[0])}"' in shown


def test_a_decision_is_noted_and_one_that_comes_too_late_is_not(appeal, enter, rows_of):  # noqa: F811
    one = appeal(LAMP, topic="", kind="complaint")
    editor = enter("editor")
    shown = page(editor, address(one))
    assert 'data-key="e"' in shown
    form = {"kind": "request", "kind_now": "complaint"}
    answer = editor.post(f"{address(one)}decide/", form, follow=True).content.decode()
    assert "Your decision was noted" in answer
    assert rows_of("SELECT kind FROM inbox_appeal WHERE id = %s", one.pk) == [("request",)]
    stale = {"kind": "thanks", "kind_now": "complaint", "urgency": "deadline", "urgency_now": "none"}
    editor.post(f"{address(one)}decide/", stale, follow=True)
    assert rows_of("SELECT kind, urgency FROM inbox_appeal WHERE id = %s", one.pk) == [("request", "none")]
    nonsense = {"topic": "no-such", "topic_now": ""}
    assert "no-such" in editor.post(f"{address(one)}decide/", nonsense, follow=True).content.decode()


@pytest.mark.parametrize("name", ["analyst", "auditor", "stranger"])
def test_who_may_not_decide_is_offered_nothing_and_refused(appeal, enter, name):  # noqa: F811
    one = appeal(LAMP)
    browser = enter(name)
    assert 'name="topic"' not in browser.get(address(one)).content.decode()
    assert browser.post(f"{address(one)}decide/", {"kind": "thanks", "kind_now": ""}).status_code == 404


def test_a_file_is_given_for_a_reason_and_never_opened_here(cast, enter, rows_of):  # noqa: F811
    from veche.service.accounts.acting import working
    from veche.service.inbox.attachments import clean
    from veche.service.inbox.incoming import Incoming
    from veche.service.inbox.take import take

    content = b"<html><script>alert(1)</script></html> only words"
    files = clean([('evil".html', content)])
    region = cast.tenants.region
    with working(region.pk):
        [taken] = take(
            region.pk,
            cast.channels.region.pk,
            [Incoming(text=LAMP, attachments=files)],
            actor="process:test",
            now=NOW,
        )
    [(number,)] = rows_of("SELECT number FROM inbox_appeal WHERE id = %s", taken.appeal_id)
    from veche.service.inbox.numbers import shown

    path = f"/appeals/{shown(number)}/files/{files[0].id}/"
    editor = enter("editor")
    assert editor.post(path, {"reason": "x"}).status_code == 422
    answer = editor.post(path, {"reason": "The author asks what was sent"})
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{shown(number)}-')
    assert "evil" not in answer["Content-Disposition"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert rows_of("SELECT count(*) FROM ledger_entry WHERE act = 'attachment.seen'") == [(1,)]
    for name in ("analyst", "head", "stranger"):
        assert enter(name).post(path, {"reason": "The author asks what was sent"}).status_code == 404


def test_the_topic_of_one_concern_is_decided_and_taken_back(appeal, enter, finding, rows_of):  # noqa: F811
    one = appeal(LAMP, topic="city.roads.signs")
    finding(one, "topic", "city.roads.signs")
    finding(one, "topic", "city.roads.snow", matter=1)
    finding(one, "topic", "", matter=2)
    editor = enter("editor")
    shown = page(editor, address(one))
    assert re.findall(r'name="(topic-\d)_now" value="([^"]*)"', shown) == [
        ("topic-1", "city.roads.snow"),
        ("topic-2", ""),
    ]
    form = {"topic-2": "city.roads", "topic-2_now": ""}
    answer = editor.post(f"{address(one)}decide/", form, follow=True).content.decode()
    assert "Your decision was noted" in answer
    assert 'name="topic-2_now" value="city.roads"' in answer
    assert rows_of("SELECT topic FROM inbox_appeal WHERE id = %s", one.pk) == [("city.roads.signs",)]
    said = rows_of(
        "SELECT matter, facet, value, maker_kind FROM inbox_finding WHERE decision IS NOT NULL ORDER BY facet"
    )
    assert [(n, facet, maker) for n, facet, _value, maker in said] == [
        (2, "body", "stage"),
        (2, "topic", "person"),
    ]
    assert said[0][2]
    assert "had been decided otherwise" not in answer
    late = editor.post(f"{address(one)}decide/", form, follow=True).content.decode()
    assert "VECHE-V613" in late
    none_such = {"topic-3": "city.roads", "topic-3_now": ""}
    assert "VECHE-V613" in editor.post(f"{address(one)}decide/", none_such, follow=True).content.decode()
    decisions = page(editor, "/desk/decisions/")
    assert "(topic, concern 2)" in decisions.lower()
    [undo] = re.findall(r'action="(/desk/decisions/[^"]+/undo/)"', decisions)
    editor.post(undo)
    assert 'name="topic-2_now" value=""' in page(editor, address(one))
