"""Words for shares: "most", "about a third", "a few" mean the same everywhere, and a table says what."""

from dataclasses import dataclass
from itertools import pairwise

from veche.core.errors import N_
from veche.core.formats import formats
from veche.core.i18n import _, language, ngettext


@dataclass(frozen=True)
class Step:
    """A word for shares from `least` (0 to 1, included) up to the next step."""

    least: float
    word: str


#: The thresholds, from the largest share down. Chosen so that a word is never off by more than a reader
#: would forgive: "about a third" is 28 to 40 %, "most" is never said of less than 60 %.
STEPS = (
    Step(1.0, N_("all")),
    Step(0.95, N_("almost all")),
    Step(0.60, N_("most")),
    Step(0.40, N_("about half")),
    Step(0.28, N_("about a third")),
    Step(0.20, N_("about a quarter")),
    Step(0.10, N_("some")),
    Step(0.02, N_("a few")),
    Step(0.0, N_("hardly any")),
)


def share_in_words(share: float) -> str:
    """Return the word for a share (0 to 1) in the reader's language."""
    return _(next(step.word for step in STEPS if share >= step.least or step is STEPS[-1]))


def thresholds() -> list[tuple[str, str]]:
    """Return each word and the shares that it stands for, as a table to be printed."""
    shown = formats(language())
    rows = [(_(STEPS[0].word), shown.share(1.0))]
    for above, step in pairwise(STEPS):
        between = _("{least} to under {most}").format(
            least=shown.share(step.least), most=shown.share(above.least)
        )
        rows.append((_(step.word), between))
    return rows


def counted(appeals: int) -> str:
    """Return a number of appeals in words that agree with it."""
    number = formats(language()).number(appeals)
    return ngettext("{count} appeal", "{count} appeals", appeals).format(count=number)
