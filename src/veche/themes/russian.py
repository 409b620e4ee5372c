"""Russian phrases that read: the noun phrase in the nominative, its adjectives in agreement.

"вывозом мусора" becomes "вывоз мусора", "горячей воды" "горячая вода"; a clause ("не вывозят мусор")
stays as people write it; a piece of a sentence that is neither is refused. Morphology: pymorphy3.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from veche.core import morphology
from veche.core.text import fold
from veche.stages.name_words import PLACE_BEFORE

_ADJECTIVES = {"ADJF", "PRTF"}
_VERBS = {"VERB", "INFN", "PRTS", "PRED"}
_NEGATIONS = {"не", "нет"}

_NAMES = {"Name", "Patr", "Surn"}

#: So many letters in capitals at most are an acronym, no name.
_ACRONYM = 4

#: What somebody has is no matter, although it stands where the matter of other verbs does.
_TO_HAVE = "иметь"


@cache
def _parses(word: str) -> list[Any]:
    parses = morphology.russian().parse(word)
    return [p for p in parses if p.score >= 0.05] or parses[:1]


@cache
def lemma(word: str) -> str:
    """Return the dictionary form of a word."""
    return _parses(word)[0].normal_form.replace("ё", "е")


def readable(words: Sequence[str]) -> str | None:
    """Return the phrase made of folded `words` as it should be shown, None if it does not read."""
    if words[0] in _NEGATIONS:
        return _negated(words)
    return _noun_phrase(words) or _clause(words)


def says_who_writes(words: Sequence[str]) -> bool:
    """Return whether `words`, in the case in which people write them, introduce or sign for their author
    and name no matter.

    So do "Дарья и семья" (a person's name that no street or school bears), "мы из соседнего двора" (a first
    person who does nothing) and "учусь в школе" or "имею медаль" (who does nothing to anything).
    """
    folded = [fold(word) for word in words]
    return _names_a_person(words, folded) or _is_of_oneself(folded)


def _names_a_person(words: Sequence[str], folded: Sequence[str]) -> bool:
    named = (
        _is_first_name(f, capital=word != f and not _is_acronym(word))
        for word, f in zip(words, folded, strict=True)
    )
    at = next((i for i, is_name in enumerate(named) if is_name), len(words))
    return at < len(words) and PLACE_BEFORE.isdisjoint(folded[:at])


def _is_acronym(word: str) -> bool:
    return word.isupper() and len(word) <= _ACRONYM


@cache
def _is_first_name(word: str, *, capital: bool) -> bool:
    """Whether a word is a first name or a patronymic: with a capital whatever else it can be but a town
    ("Любовь"), without one nothing else."""
    readings = [parse.tag for parse in morphology.russian().parse(word)]
    named = any("Name" in tag or "Patr" in tag for tag in readings)
    if not named or not morphology.russian().word_is_known(word):
        return False
    if capital:
        return not any("Geox" in tag for tag in readings)
    return all(tag.POS == "NOUN" and _NAMES & tag.grammemes for tag in readings)


def _is_of_oneself(words: Sequence[str]) -> bool:
    if not _NEGATIONS.isdisjoint(words):
        return False
    verb = None
    for word in words:
        if _mainly(word, *_VERBS):
            if not _reads(word, "VERB", "1per", "sing"):
                return False
            verb = lemma(word)
        elif verb and verb != _TO_HAVE and len(word) > 2 and _is(word, "NOUN") and _has_case(word, "accs"):
            return False
    return verb is not None or _reads(words[0], "NPRO", "1per", "nomn")


def _reads(word: str, *grammemes: str) -> bool:
    """Whether the likeliest reading of a word of the dictionary has all `grammemes`."""
    tag = _parses(word)[0].tag
    return all(grammeme in tag for grammeme in grammemes) and bool(morphology.russian().word_is_known(word))


def _is(word: str, *parts: str) -> bool:
    return any(p.tag.POS in parts for p in _parses(word))


def _mainly(word: str, *parts: str) -> bool:
    return _parses(word)[0].tag.POS in parts


def _noun_phrase(words: Sequence[str]) -> str | None:
    head = 0
    while head < len(words) and _mainly(words[head], *_ADJECTIVES):
        head += 1
    if head == len(words) or not _mainly(words[head], "NOUN"):
        return None
    noun = _agreeing_noun(words[:head], words[head])
    if noun is None or not _dependents_read(words[head + 1 :]):
        return None
    number = "plur" if "plur" in noun.tag else "sing"
    shown = noun.inflect({"nomn", number})
    adjectives = [_adjective(word, noun, number) for word in words[:head]]
    if shown is None or None in adjectives:
        return None
    return " ".join([*(str(a) for a in adjectives), shown.word.replace("ё", "е"), *words[head + 1 :]])


def _agreeing_noun(adjectives: Sequence[str], word: str) -> Any | None:
    """The most likely reading of the noun that all `adjectives` agree with."""
    for noun in _parses(word):
        if noun.tag.POS == "NOUN" and all(_agrees(a, noun) for a in adjectives):
            return noun
    return None


def _agrees(word: str, noun: Any) -> bool:
    return any(
        p.tag.POS in _ADJECTIVES
        and p.tag.case == noun.tag.case
        and p.tag.number == noun.tag.number
        and (p.tag.number == "plur" or p.tag.gender == noun.tag.gender)
        for p in _parses(word)
    )


def _adjective(word: str, noun: Any, number: str) -> str | None:
    form = {"nomn", number} if number == "plur" else {"nomn", number, str(noun.tag.gender)}
    for parse in _parses(word):
        if parse.tag.POS in _ADJECTIVES:
            shown = parse.inflect(form)
            if shown is not None:
                return shown.word.replace("ё", "е")
    return None


def _dependents_read(words: Sequence[str]) -> bool:
    """Whether what follows the head noun hangs together: genitives, or a preposition with its nouns."""
    if not words:
        return True
    if not _is(words[-1], "NOUN"):
        return False
    after_preposition = False
    for word in words:
        if _mainly(word, "PREP"):
            after_preposition = True
        elif not _mainly(word, "NOUN", *_ADJECTIVES) or (
            not after_preposition and not any(p.tag.case in ("gent", "gen2") for p in _parses(word))
        ):
            return False
    return True


def _negated(words: Sequence[str]) -> str | None:
    """ "нет горячей воды", "не вывозят мусор"."""
    rest = words[1:]
    if not rest:
        return None
    if words[0] == "нет":
        whole = all(_is(w, "NOUN", *_ADJECTIVES) and _has_case(w, "gent", "gen2") for w in rest)
        return " ".join(words) if whole and _is(rest[-1], "NOUN") else None
    return " ".join(words) if _mainly(rest[0], "VERB") and _ends_well(rest) else None


def _has_case(word: str, *cases: str) -> bool:
    return any(p.tag.case in cases for p in _parses(word))


def _clause(words: Sequence[str]) -> str | None:
    """A verb with its object, or a subject with its verb: "отключили отопление", "лифт не работает"."""
    if len(words) < 2:
        return None
    if _mainly(words[0], "VERB", "INFN") and _is(words[-1], "NOUN") and _ends_well(words):
        return " ".join(words)
    subject = _mainly(words[0], "NOUN", *_ADJECTIVES) and _has_case(words[0], "nomn")
    if subject and _mainly(words[-1], "VERB", "PRTS", "ADJS"):
        return " ".join(words)
    return None


def _ends_well(words: Sequence[str]) -> bool:
    return not _mainly(words[-1], "PREP", "CONJ", "PRCL", "NPRO", *_ADJECTIVES)
