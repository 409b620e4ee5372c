"""Check digits of personal numbers: they tell a document or card number from any other long number.

Every function takes a string of digits (letters too for IBAN) without separators.
"""

_WEIGHTS_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_WEIGHTS_12_A = (7, *_WEIGHTS_10)
_WEIGHTS_12_B = (3, 7, *_WEIGHTS_10)


def is_luhn(digits: str) -> bool:
    """Tell whether `digits` ends with its Luhn check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_snils(digits: str) -> bool:
    """Tell whether 11 digits are a Russian pension insurance number.

    The check is the sum of the nine digits, each times its place from the right, modulo 101 (100 counts
    as 0). Numbers up to 001-001-998 carry no check digits.
    """
    if len(digits) != 11:
        return False
    if int(digits[:9]) <= 1_001_998:
        return False
    total = sum(int(d) * w for d, w in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(digits[9:])


def is_inn(digits: str) -> bool:
    """Tell whether 10 or 12 digits are a Russian taxpayer's number (FNS order MMV-7-6/435, 2012)."""
    if len(digits) == 10:
        return _inn_check(digits, _WEIGHTS_10) == int(digits[9])
    if len(digits) == 12:
        return _inn_check(digits, _WEIGHTS_12_A) == int(digits[10]) and _inn_check(
            digits, _WEIGHTS_12_B
        ) == int(digits[11])
    return False


def _inn_check(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11 % 10


def is_iin(digits: str) -> bool:
    """Tell whether 12 digits are a Kazakh individual number: a date of birth, a century and a check digit.

    The check is the sum of digits times 1..11 modulo 11; where that is 10, the weights 3..11, 1, 2 hold.
    """
    if len(digits) != 12 or not _is_day(int(digits[4:6]), int(digits[2:4])) or digits[6] not in "0123456":
        return False
    check = sum(int(d) * w for d, w in zip(digits[:11], range(1, 12), strict=True)) % 11
    if check == 10:
        weights = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
        check = sum(int(d) * w for d, w in zip(digits[:11], weights, strict=True)) % 11
    return check == int(digits[11])


def _is_day(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def is_iban(code: str) -> bool:
    """Tell whether an upper-case code without spaces is an IBAN (ISO 13616: the remainder by 97 is 1)."""
    if not 15 <= len(code) <= 34 or not (code[:2].isalpha() and code[2:4].isdigit()):
        return False
    number = "".join(str(int(c, 36)) for c in code[4:] + code[:4])
    return int(number) % 97 == 1


def is_nhs_number(digits: str) -> bool:
    """Tell whether 10 digits are an NHS number (modulus 11 with weights 10..2)."""
    if len(digits) != 10:
        return False
    check = 11 - sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return check % 11 == int(digits[9]) and check != 10
