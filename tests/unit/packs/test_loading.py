"""A pack loads whole, or not at all with file, line and advice."""

from pathlib import Path

import pytest

from veche.core.errors import BrokenPack, OversizedPack, UnknownPack, UnsafePack
from veche.packs import available_packs, check, describe, load_pack
from veche.packs.files import MAX_BYTES


def broken(folder: Path) -> BrokenPack:
    with pytest.raises(BrokenPack) as caught:
        load_pack(str(folder))
    assert caught.value.advice()
    return caught.value


def append(folder: Path, name: str, text: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as f:
        f.write(text)


def replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def test_a_whole_pack_loads_with_all_its_parts(folder: Path) -> None:
    pack = load_pack(str(folder))
    assert list(pack.topics) == ["roads", "roads.potholes", "roads.snow"]
    assert pack.topics["roads.potholes"].parent == "roads"
    assert pack.topics["roads.potholes"].not_ == (("roads.snow", "если дело в снеге"),)
    assert pack.bodies["town"].valid_from == "2020-01-01"
    assert pack.territories["x-1-1"].population == 12000
    assert pack.urgencies[0].not_["ru"] == ("горит лампочка",)
    assert pack.negations["ru"] == ("не", "нет")
    assert pack.groups[0].family == "age"
    assert check(str(folder)) == []


def test_phrases_keywords_and_names_are_folded(folder: Path) -> None:
    pack = load_pack(str(folder))
    assert pack.topics["roads.potholes"].keywords["ru"] == ("ям*", "выбоин*")
    assert pack.urgencies[0].phrases["ru"] == ("горит дом",)
    assert pack.name_lists["first"] == {"алена", "петр"}


def test_without_made_forms_the_names_are_the_forms(folder: Path) -> None:
    town = load_pack(str(folder)).territories["x-1-1"]
    assert town.forms == ("елкинск", "yolkinsk", "елка")
    assert town.weak_forms == ("лес",)


def test_a_parent_may_be_given(folder: Path) -> None:
    append(folder, "topics/roads.toml", '\n[[topic]]\ncode = "ice"\nparent = "roads"\ntitle.ru = "Лёд"\n')
    assert load_pack(str(folder)).topics["ice"].parent == "roads"


def test_an_unknown_name_lists_the_packs_at_hand() -> None:
    with pytest.raises(UnknownPack) as caught:
        load_pack("atlantis")
    assert "boston" in caught.value.advice()


def test_built_in_packs_are_found_by_their_code() -> None:
    assert {"boston", "ru"} <= set(available_packs())
    assert load_pack("boston").code == "boston"


def test_a_pack_describes_itself_in_plain_values(folder: Path) -> None:
    account = describe(load_pack(str(folder)))
    assert account["topics"]["all"] == 3
    assert account["topics"]["without_subtopics"] == 2
    assert account["topics"]["examples"] == {"ru": 16, "en": 8}
    assert account["territories"] == {"country": 1, "region": 1, "settlement": 1}


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "words"),
    [
        (
            "topics/roads.toml",
            'not = [{ topic = "roads.snow"',
            'not = [{ topic = "roads.ice"',
            6,
            "roads.ice",
        ),
        ("topics/roads.toml", 'code = "roads.snow"', 'code = "roads.snow"\nparent = "rods"', 15, "rods"),
        ("topics/roads.toml", 'keywords.ru = ["снег"]', 'keyword.ru = ["снег"]', 21, "keyword"),
        ("topics/roads.toml", 'keywords.ru = ["снег"]', 'keywords.fr = ["neige"]', 21, "fr"),
        ("topics/roads.toml", 'keywords.ru = ["снег"]', 'keywords.ru = "снег"', 21, "keywords.ru"),
        ("topics/roads.toml", 'keywords.ru = ["снег"]', 'keywords.ru = ["снег", 7]', 21, "keywords.ru"),
        ("topics/roads.toml", 'keywords.ru = ["снег"]', 'urgency = "soon"', 21, "soon"),
        ("topics/roads.toml", 'keywords.ru = ["снег"]', 'kind = "moan"', 21, "moan"),
        ("topics/roads.toml", 'code = "roads.snow"', 'code = "Дороги"', 16, "Дороги"),
        ("topics/roads.toml", 'code = "roads.snow"', 'code = "roads.potholes"', 16, "roads.potholes"),
        ("topics/roads.toml", 'title.ru = "Снег"\ntitle.en = "Snow"\n', "", 15, "title"),
        ("topics/roads.toml", 'title.ru = "Снег"', 'title.ru = "Снег', 17, "TOML"),
        ("bodies.toml", 'topics = ["roads"]', 'topics = ["road"]', 1, "road"),
        ("bodies.toml", 'level = "municipal"', 'level = "village"', 5, "village"),
        ("bodies.toml", 'level = "municipal"', 'level = "municipal"\nterritory = "y"', 1, "y"),
        ("bodies.toml", "valid_from = 2020-01-01", 'valid_from = "in May"', 7, "valid_from"),
        ("territories.csv", "x-1-1,x-1,", "x-1-1,x-2,", 4, "x-2"),
        ("territories.csv", "settlement,Ёлкинск", "hamlet,Ёлкинск", 4, "hamlet"),
        ("territories.csv", "12000", "many", 4, "population"),
        ("territories.csv", "55.5", "95.5", 4, "lat"),
        ("territories.csv", "37.25", "nan", 4, "lon"),
        ("territories.csv", ",Лес,", ",Лес,,", 4, "12"),
        ("territories.csv", "context_names", "weak", 1, "weak"),
        ("territories.csv", "x-1-1,x-1,", "x-1,x-1,", 4, "x-1"),
        ("territories.csv", "Ёлка,Лес", 'Ёлка,"Лес', 4, "CSV"),
        ("pack.toml", 'version = "1"', "", 1, "version"),
        ("pack.toml", 'version = "1"', 'version = ""', 2, "version"),
        ("pack.toml", 'languages = ["ru", "en"]', "languages = []", 5, "languages"),
        ("pack.toml", "Europe/Moscow", "Europe/Atlantis", 6, "Atlantis"),
        ("pack.toml", 'version = "1"', 'version = "1"\nextends = "nowhere"', 3, "nowhere"),
        ("pack.toml", 'version = "1"', 'version = "1"\nshapes_missing = ["y"]', 1, "y"),
        ("masks.toml", '"phone"', '"tattoo"', 2, "tattoo"),
        ("kinds.toml", '"question"', '"riddle"', 2, "riddle"),
        ("urgency.toml", "negations.ru", "negation.ru", 1, "negation"),
        ("groups.toml", 'family = "age"\n', "", 1, "family"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    folder: Path, name: str, old: str, new: str, line: int, words: str
) -> None:
    replace(folder, name, old, new)
    error = broken(folder)
    assert error.text().startswith(f"{name}, line {line}: ")
    assert words in error.text()
    assert any(p.file == name and p.line == line and p.serious for p in check(str(folder)))


def test_a_topic_that_is_its_own_ancestor_is_refused(folder: Path) -> None:
    replace(folder, "topics/roads.toml", 'code = "roads"', 'code = "roads"\nparent = "roads.snow"')
    assert "roads > roads.snow > roads" in broken(folder).text()


def test_a_source_must_name_a_file_of_the_pack(folder: Path) -> None:
    append(
        folder,
        "pack.toml",
        '\n[[source]]\nfile = "../../secret"\ntitle.en = "t"\nlicence = "l"\nurl = "https://example.org"\n',
    )
    assert "secret" in broken(folder).text()


def test_text_that_is_not_utf8_is_refused_with_its_line(folder: Path) -> None:
    (folder / "bodies.toml").write_bytes("# раз\n# два\n".encode() + "# три\n".encode("cp1251"))
    assert broken(folder).text().startswith("bodies.toml, line 3: ")


def test_a_link_out_of_the_pack_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text('[[topic]]\ncode = "secret"\n', "utf-8")
    (folder / "topics/link.toml").symlink_to(outside)
    with pytest.raises(UnsafePack, match=r"topics/link\.toml"):
        load_pack(str(folder))


def test_a_huge_file_is_refused_before_it_is_read(folder: Path) -> None:
    with (folder / "bodies.toml").open("wb") as f:
        f.truncate(MAX_BYTES[".toml"] + 1)
    with pytest.raises(OversizedPack, match=r"bodies\.toml"):
        load_pack(str(folder))
