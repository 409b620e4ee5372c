"""Case forms of Russian place names, made when a pack is built, never when it is loaded.

Each name is split into words; the words that decline are declined with the OpenCorpora dictionary
(pymorphy3). A form that is also a common word or a person's name is called weak; the place stage asks
for more before it believes one. Adjectives are guessed by rule and kept only where the dictionary
knows them, so none is invented.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from veche.core.errors import BrokenPack
from veche.core.morphology import russian
from veche.core.text import fold
from veche.packs import territories
from veche.packs.files import TomlFile
from veche.packs.model import Territory
from veche.packs.problems import Problems
from veche.packs.tables import Table

#: What an editor may say about single names.
WORDS = "forms.toml"

_HEADER = (
    "# Made by tools/build_pack.py from territories.csv. Columns: code, forms, weak forms, adjectives.\n"
)

_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct", "gen2", "loc2")
_VOWEL = re.compile(r"[аеиоуыэюя]")
_CYRILLIC = re.compile(r"[а-я][а-я .'-]*")

#: Words inside a name that never decline.
_STILL = frozenset({"на", "эл", "дону", "кубани", "амуре", "усть", "соль"})

#: Cities so large that in an appeal their name means the city, whatever else the dictionary knows.
_PLAIN_POPULATION = 250_000

#: Kinds of territory in full and the short forms that people write for them.
_KINDS = {
    "область": ("обл", "обл.", "область"),
    "край": ("край",),
    "республика": ("респ", "респ.", "республика"),
    "район": ("район", "р-н", "р-он"),
    "улус": ("улус",),
    "автономный округ": ("автономный округ", "ао", "а.о."),
    "автономная область": ("автономная область", "ао"),
    "административный округ": ("административный округ", "округ", "ао"),
}

#: How people shorten "района", "району" and so on.
_DISTRICT = {"gent": "р-на", "datv": "р-ну", "ablt": "р-ном", "loct": "р-не"}


@dataclass(frozen=True)
class Words:
    """What the editor of a pack says about single names, from `forms.toml`; all of it folded."""

    common: frozenset[str] = frozenset()
    rivers: frozenset[str] = frozenset()
    everywhere: frozenset[str] = frozenset()
    no_adjective: frozenset[str] = frozenset()
    adjectives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_words(folder: Path) -> Words:
    """Return the words of the pack in `folder`, none where it has no `forms.toml`.

    Raises:
        BrokenPack: the file is not as it should be.
    """
    path = folder / WORDS
    if not path.exists():
        return Words()
    problems = Problems()
    file = TomlFile(folder, path, problems)
    data = {key: value for key, value in file.data.items() if key != "adjectives"}
    top = Table(file, data, line=0, languages=())
    lists = {
        name: frozenset(top.strings(name)) for name in ("common", "rivers", "everywhere", "no_adjective")
    }
    top.close()
    adjectives = Table(file, file.data.get("adjectives", {}), line=0, languages=())
    words = Words(**lists, adjectives={name: adjectives.strings(name) for name in adjectives.data})
    if worst := problems.first_serious():
        raise BrokenPack(
            pack=folder.name, file=worst.file, line=worst.line, problem=worst.message, advice=worst.hint
        )
    return words


def build(folder: Path) -> str:
    """Return the text of `forms.tsv` for the pack in `folder`; the same tables always give the same text.

    Raises:
        BrokenPack: `forms.toml` is not as it should be.
    """
    words = read_words(folder)
    table = territories.read(folder, Problems())
    lines = [_line(territory, words) for territory in table.values()]
    return _HEADER + "".join(lines)


def _line(territory: Territory, words: Words) -> str:
    plain, weak, adjectives = forms(territory, words)
    return "\t".join((territory.code, "|".join(plain), "|".join(weak), "|".join(adjectives))) + "\n"


def forms(territory: Territory, words: Words) -> territories.Forms:
    """Return the plain forms, weak forms and adjectives of one territory, each sorted."""
    russian = [territory.title.get("ru", ""), *territory.names.get("ru", ())]
    foreign = [
        *(title for tag, title in territory.title.items() if tag != "ru"),
        *(name for tag, names in territory.names.items() if tag != "ru" for name in names),
    ]
    weak_names = {fold(n) for n in territory.context_names}
    plain: set[str] = set()
    weak: set[str] = set()
    for name in dict.fromkeys(n for n in russian if n and fold(n) not in weak_names):
        several = set(spellings(name))
        common = {f for f in several if not name.isupper() and _is_common(f, fold(name), territory, words)}
        weak |= common
        plain |= several - common
    for name in dict.fromkeys(map(fold, foreign)):
        (weak if _is_common_elsewhere(name, territory) else plain).update((name, name.replace("-", " ")))
    for name in territory.context_names:
        weak |= set(spellings(name))
    return tuple(sorted(plain)), tuple(sorted(weak - plain)), tuple(sorted(_adjectives(territory, words)))


def spellings(name: str) -> Iterable[str]:
    """Yield the folded case forms of a name, with a space for each hyphen too; abbreviations stay."""
    for form in [fold(name)] if name.isupper() else decline(fold(name)):
        yield form
        if "-" in form:
            yield re.sub(r"(?<! р)-", " ", form)


def decline(name: str) -> list[str]:
    """Return the case forms of a folded name, the name itself first; other scripts stay as they are."""
    if not _CYRILLIC.fullmatch(name) or name.endswith("."):
        return [name]
    if len(name) < 4 and not any("Geox" in p.tag for p in _parses(name)):
        return [name]
    for kind, short in _KINDS.items():
        if name.endswith(f" {kind}"):
            return _adjective_and_kind(name.removesuffix(f" {kind}"), kind, short)
        if name.startswith(f"{kind} ") and kind == "республика":
            return _republic(name.removeprefix(f"{kind} "))
    return _unique([name, *(_in_case(name, case) for case in _CASES)])


def _adjective_and_kind(adjective: str, kind: str, short: tuple[str, ...]) -> list[str]:
    """Decline "московская область" with each short form of the kind."""
    found = []
    for case in ("nomn", *_CASES):
        whole = _in_case(f"{adjective} {kind}", case)
        first = whole[: len(whole) - len(_in_case(kind, case)) - 1]
        found.append(whole)
        found += [f"{first} {s}" for s in short if s != kind]
        if kind == "район":
            found.append(f"{first} {_DISTRICT.get(case, 'р-н')}")
    return _unique(found)


def _republic(rest: str) -> list[str]:
    found = [f"{_in_case('республика', case)} {rest}" for case in _CASES]
    return _unique([*found, f"респ {rest}", f"респ. {rest}"])


def in_case(name: str, case: str) -> str:
    """Return a folded name in a case of OpenCorpora ("gent", "loct"); other scripts stay as they are."""
    return _in_case(name, case) if _CYRILLIC.fullmatch(name) else name


def _unique(forms_: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(forms_))


def _in_case(name: str, case: str) -> str:
    """Return a name of one or more words in a case; a word that cannot be declined stays."""
    words = re.split(r"([ -])", name)
    bodies = words[::2]
    head = _head_index(bodies)
    parsed = _noun(bodies[head])
    done = list(words)
    for i, word in enumerate(bodies):
        if word in _STILL or (head != i and not _agrees(word, parsed)):
            continue
        separator = words[2 * i + 1] if 2 * i + 1 < len(words) else ""
        if separator == "-" and i != head and not _adjectival(word):
            continue
        done[2 * i] = _inflect(word, case, like=parsed if i != head else None)
    return "".join(done)


def _head_index(words: list[str]) -> int:
    """Return which word is the noun: before "на", else the last that declines; else the last."""
    if "на" in words:
        return max(words.index("на") - 1, 0)
    if len(words) == 2 and _adjectival(words[1]) and not _adjectival(words[0]):
        return 0
    return len(words) - 1


@functools.cache
def _parses(word: str) -> tuple[Any, ...]:
    return tuple(russian().parse(word))


def _adjectival(word: str) -> bool:
    return _possessive(word) or _adjective_parse(word) is not None


def _possessive(word: str) -> bool:
    return word == "сергиев"


def _adjective_parse(word: str) -> Any | None:
    found = [p for p in _parses(word) if p.tag.POS == "ADJF" and p.tag.case == "nomn"]
    if not found or not word.endswith(("ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие")):
        return None
    return found[0]


@functools.cache
def _noun(word: str) -> Any | None:
    """Return the parse of the word as a place in the nominative, or as the likeliest noun."""
    nominative = [p for p in _parses(word) if p.tag.POS == "NOUN" and p.tag.case == "nomn"]
    places = [p for p in nominative if "Geox" in p.tag]
    if places:
        return places[0]
    adjective = _adjective_parse(word)
    if adjective is not None:
        return adjective
    things = [p for p in nominative if "inan" in p.tag]
    return (things or nominative or [None])[0]


def _agrees(word: str, noun: Any | None) -> bool:
    if _possessive(word):
        return True
    parse = _adjective_parse(word)
    if parse is None or noun is None:
        return parse is not None
    if parse.tag.number == "plur" or noun.tag.number == "plur":
        return parse.tag.number == noun.tag.number
    return noun.tag.gender in (None, parse.tag.gender)


_POSSESSIVE = {"nomn": "", "gent": "а", "datv": "у", "accs": "", "ablt": "ым", "loct": "ом"}


#: Endings of names in -ово and -ино; the dictionary knows some of them as surnames only.
_NEUTER = {"gent": "а", "datv": "у", "ablt": "ом", "loct": "е"}

#: Endings of names in -а that the dictionary lacks or takes for something that does not decline.
_FEMININE = {"gent": "ы", "datv": "е", "accs": "у", "ablt": "ой", "loct": "е"}
_FEMININES = frozenset({"уфа", "ола", "русса"})

#: Endings after a consonant, and of names in -ской, for names that the dictionary lacks.
_MASCULINE = {"gent": "а", "datv": "у", "ablt": "ом", "loct": "е"}
_ADJECTIVAL = {"gent": "ого", "datv": "ому", "ablt": "им", "loct": "ом"}
_CONSONANT = re.compile(r"[бвгджзклмнпрстфхцчшщ]$")


def _inflect(word: str, case: str, *, like: Any | None) -> str:
    if not _VOWEL.search(word):
        return word
    if _possessive(word):
        return word + _POSSESSIVE.get(case, "")
    if word.endswith(("ово", "ево", "ино", "ыно")):
        return word[:-1] + _NEUTER.get(case, "о")
    if word in _FEMININES:
        return word[:-1] + _FEMININE.get(case, "а")
    parse = _noun(word) if like is None else _adjective_parse(word)
    if parse is None or "Fixd" in parse.tag:
        if word.endswith("ской"):
            return word[:-2] + _ADJECTIVAL.get(case, "ой")
        return word + _MASCULINE.get(case, "") if _CONSONANT.search(word) else word
    number = parse.tag.number or "sing"
    if case in ("gen2", "loc2"):
        exact = [f for f in parse.lexeme if f.tag.case == case and f.tag.number == number]
        return fold(exact[0].word) if exact else word
    wanted = {case, number}
    if parse.tag.POS == "ADJF":
        if number == "sing":
            wanted.add(parse.tag.gender)
        if case == "accs" and (parse.tag.gender == "masc" or number == "plur"):
            wanted.add("inan")
    if case == "accs" and parse.tag.POS == "NOUN" and parse.tag.gender == "masc":
        return word
    inflected = parse.inflect(wanted)
    return fold(inflected.word) if inflected else word


def _is_common(form: str, name: str, territory: Territory, words: Words) -> bool:
    """Say whether a form is also a common word or a person's name, so that alone it proves nothing."""
    if territory.level in ("municipality", "district"):
        return name.split(" ")[0] in words.everywhere
    if (name.endswith("ск") and form == f"{name}ом") or name in words.rivers:
        return True
    if not _CYRILLIC.fullmatch(form) or re.search(r"[ -]", form):
        return False
    if name not in words.common and (territory.population or 0) >= _PLAIN_POPULATION:
        return False
    return any("Geox" not in p.tag and p.is_known for p in _parses(form))


def _is_common_elsewhere(name: str, territory: Territory) -> bool:
    """Say the same of a name in another language: short Latin words, and Cyrillic that Russian knows."""
    if not _CYRILLIC.fullmatch(name):
        return len(name) <= 5 and (territory.population or 0) < _PLAIN_POPULATION
    return " " not in name and any("Geox" not in p.tag and p.is_known for p in _parses(name))


def _adjectives(territory: Territory, words: Words) -> set[str]:
    found: set[str] = set()
    if territory.level in ("municipality", "district", "country"):
        return found
    for name in (territory.title.get("ru", ""), *territory.names.get("ru", ())):
        if not name.isupper():
            for base in _adjective_of(fold(name), words):
                found |= {fold(f.word) for f in base.lexeme if f.tag.POS == "ADJF"}
    return found


def _adjective_of(name: str, words: Words) -> list[Any]:
    """Return the parses of adjectives in -ский that the dictionary knows for this name."""
    if name in words.adjectives:
        return [_adjective_parse(adjective) for adjective in words.adjectives[name]]
    if not re.fullmatch(r"[а-я]+(-[а-я]+)*", name):
        return []
    stem = re.sub(r"(ая|ое|ый|ий|[аяоеыьий])$", "", name)
    guesses = {f"{stem}{ending}" for ending in ("ский", "нский", "инский", "ьский")}
    if stem.endswith("ск"):
        guesses.add(f"{stem}ий")
    elif stem.endswith(("к", "ц", "ч", "г", "ж")):
        guesses |= {f"{stem[:-1]}{e}" for e in ("цкий", "жский", "чский", "ческий")}
    found = []
    for guess in sorted(guesses - words.no_adjective):
        parses = [p for p in _parses(guess) if p.is_known and p.tag.POS == "ADJF" and p.tag.case == "nomn"]
        if parses:
            found.append(next(p for p in parses if p.tag.number == "sing" and p.tag.gender == "masc"))
    return found
