"""Numbers of appeals: shown with a check digit that tells a mistyped one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.core.errors import NumberMistyped
from veche.service.inbox.numbers import EXAMPLE, read, shown

NUMBERS = st.integers(1, 10**12 - 1)


def test_the_example_is_a_number():
    assert shown(read(EXAMPLE)) == EXAMPLE == "1234567-4"


@given(NUMBERS)
def test_a_number_is_read_as_it_is_shown(number):
    assert read(shown(number)) == number


@given(NUMBERS, st.data())
def test_every_mistyped_digit_is_told(number, data):
    text = shown(number)
    at = data.draw(st.sampled_from([i for i, c in enumerate(text) if c != "-"]))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != text[at]]))
    with pytest.raises(NumberMistyped):
        read(text[:at] + wrong + text[at + 1 :])


@pytest.mark.parametrize("text", ["1234567-4", "12345674", " 1234567 - 4 ", "1234567–4", "1 234 567-4"])
def test_dashes_and_spaces_are_as_people_write_them(text):
    assert read(text) == 1234567


@pytest.mark.parametrize("text", ["", "-", "4", "abc", "1234567--4", "١٢٣٤٥٦٧-٤", "1" * 40, "-1234567-4"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NumberMistyped):
        read(text)
