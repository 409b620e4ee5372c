"""Which decisions of a model need nobody, and why the others wait for a person.

A run and an evaluation both ask here, so what is measured is what will be done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.learn.examples import Inputs
from veche.learn.model import Seen
from veche.learn.portrait import OTHER, unknown_shares
from veche.learn.promise import keep_promise

#: The codes of `FACET_decided`; the reference page of columns says what each means.
ALONE, UNSURE, NEW, LANGUAGE, STRANGE, PROMISE = "alone", "unsure", "new", "language", "strange", "promise"

#: The tag of a text too short to tell its language.
_UNTOLD = "und"

#: A text is strange from this share of words on that the model never saw, and with at least so many words:
#: a short text may consist of a name and a misspelling.
_STRANGE_SHARE, _STRANGE_WORDS = 0.8, 4


@dataclass(frozen=True)
class Doubt:
    """Of n documents, bool [n] each: whether there is anything to `read`, and what speaks against deciding:
    a `foreign` language, a `strange` text."""

    readable: np.ndarray
    foreign: np.ndarray
    strange: np.ndarray


class Doubts:
    """What a facet of a model may decide alone under the promise of a `precision`."""

    def __init__(self, portrait: Mapping[str, Any], seen: Seen, *, precision: float) -> None:
        """`portrait` and `seen` are those of what the facet's model learnt from."""
        languages = portrait["traits"]["language"]
        self._languages = pa.array([tag for tag in languages if tag not in ("", OTHER)], pa.string())
        self._known_words = portrait["known_words"]
        self.promise = keep_promise(seen, precision=precision)

    def of(self, inputs: Inputs) -> Doubt:
        """Return what speaks against deciding on `inputs`."""
        unknown, words = unknown_shares(inputs.texts, self._known_words)
        language = pc.fill_null(inputs.traits["language"], _UNTOLD)
        at_home = pc.or_(pc.is_in(language, self._languages), pc.equal(language, _UNTOLD))
        foreign = ~at_home.to_numpy(zero_copy_only=False).astype(bool)
        strange = (unknown >= _STRANGE_SHARE) & (words >= _STRANGE_WORDS)
        return Doubt(words > 0, foreign & (len(self._languages) > 0), strange)

    def codes(
        self, doubt: Doubt, *, document: np.ndarray, label: np.ndarray, chance: np.ndarray
    ) -> np.ndarray:
        """Return the code of each decision (object [m]), the gravest reason first; `ALONE` needs nobody.

        A decision says that `document` (int64 [m], a row of `doubt`) has `label` with `chance`; label -1 is
        one that the model was never taught.
        """
        own = label >= 0
        decided = np.zeros(len(label), bool)
        decided[own] = self.promise.decides(chance[own], label[own])
        code = np.where(decided, ALONE, UNSURE if self.promise.held else PROMISE).astype(object)
        code[~own] = NEW
        code[(doubt.strange | ~doubt.readable)[document]] = STRANGE
        code[doubt.foreign[document]] = LANGUAGE
        return code


def all_alone(document: np.ndarray, code: np.ndarray, *, n: int) -> np.ndarray:
    """Return which of `n` documents need nobody (bool [n]): something was decided of them, all of it alone.

    `document` (int64 [m]) and `code` (object [m]) are those of all decisions that were made.
    """
    waits = np.bincount(document[code != ALONE], minlength=n) > 0
    return (np.bincount(document, minlength=n) > 0) & ~waits
