"""New appeals join themes, and what is new is told."""

import pytest
from tests.service.themes.conftest import PLANTED, hand_in, samples, understand

KEEP_ROWS = True


@pytest.fixture
def region(town):
    return town.region


def placed(tenant, ids):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Member

    with working(tenant.pk):
        return dict(Member.objects.filter(pk__in=ids).values_list("pk", "theme"))


def told(tenant):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme

    with working(tenant.pk):
        return list(Theme.objects.filter(tenant=tenant).exclude(told_at=None).order_by("told_at"))


def sizes(rows_of):
    return rows_of(
        "SELECT count(*) FROM themes_theme t WHERE t.size <>"
        " (SELECT count(*) FROM themes_member m WHERE m.theme_id = t.id)"
    )


def test_new_appeals_join_themes_that_are_known(town, region, urls, follow, rows_of):
    ids = hand_in(region, town.channels.region, samples(120, seed=21))
    understand(urls)
    assert follow() >= 120
    joined = placed(region, ids)
    assert len(joined) >= 10
    shown = rows_of("SELECT count(*) FROM inbox_appeal WHERE id = ANY(%s) AND theme IS NOT NULL", ids)
    assert shown == [(len(joined),)]
    assert sizes(rows_of) == [(0,)]
    assert rows_of("SELECT count(*) FROM themes_waiting WHERE NOT placed") == [(0,)]


def test_a_matter_that_nobody_listed_is_told_within_its_first_fifty_appeals(
    town, region, urls, follow, rows_of
):
    before = {theme.pk for theme in told(region)}
    ids = []
    for start in range(0, 50, 10):
        ids += hand_in(region, town.channels.region, PLANTED[start : start + 10])
        understand(urls)
        follow()
        new = [theme for theme in told(region) if theme.pk not in before]
        if new:
            break
    assert len(new) == 1
    assert len(ids) <= 50
    mine = {id for id, theme in placed(region, ids).items() if theme == new[0].pk}
    assert len(mine) >= 10
    assert "павлин" in f"{new[0].name} {' '.join(new[0].words)}".lower()
    assert new[0].size == len(mine)
    assert sizes(rows_of) == [(0,)]
    [(quoted,)] = rows_of("SELECT count(*) FROM themes_quotation WHERE theme_id = %s", new[0].pk)
    assert quoted >= 1
    assert rows_of("SELECT count(*) FROM ledger_entry WHERE act = 'theme.new'") == [(1,)]


def test_a_process_that_was_killed_goes_on_where_it_was(town, region, urls, follow):
    """What the lost memory had placed is read again from the queue, and nothing is told twice."""
    from veche.service.themes.remembering import Keeper

    known = [theme.pk for theme in told(region)]
    follow.keeper.held.clear()
    ids = hand_in(region, town.channels.region, PLANTED[-6:])
    understand(urls)
    follow.keeper = Keeper()
    follow()
    assert [theme.pk for theme in told(region)] == known
    assert known[-1] in placed(region, ids).values()


def test_without_a_file_of_memory_themes_are_learnt_from_their_members(town, region, urls, home):
    import shutil

    from tests.conftest import connected

    from veche.service.themes import following
    from veche.service.themes.remembering import Keeper

    shutil.rmtree(home.path / "themes" / str(region.pk) / "followed", ignore_errors=True)
    ids = hand_in(region, town.channels.region, samples(40, seed=23))
    understand(urls)
    with connected(urls.worker):
        keeper = Keeper()
        while following.follow(keeper, region.pk):
            pass
        keeper.save_all()
    assert len(placed(region, ids)) >= 5
    assert (home.path / "themes" / str(region.pk) / "followed" / "follower.npz").is_file()


def test_a_theme_that_was_told_gets_its_digest_and_audit(region, urls):
    from tests.conftest import connected

    from veche.service.themes import describing

    with connected(urls.worker):
        assert region.pk in describing.to_renew()
        describing.renew(region.pk)
        assert region.pk not in describing.to_renew()
    theme = told(region)[-1]
    assert not theme.renew
    assert theme.digest["trend"]
    assert theme.audit["voices"] >= 10


def test_a_part_that_a_person_split_off_is_joined_too(town, region, urls, follow):
    from veche.service.accounts.acting import acting, working
    from veche.service.themes import signing
    from veche.service.themes.models import Member, Theme

    with working(region.pk):
        theme = Theme.objects.filter(tenant=region, into=None, told_at=None).order_by("-size").first()
        ids = list(Member.objects.filter(theme=theme).values_list("pk", flat=True))
    with acting(town.people.editor):
        act = signing.split(
            town.people.editor, theme.pk, theme.version, belong=ids[:3], stay=ids[3:5], name="Часть"
        )
    with working(region.pk):
        from veche.service.inbox.models import AppealText

        text = AppealText.objects.get(pk=ids[0]).text
    [same] = hand_in(region, town.channels.region, [text + " Очень просим."])
    understand(urls)
    follow()
    known = {code for held in follow.keeper.held.values() for code in held.follower.codes}
    with working(region.pk):
        assert Theme.objects.get(pk=act.other_id).code in known
    assert same in placed(region, [same]) or placed(region, [same]) == {}
