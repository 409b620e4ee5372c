"""Answers of a clerk of an invented town, as a file would hold them."""

WORDS = """\
words = "ru"
"""

OWN_WORDS = """\
[phrases]
question = ["wann", "wie kann ich"]
complaint = ["schon wieder"]
request = ["bitte"]
thanks = ["danke"]
life = ["es brennt"]
elderly = ["ich bin rentner"]
"""


def _examples(tag: str, word: str, n: int) -> str:
    return f"examples.{tag} = [" + ", ".join(f'"{word} {i}"' for i in range(n)) + "]\n"


def town(*, first: str = "ru", second: str = "en", head: str = WORDS, tail: str = "", under: str = "") -> str:
    """Return the answers as TOML: three topics, two bodies, a deadline, a response and a measure."""

    def text(key: str, one: str, other: str) -> str:
        return f'{key}.{first} = "{one}"\n{key}.{second} = "{other}"\n'

    topics = ""
    for one, other, body in (
        ("Ямы", "Potholes", "Дорожная служба"),
        ("Снег", "Snow", "Road service"),
        ("Фонари", "Lights", "city-lights"),
    ):
        topics += "[[topic]]\n" + text("title", one, other) + f'body = "{body}"\n'
        topics += f'under = "{under}"\n' if under else ""
        topics += _examples(first, one, 8) + _examples(second, other, 4)
    return (
        'code = "zarechny"\n'
        + text("title", "Заречный", "Zarechny")
        + f'languages = ["{first}", "{second}"]\n'
        + 'timezone = "Asia/Yekaterinburg"\ncountry = "RU"\n'
        + head
        + text("place", "Заречный", "Zarechny")
        + "\n[[district]]\n"
        + text("title", "Черёмушки", "Cheryomushki")
        + 'names = ["Старые Черёмушки"]\n\n'
        + topics
        + "[[body]]\n"
        + text("title", "Дорожная служба", "Road service")
        + 'level = "municipal"\n[[body]]\n'
        + text("title", "Горсвет", "City lights")
        + 'level = "operator"\ncode = "city-lights"\n[[clock]]\n'
        + text("title", "Ответ", "Answer")
        + 'starts = "registered"\nlength = 15\nunit = "working_day"\nlegal = "Rule 3"\n'
        + 'source = "https://example.org/rules"\n[[protocol]]\n'
        + text("title", "Яма", "Pothole")
        + 'topic = "Ямы"\nlegal = ["Rule 4"]\n'
        + text("text", "Здравствуйте! Сделано: {done}.", "Hello. Done: {done}.")
        + "[[measure]]\n"
        + text("title", "Бесплатный проезд", "Free rides")
        + text("gives", "Проездной билет", "A pass")
        + f'documents.{first} = ["Паспорт"]\ndocuments.{second} = ["Passport"]\n'
        + 'legal = ["Rule 5"]\nsource = "https://example.org/rides"\nbody = "Горсвет"\ntopic = "snow"\n'
        + text("question", "Вы живёте в Заречном?", "Do you live in Zarechny?")
        + "least_age = 60\n"
        + tail
    )
