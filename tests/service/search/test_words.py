"""Searches by words: endings, phrases, both languages, and nothing beyond the walls."""

import pytest

LAMP = "Уже третью неделю во дворе дома на улице Гагарина не горит ни один фонарь, дети боятся выходить."
WATER = "В доме на улице Мира пятый день нет горячей воды, управляющая компания не отвечает."


def test_endings_are_known_in_both_languages(appeal, looking):
    lamp, water = appeal(LAMP), appeal(WATER)
    bins = appeal("The bins were not collected again.", to="city")
    assert looking("editor", "q=фонари")[0] == [lamp.pk]
    assert looking("editor", "q=collecting bin")[0] == [bins.pk]
    assert set(looking("editor", "q=улицы")[0]) == {lamp.pk, water.pk}


def test_phrases_or_and_without_mean_what_they_say(appeal, looking):
    lamp, water = appeal(LAMP), appeal(WATER)
    assert looking("editor", 'q="горячая вода"')[0] == [water.pk]
    assert looking("editor", 'q="вода горячая"')[0] == []
    assert looking("editor", "q=улица -фонарь")[0] == [water.pk]
    assert set(looking("editor", "q=фонарь or вода")[0]) == {lamp.pk, water.pk}


def test_a_letter_that_people_leave_out_does_not_matter(appeal, looking):
    tree = appeal("У подъезда упала ёлка, и её никто не убирает.")
    assert looking("editor", "q=елка")[0] == looking("editor", "q=Ёлки")[0] == [tree.pk]


def test_filters_and_words_combine(appeal, looking):
    appeal(LAMP, topic="housing.lighting")
    roads = appeal(LAMP, topic="roads")
    assert looking("editor", "q=фонарь&topic=roads")[0] == [roads.pk]
    assert looking("editor", "q=фонарь&topic=roads&language=en")[0] == []


def test_the_best_come_first_when_that_is_wanted_and_otherwise_the_newest(appeal, looking):
    from tests.service.search.conftest import NOW, timedelta

    good = appeal("Фонарь, фонарь и фонарь: фонари не горят.", at=NOW - timedelta(days=3))
    late = appeal("Дорога, двор, дом и ещё много всего, а в конце один фонарь.", at=NOW)
    assert looking("editor", "q=фонарь")[0] == [late.pk, good.pk]
    assert looking("editor", "q=фонарь", best=True)[0] == [good.pk, late.pk]


def test_the_number_of_an_appeal_leads_to_it_however_it_is_typed(appeal, looking):
    from tests.service.search.conftest import number_of

    made = appeal(LAMP)
    appeal(WATER)
    number = number_of(made)
    for typed in (number, number.replace("-", ""), " ".join(number)):
        assert looking("editor", f"q={typed}")[0] == [made.pk]


@pytest.mark.parametrize(("typed", "note"), [("и на не", "small words"), ("-фонарь", "only without")])
def test_words_that_say_nothing_find_nothing_and_the_reader_is_told(appeal, looking, typed, note):
    appeal(LAMP)
    ids, found = looking("editor", f"q={typed}")
    assert (ids, found.n, found.note) == ([], 0, note)


def test_who_works_elsewhere_finds_nothing_of_it(appeal, looking):
    appeal(LAMP)
    theirs = appeal(LAMP, to="other")
    below = appeal(LAMP, to="city")
    assert looking("stranger", "q=фонарь")[0] == [theirs.pk]
    assert below.pk in looking("editor", "q=фонарь")[0]
    assert len(looking("head", "q=фонарь")[0]) == 3


def test_a_narrowed_editor_neither_finds_nor_counts_what_lies_outside(appeal, looking, narrowed):  # noqa: ARG001
    inside = appeal(LAMP, territory="RU/RU-TA/kazan", topic="roads")
    deeper = appeal(LAMP, territory="RU/RU-TA/kazan/centre", topic="roads")
    appeal(LAMP, territory="RU/RU-TA", topic="roads")
    appeal(LAMP, territory="RU/RU-TA/kazan2", topic="housing")
    for query in ("q=фонарь", "", "topic=roads", "territory=RU-TA"):
        ids, found = looking("narrowed", query)
        assert set(ids) == {inside.pk, deeper.pk}, query
        assert found.n == 2
        assert found.cube.count(found.rows, "topic") == {"roads": 2}


def test_a_role_that_finds_nothing_does_not_widen_one_that_finds_little(appeal, looking, narrowed, as_owner):
    from tests.service.search.conftest import UTC, datetime, timedelta

    from veche.service.accounts.models import Role

    inside = appeal(LAMP, territory="RU/RU-TA/kazan")
    outside = appeal(LAMP, territory="RU/RU-TA")
    with as_owner():
        Role.objects.create(
            tenant=outside.tenant,
            user=narrowed,
            role="administrator",
            valid_from=datetime.now(UTC) - timedelta(days=1),
        )
    for query in ("q=фонарь", ""):
        assert looking("narrowed", query)[0] == [inside.pk]


def test_a_lent_appeal_is_found_by_those_whom_it_was_lent_to(appeal, looking, cast, as_owner):
    from tests.service.search.conftest import UTC, datetime, timedelta

    from veche.service.accounts.models import Delegation

    lent, kept = appeal(LAMP, to="other"), appeal(LAMP, to="other")
    with as_owner():
        Delegation.objects.create(
            tenant=cast.tenants.other,
            to_tenant=cast.tenants.region,
            appeal_id=lent.pk,
            valid_from=datetime.now(UTC) - timedelta(hours=1),
        )
    assert looking("editor", "q=фонарь")[0] == [lent.pk]
    assert set(looking("stranger", "q=фонарь")[0]) == {lent.pk, kept.pk}


def test_a_search_keeps_up_with_what_comes_changes_and_is_erased(appeal, looking, rows_of):
    first = appeal(LAMP)
    assert looking("editor", "q=фонарь")[0] == [first.pk]
    second = appeal(LAMP, topic="roads")
    assert set(looking("editor", "q=фонарь")[0]) == {first.pk, second.pk}
    rows_of("DELETE FROM inbox_appealtext WHERE appeal_id = %s RETURNING 1", first.pk)
    rows_of("UPDATE inbox_appeal SET state = 'erased' WHERE id = %s RETURNING 1", first.pk)
    assert looking("editor", "q=фонарь")[0] == [second.pk]


ODD = [
    "' OR 1=1 --",
    "'; DROP TABLE inbox_appeal; --",
    "%",
    "\\",
    "a & | ! (",
    "<-> <2> :* 'x",
    '"',
    '"not closed',
    "-",
    "or",
    "😀😀",
    "\u202eabc\u202c",
    "رجاءً أصلحوا الإنارة",
    "слово" * 190,
    "界" * 900,
    "𐍈" * 900,
    "<script>alert(1)</script>",
    "{{ 7 }}{% x %}",
]


@pytest.mark.parametrize("by", ["words", "meaning"])
def test_nothing_that_is_typed_breaks_a_search(appeal, enter, by):
    appeal(LAMP)
    editor = enter("editor")
    for typed in ODD:
        answer = editor.get("/appeals/", {"q": typed, "by": by})
        assert answer.status_code == 200, typed
        assert "<script>alert" not in answer.content.decode()


def test_a_word_of_ten_thousand_letters_is_told_to_be_too_long(appeal, enter):
    appeal("а" * 10_000 + " фонарь")
    answer = enter("editor").get("/appeals/", {"q": "а" * 10_000})
    assert answer.status_code == 200
    assert "This is too long to search for" in answer.content.decode()
    assert "1 appeal" in enter("editor").get("/appeals/", {"q": "фонарь"}).content.decode()


def test_very_many_hits_are_counted_and_only_the_newest_are_put_in_order(appeal, looking, monkeypatch):
    from tests.service.search.conftest import NOW, timedelta

    from veche.service.search import words

    monkeypatch.setattr(words, "RANKED", 2)
    monkeypatch.setattr(words, "LOOKED_THROUGH", 3)
    made = [appeal(WATER, at=NOW + timedelta(minutes=i)) for i in range(5)]
    _, found = looking("editor", "q=вода", best=True)
    assert (found.n, found.note) == (5, "ranked")
    assert set(found.best) == {made[4].pk, made[3].pk}
    ids, found = looking("editor", 'q="горячая вода"')
    assert (found.n, found.note) == (3, "phrase")
    assert ids == [made[4].pk, made[3].pk, made[2].pk]
