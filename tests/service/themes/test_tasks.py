"""Jobs of themes: what begins by itself, what is kept for a certificate, what a backup brings back."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.conftest import connected
from tests.service.themes.conftest import hand_in, understand

KEEP_ROWS = True


@pytest.fixture
def region(town):
    return town.region


def state(tenant):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Work

    with working(tenant.pk):
        return Work.objects.get(pk=tenant.pk).state


def set_state(tenant, **values):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Work

    with working(tenant.pk):
        Work.objects.filter(pk=tenant.pk).update(**values)


def test_where_appeals_doubled_a_search_begins_by_itself_unless_somebody_ended_it(region, urls, monkeypatch):
    from veche.service.themes import tasks

    with connected(urls.worker):
        set_state(region, state="cancelled", appeals=10)
        tasks.find_first(0)
        assert state(region) == "cancelled"
        set_state(region, state="done", appeals=300)
        tasks.find_first(0)
        assert state(region) == "done"
        set_state(region, appeals=150)
        monkeypatch.setattr(tasks, "FIRST", 300)
        tasks.find_first(0)
        assert state(region) == "waiting"
        set_state(region, state="done")


def test_at_night_themes_are_found_anew_only_where_appeals_came(town, region, urls):
    from veche.service.themes import tasks

    now = int(datetime.now(UTC).timestamp())
    with connected(urls.worker):
        set_state(region, state="done", finished_at=datetime.now(UTC))
        tasks.find_at_night(now)
        assert state(region) == "done"
    hand_in(region, town.channels.region, ["Во дворе темно и нет ни одного фонаря."])
    understand(urls)
    with connected(urls.worker):
        tasks.find_at_night(now)
        assert state(region) == "waiting"
        set_state(region, state="done")


def test_what_waits_is_followed_and_described_by_the_jobs(town, region, urls, rows_of):
    from veche.service.themes import tasks

    hand_in(region, town.channels.region, ["Не вывозят мусор третью неделю, баки полны."])
    understand(urls)
    with connected(urls.worker):
        tasks.follow(0)
        assert rows_of("SELECT count(*) FROM themes_waiting WHERE NOT placed") == [(0,)]
        tasks._keeper.save_all()
        assert rows_of("SELECT count(*) FROM themes_waiting") == [(0,)]
        tasks.renew(0)
    assert rows_of(
        "SELECT count(*) FROM themes_theme WHERE renew AND gone_at IS NULL AND into_id IS NULL"
    ) == [(0,)]


def test_a_certificate_of_erasure_names_the_themes_until_they_are_renewed(town, region, urls, rows_of):
    from veche.service.accounts.acting import acting
    from veche.service.themes import describing
    from veche.service.vault.certificate import as_pages
    from veche.service.vault.erase import erase_person

    [(person,)] = rows_of(
        "SELECT a.person_id FROM themes_quotation q JOIN inbox_appeal a ON a.id = q.appeal_id"
        " WHERE a.state = 'understood' LIMIT 1"
    )
    with acting(town.people.administrator):
        erasure = erase_person(person, by=town.people.administrator, reason="Statement 17 of 22 November")
        page = as_pages(erasure)["en"]
    assert [d["kind"] for d in erasure.renew] == ["themes"]
    assert "themes: " in page
    with connected(urls.worker):
        describing.renew(region.pk)
    open_ = rows_of("SELECT made_at > %s FROM vault_derived WHERE renewed_at IS NULL", erasure.at)
    assert open_ == [(True,)]


def test_what_a_restored_backup_brings_back_is_taken_out_again(region, rows_of, as_owner, tmp_path):
    from veche.service.vault.erase import replay_erasures

    [(person,)] = rows_of(
        "SELECT a.person_id FROM themes_quotation q JOIN inbox_appeal a ON a.id = q.appeal_id"
        " WHERE a.state = 'understood' LIMIT 1"
    )
    journal = tmp_path / "erasures.jsonl"
    line = {
        "erasure": uuid4(),
        "tenant": region.pk,
        "person": person,
        "at": datetime.now(UTC),
        "ledger": "0" * 64,
    }
    journal.write_text(
        json.dumps(line, default=lambda v: v.isoformat() if isinstance(v, datetime) else str(v)) + "\n"
    )
    with as_owner():
        assert replay_erasures(journal).erased == 1
    for table in ("themes_member", "themes_quotation"):
        left = (
            f"SELECT count(*) FROM {table} t JOIN inbox_appeal a ON a.id = t.appeal_id WHERE a.person_id = %s"
        )
        assert rows_of(left, person) == [(0,)]


def test_new_appeals_join_the_theme_that_theirs_was_merged_into(town, region, urls, follow):
    from veche.service.accounts.acting import acting, working
    from veche.service.inbox.models import AppealText
    from veche.service.themes import signing
    from veche.service.themes.models import Member, Theme

    with working(region.pk):
        one, other = Theme.objects.filter(tenant=region, into=None, gone_at=None).order_by("-size")[:2]
        member = Member.objects.filter(theme=one).order_by("-strength")[0]
        text = AppealText.objects.get(pk=member.pk).text
    with acting(town.people.editor):
        signing.merge(town.people.editor, one.pk, one.version, other.pk)
    [same] = hand_in(region, town.channels.region, [text])
    understand(urls)
    follow()
    with working(region.pk):
        assert Member.objects.get(pk=same).theme_id == other.pk


def test_row_level_security_alone_hides_the_themes_and_words_of_other_parts(town, region):
    from datetime import timedelta

    from veche.service.accounts.acting import acting, working
    from veche.service.accounts.models import Role, User
    from veche.service.inbox.models import Appeal
    from veche.service.themes.models import Member, Quotation, Theme

    with working(region.pk):
        placed = Member.objects.filter(tenant=region, appeal__territory__gt="").order_by("pk")[0]
        path = Appeal.objects.get(pk=placed.pk).territory
        mine = set(Member.objects.filter(appeal__territory__startswith=path).values_list("pk", flat=True))
        themes = set(Member.objects.filter(pk__in=mine).values_list("theme", flat=True))
        quoted = set(Quotation.objects.filter(appeal__in=mine).values_list("pk", flat=True))
        assert len(themes) < Theme.objects.filter(tenant=region).count()
    with connected(town.urls.owner):
        user = User.objects.create_user("part@veche.example", "Part")
        since = datetime.now(UTC) - timedelta(days=1)
        Role.objects.create(tenant=region, user=user, role="editor", territory=path, valid_from=since)
    with acting(user):
        assert set(Theme.objects.values_list("pk", flat=True)) == themes
        assert set(Member.objects.values_list("pk", flat=True)) == mine
        assert set(Quotation.objects.values_list("pk", flat=True)) == quoted
