"""A small whole pack is made from answers: sound, complete, or not at all."""

import errno
from pathlib import Path

import pytest
from tests.unit.packs import answers

from veche.core.errors import BrokenPack, UsageError
from veche.packs import Pack, check, load_pack
from veche.packs.making.answers import read_answers
from veche.packs.making.new import make_pack
from veche.packs.rules.conditions import evaluate


def made(folder: Path, text: str) -> Pack:
    file = folder.parent / "answers.toml"
    file.write_text(text, "utf-8")
    assert make_pack(read_answers(file), folder) == []
    return load_pack(str(folder))


def refused(folder: Path, text: str) -> str:
    file = folder.parent / "answers.toml"
    file.write_text(text, "utf-8")
    with pytest.raises((BrokenPack, UsageError)) as caught:
        make_pack(read_answers(file), folder)
    assert [path.name for path in folder.parent.iterdir()] == ["answers.toml"]
    return caught.value.text()


def test_a_pack_of_its_own_is_clean(tmp_path: Path) -> None:
    pack = made(tmp_path / "town", answers.town())
    assert check(str(tmp_path / "town")) == []
    assert list(pack.topics) == ["potholes", "snow", "lights"]
    assert {code: body.topics for code, body in pack.bodies.items()} == {
        "road-service": ("potholes", "snow"),
        "city-lights": ("lights",),
    }
    assert [(t.code, t.parent, t.level) for t in pack.territories.values()] == [
        ("zarechny", "", "settlement"),
        ("zarechny-cheryomushki", "zarechny", "district"),
    ]
    assert pack.calendar is not None
    assert pack.clocks["answer"].length == 15


def test_it_takes_the_words_of_a_pack_in_its_languages_only(tmp_path: Path) -> None:
    pack, nation = made(tmp_path / "town", answers.town(second="tt")), load_pack("ru")
    assert [cue.value for cue in pack.kinds] == [cue.value for cue in nation.kinds]
    assert all(set(cue.phrases) <= {"ru", "tt"} for cue in (*pack.kinds, *pack.urgencies, *pack.groups))
    assert pack.negations == {"ru": nation.negations["ru"]}
    assert all(r.label["tt"] for r in pack.recognisers)
    assert pack.name_lists == nation.name_lists


def test_names_of_places_get_their_russian_cases(tmp_path: Path) -> None:
    pack = made(tmp_path / "town", answers.town())
    district = pack.territories["zarechny-cheryomushki"]
    assert "старых черемушках" in {*district.forms, *district.weak_forms}


def test_a_language_that_no_pack_speaks_brings_its_own_words(tmp_path: Path) -> None:
    pack = made(tmp_path / "town", answers.town(first="de", head="", tail=answers.OWN_WORDS))
    assert pack.kinds[1].phrases == {"de": ("schon wieder",)}
    assert pack.urgencies[0].phrases == {"de": ("es brennt",)}
    assert not (tmp_path / "town/forms.tsv").exists()


def test_a_pack_that_extends_a_nation_adds_a_section(tmp_path: Path) -> None:
    head = 'extends = "ru"\nsame_as = "ru-16-000-001"\n'
    pack, nation = made(tmp_path / "town", answers.town(head=head)), load_pack("ru")
    assert len(pack.topics) == len(nation.topics) + 4
    assert pack.topics["zarechny.snow"].parent == "zarechny"
    assert pack.territories["ru-16-000-001-cheryomushki"].parent == "ru-16-000-001"
    assert pack.kinds == nation.kinds
    assert pack.bodies["road-service"].territory == "ru-16-000-001"


def test_a_topic_may_go_under_one_of_the_nations(tmp_path: Path) -> None:
    head = 'extends = "ru"\ninside = "ru-16"\n'
    pack = made(tmp_path / "town", answers.town(head=head, under="city.land"))
    assert pack.topics["city.land.potholes"].parent == "city.land"
    assert pack.territories["zarechny"].parent == "ru-16"
    assert "zarechny" not in pack.topics


def test_the_measure_is_for_those_who_say_yes_and_are_old_enough(tmp_path: Path) -> None:
    pack = made(tmp_path / "town", answers.town())
    measure = pack.measures["free-rides"]
    assert [example.entitled for example in measure.examples] == [True, False, False, None]
    answered = [evaluate(measure.entitled, example.facts, pack=pack).value for example in measure.examples]
    assert answered == [True, False, False, None]


def test_the_same_answers_make_the_same_bytes(tmp_path: Path) -> None:
    made(tmp_path / "a", answers.town())
    made(tmp_path / "b", answers.town())
    files = [p.relative_to(tmp_path / "a") for p in sorted((tmp_path / "a").rglob("*")) if p.is_file()]
    assert len(files) > 10
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town/mine.txt").write_text("mine", "utf-8")
    (tmp_path / "answers.toml").write_text(answers.town(), "utf-8")
    with pytest.raises(UsageError, match="holds something"):
        make_pack(read_answers(tmp_path / "answers.toml"), tmp_path / "town")
    assert [p.name for p in (tmp_path / "town").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    made(tmp_path / "town", answers.town())
    assert (tmp_path / "town/pack.toml").is_file()


def test_a_disk_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(answers.town(), "utf-8")
    given = read_answers(file)

    def full(_self: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="full"):
        make_pack(given, tmp_path / "town")
    assert [p.name for p in tmp_path.iterdir()] == ["answers.toml"]


def test_fewer_examples_are_said_and_do_not_stop_it(tmp_path: Path) -> None:
    text = answers.town().replace(', "Снег 7"', "")
    (tmp_path / "answers.toml").write_text(text, "utf-8")
    (problem,) = make_pack(read_answers(tmp_path / "answers.toml"), tmp_path / "town")
    assert "7 examples" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('body = "city-lights"', 'body = "nobody"', "No body is called “nobody”."),
        ('topic = "snow"', 'topic = "sand"', "No topic is called “sand”."),
        ('country = "RU"', 'country = "XX"', "knows no holidays of “XX”"),
        ("Asia/Yekaterinburg", "Asia/Nowhere", "There is no time zone “Asia/Nowhere”."),
        ("{done}", "{dome}", "“{dome}” is not a field of a protocol."),
        ('unit = "working_day"', 'unit = "day"', "“day” is not a value of “unit”."),
        ('code = "zarechny"', "", "“code” is missing."),
        ("least_age = 60", "least_age = 60\ncolour = 1", "“colour” is not known here."),
    ],
)
def test_answers_that_do_not_hold_together_make_nothing(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = answers.town()
    assert old in text
    assert said in refused(tmp_path / "town", text.replace(old, new))


def test_a_topic_or_place_that_the_nation_does_not_have_is_refused(tmp_path: Path) -> None:
    head = 'extends = "ru"\ninside = "ru-999"\n'
    assert "ru-999" in refused(tmp_path / "town", answers.town(head=head))
    head = 'extends = "ru"\ninside = "ru-16"\n'
    assert "no.such" in refused(tmp_path / "town", answers.town(head=head, under="no.such"))
