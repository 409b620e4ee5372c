"""Searching for themes over the tables of an authority."""

from tests.service.themes.conftest import find

KEEP_ROWS = True


def themes(tenant):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme

    with working(tenant.pk):
        return list(Theme.objects.filter(tenant=tenant).order_by("-size"))


def test_themes_of_some_hundreds_of_appeals_are_found_with_names_that_can_be_read(town):
    found = themes(town.region)

    assert town.found.appeals == 300
    assert len(found) == town.found.themes >= 5
    for theme in found:
        assert 2 <= len(theme.name) <= 200


def test_every_member_has_its_theme_in_the_column_and_as_a_finding(town, rows_of):
    assert rows_of(
        "SELECT count(*) FROM themes_member m JOIN inbox_appeal a ON a.id = m.appeal_id"
        " WHERE a.theme IS DISTINCT FROM m.theme_id"
    ) == [(0,)]
    [(members,)] = rows_of("SELECT count(*) FROM themes_member")
    [(findings,)] = rows_of("SELECT count(*) FROM inbox_finding WHERE facet = 'theme'")
    [(sizes,)] = rows_of("SELECT sum(size) FROM themes_theme")
    assert members == findings == sizes == town.found.moved


def test_a_second_search_changes_no_identity_and_adds_no_finding(town, urls, rows_of):
    before = {theme.pk: (theme.code, theme.name, theme.size) for theme in themes(town.region)}
    [(findings,)] = rows_of("SELECT count(*) FROM inbox_finding WHERE facet = 'theme'")
    again = find(urls, town.region)
    assert again.moved == 0
    assert {theme.pk: (theme.code, theme.name, theme.size) for theme in themes(town.region)} == before
    assert rows_of("SELECT count(*) FROM inbox_finding WHERE facet = 'theme'") == [(findings,)]


def test_no_file_of_a_search_is_left_but_the_memory(town, home):
    left = [path.name for path in (home.path / "themes" / str(town.region.pk)).rglob("*") if path.is_file()]
    assert sorted(left) == ["follower.json", "follower.npz"]
