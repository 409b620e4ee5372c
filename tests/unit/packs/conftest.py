"""A small whole pack in a temporary folder, to be broken in one place per test."""

from pathlib import Path

import pytest
from tests.unit.packs.rules import add_rules

PACK = """\
code = "small"
version = "1"
title.ru = "Малый"
title.en = "Small"
languages = ["ru", "en"]
timezone = "Europe/Moscow"
licence = "CC0-1.0"

[[source]]
file = "territories.csv"
title.en = "Counted for this test"
licence = "CC0-1.0"
url = "https://example.org"
covers = ["population"]
as_of = "2025"
"""

TOPICS = """\
[[topic]]
code = "roads"
title.ru = "Дороги"
title.en = "Roads"

[[topic]]
code = "roads.potholes"
title.ru = "Ямы"
title.en = "Potholes"
examples.ru = ["Яма у дома", "Опять яма", "Колесо пробил", "Асфальт сошёл", "Дыра", "Ухаб", "Провал", "Ямища"]
examples.en = ["A hole", "Another hole", "Lost a wheel", "No asphalt"]
keywords.ru = ["Ям*", "выбоин*"]
not = [{ topic = "roads.snow", means.ru = "если дело в снеге" }]

[[topic]]
code = "roads.snow"
title.ru = "Снег"
title.en = "Snow"
examples.ru = ["Снег", "Сугроб", "Не чистят", "Замело", "Наледь", "Лёд", "Гололёд", "Каша"]
examples.en = ["Snow", "Ice", "No plow", "Slush"]
keywords.ru = ["снег"]
"""

BODIES = """\
[[body]]
code = "town"
title.ru = "Администрация {municipality}"
title.en = "Administration of {municipality}"
level = "municipal"
topics = ["roads"]
valid_from = 2020-01-01
"""

TERRITORIES = """\
code,parent,level,title_ru,title_en,names_ru,context_names,population,lat,lon,timezone
x,,country,Иксия,Ixia,,,,,,
x-1,x,region,Ёлкинская область,Yolkinsk Oblast,,,,,,
x-1-1,x-1,settlement,Ёлкинск,Yolkinsk,Ёлка,Лес,12000,55.5,37.25,Europe/Moscow
"""

URGENCY = """\
negations.ru = ["не", "нет"]

[[urgency]]
value = "life"
phrases.ru = ["Горит дом"]
not.ru = ["горит лампочка"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a pack that loads."""
    pack = tmp_path / "small"
    (pack / "topics").mkdir(parents=True)
    (pack / "names").mkdir()
    (pack / "pack.toml").write_text(PACK, "utf-8")
    (pack / "topics/roads.toml").write_text(TOPICS, "utf-8")
    (pack / "bodies.toml").write_text(BODIES, "utf-8")
    (pack / "territories.csv").write_text(TERRITORIES, "utf-8")
    (pack / "urgency.toml").write_text(URGENCY, "utf-8")
    (pack / "kinds.toml").write_text('[[kind]]\nvalue = "question"\nphrases.ru = ["когда"]\n', "utf-8")
    (pack / "groups.toml").write_text(
        '[[group]]\nfamily = "age"\nvalue = "65+"\nphrases.ru = ["я бабушка"]\n', "utf-8"
    )
    (pack / "masks.toml").write_text(
        '[[recogniser]]\ntype = "phone"\nlabel.ru = "телефон"\nlabel.en = "phone"\n', "utf-8"
    )
    (pack / "names/first.txt").write_text("# имена\nАлёна  # с ё\n\nпётр\n", "utf-8")
    return pack


@pytest.fixture
def ruled(folder: Path) -> Path:
    """The same pack with facts, a calendar, a clock, a protocol and a measure."""
    return add_rules(folder)
