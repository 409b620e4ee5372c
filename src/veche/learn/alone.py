"""Which decisions of a model need nobody, and why the others wait for a person."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.learn.examples import Inputs
from veche.learn.model import FacetModel, Model
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

    def codes(self, decided: np.ndarray, is_new: np.ndarray, document: np.ndarray, held: bool) -> pa.Array:
        """Return the code of each decision (of `document`, int64), the gravest reason first."""
        plain = np.where(decided, ALONE, UNSURE if held else PROMISE).astype(object)
        plain[is_new] = NEW
        plain[self.strange[document]] = STRANGE
        plain[self.foreign[document]] = LANGUAGE
        return pa.array(plain, pa.string())


class Doubts:
    """What a facet of a model may decide alone under the promise of a `precision`."""

    def __init__(self, model: Model, facet: FacetModel, *, precision: float) -> None:
        portrait = model.card["portrait"]
        languages = portrait["traits"]["language"]
        self._languages = pa.array([tag for tag in languages if tag not in ("", OTHER)], pa.string())
        self._known_words = portrait["known_words"]
        self._facet = facet
        self.promise = keep_promise(facet.seen, precision=precision)

    def of(self, inputs: Inputs) -> Doubt:
        """Return what speaks against deciding on `inputs`."""
        unknown, words = unknown_shares(inputs.texts, self._known_words)
        language = pc.fill_null(inputs.traits["language"], _UNTOLD)
        at_home = pc.or_(pc.is_in(language, self._languages), pc.equal(language, _UNTOLD))
        foreign = ~at_home.to_numpy(zero_copy_only=False).astype(bool)
        strange = (unknown >= _STRANGE_SHARE) & (words >= _STRANGE_WORDS)
        return Doubt(words > 0, foreign & (len(self._languages) > 0), strange)

    def decides(self, chance: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Return which decisions keep the promise (bool); `label` -1 never does."""
        own = label >= 0
        out = np.zeros(len(label), bool)
        out[own] = self.promise.decides(chance[own], label[own])
        return out
