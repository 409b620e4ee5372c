"""Numbers, dates and changes as readers of Russian and English write them."""

import datetime as dt

import pytest

from veche.core.formats import formats

_EN, _RU = formats("en"), formats("ru")


@pytest.mark.parametrize(
    ("value", "digits", "english", "russian"),
    [
        (0, 0, "0", "0"),
        (1234567, 0, "1,234,567", "1\u202f234\u202f567"),
        (12.345, 1, "12.3", "12,3"),
        (-4200.5, 1, "−4,200.5", "−4\u202f200,5"),
        (-0.01, 1, "0.0", "0,0"),
    ],
)
def test_a_number_is_grouped_by_threes(value: float, digits: int, english: str, russian: str) -> None:
    assert _EN.number(value, digits=digits) == english
    assert _RU.number(value, digits=digits) == russian


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        (0, "0%", "0\u00a0%"),
        (0.0004, "<0.1%", "<0,1\u00a0%"),
        (0.0421, "4.2%", "4,2\u00a0%"),
        (0.0996, "10%", "10\u00a0%"),
        (1, "100%", "100\u00a0%"),
    ],
)
def test_a_share_has_a_decimal_only_where_it_is_small(value: float, english: str, russian: str) -> None:
    assert _EN.share(value) == english
    assert _RU.share(value) == russian


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.0, "0%"), (0.25, "+25%"), (-0.4, "−40%"), (3.6, "×4.6")]
)
def test_a_change_has_a_sign_and_a_great_one_is_a_multiple(value: float | None, shown: str) -> None:
    assert _EN.change(value) == shown


def test_a_date_is_written_as_its_readers_write_it() -> None:
    day = dt.date(2025, 3, 12)
    assert _EN.day(day) == "12 Mar 2025"
    assert _RU.day(day) == "12.03.2025"
    assert _EN.month(day) == "Mar 2025"
    assert _RU.month(day) == "март 2025"


def test_a_size_has_its_unit() -> None:
    assert _EN.size(1_843_221) == "1.8\u00a0MB"
    assert _EN.size(12) == "12\u00a0bytes"
