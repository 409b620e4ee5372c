"""Check digits hold for published sample numbers and fail for a changed digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.stages.mask_checksums import is_iban, is_iin, is_inn, is_luhn, is_nhs_number, is_snils


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (is_luhn, "4111111111111111"),
        (is_luhn, "378282246310005"),
        (is_snils, "11223344595"),
        (is_snils, "08765430300"),
        (is_inn, "7707083893"),
        (is_inn, "500100732259"),
        (is_nhs_number, "9434765919"),
    ],
)
def test_a_valid_number_passes_and_one_changed_digit_fails(check, number: str) -> None:
    assert check(number)
    for at in range(len(number)):
        changed = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
        assert not check(changed)


def test_an_iban_passes_by_the_remainder_of_97() -> None:
    assert is_iban("GB82WEST12345698765432")
    assert is_iban("KZ86125KZT5004100100")
    assert not is_iban("GB82WEST12345698765433")
    assert not is_iban("GB82")


def test_a_kazakh_number_needs_a_date_of_birth() -> None:
    assert is_iin("850101300015")
    assert not is_iin("850101300017")
    assert not is_iin("859901300015")


@given(st.text("0123456789", min_size=1, max_size=18))
def test_exactly_one_luhn_digit_completes_a_number(digits: str) -> None:
    assert sum(is_luhn(digits + d) for d in "0123456789") == 1
