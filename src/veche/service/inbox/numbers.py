"""Numbers of appeals as people say them on the telephone: with a check digit, `1234567-4`.

The check digit is that of ISO/IEC 7812-1 (Luhn, US patent 2,950,048): it tells every single mistyped digit
and nearly every swap of two neighbours. It is shown and asked for, and not stored.
"""

import re

from veche.core.errors import NumberMistyped

#: A trillion appeals are enough; the ledger takes no longer numbers either.
_NUMBER = re.compile(r"(\d{1,12})[-\u2010-\u2015\u2212]?(\d)", re.ASCII)
EXAMPLE = "1234567-4"


def shown(number: int) -> str:
    """Return a number with its check digit."""
    return f"{number}-{_check_digit(str(number))}"


def read(text: str) -> int:
    """Return the number that somebody typed, with any dash or none, and spaces wherever they like.

    Raises:
        NumberMistyped: it is no number, or its check digit does not fit.
    """
    found = _NUMBER.fullmatch("".join(text.split()))
    if found is None or _check_digit(found[1]) != int(found[2]):
        raise NumberMistyped(example=EXAMPLE)
    return int(found[1])


def _check_digit(digits: str) -> int:
    doubled = (int(d) * 2 for d in digits[::-2])
    plain = (int(d) for d in digits[-2::-2])
    return -(sum(d - 9 if d > 9 else d for d in doubled) + sum(plain)) % 10
