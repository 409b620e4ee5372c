"""Which column is what: by the caller's word, by name, by the values."""

from pathlib import Path

import pyarrow as pa
import pytest
from reading import read, write

from veche.intake import Intake
from veche.intake.headers import field_of, plain, text_language

PROSE = [
    "The lamp at the corner has been dark for a week",
    "Nobody answers the phone at the clinic",
    "Rubbish lies around the playground since Monday",
]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Текст обращения", "text"),
        ("ТЕКСТ_ОБРАЩЕНИЯ", "text"),
        ("Дата поступления", "received_at"),
        ("requested_datetime", "received_at"),
        ("createdAt", "received_at"),
        ("Номер обращения", "id"),
        ("service_request_id", "id"),
        ("ФИО заявителя", "author"),
        ("Телефон", "author"),
        ("Регион", "territory:1"),
        ("neighborhood", "territory:3"),
        ("Descripción", "text"),
        ("Straße", "address"),
        ("Возраст", "age"),
        ("Пол", "sex"),
        ("properties.Text", "text"),
        ("comment-body", "text"),
        ("Текст ответа", None),
        ("service_name", None),
    ],
)
def test_a_field_is_known_by_its_name(name: str, field: str | None) -> None:
    found = field_of(name)
    assert (found and found[0]) == field


def test_names_are_compared_without_case_and_punctuation() -> None:
    assert plain("  Comment-ID ") == plain("commentId") == plain("COMMENT_ID") == "comment id"


def test_a_language_at_the_end_of_a_name_is_understood() -> None:
    assert (text_language("text_kz"), text_language("text_ru"), text_language("text_id")) == (
        "kk",
        "ru",
        None,
    )


def table(path: Path, header: str, rows: list[str]) -> Path:
    return write(path / "a.csv", "\n".join([header, *rows]) + "\n")


def test_the_text_is_guessed_by_its_prose_and_the_guess_is_told(tmp_path: Path) -> None:
    rows = [f"{i},{p},ok,https://example.org/{i}" for i, p in enumerate(PROSE)]
    result = read(table(tmp_path, "n,q7,state,link", rows))
    assert result.texts == PROSE
    assert result.source.mapping["text"] == ("q7", "guessed")


def test_the_callers_word_comes_first_and_columns_are_joined(tmp_path: Path) -> None:
    rows = [f"{p},More about it,label" for p in PROSE]
    result = read(table(tmp_path, "text,details,x", rows), mapping={"text": "text+details", "channel": "X"})
    assert result.texts[0] == f"{PROSE[0]}\nMore about it"
    assert result.rows[0]["channel"] == "label"
    assert result.source.mapping["text"] == ("text+details", "given")


def test_a_field_can_be_left_out(tmp_path: Path) -> None:
    result = read(table(tmp_path, "id,text", [f"7,{p}" for p in PROSE]), mapping={"id": ""})
    assert len(result.texts) == 3
    assert result.rows[0]["kept"] == [("id", "7")]


def test_a_title_is_put_before_the_text_once(tmp_path: Path) -> None:
    rows = ["Dark lamp,It is dark.", "Dark lamp,Dark lamp again!", ",No title.", "Only a title,"]
    assert read(table(tmp_path, "title,text", rows)).texts == [
        "Dark lamp\nIt is dark.",
        "Dark lamp again!",
        "No title.",
        "Only a title",
    ]


def test_a_topic_that_repeats_is_a_label_and_no_title(tmp_path: Path) -> None:
    rows = [f"Дороги,Яма номер {i} у дома" for i in range(40)]
    result = read(table(tmp_path, "Тема обращения,Текст", rows))
    assert result.texts[0] == "Яма номер 0 у дома"
    assert result.rows[0]["kept"] == [("Тема обращения", "Дороги")]


def test_one_text_in_two_languages_is_taken_in_the_one_that_is_there(tmp_path: Path) -> None:
    rows = ["1,Су жоқ,Нет воды", "2,Жарық жоқ,"]
    result = read(table(tmp_path, "id,text_kz,text_ru", rows))
    assert result.texts == ["Нет воды", "Жарық жоқ"]
    assert [row["declared_language"] for row in result.rows] == ["ru", "kk"]


def test_territories_are_joined_from_the_large_to_the_small(tmp_path: Path) -> None:
    result = read(table(tmp_path, "text,Район,Регион,Город", ["Яма у дома,Заречный,Тверская область,Тверь"]))
    assert result.rows[0]["declared_territory"] == "Тверская область, Тверь, Заречный"


def test_contacts_are_the_author_and_are_not_kept(tmp_path: Path) -> None:
    result = read(table(tmp_path, "Текст,ФИО заявителя,Телефон,Рубрика", ["Яма,Примеров П.П.,+7 000,Дороги"]))
    assert result.rows[0]["author"] == "+7 000"
    assert result.rows[0]["kept"] == [("Рубрика", "Дороги")]


def test_an_id_column_that_repeats_is_no_id(tmp_path: Path) -> None:
    result = read(table(tmp_path, "id,text", [f"{i % 3},Text number {i}" for i in range(60)]))
    assert len(result.texts) == 60
    assert result.source.warnings == {"ids_not_unique": 1}


def test_only_the_columns_asked_for_are_kept(tmp_path: Path) -> None:
    result = read(table(tmp_path, "text,a,b", [f"{PROSE[0]},1,2"]), keep_columns=["b"])
    assert result.rows[0]["kept"] == [("b", "2")]


def test_ages_sexes_and_positions_that_are_none_are_kept_as_written(tmp_path: Path) -> None:
    rows = ["Один,34 года,женский,55.7,37.6", 'Два,240,неизвестно,"955,7",37.6', "Три,18-24,m,0,0"]
    result = read(table(tmp_path, "text,age,sex,lat,lon", rows))
    assert [(r["age"], r["sex"], r["lat"]) for r in result.rows] == [
        (34, "female", 55.7),
        (None, None, None),
        (None, "male", None),
    ]
    assert dict(result.rows[1]["kept"]) == {"age": "240", "sex": "неизвестно", "lat": "955,7"}
    assert result.source.warnings == {"age_unreadable": 2, "sex_unreadable": 1, "position_unreadable": 1}


def test_names_of_attachments_are_listed(tmp_path: Path) -> None:
    result = read(table(tmp_path, "text;Вложения", ["Яма;a.jpg | b.jpg", "Другая;"]))
    assert [row["attachments"] for row in result.rows] == [["a.jpg", "b.jpg"], None]


def test_a_reserved_column_feeds_no_field_and_is_kept(tmp_path):
    file = tmp_path / "a.csv"
    rows = "".join(f"Тема {i},Во дворе не горит фонарь номер {i},Север\n" for i in range(30))
    file.write_text(f"Тема,Текст,Район\n{rows}", "utf-8")
    intake = Intake([str(file)], timezone="UTC", keep_columns=(), reserved=["тема ", "Район"])
    table = pa.concat_tables(list(intake))
    assert table["text"][0].as_py() == "Во дворе не горит фонарь номер 0"
    assert table["declared_territory"].null_count == 30
    assert dict(table["kept"][0].as_py()) == {"тема ": "Тема 0", "Район": "Север"}


def test_a_reserved_column_that_is_mapped_feeds_the_field_too(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Текст,Район\nНет воды в доме,Север\n", "utf-8")
    mapping = {"territory": "Район"}
    intake = Intake([str(file)], timezone="UTC", mapping=mapping, keep_columns=(), reserved=["Район"])
    (table,) = intake
    assert table["declared_territory"][0].as_py() == "Север"
    assert dict(table["kept"][0].as_py()) == {"Район": "Север"}


def test_the_headers_of_the_sources_can_be_seen(tmp_path):
    (tmp_path / "a.csv").write_text("Текст,Район\nНет воды,Север\n", "utf-8")
    (tmp_path / "b.eml").write_text("Subject: x\n\nНет воды\n", "utf-8")
    intake = Intake([str(tmp_path)], timezone="UTC")
    assert [names for _source, names in intake.headers()] == [["Текст", "Район"], []]


def test_a_row_without_any_of_several_columns_of_a_field_is_taken_like_the_others(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(
        "text,city,district\nНет воды,Казань,\nТемно,,Север\nЯма,Казань,Север\nГрязь,,\n", "utf-8"
    )
    (table,) = Intake([str(file)], timezone="UTC")
    assert table["declared_territory"].to_pylist() == ["Казань", "Север", "Казань, Север", None]
