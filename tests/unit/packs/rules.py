"""The parts of a small pack that decide, as they stand in its files."""

from pathlib import Path

FACTS = """\
[[fact]]
code = "children"
type = "number"
title.ru = "Число детей до 18 лет"
title.en = "Number of children under 18"
question.ru = "Сколько у вас детей младше 18 лет?"
question.en = "How many children under 18 do you have?"
unit.ru = "детей"
unit.en = "children"
least = 0
most = 30

[[fact]]
code = "income"
type = "number"
title.ru = "Доход"
title.en = "Income"

[[fact]]
code = "living_wage"
type = "number"
title.ru = "Прожиточный минимум"
title.en = "Living wage"

[[fact]]
code = "citizen"
type = "boolean"
title.ru = "Гражданин"
title.en = "Citizen"

[[fact]]
code = "housing"
type = "word"
values = ["own", "rented", "none"]
title.ru = "Жильё"
title.en = "Housing"

[[fact]]
code = "born"
type = "date"
title.ru = "Дата рождения"
title.en = "Date of birth"
"""

CALENDAR = """\
country = "RU"
weekend = ["saturday", "sunday"]
checked = ""

[[moved]]
from = 2026-01-03
to = 2026-01-09
source = "a decree"

[[day_off]]
day = 2026-02-02
title.ru = "День города"
source = "a by-law"

[[working_day]]
day = 2026-02-07
source = "a by-law"
"""

CLOCKS = """\
[[clock]]
code = "consideration"
title.ru = "Рассмотрение"
title.en = "Consideration"
starts = "registered"
length = 30
unit = "calendar_day"
first_day = "next"
extension = 30
extension_notice.ru = "Уведомить автора"
legal = "59-FZ, art. 12"
source = "https://example.org/59"
valid_from = 2006-11-02
when = { fact = "kind", op = "!=", value = "spam" }
"""

PROTOCOL = """\
+++
code = "snow"
title.ru = "Уборка снега"
title.en = "Snow"
legal = ["257-FZ, art. 17"]
valid_from = 2007-11-14

[when]
all = [
  { fact = "topic", op = "under", value = "roads.snow" },
  # { fact = "kind", op = "=", value = "threat" },
  { fact = "kind", op = "in", value = ["complaint", "request"] },
]
+++

# ru

Здравствуйте! Обращение № {number} рассмотрено.

Сделано: {done}.

# en

Hello. Your appeal No. {number} was considered.

Done: {done}.
"""

MEASURES = """\
[[measure]]
code = "family"
title.ru = "Помощь семье"
title.en = "Help for families"
gives.ru = "Деньги"
gives.en = "Money"
documents.ru = ["Паспорт"]
documents.en = ["Passport"]
legal = ["A law"]
source = "https://example.org/law"
body = "town"
topics = ["roads"]

[measure.entitled]
all = [
  { fact = "children", op = ">=", value = 3 },
  { any = [
      { fact = "income", op = "<=", value = { fact = "living_wage", times = 1.5 } },
      { fact = "groups", op = "has", value = "age:65+" },
  ] },
  { not = { fact = "housing", op = "=", value = "own" } },
  { fact = "topic", op = "under", value = "roads" },
]

[[measure.example]]
facts = { children = 4, groups = ["age:65+"], housing = "rented", topic = "roads.snow" }
entitled = true

[[measure.example]]
facts = { children = 2 }
entitled = false

[[measure.example]]
facts = { income = 10, living_wage = 10.5, housing = "none", topic = "roads" }
entitled = "unknown"
asks = ["children"]
"""

FILES = {
    "facts.toml": FACTS,
    "calendar.toml": CALENDAR,
    "clocks.toml": CLOCKS,
    "protocols/snow.md": PROTOCOL,
    "measures/family.toml": MEASURES,
}


def add_rules(folder: Path) -> Path:
    """Write the files into the folder of a pack, and let its one body oversee and be reached."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    with (folder / "bodies.toml").open("a", encoding="utf-8") as f:
        f.write('oversees = ["roads.snow"]\ncontact = "mail@example.org"\n')
    return folder
