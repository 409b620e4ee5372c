"""Case forms of place names: made once, the same every time, with doubtful ones set apart."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.core.errors import BrokenPack
from veche.core.text import fold
from veche.packs import available_packs, load_pack
from veche.packs.forms import build, decline, forms, read_words
from veche.packs.model import Territory

RU = load_pack("ru")
WORDS = read_words(available_packs()["ru"])


def by_title(title: str, level: str = "settlement") -> Territory:
    return next(t for t in RU.territories.values() if t.title["ru"] == title and t.level == level)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("казань", "казани"),
        ("нижний новгород", "нижнем новгороде"),
        ("набережные челны", "набережных челнах"),
        ("ростов-на-дону", "ростове-на-дону"),
        ("каменск-уральский", "каменске-уральском"),
        ("сергиев посад", "сергиевом посаде"),
        ("орехово-зуево", "орехово-зуеве"),
        ("йошкар-ола", "йошкар-оле"),
        ("уфа", "уфе"),
        ("старая русса", "старой руссе"),
        ("великие луки", "великих луках"),
        ("гусь-хрустальный", "гусе-хрустальном"),
        ("московская область", "московской обл"),
        ("советский район", "советского р-на"),
        ("республика татарстан", "республике татарстан"),
        ("ямало-ненецкий автономный округ", "ямало-ненецкого автономного округа"),
    ],
)
def test_a_name_is_declined(name: str, form: str) -> None:
    assert form in decline(name)


@pytest.mark.parametrize("name", ["сочи", "тольятти", "улан-удэ", "спб", "мск", "дюртюли"])
def test_names_that_do_not_decline_stay(name: str) -> None:
    assert decline(name) == [name]


@pytest.mark.parametrize("name", ["Орёл", "Мирный", "Дно", "Свободный", "Шахты", "Ясный", "Рыбное"])
def test_a_city_that_is_a_common_word_needs_context(name: str) -> None:
    town = by_title(name)
    assert fold(name) in town.weak_forms
    assert fold(name) not in town.forms


@pytest.mark.parametrize("name", ["Киров", "Владимир", "Королёв", "Пушкино", "Обь"])
def test_a_city_that_is_a_person_or_a_river_needs_context(name: str) -> None:
    town = next(t for t in RU.territories.values() if fold(t.title["ru"]) == fold(name))
    assert set(decline(fold(name))) & set(town.weak_forms)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("казани", "ru-16-000-001"),
        ("спб", "ru-78"),
        ("питере", "ru-78"),
        ("екб", "ru-66-000-001"),
        ("в мск", "ru-77"),
        ("якутии", "ru-14"),
        ("татарстане", "ru-16"),
        ("хмао", "ru-86"),
        ("подмосковья", "ru-50"),
        ("өфө", "ru-02-000-001"),
        ("ростове", "ru-61-000-001"),
    ],
)
def test_people_find_places_by_their_everyday_names(form: str, code: str) -> None:
    assert form in RU.territories[code].forms


def test_a_form_that_is_another_word_needs_context_even_where_the_name_does_not() -> None:
    town = by_title("Советск")
    assert "советске" in town.forms
    assert "советском" in town.weak_forms


def test_short_codes_of_regions_need_context() -> None:
    assert "рт" in RU.territories["ru-16"].weak_forms
    assert "мск" in RU.territories["ru-77"].weak_forms


def test_adjectives_stand_apart() -> None:
    assert "казанских" in RU.territories["ru-16-000-001"].adjectives
    assert "казанских" not in RU.territories["ru-16-000-001"].forms
    everywhere = {a for t in RU.territories.values() for a in t.adjectives}
    assert not everywhere & {"советский", "ленинский", "королевский", "братский"}


def test_a_district_that_every_city_has_needs_context() -> None:
    districts = [t for t in RU.territories.values() if "советский район" in (*t.forms, *t.weak_forms)]
    assert len(districts) > 5
    assert all("советский район" in t.weak_forms for t in districts)


def test_forms_are_folded_and_plain_and_weak_do_not_overlap() -> None:
    for territory in RU.territories.values():
        every = (*territory.forms, *territory.weak_forms, *territory.adjectives)
        assert all(form == fold(form).strip() and form for form in every)
        assert not set(territory.forms) & set(territory.weak_forms)


def test_the_committed_forms_are_what_would_be_made_now() -> None:
    folder = available_packs()["ru"]
    assert (folder / "forms.tsv").read_text("utf-8") == build(folder)


@given(st.sampled_from(sorted(RU.territories)))
def test_the_name_itself_is_always_among_the_forms(code: str) -> None:
    territory = RU.territories[code]
    plain, weak, _ = forms(territory, WORDS)
    assert fold(territory.title["ru"]) in (*plain, *weak)


def test_a_misspelt_key_of_forms_toml_is_refused(folder: Path) -> None:
    (folder / "forms.toml").write_text('comon = ["лес"]\n', "utf-8")
    with pytest.raises(BrokenPack, match=r"forms\.toml, line 1: .*comon"):
        build(folder)


def test_the_editor_of_a_pack_decides_about_single_names(folder: Path) -> None:
    (folder / "forms.toml").write_text(
        'rivers = ["елкинск"]\n[adjectives]\n"елкинск" = ["елкинский"]\n', "utf-8"
    )
    line = build(folder).splitlines()[-1]
    code, plain, weak, adjectives = (cell.split("|") for cell in line.split("\t"))
    assert code == ["x-1-1"]
    assert "елкинске" in weak
    assert "елкинске" not in plain
    assert "елкинских" in adjectives
