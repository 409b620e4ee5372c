"""How people speak of themselves and of others in Russian and English, for the group stage.

Grammar of the two languages, no knowledge of a country: what groups there are stands in the pack.
"""

from veche.core.text import compile_pattern
from veche.stages.patterns import ending_in, whole

#: The author right before what the author is, with at most three words between.
SELF_BEFORE = ending_in(
    *("я", "мы", "мне", "нам", "нас", "меня", "являюсь", "являемся", "будучи", "как", "сам", "сама", "сами"),
    *("работаю", "работаем", "i", "i am", "i'm", "im", "i've been", "we", "we are", "we're", "as", "being"),
    *("me", "us", "my job is"),
    then=r"[\s,—–-]+(?:an?\s+|the\s+)?(?:[\p{L}\p{N}'-]+(?:\s+|,\s+(?:как|as)\s+)){0,3}",
)

#: Words between the author and a group that make it somebody else's, or deny it.
OTHERS = whole(
    *("для", r"мам\p{L}*", "мать", r"матер\p{L}+", "пап[аеуы]", "отец", r"отц\p{L}+", r"муж\p{L}*"),
    *("жен[аеуы]", "женой", r"сын\p{L}*", r"доч\p{L}+", r"бабушк\p{L}*", r"дедушк\p{L}*", r"сосед\p{L}*"),
    *(r"друг\p{L}*", r"подруг\p{L}*", r"родственни\p{L}+", r"брат\p{L}*", r"сестр\p{L}+", r"тещ\p{L}+"),
    *(r"свекров\p{L}+", "тет[яеию]", "дяд[яеию]", "он", "она", "они", "его", "ее", "их", "ему", "ей", "им"),
    *("не", "ни", "нет", "против", "про", "многие", "другие", "всем", "всех", r"виж\p{L}+", r"видел\p{L}*"),
    *(
        "знаю",
        r"прос\p{L}+",
        "прошу",
        r"звонил\p{L}*",
        r"обра[тщ]\p{L}+",
        "жду",
        r"вызвал\p{L}*",
        r"пошл\p{L}*",
    ),
    *("mother", "mom", "mum", "father", "dad", "husband", "wife", "son", "daughter", "grandm(?:other|a)"),
    *(
        "grandfather",
        "neighbou?rs?",
        "friends?",
        "brother",
        "sister",
        "aunt",
        "uncle",
        "parents?",
        "he",
        "she",
    ),
    *("they", "his", "her", "their", "him", "them", "not", "for", "about", "saw", "see", "know", "asked"),
    *("called", "like", "met", "told", "want", "need"),
)

#: A phrase that names the author itself ("я пенсионерка", "as a nurse", "у меня инвалидность").
OWN_VOICE = compile_pattern(
    r"(?:я|мы|мне|нам|у меня|у нас|мо[йяи]|наш[аи]?|являюсь|являемся|как|будучи|имею|состою|воспитыва[юе]м?"
    r"|работаю|учусь|служу|живу|живем|получаю|i|i'm|im|i've|we|we're|my|our|as|being|me)[^\p{L}\p{N}]"
)

#: What stands before the name or the trade under a letter.
LETTER_END = compile_pattern(r"(?:с уважением|sincerely|regards|подпись|искренне)[^.!?]*$|[\n,—–-]\s*$")

_CLAUSE_ENDS = r"(?:\s*[,.!?;)\n\x00]|\s*$)"
_YEARS = r"\s*(?:лет|года?|л)"
_OLD = r"[\s-]*(?:years?[\s-]*(?:old|of age)|yrs?[\s-]*old|y/?o)"

#: How people give their age: group 1 is the phrase with one number in it; with the confidence.
AGES = (
    # "Мне 20 лет обещают квартиру" is no age: the clause must end, or a fact about the author follow.
    (
        whole(
            r"мне\s+(?:(?:уже|скоро|сейчас|почти|всего|только|исполнилось|будет|за|более)\s+)*"
            rf"\d{{1,3}}(?:{_YEARS})?",
            after=rf"(?:{_CLAUSE_ENDS}|\s+(?:и|а|но|инвалид\p{{L}}*|пенсионер\p{{L}}*|я|живу|хожу|работаю|учусь)\s)",
        ),
        0.9,
    ),
    (whole(r"(?:я|мы)[\s,—–-]+\d{1,3}[\s-]*летн\p{L}+"), 0.9),
    (whole(rf"в\s+(?:мои|свои)\s+\d{{1,3}}(?:{_YEARS})?"), 0.9),
    (whole(r"мой возраст\s*[:—–-]?\s*\d{1,3}", r"возраст:\s*\d{1,3}"), 0.75),
    (whole(rf"(?:я[\s,—–-]+)?(?:пенсионер(?:ка)?|инвалид|студент(?:ка)?),\s*\d{{1,3}}{_YEARS}"), 0.75),
    (
        whole(
            r"(?:i am|i'm|im|i(?: just)? turned)\s+(?:(?:now|already|almost|nearly|over|about|only)\s+)*"
            rf"\d{{1,3}}(?:{_OLD})?",
            after=rf"(?:{_CLAUSE_ENDS}|\s+(?:and|but|with)\s)",
        ),
        0.9,
    ),
    (whole(rf"(?:i am|i'm|im|as)\s+an?\s+(?:\p{{L}}+\s+)?\d{{1,3}}{_OLD}"), 0.9),
    (whole(r"(?:my age is|my age:|age:)\s*\d{1,3}"), 0.75),
    (whole(rf"at\s+(?:age\s+)?\d{{1,3}}(?:{_OLD})?,?\s+i", after=r"\s"), 0.6),
)

#: How people give the year of their birth; group 1 has one number in it.
BORN = whole(
    r"(?:я|мне)[\s,—–-]+(?:19|20)\d\d\s*(?:года? рождения|г\.?\s?р)",
    r"я\s+родил(?:ся|ась)\s+в\s+(?:19|20)\d\d",
    r"i(?: was|'m) born in\s+(?:19|20)\d\d",
)
