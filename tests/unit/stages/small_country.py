"""A small country and a small city to test places and bodies on."""

from pathlib import Path

from veche.packs.model import Body, Pack, Territory, Topic


def node(code, parent, level, title, *, forms=(), weak=(), adjectives=(), population=None, at=(None, None)):
    return Territory(
        code=code,
        parent=parent,
        level=level,
        title=title,
        names={},
        forms=tuple(forms),
        weak_forms=tuple(weak),
        adjectives=tuple(adjectives),
        population=population,
        lat=at[0],
        lon=at[1],
    )


def region(code, name, stem, *, forms=(), adjectives=()):
    """An oblast with its case forms."""
    cases = [
        f"{stem}{a} {b}" for a, b in (("ая", "область"), ("ой", "области"), ("ую", "область"), ("ой", "обл."))
    ]
    return node(
        code, "ru", "region", {"ru": name}, forms=(*cases, *forms), adjectives=adjectives, population=900_000
    )


def district(code, parent, level="district"):
    forms = ("советский район", "советского района", "советском районе")
    return node(code, parent, level, {"ru": "Советский район"}, forms=forms)


TERRITORIES = (
    node("ru", "", "country", {"ru": "Россия"}, forms=("россия", "россии", "рф")),
    node("tatarstan", "ru", "region", {"ru": "Республика Татарстан"},
         forms=("татарстан", "татарстана", "татарстане")),
    node(
        "kazan", "tatarstan", "settlement", {"ru": "Казань", "en": "Kazan"},
        forms=("казань", "казани", "казанью", "kazan"), adjectives=("казанский", "казанские", "казанская"),
        population=1_300_000, at=(55.79, 49.11),
    ),
    district("kazan-sov", "kazan"),
    node("chelny", "tatarstan", "settlement", {"ru": "Набережные Челны"},
         forms=("набережные челны", "набережных челнах", "челны", "челнах"),
         population=530_000, at=(55.74, 52.40)),
    node("samara-obl", "ru", "region", {"ru": "Самарская область"},
         forms=("самарская область", "самарской области")),
    node("samara", "samara-obl", "settlement", {"ru": "Самара"}, forms=("самара", "самаре", "самары"),
         adjectives=("самарские",), population=1_100_000, at=(53.20, 50.15)),
    district("samara-sov", "samara"),
    region("kirov-obl", "Кировская область", "кировск"),
    node("kirov", "kirov-obl", "settlement", {"ru": "Киров"}, weak=("киров", "кирова", "кирове"),
         population=470_000, at=(58.60, 49.67)),
    node("kirov-sovetsk", "kirov-obl", "settlement", {"ru": "Советск"},
         forms=("советск", "советска", "советске"), population=16_000),
    region("kaliningrad-obl", "Калининградская область", "калининградск"),
    node("kaliningrad-sovetsk", "kaliningrad-obl", "settlement", {"ru": "Советск"},
         forms=("советск", "советска", "советске"), population=41_000),
    node("moscow", "ru", "region", {"ru": "Москва"}, forms=("москва", "москвы", "москве", "москву"),
         adjectives=("московский", "московская", "московские"), population=13_000_000, at=(55.75, 37.62)),
    region("moscow-obl", "Московская область", "московск", forms=("подмосковье",)),
    region("orel-obl", "Орловская область", "орловск"),
    node("orel", "orel-obl", "settlement", {"ru": "Орёл"}, weak=("орел", "орла", "орле"), population=300_000),
    node("spb", "ru", "region", {"ru": "Санкт-Петербург"}, forms=("санкт-петербург", "петербурге", "питере"),
         population=5_600_000, at=(59.94, 30.31)),
    region("leningrad-obl", "Ленинградская область", "ленинградск",
           adjectives=("ленинградское", "ленинградский")),
)  # fmt: skip

NEIGHBOURHOODS = (
    node("boston", "", "settlement", {"en": "Boston"}, forms=("boston",), population=650_000),
    node(
        "dorchester", "boston", "district", {"en": "Dorchester"}, forms=("dorchester",), at=(42.300, -71.065)
    ),
    node("roxbury", "boston", "district", {"en": "Roxbury"}, forms=("roxbury",), at=(42.325, -71.085)),
    node(
        "west-roxbury",
        "boston",
        "district",
        {"en": "West Roxbury"},
        forms=("west roxbury",),
        at=(42.281, -71.160),
    ),
    node(
        "charlestown",
        "boston",
        "district",
        {"en": "Charlestown"},
        forms=("charlestown",),
        at=(42.378, -71.062),
    ),
    node("downtown", "boston", "district", {"en": "Downtown"}, weak=("downtown",), at=(42.356, -71.058)),
)

TOPICS = ("roads", "roads.potholes", "roads.federal", "health", "health.clinics", "pensions", "waste")

BODIES = (
    Body("city", {"ru": "Администрация: {municipality}", "en": "Administration of {municipality}"},
         "municipal", ("roads", "waste")),
    Body("potholes", {"ru": "Служба ремонта дорог: {settlement}"}, "municipal", ("roads.potholes",)),
    Body("ministry-roads",
         {"ru": "Министерство транспорта: {region}", "en": "Ministry of Transport of {region}"},
         "regional", ("roads",)),
    Body("ministry-health", {"ru": "Минздрав: {region}"}, "regional", ("health",)),
    Body("kazan-clinics", {"ru": "Управление здравоохранения Казани"}, "municipal", ("health.clinics",),
         territory="kazan"),
    Body("waste-operator", {"ru": "Региональный оператор: {region}"}, "operator", ("waste",)),
    Body("federal-roads", {"ru": "Росавтодор", "en": "Federal Road Agency"}, "federal", ("roads.federal",)),
    Body("social-fund", {"ru": "Социальный фонд"}, "federal", ("pensions",), valid_from="2023-01-01"),
    Body("pension-fund", {"ru": "Пенсионный фонд"}, "federal", ("pensions",), valid_to="2022-12-31"),
)  # fmt: skip


def small_pack(territories=TERRITORIES):
    topics = {code: Topic(code, code.rpartition(".")[0], {"en": code}, {}, {}, {}) for code in TOPICS}
    return Pack(
        code="small",
        version="1",
        title={"en": "Small country"},
        languages=("ru", "en"),
        timezone="Europe/Moscow",
        path=Path(),
        topics=topics,
        bodies={b.code: b for b in BODIES},
        territories={t.code: t for t in territories},
        kinds=(),
        urgencies=(),
        groups=(),
        recognisers=(),
        negations={},
        name_lists={},
    )
