"""`veche pack` as people call it, in English and in Russian."""

import json
import shutil

import pytest
from tests.unit.packs import answers

INTERVIEW = """\
ru
Заречный

Europe/Moscow
RU

2
Заречный

Черёмушки | Старые Черёмушки

Ямы
{examples}
ям*, выбоин*
Дорожная служба
3

Снег
{examples}

1
Фонари
{examples}

2
Горсвет
4


Д
Ответ
2
15
2
Правило 3
https://example.org/rules
да
1
Яма
Здравствуйте!
Сделано: {{done}}

Правило 4
д
Бесплатный проезд
Проездной билет
Вы живёте в Заречном?
60
Паспорт
Правило 5
https://example.org/rides
2
1
"""


def interview(examples=8):
    lines = "\n".join(f"Пример {i}" for i in range(examples)) + "\n"
    return INTERVIEW.format(examples=lines)


@pytest.fixture(scope="module")
def pack(tmp_path_factory, veche):
    """The pack of an invented town, left as it was made."""
    folder = tmp_path_factory.mktemp("packs")
    (folder / "answers.toml").write_text(answers.town(), "utf-8")
    made = veche("pack", "new", "town", "--answers", "answers.toml", cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder / "town"


@pytest.fixture
def other(pack, tmp_path):
    """A copy of it, to be changed."""
    return shutil.copytree(pack, tmp_path / "other")


def test_two_packs_are_checked_together_and_counted(pack, other, veche):
    text = (other / "clocks.toml").read_text("utf-8")
    (other / "clocks.toml").write_text(text.replace('"working_day"', '"day"'), "utf-8")
    (other / "groups.toml").unlink()
    done = veche("pack", "check", pack, other)
    assert done.returncode == 1
    assert "clocks.toml:7: " in done.stdout
    assert f"{pack}: nothing to mend." in done.stdout
    assert "2 things to mend. 1 of them keeps it from being used." in done.stdout


def test_a_pack_that_is_not_there_does_not_hide_the_others(pack, veche):
    done = veche("pack", "check", "no-such-pack", pack)
    assert done.returncode == 1
    assert "VECHE-P002" in done.stdout
    assert f"{pack}: nothing to mend." in done.stdout


def test_a_clean_pack_is_silent_but_for_one_line(pack, veche):
    done = veche("pack", "check", pack)
    assert (done.returncode, done.stdout) == (0, f"{pack}: nothing to mend.\n")


def test_programs_read_what_is_to_be_mended(other, veche):
    (other / "groups.toml").unlink()
    done = veche("pack", "check", other, "no-such-pack", "--json")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)
    assert [p["file"] for p in first["problems"]] == ["groups.toml"]
    assert second["error"]["code"] == "VECHE-P002"


def test_a_person_sees_what_a_pack_holds(pack, veche):
    shown = veche("pack", "show", pack, language="ru").stdout
    for piece in ("Заречный  zarechny 1", "Ямы", "Ответ", "Яма", "Бесплатный проезд", "Русский", "RU"):
        assert piece in shown
    assert f"veche pack show {pack} free-rides" in shown


def test_programs_read_what_a_pack_holds(pack, veche):
    told = json.loads(veche("pack", "show", pack, "--json").stdout)
    assert told["topics"]["all"] == 3
    assert told["measures"] == {"all": 1, "checked": 0}


def test_one_entry_is_shown_fully(pack, veche):
    shown = veche("pack", "show", pack, "free-rides").stdout
    assert "    Do you live in Zarechny: yes\n    Age in years: at least 60\n" in shown
    assert "Granted by   City lights" in shown
    assert "nobody has compared with the law" in shown
    shown = veche("pack", "show", pack, "potholes").stdout
    assert "• Potholes 3" in shown
    assert "road-service  Road service" in shown
    assert "pothole  Pothole" in shown
    told = json.loads(veche("pack", "show", pack, "potholes", "--json").stdout)
    assert told[0]["protocols"] == ["pothole"]


@pytest.mark.parametrize("code", ["answer", "road-service", "pothole", "zarechny-cheryomushki", "age:65+"])
def test_entries_of_every_part_can_be_shown(pack, veche, code):
    done = veche("pack", "show", pack, code, language="ru")
    assert done.returncode == 0, done.stderr
    assert f"({code})" in done.stdout


def test_a_code_that_is_not_there_gets_near_ones(pack, veche):
    done = veche("pack", "show", pack, "pothols")
    assert done.returncode == 2
    assert "potholes" in done.stderr


def test_what_differs_is_shown_and_told(pack, other, veche):
    text = (other / "bodies.toml").read_text("utf-8")
    (other / "bodies.toml").write_text(text.replace("Road service", "Road office"), "utf-8")
    (other / "clocks.toml").unlink()
    done = veche("pack", "diff", pack, other)
    assert done.returncode == 0
    assert "  ~ road-service  Road office\n      title.en: Road service → Road office\n" in done.stdout
    assert "  − answer  Answer\n" in done.stdout
    assert done.stdout.endswith("Added: 0. Removed: 1. Changed: 1.\n")
    told = json.loads(veche("pack", "diff", pack, other, "--json").stdout)
    assert told[0]["fields"] == {"title.en": {"old": "Road service", "new": "Road office"}}
    assert veche("pack", "diff", pack, pack).stdout == "The packs say the same.\n"


def test_the_interview_makes_a_pack_that_is_clean_and_understands(tmp_path, veche):
    made = veche("pack", "new", "town", cwd=tmp_path, language="ru", stdin=interview())
    assert made.returncode == 0, made.stdout + made.stderr
    assert veche("pack", "check", "town", cwd=tmp_path).returncode == 0
    (tmp_path / "appeals.csv").write_text("text\nЯма у дома на Старых Черёмушках, выбоины везде\n", "utf-8")
    done = veche("run", "appeals.csv", "--pack", "town", "--out", "out", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1  Ямы" in done.stdout
    told = json.loads(veche("pack", "show", "town", "--json", cwd=tmp_path).stdout)
    assert told["bodies"] == {"municipal": 1, "operator": 1}
    assert told["clocks"]["all"] == told["protocols"]["all"] == told["measures"]["all"] == 1


def test_the_interview_says_what_fewer_examples_cost(tmp_path, veche):
    answered = interview(3).replace("Пример 2\n\n", "Пример 2\n\nд\n")
    made = veche("pack", "new", "town", cwd=tmp_path, language="en", stdin=answered)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "3 of 8. With fewer the topic is recognised less often" in made.stdout
    assert veche("pack", "check", "town", cwd=tmp_path).stdout.count("examples") == 3


def test_an_interview_that_breaks_off_leaves_nothing(tmp_path, veche):
    half = interview()[: len(INTERVIEW) // 2]
    made = veche("pack", "new", "town", cwd=tmp_path, stdin=half)
    assert made.returncode == 130
    assert "Nothing was written." in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_refused_before_the_first_question(pack, veche):
    done = veche("pack", "new", pack, stdin="")
    assert done.returncode == 2
    assert "name a new folder" in done.stderr
    assert done.stdout == ""
