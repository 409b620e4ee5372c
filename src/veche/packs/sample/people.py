"""Invented people: names, contacts and document numbers with valid checksums.

Every value is drawn at random and stands for nobody; phone numbers and mail domains are taken from
ranges that are kept free for examples where a country has such.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Make = Callable[[Iterator[int]], str]


def makers(people: Mapping[str, Any]) -> dict[str, tuple[str, Make]]:
    """Return, per slot of personal data, the type of the mask it calls for and how to draw a value."""
    return {"ru": _russian, "us": _american}[people["kind"]](people)


def _pick(draw: Iterator[int], values: Sequence[str]) -> str:
    return values[next(draw) % len(values)]


def _digits(draw: Iterator[int], n: int) -> str:
    """Return `n` digits, the first of them not a zero (n up to 9)."""
    low = 10 ** (n - 1)
    return str(low + next(draw) % (9 * low))


def _common(people: Mapping[str, Any]) -> dict[str, tuple[str, Make]]:
    words = people["email_words"]

    def email(draw: Iterator[int]) -> str:
        return f"{_pick(draw, words)}{_digits(draw, 3)}@example.{_pick(draw, ('com', 'org', 'net'))}"

    def account(draw: Iterator[int]) -> str:
        return f"@{_pick(draw, words)}_{_pick(draw, words)}{_digits(draw, 2)}"

    return {
        "email": ("email", email),
        "card": ("card", card),
        "iban": ("iban", iban),
        "url_account": ("url_account", account),
    }


def iban(draw: Iterator[int]) -> str:
    """Draw a German account number with its check digits (ISO 13616-1, modulo 97)."""
    bban = _digits(draw, 9) + _digits(draw, 9)
    check = 98 - int(f"{bban}131400") % 97
    number = f"DE{check:02}{bban}"
    return " ".join(number[i : i + 4] for i in range(0, 22, 4)) if next(draw) % 2 else number


def card(draw: Iterator[int]) -> str:
    """Draw a card number of 16 digits that passes the Luhn test (ISO/IEC 7812-1)."""
    body = f"{_pick(draw, ('2200', '4276', '5469'))}{_digits(draw, 5)}{_digits(draw, 6)}"
    number = _with_luhn(body)
    return " ".join(number[i : i + 4] for i in range(0, 16, 4)) if next(draw) % 3 else number


def _with_luhn(body: str) -> str:
    """Return 15 digits with the sixteenth that passes the Luhn test."""
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in body[::2])
    return f"{body}{-(doubled + sum(map(int, body[1::2]))) % 10}"


def snils(draw: Iterator[int]) -> str:
    """Draw an insurance number of the Russian pension system with its control digits."""
    body = f"1{_digits(draw, 8)}"
    control = sum((9 - i) * int(d) for i, d in enumerate(body)) % 101 % 100
    return f"{body[:3]}-{body[3:6]}-{body[6:]} {control:02}"


def inn(draw: Iterator[int]) -> str:
    """Draw a taxpayer number of a Russian person (12 digits) with its two control digits."""
    body = f"{_digits(draw, 4)}{_digits(draw, 6)}"
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        body += str(sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11 % 10)
    return body


def _russian(people: Mapping[str, Any]) -> dict[str, tuple[str, Make]]:
    surnames, fathers, streets = people["surnames"], people["fathers"], people["home_streets"]

    def whole(draw: Iterator[int]) -> tuple[str, str, str]:
        woman = next(draw) % 2
        surname = _pick(draw, surnames) + ("а" if woman else "")
        first = _pick(draw, people["female"] if woman else people["male"])
        return surname, first, _pick(draw, fathers) + ("на" if woman else "ич")

    def name(draw: Iterator[int]) -> str:
        surname, first, father = whole(draw)
        return f"{surname} {first} {father}" if next(draw) % 2 else f"{first} {father} {surname}"

    def initials(draw: Iterator[int]) -> str:
        surname, first, father = whole(draw)
        return f"{surname} {first[0]}.{father[0]}."

    def phone(draw: Iterator[int]) -> str:
        d = _digits(draw, 9)
        shape = _pick(draw, ("+7 9{} {}-{}-{}", "89{}{}{}{}", "8 (9{}) {}-{}-{}", "+79{}{}{}{}"))
        return shape.format(d[:2], d[2:5], d[5:7], d[7:9])

    def passport(draw: Iterator[int]) -> str:
        return f"45 {next(draw) % 25:02} {_digits(draw, 6)}"

    def birth_date(draw: Iterator[int]) -> str:
        return f"{1 + next(draw) % 28:02}.{1 + next(draw) % 12:02}.{1938 + next(draw) % 66}"

    def home(draw: Iterator[int]) -> str:
        return f"{_pick(draw, streets)}, д. {1 + next(draw) % 90}, кв. {1 + next(draw) % 200}"

    def plate(draw: Iterator[int]) -> str:
        a, b, c = (_pick(draw, "АВЕКМНОРСТУХ") for _i in range(3))
        return f"{a}{100 + next(draw) % 900}{b}{c}{10 + next(draw) % 89}"

    def oms(draw: Iterator[int]) -> str:
        return _with_luhn(f"{_digits(draw, 8)}{_digits(draw, 7)}")

    def driving_licence(draw: Iterator[int]) -> str:
        return f"99 {10 + next(draw) % 40} {_digits(draw, 6)}"

    def bank_account(draw: Iterator[int]) -> str:
        return f"40817810{_digits(draw, 6)}{_digits(draw, 6)}"

    return _common(people) | {
        "oms": ("oms", oms),
        "driving_licence": ("driving_licence", driving_licence),
        "bank_account": ("bank_account", bank_account),
        "name": ("name", name),
        "initials": ("name", initials),
        "first_name": ("name", lambda draw: _pick(draw, people["female"])),
        "phone": ("phone", phone),
        "snils": ("snils", snils),
        "inn": ("inn", inn),
        "passport": ("passport", passport),
        "birth_date": ("birth_date", birth_date),
        "home_address": ("home_address", home),
        "car_plate": ("car_plate", plate),
    }


def _american(people: Mapping[str, Any]) -> dict[str, tuple[str, Make]]:
    surnames, first_names, streets = people["surnames"], people["first_names"], people["home_streets"]

    def name(draw: Iterator[int]) -> str:
        return f"{_pick(draw, first_names)} {_pick(draw, surnames)}"

    def phone(draw: Iterator[int]) -> str:
        # 555-0100 to 555-0199 are kept for fiction by the North American Numbering Plan.
        shape = _pick(draw, ("617-555-01{}", "(617) 555-01{}", "857-555-01{}", "+1 617 555 01{}"))
        return shape.format(_digits(draw, 2))

    def ssn(draw: Iterator[int]) -> str:
        return f"{100 + next(draw) % 500}-{_digits(draw, 2)}-{_digits(draw, 4)}"

    def birth_date(draw: Iterator[int]) -> str:
        return f"{1 + next(draw) % 12:02}/{1 + next(draw) % 28:02}/{1938 + next(draw) % 66}"

    def home(draw: Iterator[int]) -> str:
        return f"{1 + next(draw) % 400} {_pick(draw, streets)}, Apt {1 + next(draw) % 60}"

    def passport(draw: Iterator[int]) -> str:
        return _digits(draw, 9)

    def driving_licence(draw: Iterator[int]) -> str:
        return f"S{_digits(draw, 8)}"

    def plate(draw: Iterator[int]) -> str:
        letters = (_pick(draw, some) for some in ("ABCDEFGH", "KLMNPRST", "VWXYZ"))
        return f"{1 + next(draw) % 9}{''.join(letters)}{_digits(draw, 2)}"

    def bank_account(draw: Iterator[int]) -> str:
        return _digits(draw, 9) + _digits(draw, 3)

    return _common(people) | {
        "passport": ("passport", passport),
        "driving_licence": ("driving_licence", driving_licence),
        "car_plate": ("car_plate", plate),
        "bank_account": ("bank_account", bank_account),
        "name": ("name", name),
        "first_name": ("name", lambda draw: _pick(draw, first_names)),
        "phone": ("phone", phone),
        "ssn": ("ssn", ssn),
        "birth_date": ("birth_date", birth_date),
        "home_address": ("home_address", home),
    }
