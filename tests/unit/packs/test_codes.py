"""Codes that are made from titles."""

from hypothesis import given
from hypothesis import strategies as st

from veche.packs.making.codes import code_of
from veche.packs.tables import CODE


def test_a_russian_title_is_written_in_latin_as_in_passports() -> None:
    assert code_of("Ямы на дорогах") == "iamy-na-dorogakh"
    assert code_of("Съезд и подъезд, щебень") == "sieezd-i-podieezd-shcheben"


def test_latin_letters_lose_their_marks() -> None:
    assert code_of("Señalización & Co.") == "senalizacion-co"


def test_a_code_that_is_taken_gets_a_number() -> None:
    assert code_of("Roads", taken={"roads", "roads-2"}) == "roads-3"


def test_a_long_title_is_cut_between_words() -> None:
    code = code_of("Содержание и ремонт дорог местного значения в границах поселения")
    assert code == "soderzhanie-i-remont-dorog-mestnogo"


def test_a_title_without_letters_gets_the_default() -> None:
    assert code_of("…", default="topic") == "topic"


@given(st.text())
def test_whatever_the_title_is_the_code_is_one(title: str) -> None:
    assert CODE.fullmatch(code_of(title))
