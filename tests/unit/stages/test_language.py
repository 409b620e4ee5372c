"""The language of an appeal is told from its words, checked by its letters, and left open when too short."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.core.finding import first_values
from veche.engine.stage import Context
from veche.stages.columns import LANGUAGE, TEXT
from veche.stages.language import LanguageStage

TOLD = [
    ("ru", "Управляющая компания не чистит снег во дворе, вчера упала соседка и сломала руку. Жители дома"),
    ("ru", "Третий месяц не чинят яму на дороге у школы, сколько можно ждать?"),
    ("ru", "ПОЧЕМУ НЕТ ГОРЯЧЕЙ ВОДЫ В НАШЕМ ДОМЕ???"),
    ("ru", "нет света в подъезде"),
    ("ru", "Спасибо врачам районной больницы за заботу и внимание!"),
    ("uk", "Третій місяць не ремонтують дорогу біля школи, скільки можна чекати?"),
    ("be", "Трэці месяц не рамантуюць дарогу каля школы, колькі можна чакаць?"),
    ("bg", "Трети месец никой не поправя улицата пред училището, докога ще чакаме?"),
    ("kk", "Көшедегі жарық үш айдан бері жанбайды, әкімдік қашан жөндейді?"),
    ("tt", "Безнең урамда өч ай буе ут янмый, кайчан төзәтәсез?"),
    ("ba", "Беҙҙең урамда өс ай буйы ут янмай, ҡасан төҙәтәһегеҙ?"),
    ("cv", "Пирӗн урамра виҫӗ уйӑх хушши ҫутӑ ҫук, хӑҫан юсатӑр?"),
    ("ky", "Биздин көчөдө үч айдан бери жарык жок, качан оңдойсуздар?"),
    ("en", "The street light has been out for three months. When will you fix it?"),
    ("en", "Pothole on Elm street near the school"),
    ("es", "Hace tres meses que no funciona la farola de nuestra calle. ¿Cuándo la van a arreglar?"),
    ("de", "Die Straßenlaterne ist seit drei Monaten kaputt, wann wird sie repariert?"),
    ("ar", "مصباح الشارع معطل منذ ثلاثة أشهر، متى سيتم إصلاحه؟"),
    ("zh", "路灯已经坏了三个月了，什么时候修理？"),
    ("ja", "街灯が三か月も壊れたままです。いつ直りますか。"),
    ("ko", "가로등이 석 달째 고장 나 있습니다. 언제 고칩니까?"),
    ("el", "Το φως του δρόμου δεν λειτουργεί εδώ και τρεις μήνες"),
    ("he", "פנס הרחוב לא עובד כבר שלושה חודשים"),
]


@pytest.fixture(scope="module")
def stage(make_pack) -> LanguageStage:
    stage = LanguageStage()
    stage.open(Context(pack=make_pack(languages=("ru", "en"))))
    return stage


def run(stage: LanguageStage, texts: list[str], declared: list[str | None] | None = None) -> pa.Table:
    known = pa.array(declared or [None] * len(texts), pa.string())
    return stage(pa.table({TEXT.name: pa.array(texts, pa.string()), "declared_language": known}))


def languages(stage: LanguageStage, text: str) -> list[str]:
    return [d["value"] for d in run(stage, [text])[LANGUAGE.name].to_pylist()[0]]


@pytest.mark.parametrize(("tag", "text"), TOLD, ids=[f"{tag}-{text[:20]}" for tag, text in TOLD])
def test_a_sentence_is_told(stage: LanguageStage, tag: str, text: str) -> None:
    assert languages(stage, text) == [tag]


@pytest.mark.parametrize("text", ["", "да", "12345", "!!!", "ok", "😀😀😀", "5 кв. 7"])
def test_too_little_to_tell_is_undetermined(stage: LanguageStage, text: str) -> None:
    assert languages(stage, text) == ["und"]


MIXED = [
    (
        ["ru", "en"],
        "Здравствуйте, у нас во дворе нет света уже третий месяц. "
        "Please fix the street light as soon as possible.",
    ),
    (
        ["kk", "ru"],
        "Көшедегі жарық үш айдан бері жанбайды, әкімдік қашан жөндейді? Біз бірнеше рет хабарластық. "
        "Просим вас срочно починить уличное освещение, дети ходят в школу в темноте.",
    ),
    (
        ["en", "es"],
        "The street light has been out for three months and nobody answers the phone. "
        "Por favor, arreglen la farola de nuestra calle, los niños tienen miedo.",
    ),
]


@pytest.mark.parametrize(("tags", "text"), MIXED, ids=["-".join(t) for t, _ in MIXED])
def test_a_mixed_message_names_its_languages(stage: LanguageStage, tags: list[str], text: str) -> None:
    assert sorted(languages(stage, text)) == sorted(tags)


def test_a_foreign_word_makes_no_second_language(stage: LanguageStage) -> None:
    assert languages(
        stage, "На портале Wildberries не возвращают деньги за айфон iPhone 14 Pro, помогите"
    ) == ["ru"]


def test_longer_texts_are_surer(stage: LanguageStage) -> None:
    column = run(stage, ["нет света", "нет света в подъезде и на лестнице уже третью неделю"])[LANGUAGE.name]
    short, long = [row[0]["confidence"] for row in column.to_pylist()]
    assert short < long <= 1


def test_a_declared_language_does_not_outweigh_the_text(stage: LanguageStage) -> None:
    table = run(stage, [TOLD[0][1]], ["en"])
    assert first_values(table[LANGUAGE.name]).to_pylist() == ["ru"]


def test_line_breaks_do_not_hide_the_text(stage: LanguageStage) -> None:
    assert languages(stage, "Третий месяц\nне чинят\r\nяму на дороге\u2028у школы") == ["ru"]


def test_nothing_is_fetched_or_written(
    stage: LanguageStage, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    languages(stage, TOLD[0][1])
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text("абвгқүіў abc.\n!中12", max_size=40), max_size=5))
def test_every_row_has_one_first_language_and_a_probability(stage: LanguageStage, texts: list[str]) -> None:
    for row in run(stage, texts)[LANGUAGE.name].to_pylist():
        assert [d["rank"] for d in row] == list(range(len(row)))
        assert row
        assert all(0 <= d["confidence"] <= 1 for d in row)
