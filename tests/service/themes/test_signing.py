"""What people decide about themes, and take back."""

from types import SimpleNamespace

import pytest
from tests.service.themes.conftest import find, hand_in, samples, understand

KEEP_ROWS = True


@pytest.fixture
def region(town):
    return town.region


def shown(tenant, *, dropped=False):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme, ThemeState

    with working(tenant.pk):
        found = Theme.objects.filter(tenant=tenant, into=None, gone_at=None, says_nothing=False)
        found = found if dropped else found.exclude(state=ThemeState.DROPPED)
        return list(found.order_by("-size", "code"))


def theme_of(tenant, key):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Theme

    with working(tenant.pk):
        return Theme.objects.get(pk=key)


def members(tenant, key):
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Member

    with working(tenant.pk):
        return set(Member.objects.filter(theme=key).values_list("appeal_id", flat=True))


def columns(tenant, ids):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    with working(tenant.pk):
        return set(Appeal.objects.filter(pk__in=ids).values_list("theme", flat=True))


def do(user, what, /, *args, **kwargs):
    from veche.service.accounts.acting import acting
    from veche.service.themes import signing

    with acting(user):
        return getattr(signing, what)(user, *args, **kwargs)


def ledger(rows_of):
    return [row[0] for row in rows_of("SELECT act FROM ledger_entry ORDER BY at DESC, seq DESC LIMIT 1")]


def test_an_editor_names_a_theme_and_takes_the_name_back(town, region, rows_of):
    theme = shown(region)[0]
    act = do(town.people.editor, "rename", theme.pk, theme.version, "  Двор   и дорога ")
    now = theme_of(region, theme.pk)
    assert (now.name, now.named, now.version) == ("Двор и дорога", True, theme.version + 1)
    assert ledger(rows_of) == ["theme.decided"]
    do(town.people.editor, "undo", act.pk)
    now = theme_of(region, theme.pk)
    assert (now.name, now.named) == (theme.name, theme.named)
    assert ledger(rows_of) == ["theme.undone"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b"])
def test_a_name_has_one_to_two_hundred_characters(town, region, name):
    from veche.core.errors import NameWanted

    theme = shown(region)[0]
    with pytest.raises(NameWanted):
        do(town.people.editor, "rename", theme.pk, theme.version, name)


def test_two_themes_do_not_have_one_name(town, region):
    from veche.core.errors import NameOfAnother

    one, other = shown(region)[:2]
    with pytest.raises(NameOfAnother):
        do(town.people.editor, "rename", one.pk, one.version, other.name.upper())


def test_what_was_shown_before_a_change_decides_nothing(town, region):
    from veche.core.errors import ThemeChanged

    theme = shown(region)[0]
    act = do(town.people.editor, "pin", theme.pk, theme.version)
    with pytest.raises(ThemeChanged):
        do(town.people.analyst, "sign", theme.pk, theme.version)
    do(town.people.editor, "undo", act.pk)
    assert not theme_of(region, theme.pk).pinned


def test_only_editors_and_analysts_of_the_whole_authority_decide(town, region):
    from veche.core.errors import NotYours

    theme = shown(region)[0]
    for name in ("official", "controller", "administrator", "auditor", "stranger", "head", "roads"):
        with pytest.raises(NotYours):
            do(getattr(town.people, name), "sign", theme.pk, theme.version)
    act = do(town.people.analyst, "sign", theme.pk, theme.version)
    now = theme_of(region, theme.pk)
    assert (now.state, now.signed_by_id) == ("signed", town.people.analyst.pk)
    do(town.people.editor, "undo", act.pk)
    assert theme_of(region, theme.pk).state == "found"


def test_a_merged_theme_gives_its_appeals_to_the_other_and_gets_them_back(town, region, rows_of):
    from veche.core.errors import CannotTakeBack, ThemeChanged

    one, other = shown(region)[:2]
    mine, theirs = members(region, one.pk), members(region, other.pk)
    act = do(town.people.analyst, "merge", one.pk, one.version, other.pk)
    assert act.moved == len(mine) == one.size
    assert members(region, other.pk) == mine | theirs
    assert columns(region, mine | theirs) == {other.pk}
    assert theme_of(region, other.pk).size == len(mine | theirs)
    assert theme_of(region, one.pk).into_id == other.pk
    person = rows_of(
        "SELECT count(*) FROM inbox_finding WHERE decision = %s AND maker_kind = 'person' AND value = %s",
        act.pk,
        str(other.pk),
    )
    assert person == [(len(mine),)]
    with pytest.raises(ThemeChanged):
        do(town.people.editor, "rename", one.pk, theme_of(region, one.pk).version, "Другое")
    do(town.people.editor, "undo", act.pk)
    assert members(region, one.pk) == mine
    assert columns(region, mine) == {one.pk}
    assert theme_of(region, one.pk).size == len(mine)
    with pytest.raises(CannotTakeBack):
        do(town.people.editor, "undo", act.pk)


def test_a_theme_cannot_be_merged_into_itself_a_dropped_one_or_anothers(town, region):
    from uuid import uuid4

    from veche.core.errors import NoPlaceToMerge

    one, other = shown(region)[:2]
    act = do(town.people.editor, "drop", other.pk, other.version)
    for target in (one.pk, other.pk, uuid4()):
        with pytest.raises(NoPlaceToMerge):
            do(town.people.editor, "merge", one.pk, one.version, target)
    do(town.people.editor, "undo", act.pk)


def test_the_appeals_of_a_dropped_theme_are_in_none_until_that_is_taken_back(town, region):
    theme = shown(region)[1]
    mine = members(region, theme.pk)
    act = do(town.people.editor, "drop", theme.pk, theme.version)
    assert columns(region, mine) == {None}
    assert members(region, theme.pk) == mine
    assert theme not in shown(region)
    do(town.people.editor, "undo", act.pk)
    assert columns(region, mine) == {theme.pk}


def test_a_theme_is_split_by_an_example_and_joined_again(town, region):
    from veche.core.errors import CannotTakeBack

    theme = shown(region)[0]
    before = members(region, theme.pk)
    belong, stay = sorted(before)[:1], sorted(before)[1:3]
    act = do(town.people.editor, "split", theme.pk, theme.version, belong=belong, stay=stay, name="Отдельное")
    new = theme_of(region, act.other_id)
    gone, left = members(region, new.pk), members(region, theme.pk)
    assert set(belong) <= gone
    assert set(stay) <= left
    assert gone | left == before
    assert not gone & left
    assert (new.name, new.part_of_id, new.size) == ("Отдельное", theme.pk, len(gone))
    assert columns(region, gone) == {new.pk}
    renamed = do(town.people.editor, "rename", new.pk, new.version + 0, "Особое")
    with pytest.raises(CannotTakeBack):
        do(town.people.editor, "undo", act.pk)
    do(town.people.editor, "undo", renamed.pk)
    do(town.people.editor, "undo", act.pk)
    assert members(region, theme.pk) == before
    assert theme_of(region, new.pk).gone_at is not None


def test_a_split_needs_examples_of_the_theme_and_leaves_something(town, region):
    from uuid import uuid4

    from veche.core.errors import SplitNeedsExamples, SplitTakesAll

    theme, other = shown(region)[:2]
    for belong in ([], [uuid4()], sorted(members(region, other.pk))[:1]):
        with pytest.raises(SplitNeedsExamples):
            do(town.people.editor, "split", theme.pk, theme.version, belong=belong)
    small = min(shown(region), key=lambda one: one.size)
    if small.size <= 40:
        with pytest.raises(SplitTakesAll):
            do(town.people.editor, "split", small.pk, small.version, belong=sorted(members(region, small.pk)))
    assert theme_of(region, theme.pk).version == theme.version


def test_nothing_is_decided_while_a_search_writes(town, region):
    from veche.core.errors import ThemesBeingWritten
    from veche.service.accounts.acting import working
    from veche.service.themes.models import Work

    theme = shown(region)[0]
    with working(region.pk):
        Work.objects.filter(pk=region.pk).update(state="writing")
    with pytest.raises(ThemesBeingWritten):
        do(town.people.editor, "sign", theme.pk, theme.version)
    with working(region.pk):
        Work.objects.filter(pk=region.pk).update(state="done")


def test_what_people_decided_holds_in_a_later_search(town, region, urls):
    """A name, a pin, a signature, a merger, a part and a dropped theme outlive a search with more appeals."""
    from veche.service.themes import describing

    one, two, three, four, five = shown(region)[:5]
    do(town.people.editor, "rename", one.pk, one.version, "Имя от человека")
    do(town.people.editor, "merge", two.pk, two.version, three.pk)
    do(town.people.editor, "drop", four.pk, four.version)
    inside = sorted(members(region, five.pk))
    act = do(
        town.people.editor, "split", five.pk, five.version, belong=inside[:1], stay=inside[1:2], name="Часть"
    )
    state = SimpleNamespace(three=members(region, three.pk), four=members(region, four.pk))
    describing.renew(region.pk)
    hand_in(region, town.channels.region, samples(120, seed=11))
    understand(urls)
    find(urls, region)
    named = theme_of(region, one.pk)
    assert (named.name, named.gone_at) == ("Имя от человека", None)
    assert theme_of(region, two.pk).into_id == three.pk
    assert not members(region, two.pk)
    assert theme_of(region, three.pk).gone_at is None
    assert members(region, three.pk) >= state.three
    dropped = theme_of(region, four.pk)
    assert (dropped.state, dropped.gone_at) == ("dropped", None)
    assert columns(region, members(region, four.pk)) == {None}
    assert inside[0] in members(region, act.other_id)
    assert inside[1] in members(region, five.pk)
    assert theme_of(region, act.other_id).name == "Часть"
