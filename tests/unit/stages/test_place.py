"""The place stage names the territory that an appeal is about."""

import importlib.util
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.core.appeal import APPEAL
from veche.engine.stage import Context
from veche.stages.columns import MASKS
from veche.stages.place import PlaceStage

_spec = importlib.util.spec_from_file_location("small_country", Path(__file__).with_name("small_country.py"))
small_country = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_country)


def open_stage(pack):
    stage = PlaceStage()
    stage.open(Context(pack))
    return stage


COUNTRY = open_stage(small_country.small_pack())
CITY = open_stage(small_country.small_pack(small_country.NEIGHBOURHOODS))


def places(texts, *, stage=COUNTRY, masks=None, **columns):
    """Return the decisions of each row."""
    n = len(texts)
    data = {"text": pa.array(texts, pa.string())}
    for name in ("declared_territory", "address", "lat", "lon"):
        data[name] = pa.array(columns.get(name, [None] * n), APPEAL.field(name).type)
    data["masks"] = pa.array(masks or [[]] * n, MASKS.type)
    return stage(pa.table(data))["place"].to_pylist()


def best(text, *, stage=COUNTRY, **columns):
    """Return the first-ranked place of one text, None where there is none."""
    found = places([text], stage=stage, **{k: [v] for k, v in columns.items()})[0]
    return found[0]["value"] if found else None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("В Казани не убирают снег", "kazan"),
        ("в казани не убирают снег", "kazan"),
        ("КАЗАНЬ БЕЗ ВОДЫ ТРЕТИЙ ДЕНЬ", "kazan"),
        ("Жители города Набережные Челны просят помощи", "chelny"),
        ("Казанские дороги разбиты после зимы", "kazan"),
        ("Почему казанские дворы не чистят?", "kazan"),
        ("Республика Татарстан, Казань, двор завален мусором", "kazan"),
        ("У нас в Татарстане нет лекарств", "tatarstan"),
        ("Живу в Советске Кировской области, закрыли роддом", "kirov-sovetsk"),
        ("г. Советск Калининградской обл., нет отопления", "kaliningrad-sovetsk"),
        ("Самара, Советский район: не вывозят мусор", "samara-sov"),
        ("Не вывозят мусор в Советском районе Казани", "kazan-sov"),
        ("Мы из города Кирова, дорогу не чинят", "kirov"),
        ("Вчера приехали в Киров, а там нет автобусов", "kirov"),
        ("г.Орел, улица без света", "orel"),
        ("Киров, ул. Ленина, яма во дворе", "kirov"),
        ("Город Орёл, улица без света", "orel"),
        ("Улицы Казани завалены снегом", "kazan"),
        ("ул. Баумана, Казань", "kazan"),
        ("Ленинградская область, нет газа", "leningrad-obl"),
        ("Проезд в Санкт-Петербурге подорожал, в Питере нет льгот", "spb"),
        ("There is no heating in Kazan", "kazan"),
    ],
)
def test_a_named_place_is_found(text, place):
    assert best(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "На улице Московская не горит фонарь",
        "Казанский проспект перекрыт",
        "Ленинградское шоссе стоит в пробке",
        "по ул. Кирова яма на яме",
        "Над полем парит орел, а поле не пашут",
        "Иван Степанович киров просит помощи",
        "Улица Большая Московская не убрана",
        "Кинотеатр «Москва» закрыли",
        "Поезд Казань-Москва опоздал",
        "В Советском районе нет воды",
        "Московский вокзал грязный",
        "Живём в казанских-то условиях",
        "",
    ],
)
def test_streets_common_words_and_namesakes_are_no_places(text):
    assert best(text) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Streetlight out in Dorchester since Monday", "dorchester"),
        ("Dorchester residents want a crosswalk", "dorchester"),
        ("Trash not picked up in West Roxbury", "west-roxbury"),
        ("Pothole in roxbury near the school", "roxbury"),
        ("The bus to Downtown is always late", "downtown"),
        ("Boston needs more trees, Charlestown most of all", "charlestown"),
        ("Pothole on Dorchester Ave", None),
        ("Light out on Roxbury St near the park", None),
        ("The Charlestown Bridge is icy", None),
        ("we walk downtown every day", None),
        ("Rats everywhere", None),
    ],
)
def test_neighbourhoods_of_a_city_are_found_and_its_avenues_are_not(text, place):
    assert best(text, stage=CITY) == place


@pytest.mark.parametrize(
    ("text", "declared", "place"),
    [
        ("Нет воды", "Казань", "kazan"),
        ("Нет воды", "г. Казань", "kazan"),
        ("Нет воды", "Республика Татарстан", "tatarstan"),
        ("Нет воды", "kazan-sov", "kazan-sov"),
        ("Нет воды", "Орёл", "orel"),
        ("В Казани нет воды", "Татарстан", "kazan"),
        ("В Советском районе нет воды", "Самара", "samara-sov"),
        ("В Советске нет воды", "Кировская область", "kirov-sovetsk"),
        ("в кирове нет воды", "Кировская область", "kirov"),
        ("В Москве пенсии выше, чем у нас", "Казань", "kazan"),
        ("Нет воды", "Неведомый край", None),
    ],
)
def test_the_declared_territory_counts(text, declared, place):
    assert best(text, declared_territory=declared) == place


@pytest.mark.parametrize(
    ("named", "declared", "place"), [("Самара", "Казань", "kazan"), ("Казань", "Самара", "samara")]
)
def test_what_is_declared_goes_before_what_is_only_named(named, declared, place):
    assert best(f"Нет воды, г. {named}", declared_territory=declared) == place


def test_a_declared_territory_alone_is_sure():
    found = places(["Нет воды"], declared_territory=["Казань"])[0]
    assert found[0]["confidence"] > 0.9
    assert found[0]["evidence"] == []


def test_an_address_names_the_place():
    assert best("Нет воды", address="420111, Казань, ул. Кирова, 5") == "kazan"


def test_coordinates_alone_give_the_nearest_place_within_reach():
    assert best("No text about where", stage=CITY, lat=42.301, lon=-71.066) == "dorchester"
    assert best("No text about where", stage=CITY, lat=40.7, lon=-74.0) is None


def test_a_named_neighbourhood_outweighs_the_nearest_centre():
    assert best("Pothole in Roxbury", stage=CITY, lat=42.311, lon=-71.072) == "roxbury"


def test_coordinates_tell_namesakes_apart():
    assert best("В Советском районе нет воды", lat=53.21, lon=50.16) in ("samara-sov", "samara")
    found = places(["В Советском районе нет воды"], lat=[53.21], lon=[50.16])[0]
    assert found[0]["value"] == "samara-sov"


def test_two_places_are_both_named_and_neither_is_sure():
    found = places(["Из Казани в Самару нет поезда, просим в Самаре остановку"])[0]
    assert {f["value"] for f in found} >= {"kazan", "samara"}
    assert found[0]["confidence"] < 0.75


def test_evidence_points_into_the_original_text():
    text = "Ёлки! В КАЗАНИ и в городе Самаре"
    for decision in places([text])[0]:
        (span,) = decision["evidence"]
        assert text[span["start"] : span["end"]] in ("КАЗАНИ", "Самаре")


def test_an_adjective_is_less_sure_than_a_name():
    adjective, name = places(["Почему казанские дворы не чистят?", "В Казани не чистят дворы"])
    assert adjective[0]["confidence"] < name[0]["confidence"]


def test_a_doubtful_word_inside_a_masked_name_is_no_place():
    text = "Меня зовут Степан Киров, нет воды"
    mask = [{"start": 11, "end": 23, "type": "name"}]
    assert places([text])[0][0]["value"] == "kirov"
    assert places([text], masks=[mask])[0] == []


def test_a_place_inside_a_masked_home_address_still_counts():
    text = "Живу: г. Казань, ул. Баумана, 5"
    mask = [{"start": 6, "end": 31, "type": "home"}]
    assert places([text], masks=[mask])[0][0]["value"] == "kazan"


PARTS = st.lists(
    st.sampled_from(
        [
            "Казань",
            "в Советском районе",
            "Советск",
            "Кировская область",
            "ул.",
            "Москва",
            "орёл",
            "г.",
            "Киров",
            ".",
            "x",
        ]
    ),
    max_size=8,
).map(" ".join)


@settings(max_examples=50, deadline=None)
@given(st.lists(PARTS, max_size=6))
def test_neighbours_in_the_batch_change_nothing(texts):
    assert places(texts) == [places([t])[0] for t in texts]


@settings(max_examples=50, deadline=None)
@given(PARTS, st.sampled_from([None, "Казань", "Кировская область", "??"]))
def test_confidences_are_probabilities_and_ranks_count_up(text, declared):
    found = places([text], declared_territory=[declared])[0]
    assert [f["rank"] for f in found] == list(range(len(found)))
    assert all(0 < f["confidence"] <= 1 for f in found)
    assert len({f["value"] for f in found}) == len(found)


def test_a_pack_without_territories_names_nothing():
    assert best("В Казани нет воды", stage=open_stage(small_country.small_pack(()))) is None


def test_forgetting_what_was_declared_loses_no_place(monkeypatch):
    monkeypatch.setattr("veche.stages.place._MEMORY", 1)
    stage = open_stage(small_country.small_pack())
    batches = [["Казань", "??"], ["Казань", "Кировская область"], ["Кировская область", "Казань"]]
    for declared in batches:
        found = places(["нет воды"] * 2, stage=stage, declared_territory=declared)
        assert found == places(["нет воды"] * 2, declared_territory=declared)
