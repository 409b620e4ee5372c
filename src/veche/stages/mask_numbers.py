"""Rules for numbers that identify a person: phones, cards, documents, accounts, plates.

A number is masked for its form and check digits, or for the words before it. Counts, prices, years, house
numbers, numbers of laws, cases, routes and appeals stay.
"""

from veche.core.text import compile_pattern
from veche.stages.mask_checksums import is_iban, is_iin, is_inn, is_luhn, is_nhs_number, is_snils
from veche.stages.mask_rules import Group, Hit, rule

_SEP = r"[ ().\-–—/\t]"
_D = "[0-9oо]"
_FAR = r"[^\d\x00\[\]]"
_OF_RECORD = compile_pattern(
    r"(?:обращени\p{L}*|заявк\p{L}*|заявлени\p{L}*|дел[оау]|договор\p{L}*|приказ\p{L}*|входящ\p{L}*|"
    r"case|request|ticket|reference|ref|order|complaint|appeal|report|id|sr)[ .:]*(?:id|no|number|"
    r"номер)?[ .:#№]*$"
)
_AMOUNT = compile_pattern(
    r"^ ?(?:р(?:\.|уб|[^\p{L}]|$)|₽|\$|€|£|%|тыс|млн|млрд|тг|тенге|теңге|евро|долл|eur|usd|dollars|pounds|"
    r"шт|чел|"
    r"кв\.? ?м|"
    r"км|лет|год|га[^\p{L}])"
)
_THOUSANDS = compile_pattern(r"^\d{1,3}(?:[ .]\d{3})+$")
_DATE = compile_pattern(
    r"^[0-3]?\d[./](?:[0-3]?\d)[./](?:\d{2}|\d{4})\b|^[0-3]?\d-[01]?\d-(?:19|20)\d\d\b|"
    r"^(?:19|20)\d\d[.\-][01]\d[.\-][0-3]\d\b"
)
_GROUPS = compile_pattern(r"[0-9oо]+")
_PHONE_WORDS = (
    r"(?:тел|телефон\p{L}*|моб|мобильн\p{L}+|сот|сотов\p{L}+|what'?s ?app|ватсап\p{L}*|вотсап\p{L}*|"
    r"вацап\p{L}*|"
    r"viber|вайбер\p{L}*|telegram|телеграм\p{L}*|(?:по|пере)?звон\p{L}+|для связи|связаться|смс|"
    r"байланыс\p{L}*|"
    r"phone(?: number)?|tel|telephone|mobile|cell|call(?: me| us| back)?|text me|reach (?:me|us)|"
    r"contact(?: me| us)?|"
    r"fax|факс|tel[eé]fono|m[oó]vil|tfno)"
)


def _is_record(hit: Hit) -> bool:
    return bool(_OF_RECORD.search(hit.left))


def _is_amount(hit: Hit) -> bool:
    return bool(_AMOUNT.search(hit.right)) or hit.left.rstrip().endswith(("$", "€", "£"))


def _touches_digits(hit: Hit) -> bool:
    """Tell whether the number goes on beyond the hit (decimals and fractions too)."""
    right, left = hit.right, hit.left
    if right[:1].isdecimal() or left[-1:].isdecimal():
        return True
    return right[:1] in "-./" and right[1:2].isdecimal() and right[:1] != "."


def _is_national_phone(hit: Hit) -> bool:
    """Check 11 digits after 7 or 8 (Russia, Kazakhstan): grouped like a phone, not like a sum or a list."""
    if _touches_digits(hit) or _is_amount(hit) or _is_record(hit):
        return False
    groups = [len(g) for g in _GROUPS.findall(hit.value)]
    digits = hit.digits
    if digits.startswith("8800") or (hit.left.endswith(("№", "№ ")) and len(groups) == 1):
        return False
    if len(groups) == 1:
        return digits[1] in "345679" or (digits[1] == "8" and digits[0] == "8")
    if all(n == 1 for n in groups):
        return digits[1] in "3479"
    return ((groups[0] == 1 and groups[1] >= 3) or groups[0] >= 4) and groups[-1] >= 2


def _is_short_phone(hit: Hit) -> bool:
    """Check a number that only the word before it makes a phone."""
    if _touches_digits(hit) or _is_amount(hit) or _is_record(hit) or _DATE.search(hit.value):
        return False
    if _THOUSANDS.search(hit.value) and len(hit.digits) < 9:
        return False
    return 5 <= len(hit.digits) <= 13 and not hit.digits.startswith("8800")


def _is_written_phone(hit: Hit) -> bool:
    return not _touches_digits(hit) and not _is_record(hit) and not _is_amount(hit)


def _is_us_phone(hit: Hit) -> bool:
    return _is_written_phone(hit) and hit.digits[-10:-7] not in {"800", "888", "877", "866"}


def _is_uk_phone(hit: Hit) -> bool:
    groups = [len(g) for g in _GROUPS.findall(hit.value)]
    if not _is_written_phone(hit) or hit.digits[1] not in "127" or groups[0] < 3:
        return False
    return len(hit.digits) in (10, 11) and (len(groups) > 1 or len(hit.digits) == 11)


def _is_card(hit: Hit) -> bool:
    return not _touches_digits(hit) and is_luhn(hit.digits)


def _is_whole(hit: Hit) -> bool:
    return not _touches_digits(hit)


def _is_loose_snils(hit: Hit) -> bool:
    return not _touches_digits(hit) and is_snils(hit.digits)


def _is_loose_inn(hit: Hit) -> bool:
    if _touches_digits(hit) or _is_record(hit):
        return False
    return is_inn(hit.digits) or is_iin(hit.digits)


def _is_loose_nhs(hit: Hit) -> bool:
    return not _touches_digits(hit) and is_nhs_number(hit.digits)


def _is_iban(hit: Hit) -> bool | int:
    """Check the longest beginning of the hit that is an IBAN; words in capitals may stand behind it."""
    value = hit.value
    while len(value) >= 15:
        if is_iban(value.replace(" ", "")):
            return len(value)
        value = value.rsplit(" ", 1)[0] if " " in value else ""
    return False


def _is_nino(hit: Hit) -> bool:
    """Check the prefix against those never given out (HMRC, NIM39110)."""
    return hit.value[:2] not in {"bg", "gb", "kn", "nk", "nt", "tn", "zz"} and not hit.left[-1:].isalnum()


def _is_ssn(hit: Hit) -> bool:
    """Check against the areas never given out (SSA, randomisation of 2011)."""
    return not _touches_digits(hit) and hit.value[:3] not in {"000", "666"} and not hit.value.startswith("9")


#: What may stand after a number in a text in capitals: "В 100 КМ 50 ДОМОВ".
_UNITS = {"КМ", "ММ", "СМ", "КВ", "СТ"}
_VEHICLE = compile_pattern(r"(?:номер|авто|машин|г/н|знак)\p{L}*[^\p{L}\d]{0,4}$")


def _is_ru_plate(hit: Hit) -> bool:
    if hit.left[-1:].isalnum() or hit.right[:1].isalnum():
        return False
    compact = "".join(c for c in hit.value if not c.isspace())
    if compact == hit.value:
        return True
    if hit.value != hit.value.upper():
        return False
    return compact[4:6] not in _UNITS or hit.value.startswith(compact[:6]) or bool(_VEHICLE.search(hit.left))


def _is_code(hit: Hit) -> bool:
    """Check a code of letters and digits: both sides free, with a digit in it."""
    return (
        any(c.isdecimal() for c in hit.value) and not hit.left[-1:].isalnum() and not hit.right[:1].isalnum()
    )


def _is_plate_code(hit: Hit) -> bool:
    bare = hit.value.replace(" ", "").replace("-", "")
    return _is_code(hit) and 4 <= len(bare) <= 8


_PLATE_LETTER = "[АВЕКМНОРСТУХABEKMHOPCTYXавекмнорстух]"
_NUMBER_WORDS = (
    r"(?:ноль|нуль|одиннадцать|один|двенадцать|двадцать|двести|два|тринадцать|тридцать|триста|три|"
    r"четырнадцать|четыреста|четыре|пятнадцать|пятьдесят|пятьсот|пять|шестнадцать|шестьдесят|шестьсот|шесть|"
    r"семнадцать|семьдесят|семьсот|семь|восемнадцать|восемьдесят|восемьсот|восемь|"
    r"девятнадцать|девяносто|девятьсот|девять|десять|сорок|сто|"
    r"zero|oh|one|two|three|four|five|six|seven|eight|nine|double)"
)

NUMBER_RULES = (
    rule("phone", rf"\+ ?7(?:{_SEP}{{0,3}}{_D}){{10}}", priority=60),
    rule("phone", rf"\+ ?[1-68-9](?:{_SEP}{{0,3}}[0-9]){{8,12}}", priority=59),
    rule("phone", rf"\b[78](?:{_SEP}{{0,3}}{_D}){{10}}", priority=58, check=_is_national_phone),
    rule("phone", rf"\([0-9]{{3,5}}\)(?:{_SEP}{{0,2}}[0-9]){{5,7}}\b", priority=57, check=_is_us_phone),
    rule(
        "phone",
        r"\b9[0-9]{2}[ \-][0-9]{3}[ \-][0-9]{2}[ \-]?[0-9]{2}\b",
        priority=56,
        check=_is_written_phone,
    ),
    rule(
        "phone",
        r"\b(?:1[ .\-])?\(?[2-9][0-9]{2}\)?[ .\-][0-9]{3}[ .\-][0-9]{4}\b",
        priority=56,
        check=_is_us_phone,
    ),
    rule("phone", r"\b0(?:[ \-]?[0-9]){9,10}\b", priority=55, check=_is_uk_phone),
    rule(
        "phone",
        rf"(?:^|"
        rf"[^\p{{L}}]){_PHONE_WORDS}(?:[^\p{{L}}\d\x00\[\]]{_FAR}{{0,23}}?)?"
        rf"(\(?[0-9](?:[ ().\-–]{{0,2}}{_D}){{4,12}})",
        priority=50,
        group=1,
        check=_is_short_phone,
    ),
    rule(
        "phone",
        rf"(?:плюс семь|восемь|семь|oh|zero)(?:[ ,\-]{{1,3}}(?:{_NUMBER_WORDS}|[0-9]{{1,3}})){{5,14}}",
        priority=50,
        check=lambda hit: not hit.left[-1:].isalpha(),
    ),
    rule("card", r"\b[2-6][0-9]{3}(?:[ \-]?[0-9]{4}){3}(?:[ \-]?[0-9]{1,3})?\b", priority=70, check=_is_card),
    rule("card", r"\b3[47][0-9]{2}[ \-]?[0-9]{6}[ \-]?[0-9]{5}\b", priority=70, check=_is_card),
    rule(
        "card",
        rf"(?:карт[аыуе]\p{{L}}*|card(?: number| no)?){_FAR}{{0,20}}?([0-9]{{4}}(?:[ \-]?[0-9]{{4}}){{3}})\b",
        priority=69,
        group=1,
        check=_is_whole,
    ),
    rule(
        "oms",
        rf"(?:омс|полис\p{{L}}*|policy(?: number| no)?|енп|"
        rf"мс полис){_FAR}{{0,24}}?([0-9]{{4}}(?:[ \-]?[0-9]{{4}}){{3}})\b",
        priority=80,
        group=1,
        check=_is_whole,
    ),
    rule(
        "oms",
        rf"nhs (?:number|no\.?|num)?{_FAR}{{0,12}}?([0-9]{{3}}[ \-]?[0-9]{{3}}[ \-]?[0-9]{{4}})\b",
        priority=79,
        group=1,
        check=_is_loose_nhs,
    ),
    rule(
        "snils",
        rf"снилс\p{{L}}*{_FAR}{{0,24}}?([0-9]{{3}}[ \-]?[0-9]{{3}}[ \-]?[0-9]{{3}}[ \-]?[0-9]{{2}})\b",
        priority=80,
        group=1,
        check=_is_whole,
    ),
    rule(
        "snils",
        r"\b[0-9]{3}[ \-]?[0-9]{3}[ \-]?[0-9]{3}[ \-]?[0-9]{2}\b",
        priority=61,
        check=_is_loose_snils,
    ),
    rule(
        "inn",
        rf"(?:инн|иин|жсн){_FAR}{{0,24}}?((?:[0-9] ?){{11}}[0-9]|(?:[0-9] ?){{9}}[0-9])\b",
        priority=80,
        group=1,
        check=_is_whole,
    ),
    rule("inn", r"\b[0-9]{12}\b", priority=60, check=_is_loose_inn),
    rule(
        "passport",
        rf"(?:паспорт\p{{L}}*|"
        rf"сери[яию]){_FAR}{{0,30}}?([0-9]{{2}} ?[0-9]{{2}}[^\d\x00\[\]]{{0,12}}[0-9]{{6}})\b",
        priority=81,
        group=1,
        check=_is_whole,
    ),
    rule("passport", r"\b[0-9]{2} [0-9]{2} (?:№ ?)?[0-9]{6}\b", priority=62, check=_is_whole),
    rule(
        "passport",
        rf"(?:паспорт\p{{L}}*|удостоверени\p{{L}}+ личности|жеке куәлі\p{{L}}+|passport(?: number|"
        rf" no)?){_FAR}{{0,20}}?"
        r"((?:[a-zа-я]{1,2})?[0-9]{2} ?[0-9]{6,7})\b",
        priority=71,
        group=1,
        check=_is_whole,
    ),
    rule(
        "driving_licence",
        rf"(?:водительск\p{{L}}+|в/у|права|driv\p{{L}}+ licen[cs]e|driver'?s licen[cs]e){_FAR}{{0,30}}?"
        r"([0-9]{2} ?(?:[0-9]{2}|[а-яa-z]{2}) ?(?:№ ?)?[0-9]{6}|[a-z]?[0-9]{7,9}|[a-z]{1,2}[0-9]{5,12})\b",
        priority=82,
        group=1,
        check=_is_whole,
    ),
    rule(
        "driving_licence",
        r"\b[A-Z9]{5} ?[0-9]{6} ?[A-Z9]{2} ?[0-9][A-Z]{2}\b",
        priority=66,
        folded=False,
        check=_is_code,
    ),
    rule(
        "car_plate",
        rf"{_PLATE_LETTER} ?[0-9]{{3}} ?{_PLATE_LETTER}{{2}} ?[0-9]{{2,3}}\b",
        priority=64,
        folded=False,
        check=_is_ru_plate,
    ),
    rule(
        "car_plate",
        rf"(?:гос\.? ?номер\p{{L}}*|номер\p{{L}}*|авто\p{{L}}*|машин\p{{L}}+|г/н|госзнак){_FAR}{{0,16}}?"
        r"([авекмнорстухabekmhopctyx] ?[0-9]{3} ?[авекмнорстухabekmhopctyx]{2})",
        priority=63,
        group=1,
        check=_is_code,
    ),
    rule(
        "car_plate",
        r"\b[0-9]{3} ?[A-Z]{3} ?(?:0[1-9]|1[0-9]|20)\b",
        priority=62,
        folded=False,
        check=_is_code,
    ),
    rule("car_plate", r"\b[A-Z]{2}[0-9]{2} ?[A-Z]{3}\b", priority=61, folded=False, check=_is_code),
    rule(
        "car_plate",
        r"(?:plate|registration|\breg)\]?(?: if available)?(?: number| no\.?| num| #)?(?: is|"
        r" was)?[ :#,\-]{0,3}"
        r"((?:[a-z]{0,3}[0-9]{1,4}[a-z]{0,3})(?:[ \-]?[a-z0-9]{2,4})?)\b",
        priority=60,
        group=1,
        check=_is_plate_code,
    ),
    rule(
        "iban",
        r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b",
        priority=90,
        folded=False,
        check=_is_iban,
    ),
    rule("bank_account", r"\b(?:30|40|42)[0-9](?: ?[0-9]){17}\b", priority=85, check=_is_whole),
    rule(
        "bank_account",
        rf"(?:р/с|л/с|сч[её]т[ау]?|лицев\p{{L}}+|account(?: number| no\.?)?|acct|a/c){_FAR}{{0,16}}?"
        r"([0-9](?:[ \-]?[0-9]){7,19})\b",
        priority=65,
        group=1,
        check=lambda hit: not _is_amount(hit) and not _touches_digits(hit) and not _DATE.search(hit.value),
    ),
    rule(
        "bank_account",
        r"sort code[ :]{1,3}([0-9]{2}[ \-]?[0-9]{2}[ \-]?[0-9]{2})\b",
        priority=65,
        group=1,
    ),
    rule(
        "national_insurance",
        r"\b[abceghj-prstw-z][abceghj-nprstw-z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]\b",
        priority=75,
        check=_is_nino,
    ),
    rule("ssn", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", priority=74, check=_is_ssn),
    rule(
        "ssn",
        rf"(?:\bssn|social security(?: number| "
        rf"no\.?)?){_FAR}{{0,10}}?([0-9]{{3}}[ \-]?[0-9]{{2}}[ \-]?[0-9]{{4}})\b",
        priority=76,
        group=1,
        check=_is_whole,
    ),
)

NUMBERS = Group(None, NUMBER_RULES)
