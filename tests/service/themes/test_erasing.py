"""What erasing, withdrawing and age take from themes."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.service.themes.conftest import find

KEEP_ROWS = True


@pytest.fixture
def region(town):
    return town.region


def quoted(rows_of):
    """An appeal that is quoted, its person, theme and the quotation."""
    return rows_of(
        "SELECT q.appeal_id, a.person_id, q.theme_id, q.text FROM themes_quotation q"
        " JOIN inbox_appeal a ON a.id = q.appeal_id WHERE a.state = 'understood' AND q.sub IS NULL LIMIT 1"
    )[0]


def erase(town, person):
    from veche.service.accounts.acting import acting
    from veche.service.vault.erase import erase_person

    with acting(town.people.administrator):
        return erase_person(person, by=town.people.administrator, reason="Statement 17 of 22 November")


def left_of(rows_of, person):
    return rows_of(
        "SELECT (SELECT count(*) FROM themes_member m JOIN inbox_appeal a ON a.id = m.appeal_id"
        " WHERE a.person_id = %s), (SELECT count(*) FROM themes_quotation q JOIN inbox_appeal a"
        " ON a.id = q.appeal_id WHERE a.person_id = %s), (SELECT count(*) FROM themes_moved v"
        " JOIN inbox_appeal a ON a.id = v.appeal_id WHERE a.person_id = %s),"
        " (SELECT count(*) FROM inbox_appeal WHERE person_id = %s AND theme IS NOT NULL)",
        person,
        person,
        person,
        person,
    )


def test_an_erased_person_is_quoted_nowhere_and_in_no_theme(town, region, rows_of):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme

    _appeal, person, key, text = quoted(rows_of)
    with working(region.pk):
        before = Theme.objects.get(pk=key)
    erase(town, person)
    assert left_of(rows_of, person) == [(0, 0, 0, 0)]
    assert rows_of("SELECT count(*) FROM themes_quotation WHERE text = %s AND theme_id = %s", text, key) == [
        (0,)
    ]
    with working(region.pk):
        now = Theme.objects.get(pk=key)
    assert now.size < before.size
    assert now.renew
    assert now.audit == {}
    assert now.version > before.version


def test_the_memory_forgets_what_was_erased(town, region, rows_of, follow):
    [(appeal, person, text_hash)] = rows_of(
        "SELECT a.id, a.person_id, s.text_hash"
        " FROM inbox_appeal a JOIN inbox_signature s ON s.appeal_id = a.id"
        " WHERE a.state = 'understood' AND a.tenant_id = %s ORDER BY a.id DESC LIMIT 1",
        region.pk,
    )
    follow()
    erase(town, person)
    assert rows_of("SELECT count(*) FROM themes_forgotten")[0][0] >= 1
    follow()
    assert rows_of("SELECT count(*) FROM themes_forgotten") == [(0,)]
    follower = follow.keeper.held[region.pk].follower
    unsigned = text_hash & 0xFFFFFFFFFFFFFFFF
    assert unsigned not in follower.texts.tolist()
    assert unsigned not in follower.row_of
    assert str(appeal) not in follower.recent.ids


def test_a_theme_that_was_marked_is_described_without_the_erased(town, region, rows_of, urls):
    from tests.conftest import connected

    from veche.service.accounts.acting import working
    from veche.service.themes import describing
    from veche.service.themes.models import Theme

    _appeal, person, key, text = quoted(rows_of)
    erase(town, person)
    with connected(urls.worker):
        describing.renew(region.pk)
    with working(region.pk):
        theme = Theme.objects.get(pk=key)
    assert not theme.renew
    [(quotations,)] = rows_of("SELECT count(*) FROM themes_quotation WHERE theme_id = %s", key)
    assert quotations >= 1
    assert rows_of("SELECT count(*) FROM themes_quotation WHERE text = %s", text) == [(0,)]


def test_an_appeal_that_is_withdrawn_leaves_its_theme(region, rows_of):
    from veche.service.accounts.acting import working
    from veche.service.inbox.withdraw import withdraw

    appeal, _person, _key, _text = quoted(rows_of)
    with working(region.pk):
        withdraw(appeal, actor="process:test")
    assert rows_of("SELECT count(*) FROM themes_member WHERE appeal_id = %s", appeal) == [(0,)]
    assert rows_of("SELECT count(*) FROM themes_quotation WHERE appeal_id = %s", appeal) == [(0,)]


def test_what_is_erased_while_a_search_goes_on_is_not_written_back(town, region, rows_of, urls, monkeypatch):
    """The search has laid out a person's words when they are erased: nothing of them comes back."""
    from veche.service.themes import finding

    [(person,)] = rows_of(
        "SELECT a.person_id FROM themes_quotation q JOIN inbox_appeal a ON a.id = q.appeal_id"
        " WHERE a.state = 'understood' AND q.sub IS NULL ORDER BY q.id LIMIT 1"
    )
    real = finding.settle

    def settle(*args, **kwargs):
        from tests.conftest import connected

        with connected(urls.web):
            erase(town, person)
        monkeypatch.setattr(finding, "settle", real)
        return real(*args, **kwargs)

    monkeypatch.setattr(finding, "settle", settle)
    find(urls, region)
    assert left_of(rows_of, person) == [(0, 0, 0, 0)]


def test_what_is_over_age_leaves_themes_and_an_empty_theme_has_no_words(region, rows_of, urls):
    from tests.conftest import connected

    from veche.service.accounts.models import Tenant
    from veche.service.vault.retention import retain

    with connected(urls.owner):
        Tenant.objects.filter(pk=region.pk).update(keep_days=0)
        tenant = Tenant.objects.get(pk=region.pk)
    with connected(urls.worker):
        retain(tenant, datetime.now(UTC) + timedelta(days=1))
    assert rows_of("SELECT count(*) FROM themes_member") == [(0,)]
    assert rows_of("SELECT count(*) FROM themes_quotation") == [(0,)]
    words = "SELECT count(*) FROM themes_theme WHERE name <> '' OR words <> '{}' OR digest <> '{}'"
    assert rows_of(words) == [(0,)]
    found = find(urls, region)
    assert (found.appeals, found.themes) == (0, 0)
