"""Rules for e-mail addresses, accounts, dates of birth and the author's home.

The place of the problem stays: a street and a house are masked only where the author says that they live
there, signs with them, or names the flat.
"""

from veche.core.text import compile_pattern
from veche.stages.mask_rules import Group, Hit, rule

_MONTHS = (
    r"(?:январ\p{L}*|феврал\p{L}*|март\p{L}*|апрел\p{L}*|ма[яй]|июн\p{L}*|июл\p{L}*|август\p{L}*|"
    r"сентябр\p{L}*|"
    r"октябр\p{L}*|ноябр\p{L}*|декабр\p{L}*|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|"
    r"junio|"
    r"julio|agosto|septiembre|octubre|noviembre|diciembre|қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|"
    r"қыркүйек|қазан|қараша|желтоқсан)"
)
_DATE = (
    r"(?:[0-9]{1,2}[./\-][0-9]{1,2}[./\-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}[./\-][0-9]{1,2}[./\-][0-9]{1,2}|"
    rf"[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of |de )?{_MONTHS}\.?(?:,? (?:de )?[0-9]{{4}})?|"
    rf"{_MONTHS}\.? [0-9]{{1,2}}(?:st|nd|rd|th)?(?:,? [0-9]{{4}})?)"
)
_BORN = (
    r"(?:родил(?:ся|ась|ись)|дат[аыеу] рождени[яе]|рожден(?:ия|а)?|д\. ?р\.|д/р|день рождения|"
    r"туған(?: күн\p{L}*)?|"
    r"\bborn(?: on)?|date of birth|birth ?date|birthday|d\.?o\.?b\b\.?|fecha de nacimiento|nac[ií](?:do|"
    r"da)?(?: el)?)"
)

_WORD, _LONG_WORD = r"[\p{L}\d][\p{L}\d\-]*", r"[\p{L}\d][\p{L}\d\-]{3}[\p{L}\d\-]*"
_RU_KIND = (
    r"(?:улиц[аеуы]|ул|просп\p{L}*|пр-кт|пр-т|пр|переул\p{L}+|пер|бульвар\p{L}*|б-р|шоссе|ш|набережн\p{L}+|"
    r"наб|площад\p{L}+|"
    r"пл|микрорайон\p{L}*|мкрн|мкр|м-н|квартал\p{L}*|кв-л|проезд\p{L}*|тупик\p{L}*|снт|аллея|тракт|көшесі)"
)
_RU_HOUSE = r"(?:,? {0,2}(?:дом[еа]?|д|вл)\.?)?,? ?№? ?[0-9]{1,4}(?:[а-е]|/[0-9]{1,4})?"
_RU_REST = (
    r"(?:[,;]? {0,2}(?:корпус|корп|к|строение|стр|подъезд\p{L}*|под|этаж|эт|кв|квартир[аеы]|комн|комната|"
    r"комнате|оф)"
    r"\.? ?№? ?[0-9]{1,4}[а-е]?|,? ?[0-9]{1,2} подъезд|, ?[0-9]{1,4}\b|-[0-9]{1,4}\b){0,4}"
)
_RU_FLAT = (
    r"(?:,? {0,2}(?:корпус|корп|к|строение|стр)\.? ?[0-9]{1,3})?[,;]? {0,2}(?:кв|"
    r"квартир[аеы])\.? ?№? ?[0-9]{1,4}"
)
#: A number in the name of a street: "40 лет Октября", "8 Марта", "2-я".
_NUMBER_IN_NAME = (
    r"[0-9]{1,3}(?:[ \-]?лет|-?летия| (?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|"
    r"декабр|съезд|партсъезд)|-?(?:я|й|го|ая|ой|ый))"
)
_RU_STREET = (
    rf"(?:{_RU_KIND}(?:\. {{0,2}}| {{1,2}}){_WORD}(?: {_WORD}){{0,2}}?|"
    rf"{_LONG_WORD}(?: {_LONG_WORD})?? {_RU_KIND}\.?)"
)
_RU_TOWN = (
    rf"(?:[0-9]{{6}},? ?)?(?:(?:г|гор|город[еа]?|с|сел[ое]|п|пос|пгт|поселок|поселке|д|дер|деревн[яе]|"
    rf"станиц[ае])(?:\. ?| )"
    rf"{_WORD}(?:[ \-]{_WORD})?,? {{0,2}}|{_WORD} (?:обл|област[ьи]|кра[йюе]|р-н|"
    rf"район\p{{L}}?)\.?,? {{0,2}}){{0,3}}"
)
_LIVES = (
    r"(?:прожива[юеят]\p{L}*|проживающ\p{L}+|прописан\p{L}?|зарегистрирован\p{L}?|жив[уе]т?|живем|"
    r"снимаю квартиру)"
)
_HOME_WORDS = (
    r"(?:(?:мой|наш|домашний) адрес|адрес[у]? (?:проживания|прописки|регистрации|жительства)|"
    r"место жительства|"
    rf"{_LIVES}[^\x00\d.!?\[\]\n]{{0,40}}?(?:по )?адрес[уе]?)"
)

_EN_KIND = (
    r"(?:street|st|avenue|ave|av|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|terrace|ter|way|"
    r"square|sq|"
    r"close|crescent|circle|cir|row|hill|parkway|pkwy|highway|hwy|gardens|grove|mews|park|wharf)"
)
_EN_UNIT = r"(?:flat|apartment|apt|unit|suite|#)\.? ?#?[0-9a-z]{1,5}"
_EN_STREET = rf"[0-9]{{1,5}}[a-z]?(?:-[0-9]{{1,4}})? (?:[\p{{L}}0-9'.\-]{{1,20}} ){{1,3}}?{_EN_KIND}\b\.?"
_EN_TOWN = r"(?:,? (?:[a-z]{2} [0-9]{5}(?:-[0-9]{4})?|[0-9]{5}|[a-z]{1,2}[0-9][a-z0-9]? [0-9][a-z]{2}))\b"
_EN_ADDRESS = (
    rf"(?:{_EN_UNIT},? )?{_EN_STREET}(?:,? {_EN_UNIT}\b)?(?:(?:, [\p{{L}}. ]{{2,24}}){{0,2}}{_EN_TOWN}|"
    rf"{_EN_TOWN})?"
)
_EN_LIVES = (
    r"(?:\b(?:i|we|i'm|and|who) (?:am |are |currently |both |have |'ve )?(?:live|lived|living|reside|"
    r"resides|residing|stay|rent)"
    r" (?:here )?(?:at|in|on)|\b(?:residing|resident|living) (?:at|of)|\b(?:my|our) (?:home |current |"
    r"mailing |postal )?address"
    r"(?: is| was|:)?:?|home address(?: is|:)?:?|\bmy (?:house|home|apartment|apt|flat|"
    r"condo)(?: is)?(?: located)? at)"
)
_ES_ADDRESS = (
    r"(?:calle|c/|avenida|avda\.?|plaza|paseo|camino|ronda) ?[\p{L} .]{2,40}?,? ?(?:n[º°.] ?)?[0-9]{1,4}"
    r"(?:,? ?[0-9]{1,2}[º°o]? ?[a-z]?\b)?"
)

_LONGEST_ADDRESS = 110
_NOT_A_HOUSE = compile_pattern(
    r"^ ?(?:лет|год|мес|дн|день|дня|руб|р[. ]|тыс|этаж|раз|минут|час|километр|км|процент|%|years?|months?|"
    r"people)"
)


def _starts_word(hit: Hit) -> bool:
    return not hit.left[-1:].isalnum()


def _is_house(hit: Hit) -> bool:
    return not _NOT_A_HOUSE.search(hit.right) and not hit.right[:1].isalnum()


def _is_near_house(hit: Hit) -> bool:
    """Check that the house stands near the words that make it the author's."""
    return len(hit.value) <= _LONGEST_ADDRESS and _is_house(hit)


def _is_handle(hit: Hit) -> bool:
    """Tell an account from the sign "@" that people write for the word "at" ("parked @corner")."""
    name = hit.value[1:]
    if "@" in hit.right[:1] or (hit.right[:1] == "." and hit.right[1:2].isalpha()):
        return False
    return not name.isalpha() or bool(_ACCOUNT_WORD.search(hit.left)) or (name.isascii() and len(name) >= 8)


_ACCOUNT_WORD = compile_pattern(
    r"(?:телеграм\p{L}*|telegram|тг|\btg|инст\p{L}*|insta\p{L}*|twitter|твиттер\p{L}*|ник|аккаунт\p{L}*|"
    r"whatsapp|"
    r"handle|account|username|контакт\p{L}*|contact|skype|скайп|vk|вк|пишите|связ\p{L}+)[^\p{L}]{0,4}$"
)

_ACCOUNTS = (
    rule(
        "email",
        r"[\p{L}\d_](?:[\p{L}\d._%+\-]*[\p{L}\d_])? ?@ ?"
        r"(?:[\p{L}\d](?:[\p{L}\d\-]*[\p{L}\d])?\.)+\p{L}{2,12}",
        priority=95,
    ),
    rule(
        "email",
        r"[\p{L}\d][\p{L}\d._\-]+ ?(?:\(at\)|\[at\]|\(собака\)|\[собака\]| собака | at ) ?[\p{L}\d\-]+ ?"
        r"(?:\.|\(dot\)|\[dot\]|\(точка\)|\[точка\]| точка | dot ) ?(?:ru|рф|com|net|org|kz|su|uk|info|ру|"
        r"ком|кз|edu|gov)",
        priority=94,
        check=lambda hit: (
            not hit.right[:1].isalnum() and not (" at " in hit.value and " dot " not in hit.value)
        ),
    ),
    rule(
        "url_account",
        r"(?:https?://)?(?:www\.|m\.)?(?:t\.me|telegram\.me|vk\.com|vk\.ru|ok\.ru|instagram\.com|"
        r"facebook\.com|fb\.com|"
        r"twitter\.com|x\.com|wa\.me|tiktok\.com|linkedin\.com/in|threads\.net|vkontakte\.ru|"
        r"viber\.me)/[\w.@\-/?=&%+]*[\w/]",
        priority=93,
        check=_starts_word,
    ),
    rule(
        "url_account",
        r"@[a-z][a-z0-9_]{3,31}",
        priority=40,
        check=lambda h: _starts_word(h) and _is_handle(h),
    ),
)

_BIRTHS = (
    rule(
        "birth_date",
        rf"{_BORN}[^\d\x00\[\].!?\n]{{0,24}}?({_DATE})",
        priority=88,
        group=1,
    ),
    rule(
        "birth_date",
        rf"({_DATE})(?: ?г(?:ода|\.)?)? ?(?:рожд|г\.? ?р[^\p{{L}}]|р\.|туған)",
        priority=88,
        group=1,
    ),
    rule(
        "birth_date",
        rf"(?:^|[^\p{{L}}]){_BORN}[^\d\x00\[\].!?\n]{{0,12}}?{_MONTHS},? (?:of )?([0-9]{{4}})\b",
        priority=60,
        group=1,
    ),
)

#: An address and then a telephone number is how people sign.
_SIGNED = (
    rule(
        "home_address",
        rf"\b({_EN_ADDRESS})[,;]? {{0,2}}(?:(?:tel|phone|cell)[.:]? ?)?\+?[(0-9][0-9() .\-]{{8,15}}[0-9]\b",
        priority=46,
        group=1,
    ),
)

_HOMES = (
    rule(
        "home_address",
        rf"(?:^|"
        rf"[^\p{{L}}]){_HOME_WORDS}[ :\-–—,]{{0,4}}([^\x00!?\n\[\]\d]*?(?:[0-9]{{6}}[^\x00!?\n\[\]\d]*?)?"
        rf"[0-9]{{1,4}}(?:[а-е]|/[0-9]{{1,4}})?{_RU_REST})",
        priority=47,
        group=1,
        check=_is_near_house,
    ),
    rule(
        "home_address",
        rf"(?:^|"
        rf"[^\p{{L}}]){_HOME_WORDS}[ :\-–—,]{{0,4}}([^\x00!?\n\[\]\d]*?{_NUMBER_IN_NAME}[^\x00!?\n\[\]\d]*?"
        rf"[0-9]{{1,4}}(?:[а-е]|/[0-9]{{1,4}})?{_RU_REST})",
        priority=47,
        group=1,
        check=_is_near_house,
    ),
    rule(
        "home_address",
        rf"(?:^|[^\p{{L}}]){_LIVES}[^\x00.!?\d\n\[\]]{{0,40}}?"
        rf"[^\p{{L}}\x00]({_RU_TOWN}{_RU_STREET}{_RU_HOUSE}{_RU_REST})",
        priority=48,
        group=1,
        check=_is_house,
    ),
    rule(
        "home_address",
        rf"(?:^|[^\p{{L}}]){_LIVES} (?:на|по) (\p{{L}}[\p{{L}}\-]{{3,}}(?: \p{{L}}[\p{{L}}\-]{{3,}})?(?:,? "
        rf"д(?:ом)?\.?)? ?[0-9]{{1,3}}[а-е]?{_RU_REST})",
        priority=48,
        group=1,
        check=_is_house,
    ),
    rule(
        "home_address",
        rf"(?:^|[^\p{{L}}])((?:{_RU_TOWN}{_RU_STREET}|{_WORD}){_RU_HOUSE}{_RU_FLAT})",
        priority=46,
        group=1,
        check=_is_house,
    ),
    rule(
        "home_address",
        rf"с уважением[^\x00]{{0,90}}?[^\p{{L}}\x00]({_RU_TOWN}{_RU_STREET}{_RU_HOUSE}{_RU_REST})",
        priority=46,
        group=1,
        check=_is_house,
    ),
    rule(
        "home_address",
        r"((?:\p{L}[\p{L}\-]+ көшесі,? ?)?[0-9]{1,4}[ \-]?үй\p{L}*,? ?[0-9]{1,4}[ \-]?пәтер)",
        priority=46,
        group=1,
    ),
    rule("home_address", rf"{_EN_LIVES} (?:the )?({_EN_ADDRESS})", priority=48, group=1),
    rule(
        "home_address",
        r"\b(?:i|we) live (?:at|on|in) ([0-9]{1,5}[a-z]?(?: [\p{L}'.]{3,20}){1,2})",
        priority=47,
        group=1,
        check=_is_house,
    ),
    rule(
        "home_address",
        rf"\b(?:sincerely|regards|yours)\b[^\x00]{{0,60}}?\b({_EN_ADDRESS})",
        priority=46,
        group=1,
    ),
    rule(
        "home_address",
        rf"(?:vivo en|resido en|mi direcci[oó]n es|mi domicilio es|domiciliad[oa] en)(?: la|"
        rf" el)? ({_ES_ADDRESS})",
        priority=48,
        group=1,
    ),
)

CONTACTS = (
    Group(
        compile_pattern(r"@|собака|\(at\)|\[at\]| dot |t\.me/|\.com/|vk\.|ok\.ru|\.me/|\.net/"),
        _ACCOUNTS,
    ),
    Group(
        compile_pattern(r"рожд|родил|д\. ?р|д/р|г\. ?р|\bborn\b|birth|d\.?o\.?b\b|туған|nacimi|nac[ií]"),
        _BIRTHS,
    ),
    Group(
        compile_pattern(
            r"прожива|прописан|зарегистрирован|жив[уе]|адрес|жительства|кв\.? ?[0-9№]|квартир|с уважением|"
            r"пәтер|"
            r"\b(?:live|lived|living|reside|resides|residing|resident|stay|rent)\b|address|\b(?:my|our) |"
            r"sincerely|regards|yours|"
            r"vivo en|resido|domicili|direcci"
        ),
        _HOMES,
    ),
    Group(compile_pattern(r"[0-9]{3}[ .)\-]{1,2}[0-9]{4}\b"), _SIGNED),
)
